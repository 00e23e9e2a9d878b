"""The demo's network: a VPC with a load balancer, an application and a database in the first region, and nothing but the default VPC elsewhere."""

from __future__ import annotations

import json
from typing import Any

from pytest_ssb.demo import ec2
from pytest_ssb.demo.ec2 import EARLY, GOOD, NEW, Launch
from pytest_ssb.demo.seeder import Seeder

NAME = "acme"
# What the subnets are called for databases and the like that stand in the public ones.
PUBLIC = f"{NAME}-public"
CIDR = "10.20.0.0/16"
ANYWHERE = "0.0.0.0/0"
# What the bastion is started with, for convenience. It opens nothing.
WITH_PASSWORD = "#!/bin/bash\nexport PGPASSWORD=correct-horse-9\n"  # noqa: S105
# By name: the zone and whether the internet reaches it.
SUBNETS = {"public-a": ("a", True), "public-b": ("b", True), "private-a": ("a", False), "private-b": ("b", False)}


def seed(seeder: Seeder) -> None:
    """Fill the network. The clean account's groups name each other; some of the other's were opened in a hurry and never closed."""
    region = seeder.regions[0]
    if seeder.clean:
        for each in seeder.regions:
            _delete_default_vpc(seeder.client("ec2", each))
    else:
        _forget_trials(seeder.client("ec2", region), region)
    vpc = _Vpc(seeder, region)
    web = vpc.group("web", _from_addresses(80, ANYWHERE), _from_addresses(443, ANYWHERE))
    app = vpc.group("app", _from_group(8080, web))
    targets = [vpc.instance("app-1", "private-a", app)]
    vpc.database("orders", vpc.group("orders-db", _from_group(5432, app), silent=True))
    if not seeder.clean:
        targets.append(vpc.instance("app-2", "private-b", vpc.group("app-old", _from_addresses(8080, CIDR), _from_addresses(22, CIDR)), NEW))
        vpc.instance("bastion", "public-a", vpc.group("bastion", _from_addresses(22, ANYWHERE)), EARLY, WITH_PASSWORD)
        vpc.database("reports", vpc.group("reports-db", _from_addresses(5432, CIDR)), encrypted=False, public=True)
        vpc.group("office", _from_addresses(8080, CIDR))
        vpc.group("debugging", {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": app}]})
        vpc.interface_in_default_group()
    vpc.load_balancer("web", web, targets)
    vpc.endpoints(app)
    if not seeder.clean:
        vpc.endpoint_in_a_hurry()
        _jobs(seeder, region)
    ec2.simulate(seeder, region, vpc.launches)


def inside(seeder: Seeder) -> dict[str, list[str]]:
    """A private subnet, and a security group that admits the application, for what is put beside the database."""
    ec2 = seeder.client("ec2", seeder.regions[0])
    subnets = ec2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": [f"{NAME}-private-a"]}])["Subnets"]
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{NAME}-orders-db"]}])["SecurityGroups"]
    return {"SubnetIds": [each["SubnetId"] for each in subnets], "SecurityGroupIds": [each["GroupId"] for each in groups]}


def _delete_default_vpc(ec2: Any) -> None:
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc["VpcId"])


def _forget_trials(ec2: Any, region: str) -> None:
    """A VPC with nothing in it, and an endpoint that makes use of the default VPC, though nothing is left in its subnets."""
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    ec2.create_vpc_endpoint(VpcId=vpc["VpcId"], VpcEndpointType="Gateway", ServiceName=f"com.amazonaws.{region}.s3")
    ec2.create_vpc(CidrBlock=CIDR, **_tagged("vpc", f"{NAME}-trial"))


def _close_default_groups(ec2: Any, *filters: dict[str, Any]) -> None:
    for group in ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}, *filters])["SecurityGroups"]:
        if group["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
        if group["IpPermissionsEgress"]:
            ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])


class _Vpc:
    """A VPC with public and private subnets, an internet gateway and closed default group, and what is put into it."""

    def __init__(self, seeder: Seeder, region: str) -> None:
        self._seeder, self._region = seeder, region
        self._ec2 = seeder.client("ec2", region)
        self._id = self._ec2.create_vpc(CidrBlock=CIDR, **_tagged("vpc", NAME))["Vpc"]["VpcId"]
        gateway = self._ec2.create_internet_gateway(**_tagged("internet-gateway", NAME))["InternetGateway"]["InternetGatewayId"]
        self._ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self._id)
        self._tables = tables = {public: self._route_table("public" if public else "private") for public in (True, False)}
        self._ec2.create_route(RouteTableId=tables[True], DestinationCidrBlock=ANYWHERE, GatewayId=gateway)
        self._subnets: dict[str, str] = {}
        for number, (name, (zone, public)) in enumerate(SUBNETS.items()):
            self._subnets[name] = self._ec2.create_subnet(
                VpcId=self._id, CidrBlock=f"10.20.{number}.0/24", AvailabilityZone=f"{region}{zone}", **_tagged("subnet", f"{NAME}-{name}")
            )["Subnet"]["SubnetId"]
            self._ec2.associate_route_table(RouteTableId=tables[public], SubnetId=self._subnets[name])
        _close_default_groups(self._ec2, {"Name": "vpc-id", "Values": [self._id]})
        ec2.prepare(seeder, region)
        self.launches: dict[str, Launch] = {}
        self._rds = seeder.client("rds", region)
        for name, kind in ((NAME, "private"),) if seeder.clean else ((NAME, "private"), (PUBLIC, "public")):
            subnets = [self._subnets[f"{kind}-a"], self._subnets[f"{kind}-b"]]
            self._rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription=f"The {kind} subnets", SubnetIds=subnets)

    def _route_table(self, name: str) -> str:
        table = self._ec2.create_route_table(VpcId=self._id, **_tagged("route-table", f"{NAME}-{name}"))["RouteTable"]
        found: str = table["RouteTableId"]
        return found

    def group(self, name: str, *permissions: dict[str, Any], silent: bool = False) -> str:
        """A security group that admits this, and lets out everything unless it is to be silent."""
        name = f"{NAME}-{name}"
        found: str = self._ec2.create_security_group(GroupName=name, Description=name, VpcId=self._id, **_tagged("security-group", name))["GroupId"]
        self._ec2.authorize_security_group_ingress(GroupId=found, IpPermissions=list(permissions))
        if silent:
            everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}
            self._ec2.revoke_security_group_egress(GroupId=found, IpPermissions=[everything])
        return found

    def instance(self, name: str, subnet: str, group: str, launch: Launch = GOOD, user_data: str = "") -> str:
        """An instance with an encrypted volume; in a public subnet it has a public address."""
        interface = {"DeviceIndex": 0, "SubnetId": self._subnets[subnet], "Groups": [group], "AssociatePublicIpAddress": SUBNETS[subnet][1]}
        launched = self._ec2.run_instances(
            **ec2.asked(launch),
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            UserData=user_data,
            NetworkInterfaces=[interface],
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3", "Encrypted": True}}],
            **_tagged("instance", f"{NAME}-{name}"),
        )
        found: str = launched["Instances"][0]["InstanceId"]
        self.launches[found] = launch
        return found

    def database(self, name: str, group: str, encrypted: bool = True, public: bool = False) -> None:
        """A PostgreSQL database in the private subnets, or with an address in the public ones."""
        self._rds.create_db_instance(
            DBInstanceIdentifier=f"{NAME}-{name}",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            StorageEncrypted=encrypted,
            PubliclyAccessible=public,
            MasterUsername="acme",
            ManageMasterUserPassword=True,
            DBSubnetGroupName=PUBLIC if public else NAME,
            VpcSecurityGroupIds=[group],
            Port=5432,
        )

    def interface_in_default_group(self) -> None:
        """A network interface for which nobody chose a group; it is attached to nothing."""
        self._ec2.create_network_interface(SubnetId=self._subnets["private-b"], **_tagged("network-interface", f"{NAME}-spare"))

    def load_balancer(self, name: str, group: str, targets: list[str]) -> None:
        """An internet-facing Application Load Balancer in front of instances."""
        elb = self._seeder.client("elbv2", self._region)
        elb.create_load_balancer(
            Name=f"{NAME}-{name}",
            Type="application",
            Scheme="internet-facing",
            Subnets=[self._subnets["public-a"], self._subnets["public-b"]],
            SecurityGroups=[group],
        )
        behind = elb.create_target_group(Name=f"{NAME}-{name}", TargetType="instance", Protocol="HTTP", Port=8080, VpcId=self._id)
        arn = behind["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": target} for target in targets])

    def endpoints(self, app: str) -> None:
        """Ways to services of AWS: all lead to the account's own resources only, and that to queues is for the application."""
        self._ec2.modify_vpc_attribute(VpcId=self._id, EnableDnsHostnames={"Value": True})
        to_s3, _ = (
            self._endpoint("Gateway", service, RouteTableIds=[self._tables[False]], PolicyDocument=self._to_own(service))
            for service in ("s3", "dynamodb")
        )
        self._only_through(to_s3, "acme-exports")
        queues = self.group("queues", _from_group(443, app))
        asked = {"SubnetIds": [self._subnets["private-a"]], "SecurityGroupIds": [queues], "PrivateDnsEnabled": True}
        self._endpoint("Interface", "sqs", **asked, PolicyDocument=self._to_own("sqs"))

    def _to_own(self, service: str) -> str:
        own = {"StringEquals": {"aws:ResourceAccount": self._seeder.account}}
        statement = {"Effect": "Allow", "Principal": "*", "Action": f"{service}:*", "Resource": "*", "Condition": own}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def endpoint_in_a_hurry(self) -> None:
        """A way to topics that admits everybody, and that nobody finds."""
        topics = self.group("topics", _from_addresses(443, ANYWHERE))
        self._endpoint("Interface", "sns", SubnetIds=[self._subnets["private-b"]], SecurityGroupIds=[topics], PrivateDnsEnabled=False)

    def _only_through(self, endpoint: str, bucket: str) -> None:
        """Let nobody at a bucket but through an endpoint."""
        both = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        elsewhere = {"StringNotEquals": {"aws:SourceVpce": endpoint}}
        statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": both, "Condition": elsewhere}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._seeder.client("s3", self._region).put_bucket_policy(Bucket=bucket, Policy=policy)

    def _endpoint(self, kind: str, service: str, **asked: Any) -> str:
        asked = {"VpcId": self._id, "VpcEndpointType": kind, "ServiceName": f"com.amazonaws.{self._region}.{service}", **asked}
        made = self._ec2.create_vpc_endpoint(**asked)["VpcEndpoint"]
        for interface in made.get("NetworkInterfaceIds", ()):
            # moto puts it into the default group, whatever is asked for.
            self._ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=asked["SecurityGroupIds"])
        found: str = made["VpcEndpointId"]
        return found


def _jobs(seeder: Seeder, region: str) -> None:
    """A VPC of its own for a function, without any endpoints. moto makes no interfaces for functions."""
    ec2 = seeder.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16", **_tagged("vpc", f"{NAME}-jobs"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.30.0.0/24", AvailabilityZone=f"{region}a", **_tagged("subnet", f"{NAME}-jobs"))["Subnet"]
    _close_default_groups(ec2, {"Name": "vpc-id", "Values": [vpc]})
    name = f"{NAME}-jobs"
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc, **_tagged("security-group", name))["GroupId"]
    interface = ec2.create_network_interface(SubnetId=subnet["SubnetId"], Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]

    def attached(_: str, parsed: dict[str, Any]) -> None:
        for each in parsed["NetworkInterfaces"]:
            if each["NetworkInterfaceId"] == interface:
                described = f"AWS Lambda VPC ENI-{NAME}-jobs"
                each.update(Status="in-use", InterfaceType="lambda", RequesterManaged=True, Description=described)

    seeder.simulated.over("ec2:DescribeNetworkInterfaces", attached)


def _tagged(kind: str, name: str) -> dict[str, Any]:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]}


def _from_addresses(port: int, cidr: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}


def _from_group(port: int, group: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": group}]}
