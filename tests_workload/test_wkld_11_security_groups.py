"""WKLD.11: restrict network access by using security groups.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

REVOKE_ALL = "aws ec2 revoke-security-group-{way} --region {{region}} --group-id {{id}} --ip-permissions {{{way}}}"
REVOKE = "aws ec2 revoke-security-group-ingress --region {region} --group-id {id} --ip-permissions {permissions}"
CLOSE = "aws ec2 revoke-security-group-egress --region {region} --group-id {id} --ip-permissions {closing}"
ADMIT = "aws ec2 authorize-security-group-ingress --region {region} --group-id {id} --ip-permissions {lacking}"
NARROW = "aws ec2 authorize-security-group-ingress --region {region} --group-id {id} --protocol tcp --port PORT --source-group GROUP && " + REVOKE
# How something gets other groups, by its type; by itself, that is how a network interface does.
MOVES = {
    "AWS::RDS::DBInstance": "aws rds modify-db-instance --region {region} --db-instance-identifier {id} --vpc-security-group-ids GROUP",
    "AWS::RDS::DBCluster": "aws rds modify-db-cluster --region {region} --db-cluster-identifier {id} --vpc-security-group-ids GROUP",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "aws elbv2 set-security-groups --region {region} --load-balancer-arn {arn} --security-groups GROUP",
    "AWS::ElasticLoadBalancing::LoadBalancer": "aws elb apply-security-groups-to-load-balancer --region {region} --load-balancer-name {id} "
    "--security-groups GROUP",
    "AWS::Lambda::Function": "aws lambda update-function-configuration --region {region} --function-name {id} "
    "--vpc-config SubnetIds=SUBNETS,SecurityGroupIds=GROUP  # Lambda wants both: SUBNETS are those that it has",
    "AWS::ElastiCache::ReplicationGroup": "aws elasticache modify-replication-group --region {region} --replication-group-id {id} "
    "--security-group-ids GROUP --apply-immediately",
    "AWS::ElastiCache::CacheCluster": "aws elasticache modify-cache-cluster --region {region} --cache-cluster-id {id} --security-group-ids GROUP "
    "--apply-immediately",
    "AWS::ElastiCache::ServerlessCache": "aws elasticache modify-serverless-cache --region {region} --serverless-cache-name {id} "
    "--security-group-ids GROUP",
    "AWS::MemoryDB::Cluster": "aws memorydb update-cluster --region {region} --cluster-name {id} --security-group-ids GROUP",
    "AWS::DAX::Cluster": "aws dax update-cluster --region {region} --cluster-name {id} --security-group-ids GROUP",
    "AWS::Redshift::Cluster": "aws redshift modify-cluster --region {region} --cluster-identifier {id} --vpc-security-group-ids GROUP",
    "AWS::RedshiftServerless::Workgroup": "aws redshift-serverless list-workgroups --region {region}  "
    "# then, of {arn}: aws redshift-serverless update-workgroup --workgroup-name NAME --security-group-ids GROUP",
    "AWS::OpenSearchService::Domain": "aws opensearch update-domain-config --region {region} --domain-name {id} --vpc-options SecurityGroupIds=GROUP",
    "AWS::AmazonMQ::Broker": "aws mq update-broker --region {region} --broker-id {id} --security-groups GROUP",
    "AWS::MSK::Cluster": "aws kafka describe-cluster-v2 --region {region} --cluster-arn {arn}  "
    "# the groups of its brokers cannot be changed: make a new cluster like it in another group",
}
REVOKE_BEHIND = REVOKE + (
    "  # before that, let in the group of what uses it: aws ec2 authorize-security-group-ingress --region {region} --group-id {id} --protocol tcp"
    " --port {port} --source-group GROUP"
)


@check(
    "WKLD.11",
    on="AWS::EC2::SecurityGroup",
    severity="critical",
    facts=("network.public_ports", "network.public_security_groups"),
    fix="aws ec2 describe-security-group-rules --region {region} --filters Name=group-id,Values={id}",
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",),
)
def test_security_group_no_world_open_ingress(audit, security_groups, group_exposures, ssb_profile):
    """No security group admits the internet, but for the web ports of public load balancers."""
    for group in security_groups:
        with audit(group):
            if not group_exposures.network.own(group):
                audit.not_applicable(f"belongs to account {group.owner_id}")
            opening = group_exposures.opening(group)
            if opening is not None:
                audit.severity(opening.severity)
                audit.saw(GroupName=group.group_name, IpPermissions=[str(ports) for ports in opening.ports])
                declared = ssb_profile.network.public_security_groups.match(group.arn, group.tags)
                if opening.only_web and declared:
                    audit.declared("network.public_security_groups", declared)
                elif opening.only_web and group_exposures.serves_the_internet(group):
                    audit.note(f"only public load balancers use it: {opening}")
                elif group_exposures.meets_clients_behind_nlb(group, opening):
                    audit.note(f"targets of a Network Load Balancer without groups, which passes clients' addresses on: {opening}")
                else:
                    audit.fix(REVOKE, permissions=group_exposures.revoking(group, opening))
                    raise AssertionError(str(opening))
            # Here at the latest a prefix list that could not be read raises: it might open more than was seen.
            icmp = group_exposures.network.world_open_icmp(group)
            needless = [each for each in icmp if not each.harmless]
            if needless:
                audit.severity("low")
                raise AssertionError(", ".join(map(str, needless)))
            if icmp and opening is None:
                audit.note(f"no port is open to the internet; {', '.join(map(str, icmp))}")
            elif opening is None and group_exposures.admits_cloudfront(group):
                audit.note("CloudFront may reach it, by anybody's distribution: a secret header or a VPC origin must tell them apart")
    if not security_groups:
        audit.nothing("no security groups")


@check(
    "WKLD.11",
    on="AWS::EC2::SecurityGroup",
    severity="medium",
    extended=True,
    facts=("network.reserved",),
    fix="aws ec2 describe-security-group-rules --region {region} --filters Name=group-id,Values={id}",
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",),
)
def test_default_security_group_closed(audit, default_groups, vpc_use, ssb_profile):
    """No VPC's default security group has rules, so that what is put into it by accident can talk to nobody."""
    for group in default_groups:
        with audit(group):
            audit.severity("medium" if default_groups.is_used(group) else "low")
            rules = {"ingress": group.ip_permissions, "egress": group.ip_permissions_egress}
            commands = {way: REVOKE_ALL.format(way=way) for way, permissions in rules.items() if permissions}
            audit.fix(" && ".join(commands.values()), **{way: default_groups.revoking(rules[way]) for way in commands})
            found = [f"{len(permissions)} {'inbound' if way == 'ingress' else 'outbound'}" for way, permissions in rules.items() if permissions]
            if found:
                audit.judged_by("no_unused_default_vpc", lambda one=group: vpc_use.fails(one.vpc_id, ssb_profile.network.reserved))
            assert not found, f"has rules: {' and '.join(found)}"
    if not default_groups:
        audit.nothing("no default security group")


@check(
    "WKLD.11",
    on="AWS::EC2::NetworkInterface",
    severity="low",
    environment="production",
    fix="aws ec2 modify-network-interface-attribute --region {region} --network-interface-id {id} --groups GROUP",
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",),
)
def test_resource_not_in_default_security_group(audit, group_members):
    """Nothing is in a VPC's default security group, which it shares with all that was not thought of."""
    for member in group_members:
        with audit(member, member.item, type=member.type):
            defaults = group_members.defaults(member)
            if member.manager:
                audit.not_applicable(f"managed by {member.manager}")
            if member.type in MOVES:
                audit.fix(MOVES[member.type])
            audit.saw(SecurityGroups=list(member.groups) or "none")
            assert not defaults, f"in the default security group {', '.join(defaults)}"
    if group_members.nothing:
        audit.nothing("nothing is in a security group")


@check(
    "WKLD.11",
    on="AWS::EC2::SecurityGroup",
    severity="critical",
    facts=("network.database_cidrs",),
    fix=REVOKE_BEHIND,
    references=("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html",),
)
def test_database_ingress_from_security_groups_only(audit, databases_of_groups, database_sources):
    """Databases admit other security groups, not ranges of addresses."""
    for database in databases_of_groups.missing:
        with audit(database, database.item, type=database.type):
            raise database.error
    for group_id, databases in databases_of_groups.items():
        with audit(databases_of_groups.arn(group_id, database_sources.network)):
            group = database_sources.network.security_group(group_id)
            sources = database_sources.of(group, databases, complete=not databases_of_groups.missing)
            port = next(port for database in databases for port in database.ports)
            audit.fix(REVOKE if sources.chain else REVOKE_BEHIND, permissions=sources.revoking(group), port=str(port))
            audit.saw(Databases=[database.name for database in databases])
            if sources.declared:
                audit.declared("network.database_cidrs", sources.declared)
            if not sources.bad:
                audit.note(f"admits groups only: {sources.chain}" if sources.chain else "admits no addresses")
                continue
            audit.judged_by("security_group_no_world_open_ingress", sources.left_to_world)
            if sources.settled:
                audit.severity(sources.severity)
            raise AssertionError(sources.reason)
    if not databases_of_groups and not databases_of_groups.missing:
        audit.nothing("no databases in security groups")


@check(
    "WKLD.11",
    on="AWS::EC2::SecurityGroup",
    severity="low",
    environment="production",
    fix=CLOSE,
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",),
)
def test_database_security_group_egress_restricted(audit, databases_of_groups, database_sources):
    """Groups of databases alone do not let out all traffic to anywhere: databases answer, and have nowhere to go."""
    for database in databases_of_groups.missing:
        with audit(database, database.item, type=database.type):
            raise database.error
    for group_id, databases in databases_of_groups.items():
        with audit(databases_of_groups.arn(group_id, database_sources.network)):
            group = database_sources.network.security_group(group_id)
            audit.saw(Databases=[database.name for database in databases])
            opened = database_sources.lets_out(group)
            if opened is None:
                continue
            others = database_sources.others(group, databases)
            if others:
                audit.not_applicable(f"not of databases alone: {', '.join(others[:3])} {'are' if len(others) > 1 else 'is'} in it, too")
            audit.fix(CLOSE, closing=database_sources.closing(group))
            raise AssertionError(f"lets out all traffic to {', '.join(opened.sources)}")
    if not databases_of_groups and not databases_of_groups.missing:
        audit.nothing("no databases in security groups")


@check(
    "WKLD.11",
    on="AWS::EC2::SecurityGroup",
    severity="high",
    fix=f"{ADMIT} && {REVOKE}",
    references=("https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html",),
)
def test_load_balancer_targets_admit_only_load_balancer(audit, balanced_groups, target_sources):
    """The targets of a load balancer admit the load balancer only, not the internet or the whole VPC, on the ports that it uses."""
    for target_group in balanced_groups.missing:
        with audit(target_group, type=target_group.type):
            raise target_group.error
    for outside in balanced_groups.outside:
        with audit(outside.arn, type="AWS::ElasticLoadBalancingV2::TargetGroup"):
            audit.manual(f"does {outside.what}, which this account does not show, admit its load balancer only?")
    for group_id, uses in balanced_groups.items():
        with audit(balanced_groups.arn(group_id, target_sources.network)):
            group = target_sources.network.security_group(group_id)
            sources = target_sources.of(group, uses, complete=not balanced_groups.missing)
            lacking = sources.admitting
            audit.fix(f"{ADMIT} && {REVOKE}" if lacking else REVOKE, permissions=sources.revoking(group), lacking=lacking)
            audit.saw(TargetGroups=[each.target_group.name for each in uses])
            if not sources.bad:
                audit.note("its ports as a target admit its load balancers only")
                continue
            if sources.only_world:
                audit.judged_by("security_group_no_world_open_ingress")
            if sources.settled:
                audit.severity(sources.severity)
            raise AssertionError(sources.reason)
    if not balanced_groups and not balanced_groups.outside and not balanced_groups.missing:
        audit.nothing("no load balancer has targets in security groups")


@check(
    "WKLD.11",
    on="AWS::EC2::SecurityGroup",
    severity="low",
    environment="production",
    fix=NARROW,
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",),
)
def test_security_group_no_all_traffic_rule(audit, all_traffic_rules):
    """No security group admits all traffic, or all ports, from anybody but its own members."""
    for group in all_traffic_rules:
        with audit(group):
            if not all_traffic_rules.own(group):
                audit.not_applicable(f"belongs to account {group.owner_id}")
            found = all_traffic_rules.of(group)
            if found is None:
                continue
            if found.only_world:
                audit.judged_by("security_group_no_world_open_ingress")
            audit.fix(NARROW, permissions=all_traffic_rules.revoking(group, found))
            raise AssertionError(", ".join(found.sources))
    if not all_traffic_rules.groups:
        audit.nothing("no security groups")
