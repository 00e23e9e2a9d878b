"""Whom policies let in: known cases, each edge of the rules by itself, and what must hold of every policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssb.policies import ResourceDocument, matches
from pytest_ssb.policy_access import Access, evaluate
from pytest_ssb.policy_circle import Circle, Reach
from pytest_ssb.policy_conditions import Mode
from pytest_ssb.policy_patterns import contains, disjoint

OWN, TRUSTED, STRANGER, ORGANIZATION = "111111111111", "222222222222", "999999999999", "o-abcdefghij"
CIRCLE = Circle(
    OWN,
    ORGANIZATION,
    accounts=frozenset({TRUSTED}),
    organizations=frozenset({"o-trusted000"}),
    networks=frozenset({"vpc-1", "vpce-1a2b3c4d"}),
    canonical_users=frozenset({"f" * 64}),
    cidrs=("20.0.0.0/12",),
)
OK, DEPUTY, ASKED, WIDE, EXTERNAL, OPEN = Reach
WORDS = {"ok": OK, "confused-deputy": DEPUTY, "external": EXTERNAL, "open": OPEN}


def access(*statements: Any, mode: Mode = "resource", circle: Circle = CIRCLE) -> Access:
    """What is said of the statements."""
    return evaluate(msgspec.convert({"Version": "2012-10-17", "Statement": list(statements)}, ResourceDocument).statements, circle, mode)


def reach(*statements: Any, mode: Mode = "resource") -> Reach:
    return access(*statements, mode=mode).reach


def allow(principal: Any = "*", condition: Any = None, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"} | more
    return statement | ({"Condition": condition} if condition else {})


def deny(condition: Any = None, principal: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(principal, condition, Effect="Deny", **more)


# --- known cases ---------------------------------------------------------------------------------------------------------------------------

CASES = json.loads((Path(__file__).parent / "data" / "policy_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_a_known_case(case: dict[str, Any]) -> None:
    assert (CASES["context"]["account"], CASES["context"]["organization"]) == (OWN, ORGANIZATION)
    trust = "sts:" in str(case["policy"])
    assert access(*case["policy"]["Statement"], mode="trust" if trust else "resource").reach is WORDS[case["expected"]]


# --- principals ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"AWS": f"arn:aws:iam::{OWN}:root"}, OK),
        ({"AWS": [OWN, TRUSTED]}, OK),
        ({"AWS": [OWN, STRANGER]}, EXTERNAL),
        ({"AWS": f"arn:aws-cn:iam::{TRUSTED}:role/a"}, OK),
        ({"AWS": f"arn:aws:sts::{STRANGER}:assumed-role/a/b"}, EXTERNAL),
        ({"AWS": "arn:aws:iam::*:root"}, OPEN),
        ({"AWS": "arn:aws:iam::11111111111?:root"}, OPEN),
        ({"AWS": "AROAEXAMPLEEXAMPLE12"}, OK),
        ({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}, OK),
        ({"CanonicalUser": "f" * 64}, OK),
        ({"CanonicalUser": "e" * 64}, EXTERNAL),
        ({"Service": "sns.amazonaws.com", "AWS": OWN}, DEPUTY),
        ({"Service": "*"}, OPEN),
        ({"AWS": []}, OK),
    ],
)
def test_principals(principal: Any, expected: Reach) -> None:
    assert reach(allow(principal)) is expected


def test_everyone_but_some_is_everyone() -> None:
    statement = allow()
    statement["NotPrincipal"] = {"AWS": statement.pop("Principal") and STRANGER}
    assert reach(statement) is OPEN


@pytest.mark.parametrize("principal", [{"Robot": "r2"}, {"AWS": "arn:aws:iam::root"}, {"AWS": "arn:aws:iam::aws:root"}, "me"])
def test_a_principal_of_an_unknown_kind_is_no_verdict(principal: Any) -> None:
    with pytest.raises(ValueError, match="is not known"):
        access(allow(principal))


def test_accounts_that_deliver_logs_may_write_them_and_nothing_else() -> None:
    balancers = {"AWS": "arn:aws:iam::156460612806:root"}
    assert reach(allow(balancers, Action=["s3:PutObject", "s3:GetBucketAcl"])) is OK
    assert reach(allow(balancers, Action=["s3:PutObject", "s3:GetObject"])) is EXTERNAL
    statement = allow(balancers)
    statement["NotAction"] = statement.pop("Action")
    assert reach(statement) is EXTERNAL


# --- conditions of an Allow ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-trusted000"}}, OK),
        ({"StringEquals": {"aws:PrincipalOrgID": [ORGANIZATION, "o-zzzzzzzzzz"]}}, EXTERNAL),
        ({"StringEquals": {"aws:PrincipalOrgID": []}}, OPEN),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}}, OPEN),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}, "Null": {"aws:PrincipalOrgID": "false"}}, OK),
        ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"}, "Null": {"aws:PrincipalOrgPaths": False}}, OK),
        ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"}, "Null": {"aws:PrincipalOrgPaths": True}}, OPEN),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}}, OPEN),
        ({"Bool": {"aws:PrincipalOrgID": ORGANIZATION}}, OPEN),
        ({"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}, OPEN),
        ({"StringEquals": {"aws:SourceAccount": TRUSTED}}, OK),
        ({"StringEquals": {"kms:CallerAccount": STRANGER}}, EXTERNAL),
        ({"StringEquals": {"kms:CallerAccount": OWN, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, OK),
        ({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, OPEN),
        ({"StringLike": {"aws:PrincipalAccount": "1111*"}}, OPEN),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/*"}}, OK),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{STRANGER}:*"}}, EXTERNAL),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::logs-*"}}, OPEN),
        ({"ArnLike": {"aws:SourceArn": "arn:*"}}, OPEN),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, OK),
        ({"StringEquals": {"aws:SourceVpc": "vpc-2"}}, EXTERNAL),
        ({"StringEquals": {"aws:SourceVpce": ["vpce-1a2b3c4d", "vpce-9"]}}, EXTERNAL),
        ({"StringLike": {"aws:SourceVpce": "vpce-*"}}, OPEN),
        ({"StringLike": {"aws:userid": "AROAEXAMPLEEXAMPLE12:*"}}, OK),
        ({"StringLike": {"aws:userid": "*:session"}}, OPEN),
        ({"StringEquals": {"aws:userid": STRANGER}}, EXTERNAL),
        ({"StringEquals": {"s3:DataAccessPointAccount": OWN}}, OK),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, DEPUTY),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, OPEN),
        ({"StringEquals": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"}}, DEPUTY),
        ({"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}}, OPEN),
        ({"StringLike": {"sns:Endpoint": "*@example.com"}}, OK),
        ({"StringLike": {"sns:Endpoint": "https://example.com/*"}}, OK),
        ({"StringLike": {"sns:Endpoint": "https://*.com"}}, OPEN),
        ({"StringLike": {"sns:Endpoint": "*"}}, OPEN),
    ],
)
def test_conditions(condition: Any, expected: Reach) -> None:
    assert reach(allow("*", condition)) is expected


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ("203.0.113.0/24", OK),
        ("203.0.0.0/16", OK),
        (["203.0.0.0/17", "203.0.128.0/17"], OK),
        ("52.0.0.0/8", WIDE),
        ("52.0.0.0/15", WIDE),
        (["52.0.0.0/16", "52.1.0.0/16"], WIDE),
        (["52.1.0.0/16", "52.2.0.0/16"], OK),
        ("10.0.0.0/8", OK),
        ("20.0.0.0/12", OK),
        ("20.0.0.0/11", WIDE),
        ("2001:db8::/32", OK),
        ("2001:db8::/31", OPEN),
        ([f"{first}.0.0.0/8" for first in range(1, 255, 2)], WIDE),
        ([f"{first}.0.0.0/8" for first in (*range(1, 255, 2), 2)], OPEN),
        ("everywhere", OPEN),
        ("203.0.*", OPEN),
    ],
)
def test_addresses(addresses: Any, expected: Reach) -> None:
    assert reach(allow("*", {"IpAddress": {"aws:SourceIp": addresses}})) is expected
    assert reach(allow("*", {"StringLike": {"aws:SourceIp": addresses}})) is OPEN, "an address is compared as an address"


def test_any_value_suffices_and_every_key_must_hold() -> None:
    foreign, own = {"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}, {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/a"}}
    assert reach(allow("*", foreign | own)) is OK
    assert reach(allow("*", foreign), allow("*", own)) is EXTERNAL, "each statement for itself"


def test_the_organization_is_looked_at_only_where_it_matters() -> None:
    class Denied:
        def __eq__(self, other: object) -> bool:
            raise PermissionError

        __hash__ = None  # type: ignore[assignment]

    unread: Any = Denied()
    circle = Circle(OWN, unread, organizations=frozenset({"o-trusted000"}))
    with pytest.raises(PermissionError):
        access(allow("*", {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}), circle=circle)
    assert access(allow("*", {"StringEquals": {"aws:PrincipalOrgID": "o-trusted000"}}), circle=circle).reach is OK
    both = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalAccount": OWN}}
    assert access(allow("*", both), circle=circle).reach is OK


def test_an_account_without_organization_has_none_of_its_own() -> None:
    assert access(allow("*", {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}), circle=Circle(OWN)).reach is EXTERNAL


# --- services ------------------------------------------------------------------------------------------------------------------------------


def test_a_service_is_held_to_whom_it_acts_for() -> None:
    sns = {"Service": "sns.amazonaws.com"}
    assert reach(allow(sns, {"StringEquals": {"aws:SourceOrgID": ORGANIZATION}})) is OK
    assert reach(allow(sns, {"StringEquals": {"aws:SourceAccount": STRANGER}})) is DEPUTY, "no wider than without the condition"
    assert access(allow(sns), allow("*")).services == ("sns.amazonaws.com",)


# --- roles ---------------------------------------------------------------------------------------------------------------------------------

PROVIDERS = f"arn:aws:iam::{OWN}:oidc-provider/"
GITHUB, GITLAB, TERRAFORM = "token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io"


def web(issuer: str, claim: str, value: Any, operator: str = "StringLike", **more: Any) -> dict[str, Any]:
    """A trust in an issuer's users with that claim."""
    provider = issuer if issuer.startswith(("cognito", "accounts")) else PROVIDERS + issuer
    condition = {operator: {f"{issuer}:{claim}": value}}
    return {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition | more}


@pytest.mark.parametrize(
    ("issuer", "claim", "value", "expected"),
    [
        *((GITHUB, "sub", value, OPEN) for value in ("repo:*/*", "repo:*/infra:*", "repo:acme*", "repo:acme*/infra:*", "r*", "repo:ac?e/a:*", "*")),
        *((GITHUB, "sub", value, OK) for value in ("repo:acme/*", "repo:acme/infra:ref:refs/heads/main", ["repo:acme/a:*", "repo:acme/b:*"])),
        (GITHUB, "sub", ["repo:acme/a:*", "repo:*"], OPEN),
        (GITHUB, "sub", [], OPEN),
        (GITHUB, "repository_owner", "acme", OK),
        (GITHUB, "repository_owner", "acme*", OPEN),
        (GITHUB, "actor", "ana", OPEN),
        (GITLAB, "sub", "project_path:acme/infra:*", OK),
        (GITLAB, "sub", "project_path:acme*/infra:*", OPEN),
        (TERRAFORM, "sub", "organization:acme:project:*", OK),
        (TERRAFORM, "sub", "organization:acme*:project:*", OPEN),
        ("acme.okta.com", "sub", "*", OPEN),
        ("acme.okta.com", "sub", "00u1", OK),
        ("acme.okta.com", "sub", "00u*", OPEN),
        ("accounts.google.com", "aud", "client.apps.googleusercontent.com", OK),
        ("accounts.google.com", "email", "*", OPEN),
        ("oidc.eks.eu-west-1.amazonaws.com/id/A1", "aud", "sts.amazonaws.com", OK),
    ],
)
def test_issuers(issuer: str, claim: str, value: Any, expected: Reach) -> None:
    assert reach(web(issuer, claim, value), mode="trust") is expected


@pytest.mark.parametrize("operator", ["StringLikeIfExists", "ForAllValues:StringLike", "StringNotLike", "Null"])
def test_a_claim_must_be_there(operator: str) -> None:
    assert reach(web(GITHUB, "sub", "repo:acme/*", operator), mode="trust") is OPEN
    assert reach(web(GITHUB, "sub", "repo:acme/*", "ForAnyValue:StringLike"), mode="trust") is OK


@pytest.mark.parametrize(
    ("amr", "expected"),
    [
        ({"ForAnyValue:StringLike": "authenticated"}, OK),
        ({"ForAnyValue:StringLike": "unauthenticated"}, ASKED),
        ({"ForAnyValue:StringLike": "*"}, ASKED),
    ],
)
def test_guests_of_an_identity_pool_are_asked_about(amr: Any, expected: Reach) -> None:
    issuer = "cognito-identity.amazonaws.com"
    lines = {operator: {f"{issuer}:amr": value} for operator, value in amr.items()}
    assert reach(web(issuer, "aud", "eu-west-1:1", "StringEquals", **lines), mode="trust") is expected
    assert reach(web(issuer, "aud", "eu-west-1:1", "StringEquals"), mode="trust") is ASKED
    assert reach(web(issuer, "aud", "*"), mode="trust") is OPEN


def test_saml_is_of_the_account_that_has_the_provider() -> None:
    assert reach(allow({"Federated": f"arn:aws:iam::{OWN}:saml-provider/sso"}), mode="trust") is OK
    assert reach(allow({"Federated": f"arn:aws:iam::{STRANGER}:saml-provider/sso"}), mode="trust") is EXTERNAL
    assert reach(allow({"Federated": "arn:aws:iam::*:saml-provider/sso"}), mode="trust") is OPEN
    assert reach(allow({"Federated": f"{PROVIDERS}*"}), mode="trust") is OPEN


def test_an_external_id_is_asked_about_and_stops_nobody_else() -> None:
    id = {"StringEquals": {"sts:ExternalId": "acme-1"}}
    vendor = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    assert reach(allow(vendor, id), mode="trust") is ASKED
    assert reach(allow(vendor), mode="trust") is EXTERNAL
    assert reach(allow(vendor, {"StringLike": {"sts:ExternalId": "*"}}), mode="trust") is EXTERNAL
    assert reach(allow(vendor, {"StringEqualsIfExists": {"sts:ExternalId": "acme-1"}}), mode="trust") is EXTERNAL
    assert reach(allow(vendor, id)) is EXTERNAL, "it is a matter of roles"
    assert reach(allow("*", id), mode="trust") is OPEN
    assert reach(allow({"AWS": OWN}, id), mode="trust") is OK


# --- endpoints -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"Resource": "*"}, OPEN),
        ({"Resource": ["arn:aws:s3:::acme-*/*", "arn:aws:s3:::acme/*"]}, OPEN),
        ({"Resource": ["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"]}, OK),
        ({"Resource": "arn:aws:s3:::*"}, OPEN),
        ({"Resource": f"arn:aws:dynamodb:*:{OWN}:table/*"}, OK),
        ({"Resource": f"arn:aws:dynamodb:*:{STRANGER}:table/*"}, EXTERNAL),
        ({"Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": OWN}}}, OK),
        ({"Resource": "*", "Condition": {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}}}, OK),
        ({"Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}}, OK),
        ({"Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": STRANGER}}}, EXTERNAL),
    ],
)
def test_endpoints(more: Any, expected: Reach) -> None:
    assert reach(allow(**more), mode="endpoint") is expected


def test_whose_the_resource_is_restricts_nobody_elsewhere() -> None:
    assert reach(allow("*", {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}})) is OPEN


# --- what a Deny takes back ----------------------------------------------------------------------------------------------------------------

OUTSIDE = {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
SERVICES = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


@pytest.mark.parametrize(
    ("denial", "expected"),
    [
        (deny(), OK),
        (deny(OUTSIDE), OK),
        (deny({"StringNotEqualsIfExists": OUTSIDE["StringNotEquals"]}), OK),
        (deny(OUTSIDE | SERVICES), DEPUTY),
        (deny(OUTSIDE | {"Bool": SERVICES["BoolIfExists"]}), OPEN),
        (deny(OUTSIDE | {"Bool": {"aws:SecureTransport": "false"}}), OPEN),
        (deny({"StringNotEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}), EXTERNAL),
        (deny({"StringNotLike": {"aws:PrincipalOrgID": "o-*"}}), OPEN),
        (deny({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}), OPEN),
        (deny({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"}}), OPEN),
        (deny({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"}}), OK),
        (deny({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), OK),
        (deny({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), OPEN),
        (deny({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}), OK),
        (deny({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{STRANGER}:role/a"}}), EXTERNAL),
        (deny(principal={"AWS": "*"}), OK),
        (deny(principal={"AWS": STRANGER}), OPEN),
        (deny(Action=["s3:Get*", "s3:Put*"]), OK),
        (deny(Action="s3:PutObject"), OPEN),
        (deny(Action="s3:GetObjec?"), OK),
        (deny(Resource="*"), OK),
        (deny(Resource="arn:aws:s3:::b/private/*"), OPEN),
        (deny(Resource=["arn:aws:s3:::b/private/*", "arn:aws:s3:::?/*"]), OK),
    ],
)
def test_denies(denial: Any, expected: Reach) -> None:
    assert reach(allow(), denial) is expected
    assert reach(denial, allow()) is expected
    assert reach(denial) is OK


def without(statement: dict[str, Any], key: str, **more: Any) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != key} | more


@pytest.mark.parametrize(
    ("denial", "expected"),
    [
        (without(deny(), "Action", NotAction="s3:PutObject"), OK),
        (without(deny(), "Action", NotAction="s3:*"), OPEN),
        (without(deny(), "Resource", NotResource="arn:aws:s3:::c/*"), OK),
        (without(deny(), "Resource", NotResource="arn:aws:s3:::b/public/*"), OPEN),
        (without(deny(), "Resource"), OPEN),
        (without(deny(), "Principal", NotPrincipal={"AWS": [OWN, TRUSTED]}), OK),
        (without(deny(), "Principal", NotPrincipal={"AWS": STRANGER}), EXTERNAL),
        (without(deny(), "Principal", NotPrincipal={"AWS": "*"}), OPEN),
        (without(deny(OUTSIDE), "Principal", NotPrincipal={"AWS": STRANGER}), EXTERNAL),
    ],
)
def test_denies_of_the_rest(denial: Any, expected: Reach) -> None:
    assert reach(allow(), denial) is expected


def test_a_deny_must_cover_all_that_is_allowed() -> None:
    assert reach(allow(Action=["s3:GetObject", "s3:PutObject"]), deny(Action="s3:GetObject")) is OPEN
    assert reach(without(allow(), "Action", NotAction="s3:PutObject"), deny(Action="s3:*")) is OPEN
    assert reach(without(allow(), "Action", NotAction="s3:PutObject"), deny(Action="*")) is OK
    assert reach(without(allow(), "Resource", NotResource="arn:aws:s3:::c"), deny(Resource="arn:aws:s3:::b/*")) is OPEN
    assert reach(without(allow(), "Resource"), without(deny(), "Resource")) is OPEN
    assert reach(without(allow(), "Resource"), without(deny(), "Resource"), mode="bare") is OK
    assert reach(without(allow(), "Resource"), without(deny(), "Resource"), mode="trust") is OK
    assert reach(without(allow(), "Resource"), without(deny(Action="s3:PutObject"), "Resource"), mode="bare") is OPEN
    assert reach(without(allow(), "Resource"), deny(Resource="*")) is OK
    assert reach(without(allow(), "Resource"), deny()) is OPEN


# --- words and what may be done --------------------------------------------------------------------------------------------------------------


def test_the_reason_says_who_may_do_what() -> None:
    assert access(allow()).why == "everyone may s3:GetObject"
    assert access(allow({"AWS": STRANGER}, Action=["s3:A", "s3:B", "s3:C", "s3:D"])).why == f"{STRANGER} may s3:A, s3:B, s3:C and 1 more"
    assert access(allow("*", {"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}})).why == (
        "everyone, held to aws:PrincipalOrgID o-zzzzzzzzzz may s3:GetObject"
    )
    assert access(allow("*", {"StringEquals": {"aws:SourceVpc": "vpc-1"}})).why == "held to aws:SourceVpc vpc-1"
    assert access(without(allow(), "Action", NotAction="s3:PutObject")).why == "everyone may all but s3:PutObject"
    assert access(deny()).why == "lets nobody in"


def test_only_the_worst_statements_count() -> None:
    found = access(allow({"AWS": STRANGER}, Action="s3:PutObject"), allow())
    assert (found.why, found.writes) == ("everyone may s3:GetObject", False)
    assert access(allow(), allow(Action="s3:Put*")).writes


# --- what holds of every policy --------------------------------------------------------------------------------------------------------------

PRINCIPALS = st.sampled_from(
    [
        *("*", {"AWS": "*"}, {"AWS": OWN}, {"AWS": STRANGER}, {"AWS": [TRUSTED, STRANGER]}, {"Service": "sns.amazonaws.com"}),
        *({"CanonicalUser": "e" * 64}, {"Federated": PROVIDERS + GITHUB}, {"AWS": "arn:aws:iam::*:root"}),
    ]
)
KEYS = {
    "aws:PrincipalOrgID": (ORGANIZATION, "o-zzzzzzzzzz", "o-*"),
    "aws:PrincipalAccount": (OWN, TRUSTED, STRANGER, "*"),
    "aws:SourceVpce": ("vpce-1a2b3c4d", "vpce-2"),
    "aws:PrincipalArn": (f"arn:aws:iam::{OWN}:role/a", "arn:aws:iam::*:role/a"),
    "aws:SourceIp": ("203.0.113.0/24", "52.0.0.0/8", "0.0.0.0/0"),
    "aws:SecureTransport": ("true", "false"),
    "aws:PrincipalIsAWSService": ("true", "false"),
    f"{GITHUB}:sub": ("repo:acme/*", "repo:*"),
    "sts:ExternalId": ("acme",),
}
OPERATORS = [
    *("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "IpAddress", "NotIpAddress", "ArnLike", "ArnNotLike", "Bool", "Null"),
    *("StringEqualsIfExists", "StringNotEqualsIfExists", "BoolIfExists", "ForAllValues:StringLike", "ForAnyValue:StringLike"),
    "ForAllValues:StringNotLike",
]
ACTIONS = st.lists(st.sampled_from(["s3:GetObject", "s3:Get*", "s3:*", "*", "s3:PutObject", "sts:AssumeRole"]), min_size=1, max_size=2)
RESOURCES = st.lists(st.sampled_from(["*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/c/*"]), min_size=1, max_size=2)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for key in draw(st.lists(st.sampled_from(list(KEYS)), max_size=3)):
        values = draw(st.lists(st.sampled_from(KEYS[key]), min_size=1, max_size=2, unique=True))
        found.setdefault(draw(st.sampled_from(OPERATORS)), {})[key] = values
    return found


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    return {
        "Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"])): draw(PRINCIPALS),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(ACTIONS),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(RESOURCES),
        "Condition": draw(conditions()),
    }


POLICIES = st.lists(statements(), min_size=1, max_size=3)
MODES = st.sampled_from(["resource", "bare", "trust", "endpoint"])


@given(POLICIES, statements("Deny"), MODES)
def test_a_further_deny_never_widens(policy: list[Any], denial: Any, mode: Mode) -> None:
    assert reach(*policy, denial, mode=mode) <= reach(*policy, mode=mode)


@given(POLICIES, statements("Allow"), MODES)
def test_a_further_allow_never_narrows(policy: list[Any], more: Any, mode: Mode) -> None:
    assert reach(*policy, more, mode=mode) == max(reach(*policy, mode=mode), reach(*policy, more, mode=mode))


@given(POLICIES, MODES)
def test_a_trusted_principal_beside_the_others_changes_nothing(policy: list[Any], mode: Mode) -> None:
    def with_trusted(statement: Any) -> Any:
        principal = statement.get("Principal")
        if statement["Effect"] != "Allow" or not isinstance(principal, dict):
            return statement
        named = principal.get("AWS", [])
        return statement | {"Principal": principal | {"AWS": [*([named] if isinstance(named, str) else named), TRUSTED]}}

    assert reach(*map(with_trusted, policy), mode=mode) is reach(*policy, mode=mode)


@given(POLICIES, MODES)
def test_a_wider_circle_never_widens_the_verdict(policy: list[Any], mode: Mode) -> None:
    wider = Circle(OWN, ORGANIZATION, accounts=frozenset({TRUSTED, STRANGER}), networks=frozenset({"vpce-1a2b3c4d", "vpce-2"}), cidrs=("52.0.0.0/8",))
    narrow = Circle(OWN, ORGANIZATION, accounts=frozenset({TRUSTED}), networks=frozenset({"vpce-1a2b3c4d"}))
    assert access(*policy, mode=mode, circle=wider).reach <= access(*policy, mode=mode, circle=narrow).reach


def scalar(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


@given(POLICIES, MODES, st.sampled_from([str.lower, str.upper, str.swapcase]))
def test_neither_case_of_keys_nor_lists_of_one_matter(policy: list[Any], mode: Mode, cased: Any) -> None:
    def written_otherwise(statement: Any) -> Any:
        condition = {cased(op): {cased(key): scalar(values) for key, values in keys.items()} for op, keys in statement["Condition"].items()}
        return {name: scalar(value) for name, value in statement.items()} | {"Condition": condition}

    assert reach(*map(written_otherwise, policy), mode=mode) is reach(*policy, mode=mode)


@given(POLICIES, MODES)
def test_a_single_statement_may_stand_without_a_list(policy: list[Any], mode: Mode) -> None:
    document = msgspec.convert({"Statement": policy[0]}, ResourceDocument)
    assert evaluate(document.statements, CIRCLE, mode) == access(policy[0], mode=mode)


@given(POLICIES, st.randoms(use_true_random=False), MODES)
def test_the_order_of_statements_does_not_matter(policy: list[Any], random: Any, mode: Mode) -> None:
    shuffled = random.sample(policy, len(policy))
    assert reach(*shuffled, mode=mode) is reach(*policy, mode=mode)


# --- patterns --------------------------------------------------------------------------------------------------------------------------------

TEXTS = st.text("ab", max_size=5)
PATTERNS = st.text("ab*?", max_size=5)


@given(PATTERNS, PATTERNS, TEXTS)
def test_what_contains_matches_all_that_the_other_matches(outer: str, inner: str, text: str) -> None:
    if contains(outer, inner) and matches(inner, text):
        assert matches(outer, text)


@given(PATTERNS, PATTERNS, TEXTS)
def test_disjoint_patterns_have_no_text_in_common(one: str, other: str, text: str) -> None:
    if disjoint(one, other):
        assert not (matches(one, text) and matches(other, text))
    assert disjoint(one, other) is disjoint(other, one)


@given(PATTERNS, TEXTS)
def test_a_text_and_a_pattern_are_disjoint_unless_they_match(pattern: str, text: str) -> None:
    assert disjoint(pattern, text) is not matches(pattern, text)
    assert contains(pattern, text) is matches(pattern, text)
    assert contains("*", pattern)
    assert contains(pattern, pattern)


def test_patterns_that_overlap() -> None:
    assert not disjoint("s3:Get*", "s3:*Object")
    assert disjoint("s3:Get*", "S3:put*")
    assert not contains("s3:?", "s3:*")
    assert contains("S3:GET*", "s3:getobject")
