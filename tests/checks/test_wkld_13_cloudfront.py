"""WKLD.13's checks of CloudFront and of the websites behind it, each shown to pass, to fail, and at its edges. moto tells too little of distributions."""

import json
from typing import Any

from botocore.exceptions import ClientError

from tests.support.worlds import Cloud, Expected, world
from tests_workload import test_wkld_13_https as suite

VIEWER, MINIMUM, ORIGIN = suite.test_cloudfront_viewer_https, suite.test_cloudfront_minimum_tls, suite.test_cloudfront_origin_https
CONTROL, WEBSITE = suite.test_cloudfront_s3_origin_access_control, suite.test_s3_website_behind_cloudfront
ALL = (VIEWER, MINIMUM, ORIGIN, CONTROL)
LIST, VPC_ORIGIN, CONTROLS = "cloudfront:ListDistributions", "cloudfront:GetVpcOrigin", "cloudfront:ListOriginAccessControls"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
READ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
TLS_ONLY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def error(operation: str, code: str = "AccessDenied") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation.partition(":")[2])


def denied(aws: Cloud, operation: str) -> None:
    """Deny that call from now on."""
    aws.simulated.instead(operation, lambda region, asked: error(operation))


def several(*items: Any) -> dict[str, Any]:
    return {"Quantity": len(items), "Items": list(items)} if items else {"Quantity": 0}


def behaviour(policy: str = "redirect-to-https", origin: str = "app", path: str = "") -> dict[str, Any]:
    return {"TargetOriginId": origin, "ViewerProtocolPolicy": policy, **({"PathPattern": path} if path else {})}


def server(id: str = "app", policy: str = "https-only", protocols: tuple[str, ...] = ("TLSv1.2",), domain: str = "app.example.com") -> dict[str, Any]:
    """An origin that is somebody's own server."""
    return {"Id": id, "DomainName": domain, "CustomOriginConfig": {"OriginProtocolPolicy": policy, "OriginSslProtocols": several(*protocols)}}


def bucket_origin(id: str, domain: str = "photos.s3.eu-west-1.amazonaws.com", control: str = "", identity: str = "") -> dict[str, Any]:
    return {"Id": id, "DomainName": domain, "S3OriginConfig": {"OriginAccessIdentity": identity}, "OriginAccessControlId": control}


def distribution(
    id: str, *others: dict[str, Any], default: Any = None, origins: Any = (), own: bool = True, tls: str = "TLSv1.2_2021", **more: Any
) -> Any:
    """A distribution as CloudFront lists it; `others` are its behaviours besides the default one."""
    certificate = {"CloudFrontDefaultCertificate": not own, "MinimumProtocolVersion": tls, **({"ACMCertificateArn": CERTIFICATE} if own else {})}
    return {
        "Id": id,
        "ARN": f"arn:aws:cloudfront::123456789012:distribution/{id}",
        "Enabled": True,
        "DefaultCacheBehavior": default or behaviour(),
        "CacheBehaviors": several(*others),
        "Origins": several(*(origins or (server(),))),
        "OriginGroups": several(),
        "ViewerCertificate": certificate,
        **more,
    }


def arn(id: str) -> str:
    return f"arn:aws:cloudfront::123456789012:distribution/{id}"


def listed(aws: Cloud, *distributions: Any, size: int = 100) -> None:
    """Answer these, so many a page."""

    def page(region: str, asked: Any) -> dict[str, Any]:
        at = int(asked.get("Marker") or 0)
        these, more = distributions[at : at + size], at + size < len(distributions)
        return {"DistributionList": {**several(*these), "IsTruncated": more, **({"NextMarker": str(at + size)} if more else {})}}

    aws.simulated.instead(LIST, page)


# --- what all of them must say alike -------------------------------------------------------------------------------------------------------


@world(*ALL)
def test_no_distributions(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", None, "no distributions")}


@world(*ALL)
def test_denied_distributions_are_an_error(aws: Cloud) -> Expected:
    denied(aws, LIST)
    return {aws.account_arn: ("ERROR", None, f"{LIST} is denied")}


@world(*ALL)
def test_distribution_that_is_not_enabled(aws: Cloud) -> Expected:
    plain = behaviour("allow-all")
    listed(aws, distribution("OFF", default=plain, origins=(bucket_origin("app"),), tls="TLSv1", Enabled=False))
    return {arn("OFF"): ("NOT_APPLICABLE", None, "not enabled")}


@world(*ALL)
def test_distribution_that_cannot_be_read_is_an_error(aws: Cloud) -> Expected:
    listed(aws, distribution("ODD", CacheBehaviors={"Quantity": 1}))
    return {arn("ODD"): ("ERROR", None, "Quantity and Items do not agree")}


@world(*ALL)
def test_list_of_which_a_part_is_missing_is_an_error(aws: Cloud) -> Expected:
    aws.simulated.instead(LIST, lambda region, asked: {"DistributionList": {"Quantity": 3, "IsTruncated": False}})
    return {aws.account_arn: ("ERROR", None, "a part is missing")}


@world(*ALL)
def test_list_that_says_that_it_goes_on_is_an_error(aws: Cloud) -> Expected:
    aws.simulated.instead(LIST, lambda region, asked: {"DistributionList": {"Quantity": 0, "IsTruncated": True}})
    return {aws.account_arn: ("ERROR", None, "more pages")}


# --- cloudfront_viewer_https ---------------------------------------------------------------------------------------------------------------


@world(VIEWER)
def test_every_behaviour_is_judged(aws: Cloud) -> Expected:
    plain = behaviour("allow-all", path="/api/*")
    listed(
        aws,
        distribution("GOOD", behaviour("https-only", path="/api/*")),
        distribution("DEFAULT", behaviour(path="/api/*"), default=behaviour("allow-all")),
        distribution("ONE", behaviour(path="/a"), plain, behaviour("allow-all", path="/b"), default=behaviour("https-only")),
        distribution("TENANTS", plain, ConnectionMode="tenant-only"),
        size=1,
    )
    return {
        arn("GOOD"): "PASS",
        arn("DEFAULT"): ("FAIL", "high", "answers over HTTP: default"),
        arn("ONE"): ("FAIL", "high", "answers over HTTP: /api/*, /b"),
        arn("TENANTS"): "FAIL",
    }


@world(VIEWER)
def test_policy_that_nobody_knows_is_an_error(aws: Cloud) -> Expected:
    listed(aws, distribution("ODD", default=behaviour("perhaps")), distribution("GOOD"))
    return {arn("ODD"): ("ERROR", "high", "perhaps"), arn("GOOD"): "PASS"}


def https_by_default_alone(aws: Cloud) -> None:
    """What one tool passes three times: https-only by default, `/api/*` open, an origin that is asked as viewers ask, an old policy."""
    open_api = behaviour("allow-all", path="/api/*")
    listed(aws, distribution("PEER", open_api, default=behaviour("https-only"), origins=(server(policy="match-viewer"),), tls="TLSv1_2016"))


@world(VIEWER, MINIMUM)
def test_https_by_default_alone_is_not_enough(aws: Cloud) -> Expected:
    https_by_default_alone(aws)
    return {arn("PEER"): "FAIL"}


@world(ORIGIN)
def test_origin_behind_https_by_default_alone(aws: Cloud) -> Expected:
    https_by_default_alone(aws)
    return {(arn("PEER"), "app"): ("FAIL", "medium", "asked as viewers ask, and these may ask by HTTP: /api/*")}


# --- cloudfront_minimum_tls ----------------------------------------------------------------------------------------------------------------


@world(MINIMUM)
def test_policies_of_viewers(aws: Cloud) -> Expected:
    good = ("TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025", "TLSv1.3_2031")
    old = ("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016")
    unknown = ("TLSv1.2_2017", "TLSv2_2031", "")
    listed(
        aws,
        *(distribution(f"D{at}", tls=each) for at, each in enumerate((*good, *old, *unknown))),
        distribution("STATIC", tls="TLSv1.2_2018"),
        distribution("DEFAULT", own=False, tls="TLSv1"),
        distribution("IAM", ViewerCertificate={"IAMCertificateId": "ASCA1", "MinimumProtocolVersion": "TLSv1.2_2021"}),
        distribution("NOTHING", ViewerCertificate={"MinimumProtocolVersion": "TLSv1.2_2021"}),
        distribution("TENANTS", own=False, ConnectionMode="tenant-only"),
        distribution("OLDTENANTS", own=False, tls="TLSv1_2016", ConnectionMode="tenant-only"),
    )
    verdicts: Expected = {arn(f"D{at}"): "PASS" for at in range(5)}
    verdicts |= {arn(f"D{at}"): ("FAIL", "medium", "allows protocols before TLS 1.2") for at in range(5, 9)}
    verdicts |= {arn(f"D{at}"): ("ERROR", "medium", "says nothing to us") for at in range(9, 12)}
    return verdicts | {
        arn("STATIC"): ("FAIL", "low", "TLSv1.2_2018 has ciphers without forward secrecy"),
        arn("DEFAULT"): ("FAIL", "low", "CloudFront's own certificate"),
        arn("IAM"): "PASS",
        arn("NOTHING"): ("ERROR", "medium", "by which certificate"),
        arn("TENANTS"): "PASS",
        arn("OLDTENANTS"): ("FAIL", "medium", "allows protocols"),
    }


# --- cloudfront_origin_https ---------------------------------------------------------------------------------------------------------------


@world(ORIGIN)
def test_servers_are_judged_by_how_they_are_asked(aws: Cloud) -> Expected:
    wise = (
        server("app"),
        server("plain", "http-only"),
        server("viewer", "match-viewer"),
        server("open", "match-viewer"),
        server("grouped", "match-viewer"),
        server("old", protocols=("TLSv1.2", "TLSv1.1")),
        server("strange", protocols=("TLSv9",)),
        server("silent", protocols=()),
    )
    group = {"Id": "pair", "Members": several({"OriginId": "app"}, {"OriginId": "grouped"})}
    ways = (behaviour(origin="viewer", path="/v"), behaviour("allow-all", "open", "/o"), behaviour("allow-all", "pair", "/g"))
    untold = [{"Id": "untold", "DomainName": "app.example.com"}]
    listed(aws, distribution("WAYS", *ways, origins=(*wise, *untold), OriginGroups=several(group)))
    return {(arn("WAYS"), item): verdict for item, verdict in {
        "app": "PASS",
        "viewer": "PASS",
        "plain": ("FAIL", "medium", "asked by HTTP always"),
        "open": ("FAIL", "medium", "these may ask by HTTP: /o"),
        "grouped": ("FAIL", "medium", "these may ask by HTTP: /g"),
        "old": ("FAIL", "medium", "asked by TLSv1.1, too"),
        "strange": ("ERROR", "medium", "TLSv9 is no protocol that we know"),
        "silent": ("ERROR", "medium", "not told which protocols"),
        "untold": ("ERROR", "medium", "not told how the origin is asked"),
    }.items()}  # fmt: skip


@world(ORIGIN)
def test_buckets_as_origins(aws: Cloud) -> Expected:
    website = server("website", "http-only", domain="photos.s3-website-eu-west-1.amazonaws.com")
    dotted = server("dotted", "http-only", domain="photos.s3-website.eu-central-1.amazonaws.com")
    by_hand = server("by-hand", "http-only", domain="photos.s3.amazonaws.com")
    listed(aws, distribution("BUCKETS", origins=(bucket_origin("rest"), website, dotted, by_hand)))
    return {
        (arn("BUCKETS"), "rest"): ("PASS", "medium", "asked by HTTPS for whoever comes by HTTPS"),
        (arn("BUCKETS"), "website"): ("NOT_APPLICABLE", "medium", "the website of a bucket"),
        (arn("BUCKETS"), "dotted"): "NOT_APPLICABLE",
        (arn("BUCKETS"), "by-hand"): ("FAIL", "medium", "asked by HTTP always"),
    }


@world(ORIGIN)
def test_origins_in_a_vpc(aws: Cloud) -> Expected:
    names = ("good", "plain", "viewer", "gone", "odd", "silent")
    found = [{"Id": each, "DomainName": "internal.example.com", "VpcOriginConfig": {"VpcOriginId": f"vo_{each}"}} for each in names]
    listed(aws, distribution("OFF", Enabled=False), distribution("VPC", behaviour("allow-all", "viewer", "/v"), origins=found))
    policies = {"good": "https-only", "plain": "http-only", "viewer": "match-viewer", "odd": "sometimes"}

    def vpc_origin(region: str, asked: Any) -> Any:
        name = asked["url_path"].rpartition("vo_")[2]
        if name == "gone":
            return error(VPC_ORIGIN, "EntityNotFound")
        config = {"Name": name, "OriginProtocolPolicy": policies.get(name), "OriginSslProtocols": several("TLSv1.2")}
        return {"VpcOrigin": {"Id": f"vo_{name}", **({"VpcOriginEndpointConfig": config} if name in policies else {})}}

    aws.simulated.instead(VPC_ORIGIN, vpc_origin)
    off = {arn("OFF"): "NOT_APPLICABLE"}
    return off | {(arn("VPC"), item): verdict for item, verdict in {
        "good": "PASS",
        "plain": ("FAIL", "low", "asked by HTTP always"),
        "viewer": ("FAIL", "low", "these may ask by HTTP: /v"),
        "gone": ("ERROR", "low", VPC_ORIGIN),
        "odd": ("ERROR", "low", "sometimes"),
        "silent": ("ERROR", "low", "without VpcOriginEndpointConfig"),
    }.items()}  # fmt: skip


# --- cloudfront_s3_origin_access_control ---------------------------------------------------------------------------------------------------


def controls(aws: Cloud, **signing: str) -> None:
    """The account's origin access controls, by how they sign."""
    found = [{"Id": id, "Name": id, "SigningBehavior": behavior} for id, behavior in signing.items()]
    aws.simulated.instead(CONTROLS, lambda region, asked: {"OriginAccessControlList": {**several(*found), "IsTruncated": False}})


@world(CONTROL)
def test_buckets_are_judged_by_what_lets_cloudfront_in(aws: Cloud) -> Expected:
    controls(aws, E1="always", E2="never", E3="no-override", E5="sometimes")
    listed(
        aws,
        distribution("OFF", Enabled=False),
        distribution(
            "ALL",
            origins=(
                bucket_origin("control", control="E1"),
                bucket_origin("clients", control="E3"),
                bucket_origin("identity", identity="origin-access-identity/cloudfront/E4"),
                bucket_origin("nothing"),
                bucket_origin("never", control="E2"),
                bucket_origin("foreign", control="E9"),
                bucket_origin("odd", control="E5"),
                bucket_origin("lambda", "mylambda-123456789012.s3-object-lambda.eu-west-1.amazonaws.com"),
                server("by-hand", domain="photos.s3.dualstack.eu-west-1.amazonaws.com"),
                server("website", "http-only", domain="photos.s3-website-eu-west-1.amazonaws.com"),
                server("app"),
            ),
        ),
    )
    off = {arn("OFF"): "NOT_APPLICABLE"}
    bad, none = ("FAIL", "medium", "neither origin access control nor identity"), ("NOT_APPLICABLE", "medium", "no bucket")
    return off | {(arn("ALL"), item): verdict for item, verdict in {
        "control": "PASS",
        "clients": "PASS",
        "identity": ("PASS", "medium", "origin access control is its successor"),
        "nothing": bad,
        "lambda": bad,
        "by-hand": bad,
        "never": ("FAIL", "medium", "an origin access control that never signs"),
        "foreign": ("ERROR", "medium", "does not show its origin access control E9"),
        "odd": ("ERROR", "medium", "sometimes"),
        "website": none,
        "app": none,
    }.items()}  # fmt: skip


@world(CONTROL)
def test_bucket_that_is_public_on_purpose_behind_https(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["photos"]})
    listed(
        aws,
        distribution("GOOD", origins=(bucket_origin("photos"),), default=behaviour(origin="photos")),
        distribution("PLAIN", origins=(bucket_origin("photos"),), default=behaviour("allow-all", "photos")),
        distribution("OTHER", origins=(bucket_origin("other", "other.s3.amazonaws.com"), bucket_origin("far", "d111111abcdef8.example.com"))),
    )
    return {
        (arn("GOOD"), "photos"): ("PASS", "medium", "buckets.public = photos"),
        (arn("PLAIN"), "photos"): "FAIL",
        (arn("OTHER"), "other"): "FAIL",
        (arn("OTHER"), "far"): "FAIL",
    }


@world(CONTROL)
def test_bucket_that_is_public_on_purpose_by_its_tag(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["tag:open=yes"]})
    names = ("photos", "drafts", "bare", "gone")
    for name in ("photos", "drafts", "bare", "beside"):
        bucket(aws, name)
    for name, value in (("photos", "yes"), ("drafts", "no")):
        aws.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "open", "Value": value}]})
    origins = tuple(bucket_origin(each, f"{each}.s3.eu-west-1.amazonaws.com") for each in names)
    listed(aws, distribution("TAGS", origins=(*origins, server("app"))))
    return {
        (arn("TAGS"), "photos"): ("PASS", "medium", "buckets.public = tag:open=yes"),
        **{(arn("TAGS"), each): "FAIL" for each in names[1:]},
        (arn("TAGS"), "app"): "NOT_APPLICABLE",
    }


@world(CONTROL)
def test_denied_controls_are_an_error(aws: Cloud) -> Expected:
    listed(aws, distribution("MIXED", origins=(bucket_origin("control", control="E1"), bucket_origin("nothing"))))
    denied(aws, CONTROLS)
    return {(arn("MIXED"), "control"): ("ERROR", "medium", f"{CONTROLS} is denied"), (arn("MIXED"), "nothing"): "FAIL"}


# --- s3_website_behind_cloudfront ----------------------------------------------------------------------------------------------------------


def bucket(aws: Cloud, name: str, *statements: dict[str, Any], website: Any = None, region: str = "eu-west-1") -> str:
    """A bucket whose ACLs have no effect, its ARN."""
    s3 = aws.client("s3", region)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    if statements:
        resources = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
        policy = {"Version": "2012-10-17", "Statement": [{"Resource": resources, **each} for each in statements]}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    if website:
        s3.put_bucket_website(Bucket=name, WebsiteConfiguration=website)
    return f"arn:aws:s3:::{name}"


INDEX = {"IndexDocument": {"Suffix": "index.html"}}


def redirecting(protocol: str = "") -> dict[str, Any]:
    return {"RedirectAllRequestsTo": {"HostName": "www.example.com", **({"Protocol": protocol} if protocol else {})}}


def front(id: str, domain: str, default: Any = None, **more: Any) -> Any:
    """A distribution of one origin."""
    return distribution(id, default=default or behaviour(), origins=(server("app", "http-only", domain=domain),), **more)


@world(WEBSITE)
def test_websites_are_judged_by_who_gets_there_and_how(aws: Cloud) -> Expected:
    listed(
        aws,
        front("DASH", "dash.s3-website-eu-west-1.amazonaws.com"),
        front("DOT", "dot.s3-website.eu-west-1.amazonaws.com"),
        front("REST", "rest.s3.eu-west-1.amazonaws.com"),
        front("PLAIN", "plain.s3-website-eu-west-1.amazonaws.com", behaviour("allow-all")),
        front("OFF", "off.s3-website-eu-west-1.amazonaws.com", Enabled=False),
        front("IDLE", "idle.s3-website-eu-west-1.amazonaws.com", behaviour(origin="else")),
        front("OTHER", "other-alone.s3-website-eu-west-1.amazonaws.com"),
    )
    made = {name: bucket(aws, name, READ, website=INDEX) for name in ("dash", "dot", "rest", "plain", "off", "idle", "alone")}
    return {
        made["dash"]: ("PASS", "high", "served over HTTPS only by DASH"),
        made["dot"]: ("PASS", "high", "by DOT"),
        made["rest"]: ("PASS", "high", "by REST"),
        **dict.fromkeys((made[name] for name in ("plain", "off", "idle", "alone")), ("FAIL", "high", "by the policy, and no distribution")),
        bucket(aws, "secure", READ, website=redirecting("https")): ("PASS", "high", "redirect to HTTPS"),
        bucket(aws, "insecure", READ, website=redirecting("http")): "FAIL",
        bucket(aws, "unsure", READ, website=redirecting()): "FAIL",
        bucket(aws, "private", website=INDEX): ("PASS", "high", "serves nobody"),
        bucket(aws, "none", READ): ("NOT_APPLICABLE", "high", "no website"),
    }


@world(WEBSITE)
def test_buckets_that_are_public_on_purpose_deny_plain_http(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["good", "bare", "some*", "half", "narrow", "folder", "reverse", "site"]})
    someone = TLS_ONLY | {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
    narrow = TLS_ONLY | {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalAccount": "111122223333"}}}
    bad = ("FAIL", "low", "no statement denies that")
    return {
        bucket(aws, "good", READ, TLS_ONLY): ("PASS", "low", "buckets.public = good"),
        bucket(aws, "bare"): bad,
        bucket(aws, "someone", READ, someone): bad,
        bucket(aws, "half", READ, TLS_ONLY | {"Action": "s3:PutObject"}): bad,
        bucket(aws, "narrow", READ, narrow): bad,
        bucket(aws, "folder", READ, TLS_ONLY | {"Resource": "arn:aws:s3:::folder"}): bad,
        bucket(aws, "reverse", READ, TLS_ONLY | {"Effect": "Allow"}): bad,
        bucket(aws, "site", READ, website=INDEX): ("FAIL", "high", "no distribution"),
        bucket(aws, "undeclared", READ): "NOT_APPLICABLE",
    }


@world(WEBSITE)
def test_bucket_that_is_declared_by_its_tag(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["tag:open=yes"]})
    open_one, other = bucket(aws, "open", READ), bucket(aws, "other", READ)
    aws.client("s3").put_bucket_tagging(Bucket="open", Tagging={"TagSet": [{"Key": "open", "Value": "yes"}]})
    return {open_one: ("FAIL", "low", "no statement denies that"), other: "NOT_APPLICABLE"}


@world(WEBSITE)
def test_website_of_which_something_is_denied_is_an_error(aws: Cloud) -> Expected:
    public, redirect = bucket(aws, "public", READ, website=INDEX), bucket(aws, "redirect", READ, website=redirecting("https"))
    denied(aws, LIST)
    return {public: ("ERROR", "high", f"{LIST} is denied"), redirect: "PASS"}


@world(WEBSITE)
def test_website_that_may_be_behind_a_distribution_that_cannot_be_read(aws: Cloud) -> Expected:
    public, served = bucket(aws, "public", READ, website=INDEX), bucket(aws, "served", READ, website=INDEX)
    listed(aws, distribution("ODD", CacheBehaviors={"Quantity": 1}), front("GOOD", "served.s3-website-eu-west-1.amazonaws.com"))
    return {public: ("ERROR", "high", "Quantity and Items do not agree"), served: "PASS"}


@world(WEBSITE)
def test_denied_websites_are_an_error(aws: Cloud) -> Expected:
    silent = bucket(aws, "silent", READ, website=INDEX)
    denied(aws, "s3:GetBucketWebsite")
    return {silent: ("ERROR", "high", "s3:GetBucketWebsite is denied")}


@world(WEBSITE)
def test_denied_openings_of_a_website_are_an_error(aws: Cloud) -> Expected:
    closed, redirect = bucket(aws, "closed", website=INDEX), bucket(aws, "served", READ, website=INDEX)
    listed(aws, front("GOOD", "served.s3-website-eu-west-1.amazonaws.com"))
    denied(aws, "s3:GetBucketPolicyStatus")
    return {closed: ("ERROR", "high", "s3:GetBucketPolicyStatus is denied"), redirect: "PASS"}


@world(WEBSITE)
def test_policy_of_a_declared_bucket_that_is_denied_is_an_error(aws: Cloud) -> Expected:
    aws.facts(buckets={"public": ["good"]})
    good = bucket(aws, "good", READ, TLS_ONLY)
    denied(aws, "s3:GetBucketPolicy")
    return {good: ("ERROR", "high", "s3:GetBucketPolicy is denied")}


@world(WEBSITE)
def test_website_that_cannot_be_read_is_an_error(aws: Cloud) -> Expected:
    odd = bucket(aws, "odd", READ, website=redirecting("https"))
    aws.simulated.over("s3:GetBucketWebsite", lambda region, parsed: parsed["RedirectAllRequestsTo"].update(Protocol="gopher"))
    return {odd: ("ERROR", "high", "gopher")}


@world(WEBSITE)
def test_bucket_that_has_vanished_leaves_no_finding(aws: Cloud) -> Expected:
    bucket(aws, "gone", READ, website=INDEX)
    aws.simulated.instead("s3:GetBucketWebsite", lambda region, asked: error("s3:GetBucketWebsite", "NoSuchBucket"))
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "gone when it was looked at")}


@world(WEBSITE)
def test_denied_buckets_are_an_error(aws: Cloud) -> Expected:
    denied(aws, "s3:ListBuckets")
    return {aws.account_arn: ("ERROR", "high", "s3:ListBuckets is denied")}


@world(WEBSITE)
def test_no_buckets(aws: Cloud) -> Expected:
    return {aws.account_arn: ("NOT_APPLICABLE", "high", "no buckets")}


# --- the edges -----------------------------------------------------------------------------------------------------------------------------

ALIKE: dict[str, Any] = {
    "NOT_APPLICABLE: none, or not enabled": (test_no_distributions, test_distribution_that_is_not_enabled),
    "ERROR: the list is denied, or not whole": (
        test_denied_distributions_are_an_error,
        test_list_of_which_a_part_is_missing_is_an_error,
        test_list_that_says_that_it_goes_on_is_an_error,
    ),
    "ERROR: one that cannot be read": test_distribution_that_cannot_be_read_is_an_error,
}
EDGES: dict[str, dict[str, Any]] = {
    "cloudfront_viewer_https": ALIKE
    | {
        "PASS and FAIL: by every behaviour, of tenants too, on every page": test_every_behaviour_is_judged,
        "FAIL: https-only by default, and `/api/*` open": test_https_by_default_alone_is_not_enough,
        "ERROR: a policy that nobody knows": test_policy_that_nobody_knows_is_an_error,
    },
    "cloudfront_minimum_tls": ALIKE
    | {
        "PASS: from TLSv1.2_2019 on, also by names to come": test_policies_of_viewers,
        "FAIL medium: older; FAIL low: TLSv1.2_2018; FAIL low: CloudFront's own certificate": test_policies_of_viewers,
        "FAIL: an old policy with an own certificate": test_https_by_default_alone_is_not_enough,
        "tenants have certificates of their own": test_policies_of_viewers,
        "ERROR: an unknown policy, or no certificate": test_policies_of_viewers,
    },
    "cloudfront_origin_https": ALIKE
    | {
        "PASS and FAIL: https-only, http-only, match-viewer by the behaviours that lead there, also by groups": (
            test_servers_are_judged_by_how_they_are_asked,
            test_origin_behind_https_by_default_alone,
        ),
        "FAIL: protocols before TLS 1.2": test_servers_are_judged_by_how_they_are_asked,
        "PASS: a bucket; NOT_APPLICABLE: a bucket's website": test_buckets_as_origins,
        "an origin in a VPC, FAIL low": test_origins_in_a_vpc,
        "ERROR: what is not told": (test_servers_are_judged_by_how_they_are_asked, test_origins_in_a_vpc),
    },
    "cloudfront_s3_origin_access_control": ALIKE
    | {
        "PASS: control, or identity with a note": test_buckets_are_judged_by_what_lets_cloudfront_in,
        "FAIL: neither, or a control that never signs": test_buckets_are_judged_by_what_lets_cloudfront_in,
        "PASS: public on purpose, by name or tag, behind HTTPS only": (
            test_bucket_that_is_public_on_purpose_behind_https,
            test_bucket_that_is_public_on_purpose_by_its_tag,
        ),
        "NOT_APPLICABLE: no bucket": test_buckets_are_judged_by_what_lets_cloudfront_in,
        "ERROR: the controls are denied, or do not show one": (
            test_denied_controls_are_an_error,
            test_buckets_are_judged_by_what_lets_cloudfront_in,
        ),
    },
    "s3_website_behind_cloudfront": {
        "PASS: served over HTTPS only by an enabled distribution, in each form of its name": test_websites_are_judged_by_who_gets_there_and_how,
        "PASS: redirects to HTTPS; serves nobody": test_websites_are_judged_by_who_gets_there_and_how,
        "FAIL: no such distribution": test_websites_are_judged_by_who_gets_there_and_how,
        "PASS and FAIL low: no website, public on purpose, by name or tag": (
            test_buckets_that_are_public_on_purpose_deny_plain_http,
            test_bucket_that_is_declared_by_its_tag,
        ),
        "NOT_APPLICABLE: no website; no buckets": (test_websites_are_judged_by_who_gets_there_and_how, test_no_buckets),
        "ERROR: what is denied": (
            test_website_of_which_something_is_denied_is_an_error,
            test_denied_websites_are_an_error,
            test_denied_openings_of_a_website_are_an_error,
            test_policy_of_a_declared_bucket_that_is_denied_is_an_error,
            test_denied_buckets_are_an_error,
        ),
        "ERROR: what cannot be read": (
            test_website_that_may_be_behind_a_distribution_that_cannot_be_read,
            test_website_that_cannot_be_read_is_an_error,
        ),
        "dropped: vanished since it was listed": test_bucket_that_has_vanished_leaves_no_finding,
    },
}
