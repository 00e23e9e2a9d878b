"""`python -m pytest_ssb init`: a config file for the account at hand that is right at once, and tells what to say next."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import boto3
import pytest

from pytest_ssb import suites
from pytest_ssb.__main__ import main
from pytest_ssb.configfile import load
from pytest_ssb.demo.simulated import Simulated
from pytest_ssb.initfile import EXAMPLES
from tests.support.runs import Runner, denied

NEXT = """\
next:
  pytest --ssb-policy > policy.json                                # the least rights that the credentials need
  pytest --ssb-profile prod --html ssb.html --self-contained-html  # what is wrong, and what to do first
  pytest --ssb-explain ACCT.01                                     # what a control asks, checks and needs
if that finds more than one day can mend, keep it as a baseline, and fail only for what is new, from today on:
  pytest --ssb-profile prod --ssb-output baseline.json
  pytest --ssb-profile prod --ssb-baseline baseline.json --ssb-fail-on new
"""


@pytest.fixture(autouse=True)
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and credentials of the environment alone."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return pytester.path


def uncommented(text: str) -> str:
    """The file with all its examples taken."""
    return re.sub("^#(?=[^ \n])", "", text, flags=re.MULTILINE)


def test_the_file_tells_what_was_read_and_holds_at_once(
    run: Runner, folder: Path, moto_account: None, faults: Simulated, capsys: pytest.CaptureFixture[str]
) -> None:
    boto3.client("iam").create_account_alias(AccountAlias="acme-prod")
    organization = boto3.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
    faults.instead("account:GetAlternateContact", lambda region, body: {"AlternateContact": {"EmailAddress": "aws-security@Acme.example"}})
    assert main(["init"]) == 0
    written = capsys.readouterr().out
    assert written == f"written: ssb.toml: profile 'prod' for account 123456789012 (acme-prod), partition aws, 24 regions enabled\n{NEXT}"
    text = (folder / "ssb.toml").read_text(encoding="utf-8")
    assert f"# The account belongs to organization {organization}; this account manages it.\n" in text
    assert '#contacts.distribution_lists = ["aws-*@acme.example", "security@acme.example"]\n' in text
    assert "#   pytest --ssb-profile prod --ssb-baseline baseline.json --ssb-fail-on new\n" in text
    profile = load(None, [folder]).profiles["prod"]
    assert profile.given == {"environment"}
    ran = run("-k", "password_policy_reuse", profile="prod")
    assert (ran.result.ret, ran.statuses()) == (0, {"NOT_APPLICABLE": 1})
    assert "ssb.toml" not in ran.text


def test_its_examples_are_right_too(folder: Path, moto_account: None) -> None:
    """Each key of it exists, each value is one that it may have, and the checks that it names are there."""
    assert main(["init", "--profile-name", "acme.shop_1"]) == 0
    (folder / "security").mkdir()
    (folder / "ssb.toml").write_text(uncommented((folder / "ssb.toml").read_text(encoding="utf-8")) + "[profiles.management]\n", encoding="utf-8")
    worst = {id: found.check.severity for id, found in suites.shipped().items()}
    profile = load(None, [folder], checks=suites.known(), worst=worst).profiles["acme.shop_1"]
    paths = {path for examples in EXAMPLES.values() for path in examples}
    assert profile.given == {*paths, "aws_profile", "environment", "regions", "waivers", "declarations"}
    assert profile.waivers[0].expires is not None
    assert profile.waivers[0].expires > datetime.now(UTC).date()


def test_what_is_denied_is_a_comment(folder: Path, moto_account: None, faults: Simulated, capsys: pytest.CaptureFixture[str]) -> None:
    called = (
        *("iam:ListAccountAliases", "account:GetAccountInformation", "account:GetAlternateContact"),
        *("organizations:DescribeOrganization", "ec2:DescribeRegions"),
    )
    for operation in called:
        faults.instead(operation, partial(lambda operation, region, body: denied(operation), operation))
    assert main(["init"]) == 0
    first, *unread, rest = capsys.readouterr().out.partition("next:")[0].splitlines()
    unread.append(rest)
    assert first == "written: ssb.toml: profile 'prod' for account 123456789012, partition aws, regions not read"
    assert len(unread) == len(called)
    assert all(any(f"allow {operation}" in line for line in unread) for operation in called)
    text = (folder / "ssb.toml").read_text(encoding="utf-8")
    assert all(f"# {line.partition(' (')[0]}" in text for line in unread)
    assert load(None, [folder]).profiles["prod"].given == {"environment"}


def test_other_partitions(folder: Path, moto_account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    assert main(["init", "--file", "china.toml"]) == 0
    text = (folder / "china.toml").read_text(encoding="utf-8")
    assert "arn:aws:" not in text
    assert '"arn:aws-cn:lambda:*:*:function:stripe-webhook"' in text
    assert "#   pytest --ssb-profile prod --ssb-config china.toml --ssb-output baseline.json\n" in text


def test_a_named_aws_profile_is_written(folder: Path, moto_account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config").write_text("[profile acme-ci]\naws_access_key_id = AKIA\naws_secret_access_key = testing\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    assert main(["init", "--aws-profile", "acme-ci"]) == 0
    assert load(None, [folder]).profiles["prod"].aws_profile == "acme-ci"
    assert "AKIA" not in (folder / "ssb.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "files", "says"),
    [
        (["init"], {"ssb.toml": "mine"}, "ssb.toml exists already, and is left as it is; --file writes another one"),
        (
            ["init"],
            {"pyproject.toml": "[tool.pytest-ssb.profiles.prod]\n"},
            "pyproject.toml has the profiles of this folder already, and ssb.toml would take their place; --file writes another file",
        ),
        (["init", "--file", "ssb.ini"], {}, "--file ssb.ini: expected a .toml file"),
        (["init", "--file", "none/ssb.toml"], {}, "none/ssb.toml: cannot be written: No such file or directory"),
        (["init", "--profile-name", "demo"], {}, "--profile-name 'demo': is a demo account; give another name"),
        (
            ["init", "--profile-name", "my prod"],
            {},
            "--profile-name 'my prod': a profile's name has letters, digits, '.', '_' and '-' only; give another name",
        ),
        (["init", "--aws-profile", "nobody"], {}, "profile 'prod': the AWS config files have no profile 'nobody'; known: none"),
    ],
)
def test_what_the_user_has_to_correct_is_said_and_nothing_is_overwritten(
    folder: Path, moto_account: None, capsys: pytest.CaptureFixture[str], arguments: list[str], files: dict[str, str], says: str
) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert main(arguments) == 4
    assert capsys.readouterr() == ("", f"ERROR: {says}\n")
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == files


def test_without_credentials_nothing_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(folder / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert main(["init"]) == 4
    assert capsys.readouterr().err.startswith("ERROR: profile 'prod': no AWS credentials found; run 'aws configure --profile default'")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("arguments", [[], ["inti"], ["init", "--force"]])
def test_a_wrong_command_line_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ERROR: python -m pytest_ssb")
    assert line.endswith("; --help shows what there is")
