"""The demo's caches, warehouses and brokers, in the private subnets; in the mixed account also one of each in the public ones."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.network import NAME, PUBLIC, inside
from pytest_ssb.demo.seeder import Seeder


def seed(seeder: Seeder) -> None:
    """Fill the first region. moto has no caches or warehouses without servers, and tells of the others only a part."""
    here = _Here(seeder)
    caches = [here.cache("sessions", NAME)]
    here.warehouse("sales", NAME)
    here.broker("orders", public=False)
    if not seeder.clean:
        here.broker("imports", public=True)
        caches.append(here.cache("pages", PUBLIC))
        here.warehouse("trial", PUBLIC)
    seeder.simulated.instead(
        "elasticache:DescribeCacheClusters", lambda region, asked: {"CacheClusters": caches if region == seeder.regions[0] else []}
    )
    seeder.simulated.over("opensearch:DescribeDomains", here.tell_vpc)
    seeder.simulated.instead("elasticache:DescribeServerlessCaches", lambda region, asked: {"ServerlessCaches": []})
    # moto puts a group of its own into the default VPC, which the clean account has none of.
    seeder.simulated.instead("memorydb:DescribeClusters", lambda region, asked: {"Clusters": []})
    seeder.simulated.instead("memorydb:DescribeSubnetGroups", lambda region, asked: {"SubnetGroups": []})
    seeder.simulated.instead("redshift-serverless:ListWorkgroups", lambda region, asked: {"workgroups": []})


class _Here:
    """The first region, with groups of subnets for what is put there."""

    def __init__(self, seeder: Seeder) -> None:
        region = self.region = seeder.regions[0]
        self.account = seeder.account
        self._cache, self._redshift, self._mq = (seeder.client(service, region) for service in ("elasticache", "redshift", "mq"))
        ec2 = seeder.client("ec2", region)
        place = inside(seeder)
        self._subnets, (self.group,) = place["SubnetIds"], place["SecurityGroupIds"]
        self._vpc = ec2.describe_subnets(SubnetIds=self._subnets)["Subnets"][0]["VpcId"]
        for name, kind in ((NAME, "private"),) if seeder.clean else ((NAME, "private"), (PUBLIC, "public")):
            named = [f"{NAME}-{kind}-{zone}" for zone in "ab"]
            found = ec2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": named}])["Subnets"]
            subnets = [each["SubnetId"] for each in found]
            self._cache.create_cache_subnet_group(CacheSubnetGroupName=name, CacheSubnetGroupDescription=kind, SubnetIds=subnets)
            self._redshift.create_cluster_subnet_group(ClusterSubnetGroupName=name, Description=kind, SubnetIds=subnets)

    def cache(self, name: str, subnets: str) -> dict[str, Any]:
        """A cluster as ElastiCache tells it; moto leaves out its security groups, and where its nodes listen."""
        return {
            "ARN": f"arn:aws:elasticache:{self.region}:{self.account}:cluster:{NAME}-{name}",
            "CacheClusterId": f"{NAME}-{name}",
            "CacheClusterStatus": "available",
            "CacheSubnetGroupName": subnets,
            "SecurityGroups": [{"SecurityGroupId": self.group, "Status": "active"}],
            "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": {"Port": 6379}}],
        }

    def warehouse(self, name: str, subnets: str) -> None:
        self._redshift.create_cluster(
            ClusterIdentifier=f"{NAME}-{name}",
            NodeType="ra3.large",
            MasterUsername="acme",
            MasterUserPassword="Correct-horse-9",
            ClusterSubnetGroupName=subnets,
            VpcSecurityGroupIds=[self.group],
            PubliclyAccessible=False,
        )

    def broker(self, name: str, public: bool) -> None:
        self._mq.create_broker(
            BrokerName=f"{NAME}-{name}",
            EngineType="ACTIVEMQ",
            EngineVersion="5.18",
            HostInstanceType="mq.t3.micro",
            DeploymentMode="SINGLE_INSTANCE",
            AutoMinorVersionUpgrade=True,
            PubliclyAccessible=public,
            SubnetIds=self._subnets,
            SecurityGroups=[self.group],
            Users=[{"Username": "acme", "Password": "Correct-horse-9"}],
        )

    def tell_vpc(self, region: str, parsed: dict[str, Any]) -> None:
        """Tell of each search domain that has subnets in which VPC they are: moto does not."""
        for each in parsed["DomainStatusList"]:
            if (each.get("VPCOptions") or {}).get("SubnetIds"):
                each["VPCOptions"]["VPCId"] = self._vpc
