"""WKLD.10: deploy private resources into private subnets.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from typing import Any

from pytest_ssb import check

CLUSTER_FIX = (
    "aws rds create-db-cluster-snapshot --region {region} --db-cluster-identifier {name} --db-cluster-snapshot-identifier {name}-private  "
    "# then, as a new cluster: aws rds restore-db-cluster-from-snapshot --region {region} --snapshot-identifier {name}-private "
    "--db-cluster-identifier NEW_NAME --engine ENGINE --no-publicly-accessible --db-subnet-group-name PRIVATE_GROUP"
)
GATEWAY_FIX = "aws rds modify-db-cluster --region {region} --db-cluster-identifier {name} --no-enable-internet-access-gateway --apply-immediately"
CACHE_FIXES = {
    "AWS::ElastiCache::ServerlessCache": "aws elasticache create-serverless-cache-snapshot --region {region} --serverless-cache-name {name} "
    "--serverless-cache-snapshot-name {name}-private  # then, from that: aws elasticache create-serverless-cache --region {region} --engine ENGINE "
    "--serverless-cache-name NEW_NAME --snapshot-arns-to-restore SNAPSHOT_ARN --subnet-ids PRIVATE_SUBNET_1 PRIVATE_SUBNET_2",
    "AWS::MemoryDB::Cluster": "aws memorydb create-subnet-group --region {region} --subnet-group-name {name}-private "
    "--subnet-ids PRIVATE_SUBNET_1 PRIVATE_SUBNET_2  # then make the cluster anew in it, from a snapshot",
    "AWS::DAX::Cluster": "aws dax create-subnet-group --region {region} --subnet-group-name {name}-private "
    "--subnet-ids PRIVATE_SUBNET_1 PRIVATE_SUBNET_2  # then make the cluster anew in it: it holds nothing that is not in DynamoDB",
}
# By what is wrong: the address, or the place.
WAREHOUSE_FIXES = {
    "AWS::Redshift::Cluster": (
        "aws redshift modify-cluster --region {region} --cluster-identifier {name} --no-publicly-accessible",
        "aws redshift create-cluster-subnet-group --region {region} --cluster-subnet-group-name {name}-private --description private "
        "--subnet-ids PRIVATE_SUBNET_1 PRIVATE_SUBNET_2  # then restore a snapshot into it",
    ),
    "AWS::RedshiftServerless::Workgroup": (
        "aws redshift-serverless update-workgroup --region {region} --workgroup-name {name} --no-publicly-accessible",
        "aws redshift-serverless update-workgroup --region {region} --workgroup-name {name} "
        "--subnet-ids PRIVATE_SUBNET_1 PRIVATE_SUBNET_2 PRIVATE_SUBNET_3",
    ),
}
SUBNETS = ("https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",)


def unasked(audit: Any, stores: Any) -> None:
    """What could not be asked for: an error of its own for each, so that the others are judged."""
    for what, error in stores.missing:
        with audit(audit.target(), item=what):
            raise error


def private(audit: Any, store: Any) -> None:
    """Whether something may be in private subnets only; where it keeps the internet out besides, a public one is less bad."""
    public = store.public_subnets
    audit.saw(PublicSubnets=list(public) or "none")
    if public:
        if store.fenced:
            audit.severity("medium")
        raise AssertionError(f"may be {store.where}; {store.door}")


@check(
    "WKLD.10",
    "WKLD.06",
    on="AWS::EC2::Instance",
    severity="medium",
    facts=("network.public_resources",),
    fix="aws ec2 create-image --region {region} --instance-id {id} --name NAME  # then, with that image, in a private subnet: "
    "aws ec2 run-instances --region {region} --image-id IMAGE --subnet-id PRIVATE_SUBNET --no-associate-public-ip-address",
    references=SUBNETS,
)
def test_ec2_instance_in_private_subnet(audit, ssb_profile, instances, instance_places):
    """Every instance is in private subnets, unless it is meant to face the internet or translates addresses."""
    for instance in instances:
        with audit(instance):
            if instance.manager:
                audit.not_applicable(f"managed by {instance.manager}")
            place = instance_places.of(instance)
            audit.saw(PublicSubnets=list(place.subnets) or "none", PublicAddresses=place.addresses or "none")
            if place.subnets:
                if not place.reachable:
                    audit.severity("low")
                declared = ssb_profile.network.public_resources.match(instance.arn, instance.tags)
                if declared:
                    audit.declared("network.public_resources", declared)
                    audit.note("meant to face the internet")
                elif instance_places.translates_addresses(instance):
                    audit.note("a NAT instance")
                else:
                    raise AssertionError(f"{place}{instance.made_by}")
    if not instances:
        audit.nothing("no instances")


@check(
    "WKLD.10",
    on="AWS::RDS::DBInstance",
    severity="critical",
    fix="aws rds modify-db-instance --region {region} --db-instance-identifier {name} --no-publicly-accessible --apply-immediately",
    references=("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",),
)
def test_rds_instance_not_publicly_accessible(audit, database_places):
    """No database has a public address."""
    unasked(audit, database_places)
    for database in database_places:
        with audit(database, type=database.type):
            if database.type == "AWS::RDS::DBCluster":
                audit.fix(GATEWAY_FIX if database.store.internet_access_gateway_enabled else CLUSTER_FIX)
            audit.saw(PubliclyAccessible=database.public)
            if database.public:
                audit.severity("critical" if database.reachable else "high")
                raise AssertionError(f"publicly accessible; {database.door}")
    if database_places.nothing:
        audit.nothing("no databases with addresses of their own")


@check(
    "WKLD.10",
    on="AWS::RDS::DBSubnetGroup",
    severity="high",
    fix="aws rds modify-db-subnet-group --region {region} --db-subnet-group-name {name} --subnet-ids PRIVATE_SUBNET_1 PRIVATE_SUBNET_2",
    references=SUBNETS,
)
def test_rds_subnet_group_private(audit, database_groups):
    """Every subnet group that databases use has private subnets only."""
    unasked(audit, database_groups)
    for database, error in database_groups.untold:
        with audit(database, type=database.type):
            raise error
    for group in database_groups:
        with audit(group):
            users = database_groups.users(group)
            if not users:
                audit.not_applicable("no database uses it")
            public = database_groups.public(group)
            audit.saw(Databases=[each.name for each in users], PublicSubnets=list(public) or "none")
            if database_groups.guarded(group):
                audit.severity("medium")
            assert not public, f"{', '.join(each.name for each in users)} may be {database_groups.words(public)}"
    if not database_groups.groups:
        audit.nothing("no subnet groups of databases")


@check(
    "WKLD.10",
    on="AWS::ElastiCache::ReplicationGroup",
    severity="high",
    fix="aws elasticache create-cache-subnet-group --region {region} --cache-subnet-group-name {name}-private "
    "--cache-subnet-group-description private --subnet-ids PRIVATE_SUBNET_1 PRIVATE_SUBNET_2  # then make the cache anew in it, from a snapshot",
    references=SUBNETS,
)
def test_cache_in_private_subnets(audit, caches):
    """Every cache may be in private subnets only."""
    unasked(audit, caches)
    for cache in caches:
        with audit(cache, type=cache.type):
            if cache.type in CACHE_FIXES:
                audit.fix(CACHE_FIXES[cache.type])
            private(audit, cache)
    if caches.nothing:
        audit.nothing("no caches")


@check(
    "WKLD.10",
    on="AWS::Redshift::Cluster",
    severity="critical",
    fix="aws redshift modify-cluster --region {region} --cluster-identifier {name} --no-publicly-accessible",
    references=("https://docs.aws.amazon.com/redshift/latest/mgmt/rs-security-group-public-private.html", *SUBNETS),
)
def test_warehouse_in_private_subnets(audit, placed_warehouses):
    """Every warehouse has no public address, and may be in private subnets only."""
    unasked(audit, placed_warehouses)
    for warehouse in placed_warehouses:
        with audit(warehouse, type=warehouse.type):
            audit.saw(PubliclyAccessible=warehouse.public)
            flag, place = WAREHOUSE_FIXES[warehouse.type]
            if warehouse.public:
                audit.fix(flag)
                audit.severity("critical" if warehouse.reachable else "high")
                raise AssertionError(f"publicly accessible; {warehouse.door}")
            audit.fix(place)
            audit.severity("high")
            private(audit, warehouse)
    if placed_warehouses.nothing:
        audit.nothing("no warehouses")
