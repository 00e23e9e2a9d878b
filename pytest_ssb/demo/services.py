"""The demo's other endpoints for the web: APIs with names of their own, search domains, and an environment that is reached by a load balancer."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.listeners import CERTIFICATE
from pytest_ssb.demo.network import NAME, inside
from pytest_ssb.demo.seeder import Seeder

APPLICATION = f"{NAME}-partners"


def seed(seeder: Seeder) -> None:
    """Allow TLS 1.2 and newer only. In the mixed account the first API and the first search domain are as they were made."""
    region = seeder.regions[0]
    names, searches = {"api.example.com": "TLS_1_2"}, {"products": (True, "Policy-Min-TLS-1-2-PFS-2023-10")}
    apis = {"orders": True}
    if not seeder.clean:
        names["old-api.example.com"] = "TLS_1_0"
        searches["logs"] = (False, "Policy-Min-TLS-1-0-2019-07")
        apis["shop"] = False
    gateway = seeder.client("apigateway", region)
    for name, policy in names.items():
        gateway.create_domain_name(
            domainName=name, regionalCertificateArn=CERTIFICATE, securityPolicy=policy, endpointConfiguration={"types": ["REGIONAL"]}
        )
    for name, off in apis.items():
        gateway.create_rest_api(name=f"{NAME}-{name}", endpointConfiguration={"types": ["REGIONAL"]}, disableExecuteApiEndpoint=off)
    opensearch = seeder.client("opensearch", region)
    for name, (https, policy) in searches.items():
        options = {"EnforceHTTPS": https, "TLSSecurityPolicy": policy}
        place = {"VPCOptions": inside(seeder)} if seeder.clean else {}
        opensearch.create_domain(DomainName=f"{NAME}-{name}", EngineVersion="OpenSearch_2.5", DomainEndpointOptions=options, **place)
    _environment(seeder, region)


def _environment(seeder: Seeder, region: str) -> None:
    """moto knows environments, but not what stands in front of them."""
    beanstalk = seeder.client("elasticbeanstalk", region)
    beanstalk.create_application(ApplicationName=APPLICATION)
    beanstalk.create_environment(ApplicationName=APPLICATION, EnvironmentName=APPLICATION, SolutionStackName="64bit Amazon Linux 2023")

    def resources(asked_in: str, asked: dict[str, Any]) -> dict[str, Any]:
        return {"EnvironmentResources": {"EnvironmentName": asked["EnvironmentName"], "LoadBalancers": [{"Name": f"{NAME}-partners"}]}}

    def settings(asked_in: str, asked: dict[str, Any]) -> dict[str, Any]:
        option = {"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": "STAGE", "Value": "production"}
        return {"ConfigurationSettings": [{"EnvironmentName": asked["EnvironmentName"], "OptionSettings": [option]}]}

    seeder.simulated.instead("elasticbeanstalk:DescribeEnvironmentResources", resources)
    seeder.simulated.instead("elasticbeanstalk:DescribeConfigurationSettings", settings)
