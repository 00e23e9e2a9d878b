"""The demo's App Runner services, as data: moto lacks the service."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.seeder import Seeder

SETTINGS = {"ImageRepository": {"ImageConfiguration": {"RuntimeEnvironmentVariables": {"STAGE": "prod"}}}}


def seed(seeder: Seeder) -> None:
    """A service with a role; in the mixed account another one that has none."""
    region = seeder.regions[0]
    runs = {"acme-landing": {"InstanceRoleArn": f"arn:aws:iam::{seeder.account}:role/acme-instances"}}
    if not seeder.clean:
        runs["acme-beta"] = {}
    told: dict[str, dict[str, Any]] = {
        f"arn:aws:apprunner:{region}:{seeder.account}:service/{name}/{number:032}": {
            "ServiceName": name,
            "Status": "RUNNING",
            "InstanceConfiguration": configuration,
            "SourceConfiguration": SETTINGS,
            "NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": False}},
        }
        for number, (name, configuration) in enumerate(runs.items())
    }

    def listed(where: str, asked: dict[str, Any]) -> dict[str, Any]:
        summaries = [{"ServiceArn": arn, **{key: one[key] for key in ("ServiceName", "Status")}} for arn, one in told.items()]
        return {"ServiceSummaryList": summaries if where == region else []}

    seeder.simulated.instead("apprunner:ListServices", listed)
    seeder.simulated.instead("apprunner:DescribeService", lambda where, asked: {"Service": told[asked["ServiceArn"]]})
