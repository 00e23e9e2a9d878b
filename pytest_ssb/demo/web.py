"""The demo's web: what CloudFront serves, and buckets that were made websites. moto knows distributions, but not how they ask buckets."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.listeners import CERTIFICATE
from pytest_ssb.demo.network import NAME
from pytest_ssb.demo.seeder import ACCOUNT, Seeder

HOME = "us-east-1"
EDGE = f"arn:aws:wafv2:{HOME}:{ACCOUNT}:global/webacl/{NAME}-edge/1a2b3c4d-1111-2222-3333-444444444444"
INDEX = {"IndexDocument": {"Suffix": "index.html"}}


def seed(seeder: Seeder) -> None:
    """Serve the documents and the application over HTTPS. In the mixed account, parts of the application are older than that, and uploads a website."""
    cloudfront, s3 = seeder.client("cloudfront", HOME), seeder.client("s3", seeder.regions[0])
    signing = {"Name": f"{NAME}-documents", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3"}
    control = cloudfront.create_origin_access_control(OriginAccessControlConfig=signing)["OriginAccessControl"]["Id"]
    invoices, uploads = (_bucket(seeder, name) for name in (f"{NAME}-invoices", f"{NAME}-uploads"))
    _distribution(cloudfront, "documents", [invoices], "TLSv1.2_2021")
    if seeder.clean:
        _distribution(cloudfront, "application", [_server("https-only", "TLSv1.2")], "TLSv1.2_2021", guard=EDGE)
    else:
        _distribution(
            cloudfront,
            "application",
            [_server("http-only", "TLSv1"), uploads],
            "TLSv1_2016",
            _behaviour(f"{NAME}-web", "allow-all", "/api/*"),
            guard=EDGE,
        )
        _distribution(cloudfront, "partners", [_server("https-only", "TLSv1.2")], "TLSv1.2_2021")
        s3.put_bucket_website(Bucket=f"{NAME}-uploads", WebsiteConfiguration=INDEX)
    # Left over from a try: the bucket is private.
    s3.put_bucket_website(Bucket=f"{NAME}-invoices", WebsiteConfiguration=INDEX)

    def tell_of_buckets(region: str, parsed: dict[str, Any]) -> None:
        for distribution in parsed["DistributionList"].get("Items", ()):
            for origin in distribution["Origins"]["Items"]:
                if "CustomOriginConfig" not in origin:
                    shown = control if origin["Id"] == invoices["Id"] else ""
                    origin |= {"S3OriginConfig": {"OriginAccessIdentity": ""}, "OriginAccessControlId": shown}

    seeder.simulated.over("cloudfront:ListDistributions", tell_of_buckets)


def _bucket(seeder: Seeder, name: str) -> dict[str, Any]:
    return {"Id": name, "DomainName": f"{name}.s3.{seeder.regions[0]}.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}


def _server(policy: str, protocol: str) -> dict[str, Any]:
    asked = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": policy, "OriginSslProtocols": {"Quantity": 1, "Items": [protocol]}}
    return {"Id": f"{NAME}-web", "DomainName": "origin.example.com", "CustomOriginConfig": asked}


def _behaviour(origin: str, policy: str = "redirect-to-https", path: str = "") -> dict[str, Any]:
    forwarded = {"QueryString": False, "Cookies": {"Forward": "none"}}
    found = {"TargetOriginId": origin, "ViewerProtocolPolicy": policy, "ForwardedValues": forwarded, "MinTTL": 0}
    return found | ({"PathPattern": path} if path else {})


def _distribution(cloudfront: Any, name: str, origins: list[dict[str, Any]], tls: str, *behaviours: dict[str, Any], guard: str = "") -> None:
    cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": name,
            "Comment": name,
            "Enabled": True,
            "WebACLId": guard,
            "Origins": {"Quantity": len(origins), "Items": origins},
            "DefaultCacheBehavior": _behaviour(origins[0]["Id"]),
            "CacheBehaviors": {"Quantity": len(behaviours), "Items": list(behaviours)} if behaviours else {"Quantity": 0},
            "ViewerCertificate": {"IAMCertificateId": CERTIFICATE, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": tls},
        }
    )
