"""How an account is reached: by which credentials, what is said where there are none, and that nothing is waited for longer than need be."""

from __future__ import annotations

import json
import os
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.httpsession import URLLib3Session

from pytest_ssb import __version__
from pytest_ssb.aws.access import CONNECT_TIMEOUT, READ_TIMEOUT, Access
from tests.support.runs import Runner
from tests.support.server import NOTHING, Demo, OverHttp
from tests.support.wire import Wire, wire_to
from tests.support.worlds import ACCOUNT

OTHER = "333333333333"
ROLE = f"arn:aws:iam::{OTHER}:role/ssb-audit"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
PROD = "[profiles.prod]\n"
SIGN_IN = "run 'aws configure --profile {0}' or 'aws sso login --profile {0}', or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
CHECK = "check the AWS config files and AWS_* variables"
BASE = "[base]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
PASSWORDS = "tests_account/test_acct_06_password_policy.py"
NO_ANSWER = "check the network, the proxy, the region and AWS_ENDPOINT_URL"


@pytest.fixture
def wire(demo_server: Demo) -> Iterator[Wire]:
    """What a run's requests go through on their way to the server."""
    with wire_to(demo_server.server.url) as wire:
        yield wire


@pytest.fixture
def at_wire(wire: Wire) -> dict[str, str]:
    """The environment of a run with credentials at the wire."""
    return {"AWS_ENDPOINT_URL": wire.url, **KEYS}


# --- no usable credentials -------------------------------------------------------------------------------------------------------------------

Refused = Callable[..., str]


@pytest.fixture
def refused(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Refused:
    """`refused(environ, profile=, toml=, config=, credentials=)`: what a run says that ends with status 4 and one line, with no AWS settings but these."""

    def go(environ: dict[str, str], profile: str = "prod", toml: str = PROD, config: str = "", credentials: str = "") -> str:
        files = {"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": credentials}
        for name, text in files.items():
            (pytester.path / name).write_text(text)
        (pytester.path / "ssb.toml").write_text(toml)
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in (NOTHING | {name: str(pytester.path / name) for name in files} | environ).items():
            monkeypatch.setenv(name, value)
        result = pytester.runpytest_inprocess("--ssb-profile", profile, "-m", "acct_06")
        assert result.ret == 4, result.stdout.str()
        assert "Traceback" not in result.stdout.str() + result.stderr.str()
        (line,) = [line for line in result.errlines if line]
        return line.removeprefix("ERROR: ")

    return go


def test_without_any_credentials(refused: Refused, wire: Wire) -> None:
    nobody = {"AWS_ENDPOINT_URL": wire.url}
    assert refused(nobody) == f"profile 'prod': no AWS credentials found; {SIGN_IN.format('default')}"
    assert refused(nobody, "default") == f"profile 'default': no AWS credentials found; {SIGN_IN.format('default')}"
    assert refused(nobody, "acme", config="[profile acme]\n") == f"profile 'acme': no AWS credentials found; {SIGN_IN.format('acme')}"
    assert wire.asked == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ExpiredToken", f"the credentials have expired (ExpiredToken); {SIGN_IN.format('default')}"),
        (
            "InvalidClientTokenId",
            f"AWS refuses these credentials (InvalidClientTokenId); {SIGN_IN.format('default')}; "
            "if they are of China or GovCloud, set AWS_DEFAULT_REGION",
        ),
    ],
)
def test_credentials_that_aws_does_not_take(refused: Refused, wire: Wire, at_wire: dict[str, str], code: str, says: str) -> None:
    wire.fail("GetCallerIdentity", code)
    assert refused(at_wire) == f"profile 'prod': {says}"
    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"toml": PROD + 'aws_profile = "acme-prd"'}, "ssb.toml: profile 'prod': aws_profile: the AWS config files have no profile 'acme-prd'; "),
        ({"profile": "acme-prd"}, "--ssb-profile: unknown profile 'acme-prd'; "),
        ({"environ": {"AWS_PROFILE": "acme-prd"}}, "profile 'prod': the AWS config files have no profile 'acme-prd', which AWS_PROFILE names; "),
    ],
)
def test_unknown_aws_profile(refused: Refused, given: dict[str, Any], says: str) -> None:
    line = refused(KEYS | given.pop("environ", {}), config="[profile acme-prod]\nregion = eu-west-1\n", **given)
    assert line.startswith(f"{says}did you mean 'acme-prod'?")


def test_role_that_is_not_given(refused: Refused, wire: Wire, at_wire: dict[str, str]) -> None:
    wire.fail("AssumeRole", "AccessDenied")
    says = f"cannot assume {ROLE} (AccessDenied); check the role's trust policy, its external id, and that sts:AssumeRole is allowed"
    assert refused(at_wire, toml=f'{PROD}role_arn = "{ROLE}"') == f"profile 'prod': {says}"
    chained = f"[profile acme]\nrole_arn = {ROLE}\nsource_profile = base\n"
    assert refused({"AWS_ENDPOINT_URL": wire.url}, "acme", config=chained, credentials=BASE) == f"profile 'acme': {says}"
    assert [asked.action for asked in wire.asked] == ["AssumeRole", "AssumeRole"]


def test_role_whose_credentials_are_old_when_they_come(refused: Refused, wire: Wire, at_wire: dict[str, str]) -> None:
    expire(wire, datetime(2020, 1, 1, tzinfo=UTC))
    says = "profile 'prod': the credentials had expired when they were given; check this machine's clock"
    assert refused(at_wire, toml=f'{PROD}role_arn = "{ROLE}"') == says


def test_endpoint_that_does_not_answer(refused: Refused) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and not listening
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        for toml in (PROD, f'{PROD}role_arn = "{ROLE}"'):
            assert (
                refused(KEYS | {"AWS_ENDPOINT_URL": url}, toml=toml) == f"profile 'prod': no answer from {url} (EndpointConnectionError); {NO_ANSWER}"
            )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"environ": {"AWS_ENDPOINT_URL": "not a url"}}, f"profile 'prod': Invalid endpoint: not a url; {CHECK}"),
        (
            {"environ": {"AWS_DEFAULT_REGION": "eu west 1"}},
            f"profile 'prod': Provided region_name 'eu west 1' doesn't match a supported format.; {CHECK}",
        ),
        ({"config": "[profile acme\n"}, f"profile 'prod': Unable to parse config file: */AWS_CONFIG_FILE; {CHECK}"),
        ({"config": "[profile acme\n", "profile": "acme"}, "the AWS config files: Unable to parse config file: */AWS_CONFIG_FILE; correct it"),
        (
            {"config": "[profile acme]\nrole_arn = x\nsource_profile = basis\n", "profile": "acme"},
            f"""profile 'acme': The source_profile "basis" referenced in the profile "acme" does not exist.; {CHECK}""",
        ),
        (
            {"environ": {"AWS_WEB_IDENTITY_TOKEN_FILE": "none", "AWS_ROLE_ARN": ROLE, "AWS_ACCESS_KEY_ID": ""}},
            f"profile 'prod': none: No such file or directory; {CHECK}",
        ),
        ({"environ": {"AWS_SECRET_ACCESS_KEY": ""}}, f"profile 'prod': Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY; {CHECK}"),
    ],
)
def test_aws_settings_that_make_no_sense(refused: Refused, wire: Wire, at_wire: dict[str, str], given: dict[str, Any], says: str) -> None:
    line = refused(at_wire | given.pop("environ", {}), **given)
    assert re.fullmatch(re.escape(says).replace(r"\*/", r".*[/\\]"), line), line


def test_nothing_of_a_broken_token_is_shown(refused: Refused, wire: Wire, at_wire: dict[str, str]) -> None:
    assert "hush" not in refused(at_wire | {"AWS_SESSION_TOKEN": "hush\nhush"})
    assert wire.asked == []


# --- roles -----------------------------------------------------------------------------------------------------------------------------------

ASSUMING = f'{PROD}role_arn = "{ROLE}"\nexternal_id = "acme-ssb"\nrole_session_name = "nightly"\n'


def expire(wire: Wire, when: datetime) -> None:
    """Let the credentials of roles end then."""
    ends = f"<Expiration>{when.strftime('%Y-%m-%dT%H:%M:%SZ')}</Expiration>"
    wire.changes["AssumeRole"] = lambda body: re.sub("<Expiration>.*?</Expiration>", ends, body)


def test_role_is_assumed_once_and_everything_asked_by_it(over_http: OverHttp, wire: Wire, at_wire: dict[str, str]) -> None:
    ran = over_http(at_wire, ASSUMING, "-m", "acct_06", profile="prod")
    assert ran.results["accounts"][0]["caller"] == f"arn:aws:sts::{OTHER}:assumed-role/ssb-audit/nightly"
    assert {finding["account"] for finding in ran.findings()} == {OTHER}
    (asked,) = wire.of("AssumeRole")
    assert {name: asked.params[name] for name in ("RoleArn", "ExternalId", "RoleSessionName")} == {
        "RoleArn": ROLE,
        "ExternalId": "acme-ssb",
        "RoleSessionName": "nightly",
    }
    assert asked.key == "testing"
    (key,) = {other.key for other in wire.asked if other is not asked}
    assert key != "testing"
    assert len(wire.of("GetCallerIdentity")) == 1
    assert "acme-ssb" not in ran.text


def test_role_is_assumed_again_before_its_credentials_end(over_http: OverHttp, wire: Wire, at_wire: dict[str, str]) -> None:
    expire(wire, datetime.now(UTC) + timedelta(minutes=5))
    ran = over_http(at_wire, ASSUMING, "-m", "acct_06", profile="prod")
    assert len(wire.of("AssumeRole")) > 1
    assert len({asked.key for asked in wire.asked}) > 2
    assert set(ran.statuses()) == {"NOT_APPLICABLE"}


def test_role_that_is_not_given_again_ends_the_asking(over_http: OverHttp, wire: Wire, at_wire: dict[str, str]) -> None:
    """Not even by an error that would be an answer, had it been given to what was asked."""
    expire(wire, datetime.now(UTC) + timedelta(minutes=5))
    soon = wire.changes["AssumeRole"]

    def once(body: str) -> str:
        wire.fail("AssumeRole", "NoSuchEntity")
        return soon(body)

    wire.changes["AssumeRole"] = once
    ran = over_http(at_wire, ASSUMING, PASSWORDS, "--ssb-concurrency", "1", profile="prod")
    assert ran.result.ret == 1
    assert ran.statuses() == {"ERROR": 5}
    assert [asked.action for asked in wire.asked] == ["AssumeRole", "GetCallerIdentity", "AssumeRole"]
    for finding in ran.findings():
        assert re.fullmatch(r"credentials expired at 20\S+Z, and AssumeRole gave no new ones \(NoSuchEntity\): sign in again", finding["reason"])
    assert ran.results["missing_permissions"] == []


# --- who is asked, and where -----------------------------------------------------------------------------------------------------------------


def test_every_request_says_who_asks(over_http: OverHttp, wire: Wire, at_wire: dict[str, str]) -> None:
    over_http(at_wire, ASSUMING, "-m", "acct_06 or acct_08 or wkld_11", "--ssb-region", "eu-west-1", profile="prod")
    assert {asked.service for asked in wire.asked} >= {"sts", "ec2", "iam", "s3"}
    assert [asked for asked in wire.asked if f"pytest-ssb/{__version__}" not in asked.user_agent] == []


@pytest.mark.parametrize(
    ("partition", "home", "region"), [("aws-cn", "cn-north-1", "cn-northwest-1"), ("aws-us-gov", "us-gov-west-1", "us-gov-east-1")]
)
def test_other_partitions(over_http: OverHttp, wire: Wire, at_wire: dict[str, str], partition: str, home: str, region: str) -> None:
    role = ROLE.replace("arn:aws:", f"arn:{partition}:")
    chosen = ("-m", "acct_06 or acct_08 or wkld_08 or wkld_11", "--ssb-region", region)
    ran = over_http(at_wire, f'{PROD}role_arn = "{role}"', *chosen, profile="prod")
    assert ran.results["accounts"][0]["partition"] == partition
    assert {asked.region for asked in wire.asked if asked.service in ("sts", "iam")} == {home}
    assert {asked.region for asked in wire.asked} == {home, region}
    assert {finding["region"] for finding in ran.findings()} == {None, region}
    assert {finding["resource"].split(":")[1] for finding in ran.findings()} == {partition}
    assert "arn:aws:" not in json.dumps(ran.results)


def test_partition_of_the_regions(over_http: OverHttp, wire: Wire, at_wire: dict[str, str]) -> None:
    ran = over_http(at_wire, f'{PROD}regions = ["cn-northwest-1"]', "-m", "acct_06", profile="prod")
    assert ran.results["accounts"][0]["partition"] == "aws-cn"
    assert [asked.region for asked in wire.of("GetCallerIdentity")] == ["cn-northwest-1"]
    assert [asked.region for asked in wire.of("GetAccountPasswordPolicy")] == ["cn-north-1"]


def test_named_aws_profile_without_a_config_file(pytester: pytest.Pytester, over_http: OverHttp, wire: Wire) -> None:
    config, credentials = pytester.path / "config", pytester.path / "credentials"
    chained = f"role_arn = {ROLE}\nsource_profile = base\nexternal_id = acme-ssb\n"
    config.write_text(f"[profile acme]\nendpoint_url = {wire.url}\n{chained}\n[profile base]\nendpoint_url = {wire.url}\n")
    credentials.write_text(BASE)
    environ = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    ran = over_http(environ, None, PASSWORDS, profile="acme")
    (account,) = ran.results["accounts"]
    assert (account["id"], account["backend"], account["regions"]) == (OTHER, "endpoint", [])
    assert account["caller"].startswith(f"arn:aws:sts::{OTHER}:assumed-role/ssb-audit/")
    assert [asked.params["ExternalId"] for asked in wire.of("AssumeRole")] == ["acme-ssb"]
    assert set(ran.statuses()) == {"NOT_APPLICABLE"}


def test_default_with_credentials_of_the_environment_alone(over_http: OverHttp, wire: Wire, at_wire: dict[str, str]) -> None:
    ran = over_http(at_wire, None, PASSWORDS, profile="default")
    (account,) = ran.results["accounts"]
    assert (account["profile"], account["id"], account["environment"]) == ("default", ACCOUNT, "production")
    assert ran.statuses() == {"FAIL": 2, "PASS": 3}
    assert {asked.key for asked in wire.asked} == {"testing"}


# --- what does not answer --------------------------------------------------------------------------------------------------------------------


def test_nothing_is_waited_for_longer_than_we_say(over_http: OverHttp, wire: Wire, at_wire: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    made: set[Any] = set()
    make = URLLib3Session.__init__

    def making(self: URLLib3Session, *args: Any, **options: Any) -> None:
        made.add(options["timeout"])
        make(self, *args, **options)

    monkeypatch.setattr(URLLib3Session, "__init__", making)
    over_http(at_wire, ASSUMING, "-m", "acct_06", profile="prod")
    # A second or two is botocore's own patience with the metadata of a machine on which there is none.
    assert made - {1, 2} == {(CONNECT_TIMEOUT, READ_TIMEOUT)}
    assert len(wire.of("AssumeRole")) == 1


def test_region_that_does_not_answer_is_waited_for_once(
    run: Runner, moto_account: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: Counter[str] = Counter()
    prepare = Access._prepare

    def prepared(self: Access, client: Any) -> None:
        prepare(self, client)

        def wait(request: Any, **_: Any) -> None:
            if client.meta.region_name == "eu-west-1":
                waited[client.meta.service_model.service_name] += 1
                raise ConnectTimeoutError(endpoint_url=request.url)

        client.meta.events.register_first("before-send", wait)

    monkeypatch.setattr(Access, "_prepare", prepared)
    (pytester.path / "ssb.toml").write_text(PROD)
    ran = run("-m", "acct or wkld", "--ssb-region", "eu-west-1,us-east-1", profile="prod")
    assert ran.results["accounts"][0]["backend"] == "live"
    # Checks of the region are spared by EC2's one call; a check of the whole account asks a service of its own there, and it once, too.
    assert waited["ec2"] == 1
    assert set(waited.values()) == {1}
    unasked = "WAF is an option: network.require_waf = true asks for it"
    assert {found["reason"] for found in ran.findings(region="eu-west-1") if found["status"] != "ERROR"} == {unasked}
    # Web ACLs are asked for by a check of the whole account.
    errors = [found for found in ran.findings(region="eu-west-1", status="ERROR") if found["check"] != "web_acl_has_rules"]
    (reason,) = {found["reason"] for found in errors}
    assert reason == "ec2:DescribeVpcs in eu-west-1: no connection in time (ConnectTimeoutError)"
    assert [finding["reason"] for finding in ran.findings(region="us-east-1") if "in time" in finding["reason"]] == []
    assert ran.findings(region="us-east-1", status="PASS")
    assert ran.text.count("checks not judged in eu-west-1") == 1
