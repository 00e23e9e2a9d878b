"""WKLD.10: deploy private resources into private subnets.

PYTEST_DONT_REWRITE: reasons are written by hand, and never carry a repr.
"""

from pytest_ssb import check


@check(
    "WKLD.10",
    "WKLD.06",
    on="AWS::EC2::Instance",
    severity="medium",
    facts=("network.public_resources",),
    fix="aws ec2 create-image --region {region} --instance-id {id} --name NAME  # then, with that image, in a private subnet: "
    "aws ec2 run-instances --region {region} --image-id IMAGE --subnet-id PRIVATE_SUBNET --no-associate-public-ip-address",
    references=("https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",),
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
