"""Where things stand in the demo's network: the private subnets and who says so, and in the mixed account the VPC from before there were any."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from pytest_ssb.demo.network import ANYWHERE, NAME
from pytest_ssb.demo.seeder import Seeder

# The tag that a deployment tool writes.
MEANT_PRIVATE = [{"Key": "aws-cdk:subnet-type", "Value": "Private"}]


def seed(seeder: Seeder) -> None:
    """Say what is meant to be private. In the mixed account one way out ends at a NAT gateway that was deleted, and the first VPC was never tidied up."""
    region = seeder.regions[0]
    ec2 = seeder.client("ec2", region)
    private = [_subnet(ec2, f"{NAME}-private-{zone}")["SubnetId"] for zone in "ab"]
    ec2.create_tags(Resources=private, Tags=MEANT_PRIVATE)
    _function(seeder, region, "invoices", private[0], _workers(ec2, private[0]))
    _service(seeder, region, "indexer", private[0], assigned=False)
    _template(ec2, "indexer", assigned=False)
    if not seeder.clean:
        _service(seeder, region, "crawler", _subnet(ec2, f"{NAME}-public-a")["SubnetId"], assigned=True)
        _template(ec2, "crawler", assigned=True)
        _end_nowhere(ec2, private[1])
        first = _first_vpc(ec2)
        _function(seeder, region, "previews", first, _default_group(ec2, first))


def _subnet(ec2: Any, name: str) -> Any:
    (found,) = ec2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": [name]}])["Subnets"]
    return found


def _end_nowhere(ec2: Any, subnet: str) -> None:
    """Give a subnet a table of its own, with a way out through a NAT gateway that has been deleted to save money."""
    public = _subnet(ec2, f"{NAME}-public-a")
    gateway = ec2.create_nat_gateway(SubnetId=public["SubnetId"], ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=public["VpcId"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, NatGatewayId=gateway)
    (before,) = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["RouteTables"]
    association = next(each["RouteTableAssociationId"] for each in before["Associations"] if each.get("SubnetId") == subnet)
    ec2.replace_route_table_association(AssociationId=association, RouteTableId=table)
    here = [{"Name": "vpc-id", "Values": [public["VpcId"]]}, {"Name": "vpc-endpoint-type", "Values": ["Gateway"]}]
    for endpoint in ec2.describe_vpc_endpoints(Filters=here)["VpcEndpoints"]:
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], AddRouteTableIds=[table])
    ec2.delete_nat_gateway(NatGatewayId=gateway)


def _first_vpc(ec2: Any) -> str:
    """A VPC whose one subnet was meant to be private, and is not: its main table was given the way to the internet."""
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    subnet: str = ec2.create_subnet(VpcId=vpc, CidrBlock="10.30.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[vpc, subnet], Tags=[{"Key": "Name", "Value": f"{NAME}-first"}])
    ec2.create_tags(Resources=[subnet], Tags=MEANT_PRIVATE)
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    (main,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    ec2.create_route(RouteTableId=main["RouteTableId"], DestinationCidrBlock=ANYWHERE, GatewayId=gateway)
    return subnet


def _function(seeder: Seeder, region: str, name: str, subnet: str, group: str) -> None:
    """A function in a subnet, with that group."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py", (2026, 1, 1, 0, 0, 0)), "def main(event, context): ...\n")
    seeder.client("lambda", region).create_function(
        FunctionName=f"{NAME}-{name}",
        Runtime="python3.13",
        Role=f"arn:aws:iam::{seeder.account}:role/acme-functions",
        Handler="main.main",
        Code={"ZipFile": code.getvalue()},
        VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]},
    )


def _service(seeder: Seeder, region: str, name: str, subnet: str, *, assigned: bool) -> None:
    """A service on Fargate, of the tasks of the web shop."""
    groups = [_default_group(seeder.client("ec2", region), subnet)]
    place = {"subnets": [subnet], "securityGroups": groups, "assignPublicIp": "ENABLED" if assigned else "DISABLED"}
    seeder.client("ecs", region).create_service(
        cluster="acme",
        serviceName=f"{NAME}-{name}",
        taskDefinition="acme-web",
        desiredCount=0,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": place},
    )


def _template(ec2: Any, name: str, *, assigned: bool) -> None:
    """A launch template that says whether instances get public addresses."""
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3", "Encrypted": True}}
    interface = {"DeviceIndex": 0, "AssociatePublicIpAddress": assigned}
    data = {"InstanceType": "t3.micro", "BlockDeviceMappings": [disk], "NetworkInterfaces": [interface]}
    ec2.create_launch_template(LaunchTemplateName=f"{NAME}-{name}", LaunchTemplateData=data)


def _workers(ec2: Any, subnet: str) -> str:
    """A group of what works in the background, and lets nobody in."""
    vpc = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["VpcId"]
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "Name", "Value": f"{NAME}-workers"}]}]
    made: str = ec2.create_security_group(GroupName=f"{NAME}-workers", Description="workers", VpcId=vpc, TagSpecifications=tags)["GroupId"]
    return made


def _default_group(ec2: Any, subnet: str) -> str:
    vpc = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    found: str = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    return found
