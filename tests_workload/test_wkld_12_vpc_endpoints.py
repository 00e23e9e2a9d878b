"""WKLD.12: use VPC endpoints to access supported services.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from typing import Any

from pytest_ssb import check

MAKE = (
    "aws ec2 create-vpc-endpoint --region {region} --vpc-id {id} --vpc-endpoint-type Gateway --service-name com.amazonaws.{region}.{service}"
    " --route-table-ids {tables!r}"
)
ROUTE = "aws ec2 modify-vpc-endpoint --region {region} --vpc-endpoint-id {gateway} --add-route-table-ids {tables!r}"
REGROUP = (
    "aws ec2 modify-vpc-endpoint --region {region} --vpc-endpoint-id {id} --add-security-group-ids GROUP --remove-security-group-ids {groups!r}"
    "  # GROUP is one that admits the group of what uses the endpoint, on port 443"
)
MAKE_INTERFACE = (
    "aws ec2 create-vpc-endpoint --region {region} --vpc-id {id} --vpc-endpoint-type Interface --service-name com.amazonaws.{region}.{service}"
    " --subnet-ids {subnets!r} --security-group-ids GROUP --private-dns-enabled"
    "  # GROUP is one that admits the group of what uses the endpoint, on port 443"
)
GATEWAYS = ("https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",)
TRUSTED = ("trust.accounts", "trust.organizations", "trust.networks", "trust.cidrs", "organization_profile")


@check(
    "WKLD.12",
    "WKLD.02",
    on="AWS::EC2::VPCEndpoint",
    severity="low",
    facts=TRUSTED,
    fix="aws ec2 modify-vpc-endpoint --region {region} --vpc-endpoint-id {id} --policy-document file://policy.json"
    "  # in it, name actions, or hold each Allow to aws:PrincipalOrgID and aws:ResourceOrgID;"
    " for S3, let through s3:GetObject of the buckets of AWS that serve packages, image layers and agents",
    references=("https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",),
)
def test_vpc_endpoint_policy_restricted(audit, ssb_profile, endpoint_policies):
    """The endpoint's policy does not let everyone do everything with everybody's resources; the extended scope asks it of interface endpoints, too."""
    for endpoint in endpoint_policies:
        with audit(endpoint):
            if endpoint.interface:
                audit.extended()
            exempt = endpoint_policies.exempt(endpoint)
            if exempt:
                audit.not_applicable(exempt)
            audit.saw(ServiceName=endpoint.service_name)
            policy = endpoint_policies[endpoint]
            declared = policy.declared
            if policy.reach == "open":
                if ssb_profile.environment != "production":
                    audit.not_applicable("lets everyone through to everything, which the baseline minds in production only")
                raise AssertionError(f"{policy.fails} with every resource")
            audit.note(policy.note)
            for key, entries in declared.items():
                audit.declared(key, entries)
    if not endpoint_policies:
        audit.nothing("no gateway endpoints" if not ssb_profile.extended else "no VPC endpoints")


def lacking(audit: Any, ways: Any, vpc: Any, service: str) -> str | None:
    """Why what runs in a VPC does not reach a service by an endpoint, None if it does; with the way to mend it."""
    if not ways.network.own(vpc):
        audit.not_applicable(f"belongs to account {vpc.owner_id}")
    callers = ways.callers(vpc)
    if callers is None:
        audit.not_applicable("nothing runs in it that may call AWS's services")
    way = ways.way(vpc, service, callers)
    if way.by is not None:
        audit.note(f"through {way.by}")
    audit.fix(ROUTE if way.gateway else MAKE, service=service, gateway=way.gateway or "", tables=" ".join(way.missing))
    audit.saw(RouteTables=callers.tables)
    why: str | None = None if way.by is not None else way.why
    return why


@check("WKLD.12", on="AWS::EC2::VPC", severity="low", fix=MAKE, references=GATEWAYS)
def test_vpc_s3_endpoint(audit, vpcs, endpoint_ways):
    """What runs in the VPC's private subnets reaches Amazon S3 through an endpoint; without such subnets, what runs in the others does."""
    for vpc in vpcs:
        with audit(vpc):
            why = lacking(audit, endpoint_ways, vpc, "s3")
            assert why is None, why
    if not vpcs:
        audit.nothing("no VPCs")


@check("WKLD.12", on="AWS::EC2::VPC", severity="low", facts=("network.endpoint_services",), fix=MAKE, references=GATEWAYS)
def test_vpc_dynamodb_endpoint(audit, ssb_profile, vpcs, endpoint_ways, dynamodb_tables):
    """What runs in the VPC's private subnets reaches DynamoDB through an endpoint, where the region has tables or the profile names the service."""
    for vpc in vpcs:
        with audit(vpc):
            services = ssb_profile.network.endpoint_services
            if not (services is not None and services.match("dynamodb")) and not dynamodb_tables:
                audit.not_applicable("no DynamoDB tables in the region")
            why = lacking(audit, endpoint_ways, vpc, "dynamodb")
            assert why is None, why
    if not vpcs:
        audit.nothing("no VPCs")


@check(
    "WKLD.12",
    on="AWS::EC2::VPCEndpoint",
    severity="medium",
    fix=REGROUP,
    references=("https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",),
)
def test_vpc_endpoint_security_group_restricted(audit, interface_endpoints, endpoint_groups):
    """The security groups of an interface endpoint admit groups, or private addresses, on the port that it answers on, and no public ones."""
    for endpoint in interface_endpoints:
        with audit(endpoint):
            if endpoint.requester_managed:
                audit.not_applicable("made and managed by a service of AWS")
            audit.fix(REGROUP, groups=" ".join(each.group_id for each in endpoint.groups))
            audit.saw(Groups=[each.group_id for each in endpoint.groups])
            admission = endpoint_groups.admission(endpoint)
            if admission.wrong is not None:
                audit.severity("medium" if admission.exposed else "low")
                raise AssertionError(admission.wrong)
    if not interface_endpoints:
        audit.nothing("no interface endpoints")


@check(
    "WKLD.12",
    on="AWS::EC2::VPCEndpoint",
    severity="low",
    fix="aws ec2 modify-vpc-endpoint --region {region} --vpc-endpoint-id {id} --private-dns-enabled"
    "  # before that: aws ec2 modify-vpc-attribute --region {region} --vpc-id {vpc_id} --enable-dns-hostnames, and the same with --enable-dns-support",
    references=("https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",),
)
def test_vpc_interface_endpoint_private_dns(audit, interface_endpoints, endpoint_names, endpoint_services):
    """Within the VPC the service's own name leads to the interface endpoint, so that clients take it without being told."""
    for endpoint in interface_endpoints:
        with audit(endpoint):
            if endpoint.requester_managed:
                audit.not_applicable("made and managed by a service of AWS")
            service = endpoint_services.of_aws(endpoint)
            if service is None:
                audit.not_applicable("leads to no service of AWS in its region")
            if not service.private_dns_names:
                audit.not_applicable("its service has no private DNS names")
            beside = endpoint_names.beside(endpoint)
            if beside is not None:
                audit.note(f"for callers from outside the VPC: those within go through {beside}")
                continue
            why = endpoint_names.off(endpoint)
            assert why is None, why
    if not interface_endpoints:
        audit.nothing("no interface endpoints")


@check(
    "WKLD.12",
    on="AWS::S3::Bucket",
    severity="high",
    facts=("buckets.vpc_only", *TRUSTED),
    fix="aws s3api put-bucket-policy --bucket {name} --policy file://policy.json  # with a Deny of s3:* on the bucket and its objects to all principals"
    " where aws:SourceVpce is not the endpoint; keep somebody who may change the policy from elsewhere: name that role by aws:PrincipalArn",
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html",),
)
def test_bucket_policy_restricts_to_vpc_endpoint(audit, ssb_profile, buckets, endpoint_only_buckets):
    """A bucket that the profile calls so denies reading, writing and listing to whatever does not come through an own endpoint or VPC."""
    for bucket in buckets if ssb_profile.buckets.vpc_only else ():
        with audit(bucket, region=bucket.region):
            policy = endpoint_only_buckets[bucket]
            if policy is None:
                audit.was_read()
            declared = policy.declared
            assert policy.reach != "open", "its policy does not deny reading, writing and listing to what comes through no endpoint"
            assert policy.reach in ("ok", "deputy"), f"its policy admits a network that is not known to be the account's: {policy.note}"
            for key, entries in declared.items():
                audit.declared(key, entries)
    if not audit.findings:
        audit.nothing("no bucket is called one that is reached through endpoints only (buckets.vpc_only)")


def running(audit: Any, needs: Any, vpc: Any) -> Any:
    """The callers in a VPC of the account's own; the block ends where there are none."""
    if not needs.ways.network.own(vpc):
        audit.not_applicable(f"belongs to account {vpc.owner_id}")
    callers = needs.ways.callers(vpc)
    if callers is None:
        audit.not_applicable("nothing runs in it that may call AWS's services")
    return callers


@check(
    "WKLD.12",
    on="AWS::EC2::VPC",
    severity="medium",
    environment="production",
    facts=("network.endpoint_services", "network.endpoint_vpcs"),
    fix=MAKE_INTERFACE,
    references=("https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",),
)
def test_vpc_interface_endpoints_for_used_services(audit, ssb_profile, vpcs, endpoint_needs):
    """What runs in the VPC reaches each service that the profile names through an endpoint; without such names, those that it is known to use."""
    services = ssb_profile.network.endpoint_services
    shared_vpcs = ssb_profile.network.endpoint_vpcs
    for vpc in vpcs:
        for service in services or ():
            with audit(vpc, item=service):
                callers = running(audit, endpoint_needs, vpc)
                endpoint = endpoint_needs.endpoint(vpc, service)
                if endpoint is not None:
                    audit.note(f"through {endpoint}")
                    continue
                shared = endpoint_needs.shared(callers, service, shared_vpcs)
                if shared.by is not None:
                    audit.note(f"through {shared.by}")
                    audit.declared("network.endpoint_vpcs", shared.entry)
                    continue
                if shared.unseen:
                    audit.manual(f"does it reach {service} through an endpoint in {', '.join(shared.unseen)}, which this account does not show?")
                audit.severity("medium" if endpoint_needs.isolated(callers) else "low")
                audit.fix(MAKE_INTERFACE, service=service, subnets=" ".join(each.subnet_id for each in callers.subnets))
                raise AssertionError(f"no endpoint to {service}")
        if not services:
            with audit(vpc):
                if services is not None:
                    audit.not_applicable("network.endpoint_services names none")
                callers = running(audit, endpoint_needs, vpc)
                needs = endpoint_needs.of(vpc, callers)
                if needs.unreachable:
                    audit.fix(MAKE_INTERFACE, service=needs.unreachable[0], subnets=" ".join(each.subnet_id for each in callers.subnets))
                    raise AssertionError(f"neither an endpoint nor a way out to {', '.join(needs.unreachable)}")
                if needs.missing or needs.functions:
                    what = ", ".join(needs.missing) or "the services that its functions call"
                    audit.manual(f"shall it reach {what} through endpoints, which cost something? (network.endpoint_services)")
                if not needs.known:
                    audit.not_applicable("nothing runs in it of which it is known which services it calls (network.endpoint_services)")
                audit.note(f"endpoints to all services that it is known to call: {', '.join(needs.known)}")
    if not vpcs:
        audit.nothing("no VPCs")
