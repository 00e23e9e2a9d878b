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

TABLES = ("https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html",)

CREATE_PRIVATE = (
    "aws ec2 create-subnet --region {region} --vpc-id {id} --cidr-block CIDR  # then, so that no route to an internet gateway counts there: "
    "aws ec2 create-route-table --region {region} --vpc-id {id} && "
    "aws ec2 associate-route-table --region {region} --route-table-id TABLE --subnet-id SUBNET"
)

ROUTES = "  # TABLE is one without a route to an internet gateway"
ASSOCIATE = "aws ec2 associate-route-table --region {region} --subnet-id {id} --route-table-id TABLE" + ROUTES
REPLACE = "aws ec2 replace-route-table-association --region {region} --association-id {association} --route-table-id TABLE" + ROUTES
REROUTE = "aws ec2 replace-route --region {region} --route-table-id {table} "

GATEWAY = "  # NAT_GATEWAY of: aws ec2 create-nat-gateway --region {region} --subnet-id PUBLIC_SUBNET --allocation-id ADDRESS"

RENEW = (
    "aws autoscaling create-launch-configuration --region {region} --launch-configuration-name NEW --no-associate-public-ip-address  "
    "# with the rest of the old one, which cannot be changed; then: "
    "aws autoscaling update-auto-scaling-group --region {region} --auto-scaling-group-name GROUP --launch-configuration-name NEW"
)

RERUN = (
    "aws ecs run-task --region {region} --cluster {cluster_arn} --task-definition {task_definition_arn} --network-configuration "
    "'awsvpcConfiguration={{subnets=[PRIVATE_SUBNET],securityGroups=[GROUP],assignPublicIp=DISABLED}}'  # then: "
    "aws ecs stop-task --region {region} --cluster {cluster_arn} --task {arn}"
)

KAFKA_PUBLIC_FIX = (
    "aws kafka update-connectivity --region {region} --cluster-arn {arn} --current-version {version} "
    '--connectivity-info \'{{"PublicAccess":{{"Type":"DISABLED"}}}}\''
)

KAFKA_FIX = (
    "aws kafka describe-cluster-v2 --region {region} --cluster-arn {arn}  "
    "# where a cluster is cannot be changed: make a new one like it in private subnets, with aws kafka create-cluster-v2"
)

TRUSTED = ("trust.accounts", "trust.organizations", "trust.networks", "trust.cidrs")


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


def meant_private(subnet: Any, profile: Any) -> str | None:
    """Who says that a subnet is to be private, None if nobody does."""
    selector = profile.network.private_subnets.match(subnet.arn, subnet.tags)
    by_tag: str | None = None if selector else subnet.tagged_private
    return f"network.private_subnets = {selector}" if selector else by_tag


def of_public(audit: Any, subnet: Any, profile: Any) -> None:
    """End the block where the user says that a subnet is public, unless they say the opposite, too."""
    declared = profile.network.public_subnets.match(subnet.arn, subnet.tags)
    if declared and not profile.network.private_subnets.match(subnet.arn, subnet.tags):
        audit.declared("network.public_subnets", declared)
        audit.not_applicable("a public subnet")


def of_another(audit: Any, resource: Any, network: Any) -> None:
    """End the block where another account owns what is judged, and alone can change it."""
    if not network.own(resource):
        audit.not_applicable(f"belongs to account {resource.owner_id}")


def told_of_launches(audit: Any, launches: Any) -> None:
    """Judge what comes of a launch template or configuration."""
    audit.saw(UsedByGroup=launches.used)
    if launches.by_subnet:
        audit.note(
            "leaves public addresses to the subnet" + (", and those of its groups give none" if launches.used else "; no group launches from it")
        )
    if not launches.used:
        audit.severity("low")
    assert not launches.wrong, str(launches)


def told_of_place(audit: Any, place: Any, places: Any) -> None:
    """Judge where tasks of ECS run."""
    if place.wrong and (not place.addressed or places.is_closed(place)):
        audit.severity("medium")
    assert not place.wrong, place.wrong


@check("WKLD.10", on="AWS::EC2::VPC", severity="medium", fix=CREATE_PRIVATE, references=TABLES)
def test_vpc_has_private_subnet(audit, vpcs, vpc_tiers):
    """Every VPC in which something is has a private subnet."""
    for vpc in vpcs:
        with audit(vpc):
            of_another(audit, vpc, vpc_tiers.network)
            tiers = vpc_tiers.of(vpc)
            audit.saw(PrivateSubnets=list(tiers.private) or "none", PublicSubnets=list(tiers.public) or "none")
            if not tiers.private and not tiers.public:
                audit.not_applicable("it has no subnets")
            if tiers.private:
                audit.note(f"{tiers.private[0]} is private" if len(tiers.private) == 1 else f"{len(tiers.private)} subnets are private")
                continue
            tenant = vpc_tiers.use.of_vpc(vpc)
            if tenant is None:
                audit.not_applicable("nothing is in it")
            ways = "; ".join(f"{subnet}: {exposure.why}" for subnet, exposure in tiers.public.items())
            raise AssertionError(f"all its subnets are public, with {tenant} in it: {ways}")
    if not vpcs:
        audit.nothing("no VPCs")


@check(
    "WKLD.10",
    on="AWS::EC2::Subnet",
    severity="high",
    facts=("network.private_subnets", "network.public_subnets"),
    fix=ASSOCIATE,
    references=TABLES,
)
def test_declared_private_subnet_is_private(audit, ssb_profile, subnets, subnet_exposures):
    """Every subnet that is meant to be private, as the profile or a deployment tool's tag says, is private."""
    for subnet in subnets:
        with audit(subnet):
            of_public(audit, subnet, ssb_profile)
            meant = meant_private(subnet, ssb_profile)
            if meant is None:
                audit.not_applicable("nobody says that it is to be private")
            exposure = subnet_exposures.exposure(subnet.subnet_id)
            audit.saw(MeantPrivate=meant, RouteTable=exposure.route_table_id or "not looked at")
            audit.note(f"private ({meant}): {exposure.why}")
            if exposure.explicit:
                table = subnet_exposures.route_table(exposure.route_table_id)
                audit.fix(REPLACE, association=table.association_of(subnet.subnet_id))
            assert not exposure.public, f"meant to be private ({meant}), but public: {exposure.why}"
    if not subnets:
        audit.nothing("no subnets")


@check(
    "WKLD.10",
    on="AWS::EC2::Subnet",
    severity="medium",
    facts=("network.private_subnets", "network.public_subnets"),
    fix="aws ec2 modify-subnet-attribute --region {region} --subnet-id {id} --no-map-public-ip-on-launch",
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html",),
)
def test_private_subnet_no_auto_public_ip(audit, ssb_profile, subnets, subnet_exposures, vpc_tenants):
    """No private subnet gives public addresses to what is launched into it."""
    for subnet in subnets:
        with audit(subnet):
            of_another(audit, subnet, subnet_exposures)
            of_public(audit, subnet, ssb_profile)
            audit.saw(MapPublicIpOnLaunch=subnet.map_public_ip_on_launch, AssignIpv6AddressOnCreation=subnet.assign_ipv6_address_on_creation)
            meant = meant_private(subnet, ssb_profile)
            if meant is None and subnet_exposures.is_public(subnet.subnet_id):
                audit.not_applicable("a public subnet, of which the guide does not ask it")
            if subnet.map_public_ip_on_launch and meant is None and vpc_tenants.lacks(subnet):
                audit.not_applicable("nothing is in this default VPC")
            if subnet.assign_ipv6_address_on_creation:
                audit.note("no public IPv4 addresses; the IPv6 addresses that it gives are out of reach without a route to an internet gateway")
            why = f"meant to be private ({meant})" if meant else "private"
            assert not subnet.map_public_ip_on_launch, f"{why}, but gives a public IPv4 address to what is launched into it"
    if not subnets:
        audit.nothing("no subnets")


@check(
    "WKLD.10",
    on="AWS::EC2::Subnet",
    severity="medium",
    fix="aws ec2 describe-route-tables --region {region} --filters Name=association.subnet-id,Values={id}",
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",),
)
def test_private_subnet_egress_through_nat(audit, subnets, subnet_egress, vpc_tenants):
    """What leaves a private subnet for the internet passes NAT in a public subnet, or leaves from elsewhere."""
    for subnet in subnets:
        with audit(subnet):
            of_another(audit, subnet, subnet_egress.network)
            if subnet_egress.network.is_public(subnet.subnet_id):
                audit.not_applicable("a public subnet")
            ways = subnet_egress.of(subnet.subnet_id)
            wrong = [way for way in ways if not way.good]
            audit.saw(Routes=[str(way) for way in ways] or "none to the internet")
            audit.note("; ".join(map(str, ways)) or "isolated: no route leads to the internet")
            if wrong:
                if vpc_tenants.lacks(subnet):
                    audit.not_applicable("nothing is in this default VPC")
                table = subnet_egress.network.effective_route_table(subnet.subnet_id).table.route_table_id
                way = wrong[0].replacing
                audit.fix(REROUTE + way + (GATEWAY if "NAT_GATEWAY" in way else ""), table=table, destination=wrong[0].route.destination)
                raise AssertionError("; ".join(map(str, wrong)))
    if not subnets:
        audit.nothing("no subnets")


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
    on="AWS::EC2::Instance",
    severity="high",
    facts=("network.public_resources",),
    fix="aws ec2 describe-network-interfaces --region {region} --filters Name=attachment.instance-id,Values={id}",
    references=("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",),
)
def test_ec2_instance_no_public_ip(audit, ssb_profile, instances, instance_places):
    """No instance has a public address, unless it is meant to face the internet or translates addresses."""
    for instance in instances:
        with audit(instance):
            if instance.manager:
                audit.not_applicable(f"managed by {instance.manager}")
            found = instance_places.addresses(instance)
            audit.saw(PublicAddresses=[each.address for each in found] or "none")
            if found:
                declared = ssb_profile.network.public_resources.match(instance.arn, instance.tags)
                if declared:
                    audit.declared("network.public_resources", declared)
                    audit.note("meant to face the internet")
                    continue
                if instance_places.translates_addresses(instance):
                    audit.note("a NAT instance")
                    continue
                within_reach = instance_places.in_public_subnet(instance)
                if not within_reach:
                    audit.severity("medium")
                values = {name: value for number, each in enumerate(found) for name, value in each.values(number).items()}
                audit.fix(" && ".join(each.removing(number) for number, each in enumerate(found)), **values)
                where = "" if within_reach else ", in a private subnet"
                raise AssertionError(f"public address {', '.join(each.address for each in found)}{where}{instance.made_by}")
    if not instances:
        audit.nothing("no instances")


@check(
    "WKLD.10",
    on="AWS::EC2::LaunchTemplate",
    severity="medium",
    fix="aws ec2 create-launch-template-version --region {region} --launch-template-id {id} --source-version '$Default' "
    """--launch-template-data '{{"NetworkInterfaces":[{{"DeviceIndex":0,"AssociatePublicIpAddress":false}}]}}'  """
    "# with the groups of the interface; then: aws ec2 modify-launch-template --region {region} --launch-template-id {id} --default-version NEW_VERSION",
    references=("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html",),
)
def test_launch_template_no_auto_public_ip(audit, addressing_templates, launch_configurations, launch_addresses):
    """No launch template or launch configuration gives public addresses to what is launched from it."""
    for template in addressing_templates:
        with audit(template):
            if template.manager:
                audit.not_applicable(f"managed by {template.manager}")
            told_of_launches(audit, launch_addresses.of_template(template))
    for configuration in launch_configurations:
        with audit(configuration, type="AWS::AutoScaling::LaunchConfiguration", fix=RENEW):
            told_of_launches(audit, launch_addresses.of_configuration(configuration))
    if not addressing_templates and not launch_configurations:
        audit.nothing("no launch templates or launch configurations")


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


@check(
    "WKLD.10",
    on="AWS::OpenSearchService::Domain",
    severity="high",
    environment="production",
    facts=TRUSTED,
    fix="aws opensearch create-domain --region {region} --domain-name NEW_NAME --vpc-options SubnetIds=PRIVATE_SUBNET,SecurityGroupIds=GROUP"
    "  # a domain cannot be moved into a VPC: make a new one there, from a snapshot",
    references=("https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html", *SUBNETS),
)
def test_search_domain_in_vpc(audit, placed_domains):
    """Every search domain is in private subnets of a VPC."""
    unasked(audit, placed_domains)
    for domain in placed_domains:
        with audit(domain, type=domain.type):
            if domain.public:
                is_open = placed_domains.may_be_open(domain)
                audit.severity("high" if is_open else "medium")
                raise AssertionError(f"its endpoint is public{', and its access policy may let in everyone' if is_open else ''}: it is in no VPC")
            audit.severity("medium")
            public = domain.public_subnets
            audit.saw(PublicSubnets=list(public) or "none")
            assert not public, f"is {domain.where}"
    if placed_domains.nothing:
        audit.nothing("no search domains")


@check(
    "WKLD.10",
    on="AWS::AmazonMQ::Broker",
    severity="high",
    fix="aws mq create-broker --region {region} --broker-name NEW_NAME --no-publicly-accessible --subnet-ids PRIVATE_SUBNET --security-groups GROUP "
    "--cli-input-json file://broker.json  # where a broker is cannot be changed: make a new one with what `aws mq describe-broker --broker-id {id}` says",
    references=("https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/using-amazon-mq-securely.html", *SUBNETS),
)
def test_broker_in_private_subnets(audit, brokers):
    """Every broker has no public address, and is in private subnets only."""
    unasked(audit, brokers)
    for broker in brokers:
        with audit(broker, type=broker.type):
            if broker.type == "AWS::MSK::Cluster":
                audit.fix(KAFKA_PUBLIC_FIX if broker.public else KAFKA_FIX, version=broker.store.current_version)
            audit.saw(Public=broker.public)
            assert not broker.public, f"publicly accessible; {broker.door}"
            private(audit, broker)
    if brokers.nothing:
        audit.nothing("no brokers")


@check(
    "WKLD.10",
    on="AWS::ECS::Service",
    severity="high",
    fix="aws ecs update-service --region {region} --cluster {cluster_arn} --service {service_name} --network-configuration "
    "'awsvpcConfiguration={{subnets=[PRIVATE_SUBNET],securityGroups=[GROUP],assignPublicIp=DISABLED}}'",
    references=("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",),
)
def test_ecs_service_no_public_ip(audit, placed_services, placed_tasks, task_places):
    """No service or task of ECS has a public address or runs in a public subnet."""
    for service in placed_services:
        with audit(service):
            configurations = service.configurations
            if not configurations:
                audit.not_applicable("its tasks are in the network of their instances")
            audit.saw(assignPublicIp={each.assign_public_ip for each in configurations})
            told_of_place(audit, task_places.of_service(service), task_places)
    for task in placed_tasks:
        with audit(task, type="AWS::ECS::Task", fix=RERUN):
            if task.starting:
                audit.not_applicable("its network is still being made")
            interface = task.interface
            if interface is None:
                audit.not_applicable("it is in the network of its instance")
            told_of_place(audit, task_places.of_task(task, interface), task_places)
    if not placed_services and not placed_tasks:
        audit.nothing("no services, and no tasks that run without one")


@check(
    "WKLD.10",
    on="AWS::Lambda::Function",
    severity="low",
    fix="aws lambda update-function-configuration --region {region} --function-name {arn} "
    "--vpc-config SubnetIds=PRIVATE_SUBNET,OTHER_PRIVATE_SUBNET,SecurityGroupIds=GROUP",
    references=("https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html",),
)
def test_lambda_function_in_private_subnets(audit, functions, subnet_exposures):
    """Every function that is in a VPC is in private subnets: in a public one it gets no public address, and reaches nothing outside."""
    for function in functions:
        with audit(function):
            if not function.subnet_ids:
                audit.not_applicable("in no VPC")
            public = subnet_exposures.public_among(function.subnet_ids)
            audit.saw(SubnetIds=list(function.subnet_ids))
            assert not public, "; ".join(f"in the public subnet {subnet}: {exposure.why}" for subnet, exposure in public.items())
    if not functions:
        audit.nothing("no functions")
