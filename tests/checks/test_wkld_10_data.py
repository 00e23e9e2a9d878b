"""WKLD.10's checks of what keeps or passes on data, each shown to pass, to fail, and at its edges."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

from pytest_ssb.errors import NotOffered
from pytest_ssb.network import Network
from pytest_ssb.placement import Places, Stands
from pytest_ssb.unread import unread
from tests.checks.test_wkld_02 import organization
from tests.checks.test_wkld_11 import ANYWHERE, VPC, Net, answers, denied, rule
from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_10_private_subnets as suite

FLAGGED, GROUPED = suite.test_rds_instance_not_publicly_accessible, suite.test_rds_subnet_group_private
INSTANCES, CLUSTERS, GROUPS = "rds:DescribeDBInstances", "rds:DescribeDBClusters", "rds:DescribeDBSubnetGroups"
TABLES = "ec2:DescribeRouteTables"
SEARCHED, BROKERED = suite.test_search_domain_in_vpc, suite.test_broker_in_private_subnets
DOMAINS = "opensearch:DescribeDomains"
CACHED, HOUSED = suite.test_cache_in_private_subnets, suite.test_warehouse_in_private_subnets
# What is listed of each service, by the call that lists it.
LISTS = {
    "elasticache:DescribeCacheClusters": "CacheClusters",
    "elasticache:DescribeServerlessCaches": "ServerlessCaches",
    "elasticache:DescribeCacheSubnetGroups": "CacheSubnetGroups",
    "memorydb:DescribeClusters": "Clusters",
    "memorydb:DescribeSubnetGroups": "SubnetGroups",
    "dax:DescribeClusters": "Clusters",
    "dax:DescribeSubnetGroups": "SubnetGroups",
    "redshift:DescribeClusters": "Clusters",
    "redshift:DescribeClusterSubnetGroups": "ClusterSubnetGroups",
    "redshift-serverless:ListWorkgroups": "workgroups",
}


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
def test_call_that_may_be_allowed_is_named_before_a_subnet_that_is_gone(aws: Cloud) -> Expected:
    made = Databases(aws)
    blurred = made.group("blurred", *made.net.private)
    made.instance("orders", "blurred", PubliclyAccessible=False)
    told(aws, GROUPS, "DBSubnetGroups", lambda group: group["Subnets"][0].update(SubnetIdentifier="subnet-gone"))
    denied(aws, TABLES)
    return {blurred: ("ERROR", None, f"allow {TABLES}")}


@world(GROUPED)
def test_no_subnet_groups(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no subnet groups of databases")}


@world(GROUPED)
def test_denied_subnet_groups_are_an_error(aws: Cloud) -> Expected:
    denied(aws, GROUPS)
    return {aws.account_arn: ("ERROR", "high", f"allow {GROUPS}")}


# --- caches -----------------------------------------------------------------------------------------------------------------------------------


def listing(aws: Cloud, **found: list[dict[str, Any]]) -> None:
    """Let this be listed, and nothing else; moto lacks a part of these calls, and of their answers. Named by service and call: `dax_DescribeClusters`."""
    for operation, key in LISTS.items():
        answers(aws, operation, {key: found.get(operation.replace("-", "_").replace(":", "_"), [])})


class Caches:
    """A network, its groups of subnets as each service tells them, and caches in them."""

    def __init__(self, aws: Cloud) -> None:
        self.aws, self.net = aws, Net(aws)
        self.closed, self.open = self.net.group(rule(6379, VPC)), self.net.group(rule(6379, ANYWHERE))
        self.subnets = {
            "private": self.net.private,
            "public": self.net.public,
            "mixed": [self.net.private[0], self.net.public[1]],
            "blurred": [self.net.private[0], "subnet-gone"],
        }

    def groups(self, **fields: Any) -> list[dict[str, Any]]:
        """The groups of subnets in a service's own words."""
        name, listed = fields["name"], fields.get("listed", "SubnetIdentifier")
        arn = self.aws.arn("service", "subnetgroup/{}")
        return [{name: group, "ARN": arn.format(group), "Subnets": [{listed: each} for each in ids]} for group, ids in self.subnets.items()]

    def node(self, name: str, group: str, guard: str = "", of: str | None = None, **more: Any) -> dict[str, Any]:
        """A cluster of ElastiCache, of a replication group if it is of one."""
        said = {
            "ARN": self.aws.arn("elasticache", f"cluster:{name}"),
            "CacheClusterStatus": "available",
            "CacheSubnetGroupName": group,
            "SecurityGroups": [{"SecurityGroupId": guard or self.closed}],
            "CacheNodes": [{"Endpoint": {"Port": 6379}}],
        }
        return said | ({"ReplicationGroupId": of} if of else {}) | more

    def serverless(self, name: str, *subnets: str, **more: Any) -> dict[str, Any]:
        """A cache without servers."""
        return {
            "ARN": self.aws.arn("elasticache", f"serverlesscache:{name}"),
            "Status": "available",
            "SubnetIds": list(subnets),
            "SecurityGroupIds": [self.closed],
            "Endpoint": {"Port": 6379},
            **more,
        }

    def memory(self, name: str, group: str, **more: Any) -> dict[str, Any]:
        """A cluster of MemoryDB."""
        return {
            "ARN": self.aws.arn("memorydb", f"cluster/{name}"),
            "Status": "available",
            "SubnetGroupName": group,
            "SecurityGroups": [{"SecurityGroupId": self.open}],
            "ClusterEndpoint": {"Port": 6379},
            **more,
        }

    def dax(self, name: str, group: str, **more: Any) -> dict[str, Any]:
        """A cluster of DAX."""
        return {
            "ClusterArn": self.aws.arn("dax", f"cache/{name}"),
            "Status": "available",
            "SubnetGroup": group,
            "SecurityGroups": [{"SecurityGroupIdentifier": self.open}],
            "ClusterDiscoveryEndpoint": {"Port": 8111},
            **more,
        }


@world(CACHED)
def test_caches_of_each_service_are_judged_by_their_subnets(aws: Cloud) -> Expected:
    made = Caches(aws)
    private, public = made.net.private, made.net.public
    listing(
        aws,
        elasticache_DescribeCacheClusters=[
            made.node("sessions-1", "private", of="sessions"),
            made.node("queue-1", "mixed", of="queue"),
            made.node("queue-2", "mixed", made.open, of="queue"),
            made.node("plain", "private"),
            made.node("bare", "public"),
            made.node("leaving", "public", CacheClusterStatus="deleting"),
        ],
        elasticache_DescribeCacheSubnetGroups=made.groups(name="CacheSubnetGroupName"),
        elasticache_DescribeServerlessCaches=[
            made.serverless("in", *private),
            made.serverless("out", *public),
            made.serverless("going", *public, Status="DELETING"),
        ],
        memorydb_DescribeClusters=[made.memory("in", "private"), made.memory("out", "public"), made.memory("going", "public", Status="deleting")],
        memorydb_DescribeSubnetGroups=made.groups(name="Name", listed="Identifier"),
        dax_DescribeClusters=[made.dax("in", "private"), made.dax("out", "public"), made.dax("going", "public", Status="deleting")],
        dax_DescribeSubnetGroups=made.groups(name="SubnetGroupName"),
    )
    return {
        aws.arn("elasticache", "replicationgroup:sessions"): ("PASS", None, "Every cache may be in private subnets only"),
        aws.arn("elasticache", "replicationgroup:queue"): ("FAIL", "high", f"in the public subnet {public[1]}: rtb-", "open tcp 6379 from 0.0.0.0/0"),
        aws.arn("elasticache", "cluster:plain"): "PASS",
        aws.arn("elasticache", "cluster:bare"): ("FAIL", "medium", "its security groups keep the internet out"),
        aws.arn("elasticache", "serverlesscache:in"): "PASS",
        aws.arn("elasticache", "serverlesscache:out"): ("FAIL", "medium", public[0]),
        aws.arn("memorydb", "cluster/in"): "PASS",
        aws.arn("memorydb", "cluster/out"): ("FAIL", "high", public[0]),
        aws.arn("dax", "cache/in"): "PASS",
        aws.arn("dax", "cache/out"): ("FAIL", "medium", public[1]),
    }


@world(CACHED)
def test_caches_of_which_not_all_is_told(aws: Cloud) -> Expected:
    """One is still being made, of another a subnet is not shown, of a third the subnet group is not, and the last cannot be read."""
    made = Caches(aws)
    unread = made.node("unread", "private")
    del unread["SecurityGroups"]
    listing(
        aws,
        elasticache_DescribeCacheClusters=[
            made.node("made", "public", CacheNodes=[]),
            made.node("blurred", "blurred"),
            made.node("lost", "elsewhere"),
            unread,
            made.node("known", "public", of="partly"),
        ],
        elasticache_DescribeCacheSubnetGroups=made.groups(name="CacheSubnetGroupName"),
        elasticache_DescribeServerlessCaches=[made.serverless("made", *made.net.public, Endpoint=None, SecurityGroupIds=["sg-gone"])],
        memorydb_DescribeClusters=[made.memory("made", "public", ClusterEndpoint=None)],
        memorydb_DescribeSubnetGroups=made.groups(name="Name", listed="Identifier"),
        dax_DescribeClusters=[made.dax("made", "public", ClusterDiscoveryEndpoint=None)],
        dax_DescribeSubnetGroups=made.groups(name="SubnetGroupName"),
    )
    return {
        aws.arn("elasticache", "cluster:made"): ("FAIL", "medium"),
        aws.arn("elasticache", "cluster:blurred"): ("ERROR", None, "subnet-gone"),
        aws.arn("elasticache", "cluster:lost"): ("ERROR", None, "the subnet group elsewhere is not visible"),
        aws.arn("elasticache", "cluster:unread"): ("ERROR", None, "SecurityGroups"),
        aws.arn("elasticache", "replicationgroup:partly"): ("FAIL", "high", "what its security groups open is not known"),
        aws.arn("elasticache", "serverlesscache:made"): ("FAIL", "high", "what its security groups open is not known"),
        aws.arn("memorydb", "cluster/made"): ("FAIL", "high"),
        aws.arn("dax", "cache/made"): ("FAIL", "high"),
    }


@world(CACHED)
def test_other_caches_are_judged_where_a_service_is_denied_or_not_offered(aws: Cloud) -> Expected:
    made = Caches(aws)
    listing(
        aws,
        elasticache_DescribeCacheClusters=[made.node("plain", "private")],
        elasticache_DescribeCacheSubnetGroups=made.groups(name="CacheSubnetGroupName"),
    )
    denied(aws, "memorydb:DescribeClusters")
    denied(aws, "elasticache:DescribeServerlessCaches")
    aws.simulated.instead("dax:DescribeClusters", lambda region, asked: EndpointConnectionError(endpoint_url="https://dax"))
    return {
        aws.arn("elasticache", "cluster:plain"): "PASS",
        (aws.account_arn, "ElastiCache Serverless"): ("ERROR", None, "allow elasticache:DescribeServerlessCaches"),
        (aws.account_arn, "MemoryDB"): ("ERROR", "high", "allow memorydb:DescribeClusters"),
        (aws.account_arn, "DAX"): ("ERROR", None, "no connection"),
    }


def test_services_that_a_region_lacks_have_no_caches() -> None:
    lacking = unread(NotOffered("dax has no endpoint in eu-north-1"))
    stands = Stands(Places(Network(account="123456789012")), ("DAX", "AWS::DAX::Cluster", lacking, lacking))
    assert stands.nothing
    assert list(stands) == []


@world(CACHED, HOUSED)
def test_no_stores(aws: Cloud) -> Expected:
    listing(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no ")}


# --- warehouses -------------------------------------------------------------------------------------------------------------------------------


class Warehouses(Caches):
    """The same network with warehouses."""

    def __init__(self, aws: Cloud) -> None:
        super().__init__(aws)
        self.open = self.net.group(rule(5439, ANYWHERE))

    def cluster(self, name: str, group: str, public: bool = False, guard: str = "", **more: Any) -> dict[str, Any]:
        """A cluster of Redshift."""
        return {
            "ClusterIdentifier": name,
            "ClusterStatus": "available",
            "ClusterSubnetGroupName": group,
            "VpcSecurityGroups": [{"VpcSecurityGroupId": guard or self.closed}],
            "PubliclyAccessible": public,
            "Endpoint": {"Port": 5439},
            **more,
        }

    def workgroup(self, name: str, *subnets: str, public: bool = False, guard: str = "", **more: Any) -> dict[str, Any]:
        """A workgroup of Redshift Serverless."""
        return {
            "workgroupArn": self.aws.arn("redshift-serverless", f"workgroup/id-{name}"),
            "workgroupName": name,
            "status": "AVAILABLE",
            "subnetIds": list(subnets),
            "securityGroupIds": [guard or self.closed],
            "publiclyAccessible": public,
            "port": 5439,
            **more,
        }


@world(HOUSED)
def test_warehouses_are_judged_by_their_flag_and_their_subnets(aws: Cloud) -> Expected:
    made = Warehouses(aws)
    private, public = made.net.private, made.net.public
    listing(
        aws,
        redshift_DescribeClusters=[
            made.cluster("in", "private"),
            made.cluster("mixed", "mixed"),
            made.cluster("open", "public", guard=made.open),
            made.cluster("flagged", "private", public=True, guard=made.open),
            made.cluster("reached", "public", public=True, guard=made.open),
            made.cluster("made", "public", Endpoint=None),
            made.cluster("other-port", "public", guard=made.net.group(rule(22, ANYWHERE))),
            made.cluster("lost", "elsewhere"),
            made.cluster("going", "public", public=True, ClusterStatus="deleting"),
        ],
        redshift_DescribeClusterSubnetGroups=made.groups(name="ClusterSubnetGroupName"),
        redshift_serverless_ListWorkgroups=[
            made.workgroup("in", *private),
            made.workgroup("out", *public),
            made.workgroup("flagged", *private, public=True),
            made.workgroup("reached", *public, public=True, guard=made.open),
            made.workgroup("placeless"),
            made.workgroup("going", *public, public=True, status="DELETING"),
        ],
    )

    def cluster(name: str) -> str:
        return aws.arn("redshift", f"cluster:{name}")

    def workgroup(name: str) -> str:
        return aws.arn("redshift-serverless", f"workgroup/id-{name}")

    return {
        cluster("in"): ("PASS", None, "Every warehouse has no public address"),
        cluster("mixed"): ("FAIL", "medium", f"may be in the public subnet {public[1]}"),
        cluster("open"): ("FAIL", "high", "open tcp 5439"),
        cluster("flagged"): ("FAIL", "high", "publicly accessible; "),
        cluster("reached"): ("FAIL", "critical", "publicly accessible; its security groups open tcp 5439 from 0.0.0.0/0"),
        cluster("made"): ("FAIL", "medium"),
        cluster("other-port"): ("FAIL", "medium"),
        cluster("lost"): ("ERROR", None, "the subnet group elsewhere"),
        workgroup("in"): "PASS",
        workgroup("out"): ("FAIL", "medium", public[0]),
        workgroup("flagged"): ("FAIL", "high", "publicly accessible; its security groups keep the internet out"),
        workgroup("reached"): ("FAIL", "critical"),
        workgroup("placeless"): ("ERROR", None, "placeless names no subnet"),
    }


@world(HOUSED)
def test_denied_warehouses_are_an_error_of_their_service(aws: Cloud) -> Expected:
    made = Warehouses(aws)
    listing(aws, redshift_DescribeClusters=[made.cluster("reached", "public", public=True), made.cluster("in", "private")])
    denied(aws, "redshift:DescribeClusterSubnetGroups")
    denied(aws, "redshift-serverless:ListWorkgroups")
    return {
        aws.arn("redshift", "cluster:reached"): ("FAIL", "high"),
        aws.arn("redshift", "cluster:in"): ("ERROR", None, "allow redshift:DescribeClusterSubnetGroups"),
        (aws.account_arn, "Redshift Serverless"): ("ERROR", "critical", "allow redshift-serverless:ListWorkgroups"),
    }


# --- search domains ---------------------------------------------------------------------------------------------------------------------------


def domains(aws: Cloud, **found: dict[str, Any]) -> None:
    """Search domains by their names."""
    known = {
        "Deleted": False,
        "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
    }
    statuses = [{"DomainName": name, "ARN": aws.arn("es", f"domain/{name}"), **known, **more} for name, more in found.items()]
    answers(aws, "opensearch:ListDomainNames", {"DomainNames": [{"DomainName": name} for name in found]})
    aws.simulated.instead(
        DOMAINS, lambda region, asked: {"DomainStatusList": [each for each in statuses if each["DomainName"] in asked["DomainNames"]]}
    )


def policy(principal: str, **condition: dict[str, str]) -> str:
    """An access policy for a principal, on this condition."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "es:*", "Resource": "*", "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@world(SEARCHED)
def test_search_domains_are_judged_by_their_vpc_and_their_policy(aws: Cloud) -> Expected:
    net = Net(aws)

    def inside(*subnets: str) -> dict[str, Any]:
        return {"VPCOptions": {"VPCId": net.vpc, "SubnetIds": list(subnets), "SecurityGroupIds": [net.group()]}}

    domains(
        aws,
        good=inside(*net.private),
        mixed=inside(net.private[0], net.public[1]) | {"AccessPolicies": policy("*")},
        own={"AccessPolicies": policy(f"arn:aws:iam::{aws.account}:root")},
        policyless={},
        all={"AccessPolicies": policy("*")},
        unread={"AccessPolicies": "{"},
    )
    found = {
        "good": ("PASS", None, "Every search domain is in private subnets of a VPC"),
        "mixed": ("FAIL", "medium", f"is in the public subnet {net.public[1]}"),
        "own": ("FAIL", "medium", "its endpoint is public: it is in no VPC"),
        "policyless": ("FAIL", "medium", "its endpoint is public"),
        "all": ("FAIL", "high", "and its access policy may let in everyone"),
        "unread": ("FAIL", "high", "its endpoint is public"),
    }
    return {aws.arn("es", f"domain/{name}"): want for name, want in found.items()}


@world(SEARCHED)
def test_search_domain_held_to_own_networks_or_organization_is_not_open(aws: Cloud) -> Expected:
    net = Net(aws)
    own, sibling = organization(aws)
    endpoint = net.ec2.create_vpc_endpoint(VpcId=net.vpc, VpcEndpointType="Gateway", ServiceName=f"com.amazonaws.{aws.region}.s3")["VpcEndpoint"]
    held = {"organization": {"aws:PrincipalOrgID": own}, "endpoint": {"aws:SourceVpce": endpoint["VpcEndpointId"]}}
    policies = {name: policy("*", StringEquals=condition) for name, condition in held.items()} | {"sibling": policy(f"arn:aws:iam::{sibling}:root")}
    domains(aws, **{name: {"AccessPolicies": each} for name, each in policies.items()})
    return {aws.arn("es", f"domain/{name}"): ("FAIL", "medium", "its endpoint is public: it is in no VPC") for name in policies}


@world(SEARCHED)
def test_search_domains_of_which_not_all_is_told(aws: Cloud) -> Expected:
    net = Net(aws)
    domains(
        aws,
        placeless={"VPCOptions": {"VPCId": net.vpc}},
        odd={"VPCOptions": {"SubnetIds": net.private}},
        going={"Deleted": True},
    )
    return {
        aws.arn("es", "domain/placeless"): ("ERROR", "medium", "placeless names no subnet"),
        aws.arn("es", "domain/odd"): ("ERROR", None, "VPCId"),
    }


@world(SEARCHED)
def test_denied_domains_are_an_error(aws: Cloud) -> Expected:
    domains(aws, all={"AccessPolicies": policy("*")})
    denied(aws, DOMAINS)
    return {(aws.account_arn, "OpenSearch Service"): ("ERROR", "high", "allow es:DescribeDomains")}


@world(SEARCHED)
def test_no_domains(aws: Cloud) -> Expected:
    domains(aws)
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no search domains")}


# --- brokers ----------------------------------------------------------------------------------------------------------------------------------


class Brokers(Caches):
    """The same network with brokers."""

    def __init__(self, aws: Cloud) -> None:
        super().__init__(aws)
        self.open = self.net.group(rule(5671, ANYWHERE), rule(9094, ANYWHERE))
        self._mq: dict[str, dict[str, Any]] = {}
        self._kafka: list[dict[str, Any]] = []

    def broker(self, name: str, *subnets: str, public: bool = False, guard: str = "", **more: Any) -> str:
        """A broker of Amazon MQ, its ARN."""
        arn = self.aws.arn("mq", f"broker:{name}:b-{name}")
        self._mq[f"b-{name}"] = {
            "BrokerArn": arn,
            "BrokerId": f"b-{name}",
            "BrokerName": name,
            "BrokerState": "RUNNING",
            "PubliclyAccessible": public,
            "SubnetIds": list(subnets),
            "SecurityGroups": [guard or self.closed],
            "BrokerInstances": [{"Endpoints": ["amqps://b.mq.eu-west-1.on.aws:5671"], "ConsoleURL": "https://b.mq.eu-west-1.on.aws"}],
            **more,
        }
        return arn

    def cluster(self, name: str, *subnets: str, guard: str = "", info: Any = None, **more: Any) -> str:
        """A cluster of Amazon MSK, its ARN."""
        nodes = {"ClientSubnets": list(subnets), "SecurityGroups": [guard or self.closed]}
        arn = self.aws.arn("kafka", f"cluster/{name}/id")
        kind = {"Provisioned": {"BrokerNodeGroupInfo": nodes | ({} if info is None else {"ConnectivityInfo": info})}}
        self._kafka.append({"ClusterArn": arn, "ClusterName": name, "State": "ACTIVE", "CurrentVersion": "K1", **kind, **more})
        return arn

    def forget(self, name: str) -> None:
        """Let a broker be gone by the time that it is asked for."""
        del self._mq[f"b-{name}"]

    def told(self) -> None:
        """Let the calls be answered so."""
        answers(self.aws, "mq:ListBrokers", {"BrokerSummaries": [{"BrokerId": id, "BrokerArn": each["BrokerArn"]} for id, each in self._mq.items()]})
        answers(self.aws, "kafka:ListClustersV2", {"ClusterInfoList": self._kafka})

        def describe(region: str, asked: dict[str, Any]) -> dict[str, Any] | Exception:
            gone = ClientError({"Error": {"Code": "NotFoundException", "Message": ""}}, "DescribeBroker")
            return self._mq.get(asked["url_path"].rpartition("/")[2]) or gone

        self.aws.simulated.instead("mq:DescribeBroker", describe)


def public_access(kind: str) -> dict[str, Any]:
    """What a cluster says of its public access."""
    return {"PublicAccess": {"Type": kind}}


@world(BROKERED)
def test_brokers_are_judged_by_their_flag_and_their_subnets(aws: Cloud) -> Expected:
    made = Brokers(aws)
    private, public = made.net.private, made.net.public
    found = {
        made.broker("in", private[0]): ("PASS", None, "Every broker has no public address"),
        made.broker("out", public[0]): ("FAIL", "medium", f"may be in the public subnet {public[0]}"),
        made.broker("open", public[0], guard=made.open): ("FAIL", "high", "open tcp 5671 from 0.0.0.0/0"),
        made.broker("flagged", private[0], public=True): ("FAIL", "high", "publicly accessible; its security groups keep the internet out"),
        made.broker("rabbit", public=True, SecurityGroups=[]): ("FAIL", "high", "publicly accessible"),
        made.broker("made", public[0], BrokerInstances=[{}]): ("FAIL", "medium"),
        made.broker("placeless"): ("ERROR", None, "placeless names no subnet"),
        made.cluster("in", *private): "PASS",
        made.cluster("said", *private, info=public_access("DISABLED")): "PASS",
        made.cluster("out", *public): ("FAIL", "medium", public[0]),
        made.cluster("open", *public, guard=made.open): ("FAIL", "high", "tcp 9094"),
        made.cluster("flagged", *public, info=public_access("SERVICE_PROVIDED_EIPS")): ("FAIL", "high", "publicly accessible"),
        made.cluster("odd", *private, info=public_access("SOME")): ("ERROR", None, "Type"),
    }
    serverless = {"SubnetIds": private, "SecurityGroupIds": [made.closed]}, {"SubnetIds": [public[1]], "SecurityGroupIds": [made.closed]}
    found |= {
        made.cluster("serverless", Provisioned=None, Serverless={"VpcConfigs": [serverless[0]]}): "PASS",
        made.cluster("half", Provisioned=None, Serverless={"VpcConfigs": list(serverless)}): ("FAIL", "medium", public[1]),
        made.cluster("groupless", *public, Provisioned=None, Serverless={"VpcConfigs": [{"SubnetIds": public}]}): ("FAIL", "high", "not known"),
        made.cluster("kindless", Provisioned=None): ("ERROR", None, "Provisioned or Serverless"),
    }
    made.broker("going", public[0], public=True, BrokerState="DELETION_IN_PROGRESS")
    made.cluster("going", *public, State="DELETING")
    made.told()
    return found


@world(BROKERED)
def test_brokers_that_are_denied_or_gone(aws: Cloud) -> Expected:
    made = Brokers(aws)
    names = ("in", "gone", "odd")
    arns = {name: made.broker(name, made.net.private[0], BrokerState=None if name == "odd" else "RUNNING") for name in names}
    made.told()
    answers(aws, "mq:ListBrokers", {"BrokerSummaries": [{"BrokerId": f"b-{name}", "BrokerArn": arns[name]} for name in names]})
    made.forget("gone")
    denied(aws, "kafka:ListClustersV2")
    return {
        arns["in"]: "PASS",
        arns["odd"]: ("ERROR", None, "BrokerState"),
        (aws.account_arn, "Amazon MSK"): ("ERROR", "high", "allow kafka:ListClustersV2"),
    }


@world(BROKERED)
def test_no_brokers(aws: Cloud) -> Expected:
    Brokers(aws).told()
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no brokers")}


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
        "ERROR: denied, of what would be known then": test_call_that_may_be_allowed_is_named_before_a_subnet_that_is_gone,
        "ERROR: used by nobody known": (test_group_that_a_database_may_use_is_an_error, test_denied_clusters_leave_open_who_uses_a_group),
        "PASS: a cluster without a VPC uses no group": test_group_that_a_database_may_use_is_an_error,
        "NOT_APPLICABLE: none; ERROR: denied": (test_no_subnet_groups, test_denied_subnet_groups_are_an_error),
    },
    "cache_in_private_subnets": {
        "PASS: private subnets; FAIL: a public one; of each service": test_caches_of_each_service_are_judged_by_their_subnets,
        "high where the internet is let in, or that is not known; medium where it is not": (
            test_caches_of_each_service_are_judged_by_their_subnets,
            test_caches_of_which_not_all_is_told,
        ),
        "replication groups, in place of their clusters": test_caches_of_each_service_are_judged_by_their_subnets,
        "dropped: being deleted": test_caches_of_each_service_are_judged_by_their_subnets,
        "ERROR: its subnets are not known, or it cannot be read": test_caches_of_which_not_all_is_told,
        "ERROR: a service that is denied; the others are judged": test_other_caches_are_judged_where_a_service_is_denied_or_not_offered,
        "NOT_APPLICABLE: none": test_no_stores,
    },
    "warehouse_in_private_subnets": {
        "PASS: no public address, private subnets; FAIL: either": test_warehouses_are_judged_by_their_flag_and_their_subnets,
        "critical: open, in a public subnet; high: one of both; medium: placed in public, and fenced": (
            test_warehouses_are_judged_by_their_flag_and_their_subnets
        ),
        "dropped: being deleted": test_warehouses_are_judged_by_their_flag_and_their_subnets,
        "ERROR: denied, of what was asked for alone": test_denied_warehouses_are_an_error_of_their_service,
        "NOT_APPLICABLE: none": test_no_stores,
    },
    "search_domain_in_vpc": {
        "PASS: private subnets; FAIL medium: a public one, or no VPC; FAIL high: open to everyone besides": (
            test_search_domains_are_judged_by_their_vpc_and_their_policy
        ),
        "FAIL medium: open to the own networks or organization": test_search_domain_held_to_own_networks_or_organization_is_not_open,
        "ERROR: its place is not told; dropped: being deleted": test_search_domains_of_which_not_all_is_told,
        "ERROR: denied; NOT_APPLICABLE: none": (test_denied_domains_are_an_error, test_no_domains),
    },
    "broker_in_private_subnets": {
        "PASS: no public address, private subnets; FAIL: either; of each service": test_brokers_are_judged_by_their_flag_and_their_subnets,
        "high where the internet is let in, or that is not known; medium where it is not": test_brokers_are_judged_by_their_flag_and_their_subnets,
        "dropped: being deleted, or gone": (test_brokers_are_judged_by_their_flag_and_their_subnets, test_brokers_that_are_denied_or_gone),
        "ERROR: a service that is denied; the others are judged": test_brokers_that_are_denied_or_gone,
        "NOT_APPLICABLE: none": test_no_brokers,
    },
}
