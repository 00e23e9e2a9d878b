"""What the demo's load balancers listen for: the one of the network's module, one that passes on lines, and two of the first kind that there was."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.network import NAME
from pytest_ssb.demo.seeder import ACCOUNT, Seeder

REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
CERTIFICATE = f"arn:aws:iam::{ACCOUNT}:server-certificate/{NAME}"
MODERN, OLD = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-2016-08"
ONLY_TLS_1_2 = {"Protocol-SSLv3": "false", "Protocol-TLSv1": "false", "Protocol-TLSv1.1": "false", "Protocol-TLSv1.2": "true"}


def seed(seeder: Seeder) -> None:
    """Let everything end TLS by policies of today. In the mixed account the shop still answers HTTP, and the older balancers have the TLS of their time."""
    region = seeder.regions[0]
    elb = seeder.client("elbv2", region)
    (balancer,) = elb.describe_load_balancers(Names=[f"{NAME}-web"])["LoadBalancers"]
    (group,) = elb.describe_target_groups(Names=[f"{NAME}-web"])["TargetGroups"]
    forward = {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
    _listen(elb, balancer, 80, "HTTP", REDIRECT if seeder.clean else forward)
    _listen(elb, balancer, 443, "HTTPS", forward, MODERN if seeder.clean else OLD)
    subnets = [zone["SubnetId"] for zone in balancer["AvailabilityZones"]]
    _lines(elb, subnets, balancer["VpcId"], clean=seeder.clean)
    classic = seeder.client("elb", region)
    _classic(classic, "partners", "HTTPS", subnets, balancer["SecurityGroups"], policy=True)
    if not seeder.clean:
        _classic(classic, "reports", "HTTPS", subnets, balancer["SecurityGroups"])
        _classic(classic, "first", "HTTP", subnets, balancer["SecurityGroups"])
        _status(elb, subnets, balancer["SecurityGroups"])


def _listen(elb: Any, balancer: dict[str, Any], port: int, protocol: str, action: dict[str, Any], policy: str = "") -> None:
    tls = {"SslPolicy": policy, "Certificates": [{"CertificateArn": CERTIFICATE}]} if policy else {}
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Port=port, Protocol=protocol, DefaultActions=[action], **tls)


def _lines(elb: Any, subnets: list[str], vpc: str, clean: bool) -> None:
    behind = elb.create_target_group(Name=f"{NAME}-lines", TargetType="ip", Protocol="TCP", Port=8443, VpcId=vpc)["TargetGroups"][0]
    forward = {"Type": "forward", "TargetGroupArn": behind["TargetGroupArn"]}
    for name, port, policy in (("lines", 443, MODERN), *(() if clean else (("lines-old", 8080, ""),))):
        made = elb.create_load_balancer(Name=f"{NAME}-{name}", Type="network", Scheme="internet-facing", Subnets=subnets)["LoadBalancers"][0]
        _listen(elb, made, port, "TLS" if policy else "TCP", forward, policy)


def _status(elb: Any, subnets: list[str], groups: list[str]) -> None:
    """What somebody made to tell how the shop is doing, and nobody asks for it any more."""
    asked = {"Name": f"{NAME}-status", "Type": "application", "Scheme": "internet-facing", "Subnets": subnets, "SecurityGroups": groups}
    made = elb.create_load_balancer(**asked)["LoadBalancers"][0]
    _listen(elb, made, 443, "HTTPS", {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}, MODERN)


def _classic(elb: Any, name: str, protocol: str, subnets: list[str], groups: list[str], policy: bool = False) -> None:
    port = 443 if protocol == "HTTPS" else 80
    listener = {"Protocol": protocol, "LoadBalancerPort": port, "InstanceProtocol": "HTTP", "InstancePort": 8080}
    name = f"{NAME}-{name}"
    elb.create_load_balancer(
        LoadBalancerName=name,
        Listeners=[listener | ({"SSLCertificateId": CERTIFICATE} if protocol == "HTTPS" else {})],
        Subnets=subnets,
        SecurityGroups=groups,
        Scheme="internet-facing",
    )
    if policy:
        attributes = [{"AttributeName": key, "AttributeValue": value} for key, value in ONLY_TLS_1_2.items()]
        elb.create_load_balancer_policy(
            LoadBalancerName=name, PolicyName="tls-1-2", PolicyTypeName="SSLNegotiationPolicyType", PolicyAttributes=attributes
        )
        elb.set_load_balancer_policies_of_listener(LoadBalancerName=name, LoadBalancerPort=port, PolicyNames=["tls-1-2"])
