"""Fills the demo accounts by plain boto3 calls, which fill a moto server over HTTP just as well."""

from __future__ import annotations

from pytest_ssb.demo import (
    access_analyzer,
    apprunner,
    budgets,
    cloudtrail,
    compute,
    contacts,
    detection,
    ebs,
    edge,
    eks,
    guardduty,
    iam,
    listeners,
    macie,
    network,
    policies,
    rds,
    s3,
    services,
    stores,
    subnets,
    templates,
    trusted_advisor,
    waf,
    web,
    workloads,
)
from pytest_ssb.demo.seeder import Seeder


def seed(seeder: Seeder) -> None:
    """Fill the account: each module in one fixed order, in one thread, so that ids are the same every time."""
    for region in seeder.regions:
        seeder.client("ec2", region).describe_vpcs()
    for module in (
        iam,
        s3,
        ebs,
        network,
        listeners,
        web,
        services,
        rds,
        stores,
        contacts,
        cloudtrail,
        macie,
        budgets,
        trusted_advisor,
        guardduty,
        policies,
        compute,
        workloads,
        edge,
        waf,
        detection,
        eks,
        apprunner,
        subnets,
        access_analyzer,
        # Last: it looks at what all others have made.
        templates,
    ):
        module.seed(seeder)
