"""WKLD.10's checks of what keeps or passes on data, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.checks.test_wkld_11 import ANYWHERE, Net, denied, rule
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_10_private_subnets as suite

FLAGGED, GROUPED = suite.test_rds_instance_not_publicly_accessible, suite.test_rds_subnet_group_private
INSTANCES, CLUSTERS, GROUPS = "rds:DescribeDBInstances", "rds:DescribeDBClusters", "rds:DescribeDBSubnetGroups"
TABLES = "ec2:DescribeRouteTables"


def told(aws: Cloud, operation: str, key: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Let each of what an operation lists be told otherwise."""

    def over(region: str, parsed: Any) -> None:
        for each in parsed[key]:
            change(each)

    aws.simulated.over(operation, over)


# --- databases --------------------------------------------------------------------------------------------------------------------------------


class Databases:
    """A network with a subnet group of each kind, and databases in them."""

    def __init__(self, aws: Cloud) -> None:
        self.aws, self.net = aws, Net(aws)
        self.rds = aws.client("rds")
        self.closed, self.open = self.net.group(rule(5432, "10.0.0.0/16")), self.net.group(rule(5432, ANYWHERE))

    def group(self, name: str, *subnets: str) -> str:
        """A subnet group, its ARN."""
        self.rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=list(subnets))
        return self.aws.arn("rds", f"subgrp:{name}")

    def instance(self, name: str, group: str, guard: str | None = None, **more: Any) -> str:
        """An instance, its ARN."""
        self.rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="acme",
            MasterUserPassword="correct-horse-9",
            DBSubnetGroupName=group,
            VpcSecurityGroupIds=[guard or self.closed],
            Port=5432,
            **more,
        )
        return self.aws.arn("rds", f"db:{name}")

    def cluster(self, name: str, group: str, engine: str = "aurora-postgresql", **more: Any) -> str:
        """A cluster, its ARN."""
        self.rds.create_db_cluster(
            DBClusterIdentifier=name,
            Engine=engine,
            MasterUsername="acme",
            MasterUserPassword="correct-horse-9",
            DBSubnetGroupName=group,
            VpcSecurityGroupIds=[self.closed],
            Port=5432,
            **more,
        )
        return self.aws.arn("rds", f"cluster:{name}")

    def multi_az(self, name: str, group: str) -> str:
        """A cluster that has addresses of its own."""
        size = {"AllocatedStorage": 100, "DBClusterInstanceClass": "db.m5d.large", "Iops": 1000, "StorageType": "io1"}
        return self.cluster(name, group, "postgres", **size)


def said(aws: Cloud, name: str, **fields: Any) -> None:
    """Let this be said of a database; what is None is left out."""
    for operation, key, id in ((INSTANCES, "DBInstances", "DBInstanceIdentifier"), (CLUSTERS, "DBClusters", "DBClusterIdentifier")):

        def change(each: dict[str, Any], id: str = id) -> None:
            if each[id] == name:
                each |= fields
                for field in [field for field, value in fields.items() if value is None]:
                    del each[field]

        told(aws, operation, key, change)


def cut_off(net: Net) -> str:
    """A subnet that a route leads out of, to a gateway that is attached no more."""
    subnet: str = net.ec2.create_subnet(VpcId=net.vpc, CidrBlock="10.0.99.0/24", AvailabilityZone=net.aws.zone)["Subnet"]["SubnetId"]
    gateway = net.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    table = net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    net.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, GatewayId=gateway)
    net.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return subnet


@world(FLAGGED)
def test_databases_are_judged_by_their_flag(aws: Cloud) -> Expected:
    made = Databases(aws)
    made.group("private", *made.net.private)
    made.group("mixed", made.net.private[0], made.net.public[1])
    made.group("cut-off", cut_off(made.net))
    ssh = made.net.group(rule(22, ANYWHERE))
    leaving = made.instance("leaving", "mixed", PubliclyAccessible=True)
    said(aws, "leaving", DBInstanceStatus="deleting")
    said(aws, "silent", PubliclyAccessible=None)
    said(aws, "made", Endpoint=None)
    found = {
        made.instance("inside", "private", PubliclyAccessible=False): ("PASS", None, "No database has a public address"),
        made.instance("reached", "mixed", made.open, PubliclyAccessible=True): ("FAIL", "critical", "security groups open tcp 5432 from 0.0.0.0/0"),
        made.instance("fenced", "mixed", PubliclyAccessible=True): ("FAIL", "high", "its security groups keep the internet out"),
        made.instance("routeless", "private", made.open, PubliclyAccessible=True): ("FAIL", "high", "publicly accessible; "),
        made.instance("stale", "cut-off", made.open, PubliclyAccessible=True): ("FAIL", "high", "publicly accessible; "),
        made.instance("other-port", "mixed", ssh, PubliclyAccessible=True): ("FAIL", "high", "keep the internet out"),
        made.instance("made", "mixed", ssh, PubliclyAccessible=True): ("FAIL", "critical", "tcp 22"),
        made.instance("silent", "private"): ("ERROR", None, "silent does not tell whether it is PubliclyAccessible"),
    }
    assert leaving not in found
    return found


@world(FLAGGED)
def test_clusters_are_judged_where_they_have_addresses_of_their_own(aws: Cloud) -> Expected:
    made = Databases(aws)
    made.group("private", *made.net.private)
    made.cluster("aurora", "private")
    found = {
        made.multi_az("inside", "private"): "PASS",
        made.multi_az("outside", "private"): ("FAIL", "high", "publicly accessible"),
        made.cluster("express", "private"): ("FAIL", "critical", "what its security groups open is not known"),
        made.multi_az("silent", "private"): ("ERROR", None, "does not tell"),
        made.multi_az("odd", "private"): ("ERROR", None, "VpcSecurityGroups"),
    }
    said(aws, "outside", PubliclyAccessible=True)
    said(aws, "express", InternetAccessGatewayEnabled=True, VPCNetworkingEnabled=False, VpcSecurityGroups=[], DBSubnetGroup=None)
    said(aws, "silent", PubliclyAccessible=None)
    said(aws, "odd", VpcSecurityGroups=None)
    return found


@world(FLAGGED)
def test_database_of_which_only_the_flag_is_known_fails_at_its_worst(aws: Cloud) -> Expected:
    made = Databases(aws)
    made.group("private", *made.net.private)
    bad = made.instance("orders", "private", made.open, PubliclyAccessible=True)
    denied(aws, TABLES)
    return {bad: ("FAIL", "critical", "publicly accessible")}


@world(FLAGGED)
def test_instances_are_judged_where_clusters_are_denied(aws: Cloud) -> Expected:
    made = Databases(aws)
    made.group("private", *made.net.private)
    good = made.instance("orders", "private", PubliclyAccessible=False)
    denied(aws, CLUSTERS)
    return {good: "PASS", (aws.account_arn, "DB clusters"): ("ERROR", "critical", f"allow {CLUSTERS}")}


@world(FLAGGED)
def test_no_databases(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "critical", "no databases with addresses of their own")}


@world(GROUPED)
def test_subnet_groups_in_use_are_judged_by_all_their_subnets(aws: Cloud) -> Expected:
    made = Databases(aws)
    private, public = made.net.private, made.net.public
    groups = {
        made.group("private", *private): "PASS",
        made.group("mixed", private[0], public[1]): ("FAIL", "medium", f"orders may be in the public subnet {public[1]}: rtb-"),
        made.group("door", *public): ("FAIL", "high", f"carts, ledger may be in the public subnet {public[0]}"),
        made.group("flagged", *public): ("FAIL", "high", "bills may be in"),
        made.group("unused", *public): ("NOT_APPLICABLE", "high", "no database uses it"),
    }
    made.instance("inside", "private")
    made.instance("orders", "mixed", PubliclyAccessible=False)
    made.instance("carts", "door", made.open, PubliclyAccessible=False)
    made.cluster("ledger", "door")
    made.instance("bills", "flagged", PubliclyAccessible=True)
    said(aws, "ledger", PubliclyAccessible=False)
    return groups


@world(GROUPED)
def test_subnet_of_which_nothing_is_known_hides_no_public_one(aws: Cloud) -> Expected:
    """Of the third group, every subnet that is known is private."""
    made = Databases(aws)
    private, public = made.net.private, made.net.public
    groups = {
        made.group("proven", private[0], public[1]): ("FAIL", None, public[1]),
        made.group("open", *private): ("ERROR", None, "subnet-gone"),
        made.group("empty", *private): ("ERROR", None, "empty names no subnet"),
        made.group("odd", *private): ("ERROR", None, "Subnets"),
    }
    for name in ("proven", "open", "empty", "odd"):
        made.instance(f"{name}-db", name, PubliclyAccessible=False)

    def change(group: dict[str, Any]) -> None:
        if group["DBSubnetGroupName"] in ("proven", "open"):
            group["Subnets"][0]["SubnetIdentifier"] = "subnet-gone"
        if group["DBSubnetGroupName"] == "empty":
            group["Subnets"] = []
        if group["DBSubnetGroupName"] == "odd":
            del group["Subnets"]

    told(aws, GROUPS, "DBSubnetGroups", change)
    return groups


@world(GROUPED)
def test_group_that_a_database_may_use_is_an_error(aws: Cloud) -> Expected:
    made = Databases(aws)
    free, used = made.group("free", *made.net.private), made.group("used", *made.net.private)
    silent, fine = made.instance("silent", "used"), made.instance("fine", "used")
    outside = made.cluster("outside", "used")
    said(aws, "silent", DBSubnetGroup=None)
    said(aws, "outside", VPCNetworkingEnabled=False, DBSubnetGroup=None)
    assert fine and outside
    words = "silent does not tell its subnet group"
    return {free: ("ERROR", None, words), used: "PASS", silent: ("ERROR", None, words)}


@world(GROUPED)
def test_denied_clusters_leave_open_who_uses_a_group(aws: Cloud) -> Expected:
    made = Databases(aws)
    free, used = made.group("free", *made.net.public), made.group("used", *made.net.public)
    made.instance("orders", "used", PubliclyAccessible=False)
    denied(aws, CLUSTERS)
    return {
        free: ("ERROR", None, f"allow {CLUSTERS}"),
        used: ("FAIL", "high", "orders"),
        (aws.account_arn, "DB clusters"): ("ERROR", None, f"allow {CLUSTERS}"),
    }


@world(GROUPED)
def test_no_subnet_groups(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no subnet groups of databases")}


@world(GROUPED)
def test_denied_subnet_groups_are_an_error(aws: Cloud) -> Expected:
    denied(aws, GROUPS)
    return {aws.account_arn: ("ERROR", "high", f"allow {GROUPS}")}


EDGES: dict[str, dict[str, Any]] = {
    "rds_instance_not_publicly_accessible": {
        "PASS: not flagged; FAIL critical: flagged, its port open, in a public subnet; FAIL high: fenced or without a route; ERROR: not told": (
            test_databases_are_judged_by_their_flag
        ),
        "dropped: being deleted": test_databases_are_judged_by_their_flag,
        "Multi-AZ clusters, and those with a gateway of their own; not others": test_clusters_are_judged_where_they_have_addresses_of_their_own,
        "FAIL critical: its reach is not known": test_database_of_which_only_the_flag_is_known_fails_at_its_worst,
        "ERROR: denied, of what was asked for alone": test_instances_are_judged_where_clusters_are_denied,
        "NOT_APPLICABLE: none": test_no_databases,
    },
    "rds_subnet_group_private": {
        "PASS: private subnets; FAIL: a public one among them, medium where every database is fenced; NOT_APPLICABLE: unused": (
            test_subnet_groups_in_use_are_judged_by_all_their_subnets
        ),
        "FAIL: proven beside what is not known; ERROR: not proven": test_subnet_of_which_nothing_is_known_hides_no_public_one,
        "ERROR: used by nobody known": (test_group_that_a_database_may_use_is_an_error, test_denied_clusters_leave_open_who_uses_a_group),
        "PASS: a cluster without a VPC uses no group": test_group_that_a_database_may_use_is_an_error,
        "NOT_APPLICABLE: none; ERROR: denied": (test_no_subnet_groups, test_denied_subnet_groups_are_an_error),
    },
}
