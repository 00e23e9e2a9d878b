"""WKLD.12: use VPC endpoints to access supported services.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check

TRUSTED = ("trust.accounts", "trust.organizations", "trust.networks", "trust.cidrs")


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
