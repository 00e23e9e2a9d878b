"""Several accounts in one profile: an organization's, or a list of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from pytest_ssb import aws
from pytest_ssb.__main__ import main
from pytest_ssb.aws import Access
from pytest_ssb.aws.organization import CALLS
from pytest_ssb.chosen import Chosen, choose
from pytest_ssb.demo.simulated import Simulated
from pytest_ssb.errors import AwsError, UserError
from pytest_ssb.permissions import only_reads
from pytest_ssb.profiles import Profile
from pytest_ssb.repositories import git
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.selectors import Names
from pytest_ssb.targets import Account
from tests.support.checkouts import committed
from tests.support.organization import SSB, Organization
from tests.support.runs import Runner, denied
from tests.support.server import NOTHING, OverHttp
from tests.support.wire import Asked, Wire, failing, wire_to
from tests.support.worlds import session

CHECKS = "password_policy_min_length or ebs_volume_encrypted"
ROLE = "cannot assume role audit/ssb (AccessDenied); check that it is there, its trust policy, its external id, and that {} may sts:AssumeRole on it"


@pytest.fixture
def wire(organization: Organization) -> Iterator[Wire]:
    """The organization's server, with a wire before it."""
    with wire_to(organization.server.url) as wire:
        yield wire


@pytest.fixture
def environ(organization: Organization, wire: Wire) -> dict[str, str]:
    """The management account, through the wire."""
    return organization.environ | {"AWS_ENDPOINT_URL": wire.url}


def refusing(*accounts: str, code: str = "AccessDenied") -> Any:
    """An answer to AssumeRole that gives no role in these accounts."""
    return lambda asked: failing(code) if asked.params["RoleArn"].split(":")[4] in accounts else None


def only(*words: str, excluding: tuple[str, ...] = ()) -> str:
    """The config file, narrowed to some accounts."""
    return f"{SSB}accounts = {json.dumps(words)}\nexclude_accounts = {json.dumps(excluding)}\n"


def verdicts(findings: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """The statuses by account and check."""
    return {(finding["account"], finding["check"]): finding["status"] for finding in findings}


# --- all of them ---------------------------------------------------------------------------------------------------------------------------------


def test_an_organization_is_judged_in_one_run(organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire) -> None:
    ran = over_http(environ, SSB, "-k", CHECKS, profile="acme")
    assert ran.result.ret == 1
    filled = organization.ids("production-1", "staging-2", "sandbox-3")
    assert verdicts(ran.findings()) == {
        (id, check): bad if id in filled else "NOT_APPLICABLE"
        for id in organization.active.values()
        for check, bad in (("password_policy_min_length", "NOT_APPLICABLE"), ("ebs_volume_encrypted", "FAIL"))
    }
    names = {account["id"]: account["name"] for account in ran.results["accounts"]}
    assert names == {id: name for name, id in organization.active.items()}
    assert {account["error"] for account in ran.results["accounts"]} == {None}
    a = organization.accounts["production-1"]
    (row,) = [account for account in ran.results["accounts"] if account["id"] == a]
    assert (row["caller"], row["regions"]) == (f"arn:aws:sts::{a}:assumed-role/ssb/pytest-ssb", ["eu-west-1"])
    nodeids = {finding["nodeid"].rpartition("[")[2] for finding in ran.findings(account=a)}
    assert nodeids == {f"acme/{a}]", f"acme/{a}/eu-west-1]"}
    assert ran.results["complete"]

    # Nothing is asked twice, and the account that the credentials stand in is judged with them.
    assumed = wire.of("AssumeRole")
    assert sorted(asked.params["RoleArn"] for asked in assumed) == sorted(
        f"arn:aws:iam::{id}:role/audit/ssb" for id in organization.active.values() if id != organization.management
    )
    assert {(asked.params["ExternalId"], asked.params["RoleSessionName"]) for asked in assumed} == {("acme-ssb", "pytest-ssb")}
    calls = ran.results["api_calls"]["by_operation"]
    assert (calls["organizations:ListAccounts"], calls["sts:GetCallerIdentity"], calls["ec2:DescribeRegions"]) == (2, 1, 30)
    assert set(calls) & {"organizations:ListTagsForResource", "organizations:ListRoots"} == set()

    # 30 accounts are not 60 lines.
    head = ran.text.partition("rootdir")[0]
    assert "profile acme: 30 accounts of the organization, endpoint, production (unset: judged as production), role audit/ssb assumed by arn:" in head
    assert all(f"{id} ({name})" in head for name, id in organization.active.items())
    assert len(head.splitlines()) < 20


def test_one_account_is_chosen_by_its_id(organization: Organization, over_http: OverHttp, environ: dict[str, str]) -> None:
    id = organization.accounts["staging-2"]
    ran = over_http(environ, only("staging-*"), "-k", f"ebs_volume_encrypted and {id}", profile="acme")
    assert verdicts(ran.findings()) == {(id, "ebs_volume_encrypted"): "FAIL"}


def test_workers_find_the_same(
    organization: Organization, run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, wire: Wire
) -> None:
    """The controller alone asks who there is, and tells whom it could not reach."""
    for name, value in (organization.environ | {"AWS_ENDPOINT_URL": wire.url}).items():
        monkeypatch.setenv(name, value)
    pytester.path.joinpath("ssb.toml").write_text(only("production-1", "production-2", "trial-*"), encoding="utf-8")
    wire.answers["AssumeRole"] = refusing(organization.accounts["production-2"])
    chosen = ("--ssb-profile", "acme", "-k", CHECKS)
    alone = run(*chosen, profile=None).results
    before = len(wire.of("AssumeRole"))
    spread = run(*chosen, "-n", "2", profile=None, subprocess=True).results
    assert spread["findings"] == alone["findings"]
    assert spread["accounts"] == alone["accounts"]
    assert spread["controls"] == alone["controls"]
    assert len(alone["accounts"]) == 5
    refused = [asked for asked in wire.of("AssumeRole")[before:] if organization.accounts["production-2"] in asked.params["RoleArn"]]
    assert len(refused) == 1


def test_shards_put_together_are_the_run_in_one_piece(
    organization: Organization,
    run: Runner,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    wire: Wire,
) -> None:
    """Whole accounts are dealt out; one that could not be reached is the same ERROR, and its checks count as selected."""
    for name, value in (organization.environ | {"AWS_ENDPOINT_URL": wire.url}).items():
        monkeypatch.setenv(name, value)
    pytester.path.joinpath("ssb.toml").write_text(SSB, encoding="utf-8")
    wire.answers["AssumeRole"] = refusing(organization.accounts["production-2"])
    chosen = ("--ssb-profile", "acme", "-k", CHECKS)
    whole = run(*chosen, profile=None).results
    judged: list[set[str]] = []
    for number in (1, 2, 3):
        part = run(*chosen, "--ssb-shard", f"{number}/3", profile=None)
        judged.append({finding["account"] for finding in part.results["findings"]})
        assert {account["id"] for account in part.results["accounts"]} == judged[-1]
        pytester.path.joinpath(f"part-{number}.json").write_text(json.dumps(part.results), encoding="utf-8")
    assert [len(accounts) for accounts in judged] == [10, 10, 10]
    assert set().union(*judged) == set(organization.active.values())
    assert main(["merge", "part-*.json", "--ssb-output", "all.json"]) == 1
    together = json.loads(pytester.path.joinpath("all.json").read_text(encoding="utf-8"))
    for name in ("findings", "controls", "accounts", "missing_permissions", "waivers", "complete", "selection", "edition"):
        assert together[name] == whole[name], name
    assert together["run"]["missing_shards"] == []


# --- which of them -------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def directory(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> Iterator[aws.Organization]:
    """What is asked of the organization, without a run."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in (NOTHING | organization.environ).items():
        monkeypatch.setenv(name, value)
    scheduler = Scheduler(1)
    access, account = aws.connect(Profile(name="acme"), scheduler, "test")
    yield aws.Organization(access, account.target)
    scheduler.close()


def chosen(directory: aws.Organization, *wanted: str, excluding: tuple[str, ...] = ()) -> Chosen:
    """What a profile with these words means."""
    profile = Profile(
        name="acme", organization=True, accounts=Names(wanted, key="accounts"), exclude_accounts=Names(excluding, key="exclude_accounts")
    )
    return choose(profile, directory, "ssb.toml: profile 'acme'")


def names(found: Chosen) -> set[str]:
    return {account.name or "" for account in found.accounts}


def test_words_choose_among_the_active_accounts(organization: Organization, directory: aws.Organization) -> None:
    named, units = organization.accounts, organization.units
    sandboxes = {f"sandbox-{n}" for n in (1, 3, 5, 7)}
    staging, trials = {f"staging-{n}" for n in range(1, 10)}, {f"trial-{n}" for n in range(1, 4)}
    worlds: dict[tuple[tuple[str, ...], tuple[str, ...]], set[str]] = {
        ((), ()): set(organization.active),
        ((), ("production-*", "staging-?", named["master"], "ou:Sandbox")): trials,
        (("tag:stage=test",), ()): sandboxes,
        (("tag:stage=test",), (named["sandbox-5"], "sandbox-7")): {"sandbox-1", "sandbox-3"},
        (("sandbox-*",), ("tag:stage=*",)): set(),
        (("tag:*=demo", named["sandbox-1"]), ()): {"sandbox-1", "sandbox-2", "sandbox-4", "sandbox-6", "sandbox-8"},
        (("Sandbox-*", "master"), ()): {"master"},
        (("ou:Workloads/Staging",), ()): staging | trials,
        (("ou:Root/Workloads/Staging/Trials", "tag:stage=test"), ("trial-2",)): {"trial-1", "trial-3"} | sandboxes,
        ((f"ou:{units['Workloads/Staging/Trials']}",), ()): trials,
        (("ou:Workloads",), ("ou:Workloads/Production",)): staging | trials,
        (("ou:Root",), ("ou:Workloads",)): {"master", *organization.active} - staging - trials - {f"production-{n}" for n in range(1, 10)},
    }
    for (wanted, excluding), expected in worlds.items():
        if expected:
            assert names(chosen(directory, *wanted, excluding=excluding)) == expected, (wanted, excluding)
        else:
            with pytest.raises(UserError, match="no account is left of the 30 active ones of the organization"):
                chosen(directory, *wanted, excluding=excluding)


def test_own_accounts_are_all_of_the_organization(organization: Organization, directory: aws.Organization) -> None:
    assert chosen(directory, "master").ids == set(organization.accounts.values())


def test_only_what_the_words_need_is_asked(organization: Organization, wire: Wire, environ: dict[str, str], over_http: OverHttp) -> None:
    """Beside ListAccounts: the tags where one is asked for, the units where one is, and of those no other than on the way."""
    ran = over_http(environ, only("ou:Workloads/Staging/Trials", "tag:stage=test"), "-k", "password_policy_min_length", profile="acme")
    calls = ran.results["api_calls"]["by_operation"]
    assert {name: number for name, number in calls.items() if name.startswith("organizations:")} == {
        "organizations:ListAccounts": 2,
        "organizations:ListTagsForResource": 30,
        "organizations:ListRoots": 1,
        "organizations:ListOrganizationalUnitsForParent": 4,
        "organizations:ListAccountsForParent": 1,
    }


def test_words_that_mean_no_account_are_said(organization: Organization, over_http: OverHttp, environ: dict[str, str]) -> None:
    closed = organization.accounts["closed"]
    words = ("master", "ou:Nowhere/Else", "ou:ou-abcd-00000000", "tag:stage=gone", "nobody-*")
    ran = over_http(environ, only(*words, excluding=("ou:Old", closed)), "-k", "password_policy_min_length", profile="acme")
    assert [line for line in ran.text.splitlines() if "means no active account" in line] == [
        f"ssb.toml: profile 'acme': {word} means no active account of the organization"
        for word in (*(f"accounts = {word}" for word in words[1:]), "exclude_accounts = ou:Old", f"exclude_accounts = {closed}")
    ]


def test_accounts_that_are_not_active_in_the_organization_are_refused(organization: Organization, directory: aws.Organization) -> None:
    closed, near = organization.accounts["closed"], organization.accounts["trial-1"]
    typo = near[:-1] + str((int(near[-1]) + 1) % 10)
    with pytest.raises(UserError) as raised:
        chosen(directory, closed, typo, "trial-2", excluding=("000000000000",))
    assert raised.value.lines == (
        f"ssb.toml: profile 'acme': accounts: {closed} is SUSPENDED, no active account of the organization; take it out",
        f"ssb.toml: profile 'acme': accounts: {typo} is no account of the organization; did you mean {near!r}?",
        "ssb.toml: profile 'acme': exclude_accounts: 000000000000 is no account of the organization; list ids of its accounts",
    )


def test_a_mistake_in_the_choice_ends_the_run_in_one_line(organization: Organization, over_http: OverHttp, environ: dict[str, str]) -> None:
    ran = over_http(environ, only("999988887777"), "-k", "password_policy_min_length", profile="acme")
    assert ran.result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in ran.result.errlines if line]
    assert line == "ERROR: ssb.toml: profile 'acme': accounts: 999988887777 is no account of the organization; list ids of its accounts"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (
            "AccessDeniedException",
            "organizations:ListAccounts is denied (AccessDeniedException): allow organizations:ListAccounts; "
            "account 123456789012 has to manage the organization, or be a delegated administrator of it",
        ),
        ("AWSOrganizationsNotInUseException", "account 123456789012 belongs to no organization; list account ids in accounts instead"),
        ("ServiceException", "organizations:ListAccounts failed with ServiceException"),
    ],
)
def test_an_organization_that_cannot_be_listed(faults: Simulated, directory: aws.Organization, code: str, says: str) -> None:
    faults.instead("organizations:ListAccounts", fails(code, "ListAccounts"))
    with pytest.raises(UserError, match=f"^{re.escape(f'ssb.toml: profile {chr(39)}acme{chr(39)}: organization = true: {says}')}$"):
        chosen(directory)


def fails(code: str, operation: str) -> Any:
    """An answer that is this error."""

    def answer(region: str, asked: dict[str, Any]) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

    return answer


def test_tags_that_cannot_be_read_leave_the_account_unanswered(organization: Organization, faults: Simulated, directory: aws.Organization) -> None:
    """Whether it is meant is not known: it is not left out without a word, and not judged either."""
    unread = {organization.accounts[name] for name in ("sandbox-1", "sandbox-2", "trial-1")}

    def tags(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["ResourceId"] in unread:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListTagsForResource")
        return {"Tags": [{"Key": "stage", "Value": "test"}] if asked["ResourceId"] == organization.accounts["master"] else []}

    faults.instead("organizations:ListTagsForResource", tags)
    found = chosen(directory, "tag:stage=test", "sandbox-1")
    assert names(found) == {"master", "sandbox-1", "sandbox-2", "trial-1"}
    assert set(found.unsure) == {organization.accounts[name] for name in ("sandbox-2", "trial-1")}
    (reason,) = {refusal.reason for refusal in found.unsure.values()}
    assert reason == (
        "its tags, which say whether it is meant, cannot be read: "
        "organizations:ListTagsForResource is denied (AccessDeniedException): allow organizations:ListTagsForResource"
    )
    found = chosen(directory, "sandbox-*", "master", excluding=("tag:stage=test", "sandbox-2"))
    assert names(found) == {f"sandbox-{n}" for n in range(1, 9) if n != 2}
    assert set(found.unsure) == {organization.accounts["sandbox-1"]}


def test_tags_of_which_none_can_be_read(faults: Simulated, directory: aws.Organization) -> None:
    faults.instead("organizations:ListTagsForResource", fails("AccessDeniedException", "ListTagsForResource"))
    with pytest.raises(
        UserError, match=r"organization = true: organizations:ListTagsForResource is denied .*: allow organizations:ListTagsForResource"
    ):
        chosen(directory, "tag:stage=test")


def test_units_that_cannot_be_listed(faults: Simulated, directory: aws.Organization) -> None:
    faults.instead("organizations:ListOrganizationalUnitsForParent", fails("AccessDeniedException", "ListOrganizationalUnitsForParent"))
    assert names(chosen(directory, "master")) == {"master"}
    with pytest.raises(
        UserError, match=r"organization = true: organizations:ListOrganizationalUnitsForParent is denied .*: allow organizations:List"
    ):
        chosen(directory, "master", "ou:Sandbox")


def test_accounts_that_are_listed_in_a_way_nobody_knows(faults: Simulated, directory: aws.Organization) -> None:
    faults.instead("organizations:ListAccounts", lambda region, asked: {"Accounts": [{"Name": "a", "State": "ACTIVE"}]})
    with pytest.raises(UserError, match="organizations:ListAccounts gave an answer that we cannot read: Object missing required field `Id`"):
        chosen(directory)


@pytest.mark.parametrize(
    ("given", "active"),
    [
        ({"State": "ACTIVE"}, True),
        ({"Status": "ACTIVE"}, True),
        ({"State": "PENDING_CLOSURE", "Status": "ACTIVE"}, False),
        ({"State": "PENDING_ACTIVATION"}, False),
        ({"State": "CLOSED", "Status": "SUSPENDED"}, False),
    ],
)
def test_active_is_what_state_says_or_else_status(faults: Simulated, directory: aws.Organization, given: dict[str, str], active: bool) -> None:
    """AWS replaced Status by State in September 2026."""
    listed = [{"Id": id, "Arn": f"arn:aws:organizations::1:account/o-1/{id}", "Name": "a"} for id in ("111122223333", "222233334444")]
    faults.instead("organizations:ListAccounts", lambda region, asked: {"Accounts": [listed[0] | {"State": "ACTIVE"}, listed[1] | given]})
    assert [account.id for account in chosen(directory).accounts] == [account["Id"] for account in listed[: 1 + active]]


def test_an_account_without_a_state_is_not_taken_for_active(faults: Simulated, directory: aws.Organization) -> None:
    listed = {"Id": "111122223333", "Arn": "arn:aws:organizations::1:account/o-1/111122223333", "Name": "a"}
    faults.instead("organizations:ListAccounts", lambda region, asked: {"Accounts": [listed]})
    with pytest.raises(UserError, match="organizations:ListAccounts answered account 111122223333 without State; a newer boto3 may know it"):
        chosen(directory)


# --- accounts that give no answer ----------------------------------------------------------------------------------------------------------------


def test_an_account_whose_role_is_not_given_is_one_error_for_each_control(
    organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire, pytester: pytest.Pytester
) -> None:
    """It ends nothing, is asked nothing, and people are told once."""
    lost = [organization.accounts[name] for name in ("trial-1", "trial-3")]
    wire.answers["AssumeRole"] = refusing(*lost)
    toml = only("trial-*") + 'environment = "preproduction"\n'
    ran = over_http(environ, toml, "-k", "password_policy or ebs_ or api_gateway_default_endpoint_tls", "--ssb-output", "summary.md", profile="acme")
    assert ran.result.ret == 1
    assert not ran.results["complete"]
    reason = ROLE.format("arn:aws:sts::123456789012:user/moto")
    for id in lost:
        found = ran.findings(account=id)
        # That a check does not apply here is told by the profile alone.
        (spared,) = [finding for finding in found if finding["status"] != "ERROR"]
        assert spared["reason"] == "judged in production accounts only (environment = preproduction)"
        errors = [finding for finding in found if finding["status"] == "ERROR"]
        assert [(finding["control"], finding["region"], finding["reason"]) for finding in errors] == [
            ("ACCT.06", None, reason),
            ("WKLD.08", None, reason),
        ]
        assert errors[0]["evidence"] == {
            "ChecksNotJudged": "password_policy_custom, password_policy_min_length, password_policy_composition, "
            "password_policy_reuse, password_policy_change"
        }
        assert errors[0]["error"] == {"operation": "sts:AssumeRole", "code": "AccessDenied", "action": None, "denied_by": None}
        assert errors[0]["nodeid"].endswith(f"[acme/{id}]")
        (row,) = [account for account in ran.results["accounts"] if account["id"] == id]
        assert (row["caller"], row["error"], row["regions"]) == (None, reason, [])
    others = {finding["status"] for finding in ran.findings(account=organization.accounts["trial-2"])}
    assert "ERROR" not in others
    assert "FAIL" in others
    assert len([asked for asked in wire.of("AssumeRole") if asked.params["RoleArn"].split(":")[4] in lost]) == 2
    head, _, rest = ran.text.partition("rootdir")
    called = ", ".join(sorted(f"{id} ({name})" for name, id in organization.accounts.items() if id in lost))
    assert f"  not reached: {called}: {reason}\n" in head
    assert rest.count(reason) == 1
    assert re.search(r"ERROR at setup of \d+ checks\[acme/2 accounts\]", rest)
    assert f"  accounts: {', '.join(sorted(lost))}\n" in rest
    summary = (pytester.path / "summary.md").read_text(encoding="utf-8")
    assert f"2 accounts gave no answer: {called}: {reason}." in summary
    controls = {row["id"]: row for row in ran.results["controls"]}
    assert controls["ACCT.06"]["checks"]["selected"] == 5


def test_roles_that_are_given_in_no_account(organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire) -> None:
    wire.answers["AssumeRole"] = refusing(*organization.accounts.values())
    ran = over_http(environ, only("trial-*"), "-m", "acct_06 or acct_08", profile="acme")
    assert ran.result.ret == 1
    assert ran.statuses() == {"ERROR": 6}
    assert {(finding["account"], finding["control"]) for finding in ran.findings()} == {
        (id, control) for id in organization.ids("trial") for control in ("ACCT.06", "ACCT.08")
    }
    assert ran.text.count(ROLE.format("arn:aws:sts::123456789012:user/moto")) == 2


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (
            "ExpiredToken",
            "cannot assume role audit/ssb: the credentials of arn:aws:sts::123456789012:user/moto have expired (ExpiredToken); sign in again",
        ),
        ("RegionDisabledException", "cannot assume role audit/ssb (RegionDisabledException)"),
    ],
)
def test_why_a_role_is_not_given(organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire, code: str, says: str) -> None:
    wire.answers["AssumeRole"] = refusing(organization.accounts["trial-1"], code=code)
    (error,) = over_http(environ, only("trial-1"), "-k", "password_policy_min_length", profile="acme").findings()
    assert (error["status"], error["reason"], error["error"]["code"]) == ("ERROR", says, code)


def test_sts_that_does_not_answer() -> None:
    def asked() -> None:
        raise EndpointConnectionError(endpoint_url="https://sts")

    silent: Any = SimpleNamespace(session=SimpleNamespace(get_credentials=asked))
    scheduler = Scheduler(1)
    base = Access(session(), "live", "us-east-1", scheduler, "test")
    refusal = aws.Members(Profile(name="acme", role_name="audit/ssb"), base, "test").refusal(silent, "arn:aws:iam::123456789012:user/ci")
    says = "cannot assume role audit/ssb: no answer from STS in us-east-1 (EndpointConnectionError); check network and proxy"
    assert refusal is not None
    assert (refusal.reason, refusal.operation, refusal.code) == (says, "sts:AssumeRole", "EndpointConnectionError")
    scheduler.close()


def test_the_same_account_complete_and_not(organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire) -> None:
    """What goes beyond the guide does not speak for its control, nor does the users' choice of tests change who is asked."""
    id = organization.accounts["trial-1"]
    wire.answers["AssumeRole"] = refusing(id)
    toml = only("trial-1") + "extended = true\n"
    ran = over_http(environ, toml, "-m", "wkld_08 or wkld_02", profile="acme")
    assert [(finding["control"], finding["extended"]) for finding in ran.findings()] == [("WKLD.02", False), ("WKLD.08", False), ("WKLD.12", False)]
    statuses = {row["id"]: row["status"] for row in ran.results["controls"] if row["status"] != "NOT_RUN"}
    assert statuses == dict.fromkeys(("WKLD.02", "WKLD.08", "WKLD.12"), "ERROR")
    assert f"checks[acme/{id}]" in ran.text
    (alone,) = over_http(environ, toml, "-k", "launch_template_ebs_encrypted", profile="acme").findings()
    assert (alone["check"], alone["status"]) == ("launch_template_ebs_encrypted", "ERROR")


def test_regions_that_are_not_listed_are_of_no_concern_to_others(
    organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checks of the whole account are judged all the same."""
    silent = organization.accounts["staging-2"]
    statuses = aws.region_statuses

    def asked(account: Account, access: Access, profile: Profile) -> Any:
        if account.id == silent:
            raise AwsError("cannot list regions: denied", "ec2:DescribeRegions", "UnauthorizedOperation", action="ec2:DescribeRegions")
        return statuses(account, access, profile)

    monkeypatch.setattr(aws, "region_statuses", asked)
    ran = over_http(environ, only("staging-2", "sandbox-3"), "-k", CHECKS, profile="acme")
    assert verdicts(ran.findings()) == {
        (silent, "password_policy_min_length"): "NOT_APPLICABLE",
        (silent, "ebs_volume_encrypted"): "ERROR",
        (organization.accounts["sandbox-3"], "password_policy_min_length"): "NOT_APPLICABLE",
        (organization.accounts["sandbox-3"], "ebs_volume_encrypted"): "FAIL",
    }
    (error,) = ran.findings(status="ERROR")
    assert (error["region"], error["nodeid"].rpartition("[")[2]) == (None, f"acme/{silent}]")
    assert f"regions not listed: {silent} (staging-2): cannot list regions: denied" in ran.text


def test_a_region_that_does_not_exist_is_still_a_mistake(organization: Organization, over_http: OverHttp, environ: dict[str, str]) -> None:
    ran = over_http(environ, only("trial-*"), "-k", CHECKS, "--ssb-region", "eu-wset-1", profile="acme")
    assert ran.result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in ran.result.errlines if line]
    assert line == "ERROR: --ssb-region: partition aws has no region 'eu-wset-1'; did you mean 'eu-west-1'?"


# --- credentials that end ------------------------------------------------------------------------------------------------------------------------


def soon(body: str) -> str:
    """Credentials that end in five minutes: botocore asks for new ones before each call."""
    ends = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return re.sub("<Expiration>.*?</Expiration>", f"<Expiration>{ends}</Expiration>", body)


def test_a_role_that_is_not_given_again_ends_what_is_asked_in_its_account_alone(
    organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire
) -> None:
    """The others go on with new credentials of theirs."""
    ending = organization.accounts["trial-1"]
    wire.changes["AssumeRole"] = soon
    given: list[Asked] = []

    def once(asked: Asked) -> tuple[int, str] | None:
        given.append(asked)
        mine = [each for each in given if ending in each.params["RoleArn"]]
        return failing("AccessDenied") if asked in mine and len(mine) > 1 else None

    wire.answers["AssumeRole"] = once
    ran = over_http(environ, only("trial-*"), "-m", "acct_06", profile="acme")
    assert ran.result.ret == 1
    assert {(finding["account"], finding["status"]) for finding in ran.findings()} == {
        (id, "ERROR" if id == ending else "NOT_APPLICABLE") for id in organization.ids("trial")
    }
    assert len(ran.findings(account=ending)) == 5
    for finding in ran.findings(account=ending):
        assert re.fullmatch(r"credentials expired at 20\S+Z, and AssumeRole gave no new ones \(AccessDenied\): sign in again", finding["reason"])
    again = [asked.params["RoleArn"].split(":")[4] for asked in given]
    assert {again.count(id) > 1 for id in organization.ids("trial")} == {True}


# --- accounts by their ids -----------------------------------------------------------------------------------------------------------------------


LISTED = """
[profiles.two]
regions = ["eu-west-1"]
accounts = ["123456789012", "{}"]
role_name = "ssb"
[profiles.other]
role_arn = "arn:aws:iam::{}:role/ssb"
regions = ["us-east-1"]
"""


def test_listed_accounts_need_no_organization(organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire) -> None:
    id = organization.accounts["staging-2"]
    ran = over_http(environ, LISTED.format(id, id), "-k", CHECKS, profile="two")
    assert verdicts(ran.findings()) == {
        ("123456789012", "password_policy_min_length"): "NOT_APPLICABLE",
        ("123456789012", "ebs_volume_encrypted"): "NOT_APPLICABLE",
        (id, "password_policy_min_length"): "NOT_APPLICABLE",
        (id, "ebs_volume_encrypted"): "FAIL",
    }
    assert [asked.params["RoleArn"] for asked in wire.of("AssumeRole")] == [f"arn:aws:iam::{id}:role/ssb"]
    assert not [call for call in ran.results["api_calls"]["by_operation"] if call.startswith("organizations:")]
    assert f"\n  123456789012, {id}\n" in ran.text
    assert [account["name"] for account in ran.results["accounts"]] == [None, None]


def test_the_first_hop_is_a_role_too(organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire) -> None:
    hub, id = organization.accounts["production-1"], organization.accounts["staging-2"]
    toml = f'[profiles.two]\nregions = ["eu-west-1"]\nrole_arn = "arn:aws:iam::{hub}:role/hub"\naccounts = ["{id}", "{hub}"]\nrole_name = "ssb"\n'
    ran = over_http(environ, toml, "-k", "password_policy_min_length", profile="two")
    assert [account["caller"] for account in ran.results["accounts"]] == [
        f"arn:aws:sts::{id}:assumed-role/ssb/pytest-ssb",
        f"arn:aws:sts::{hub}:assumed-role/hub/pytest-ssb",
    ]
    first, second = wire.of("AssumeRole")
    assert (first.params["RoleArn"], first.key) == (f"arn:aws:iam::{hub}:role/hub", "testing")
    assert second.params["RoleArn"] == f"arn:aws:iam::{id}:role/ssb"
    assert second.key != "testing"


def test_two_profiles_that_reach_one_account_are_refused(organization: Organization, over_http: OverHttp, environ: dict[str, str]) -> None:
    id = organization.accounts["staging-2"]
    ran = over_http(environ, LISTED.format(id, id), "--ssb-profile", "other", "-k", "password_policy_min_length", profile="two")
    assert ran.result.ret == pytest.ExitCode.USAGE_ERROR
    says = f"ERROR: --ssb-profile: 'two' and 'other' both reach account {id} with a check of the whole account; run them one by one"
    assert [line for line in ran.result.errlines if line] == [says]
    apart = over_http(environ, LISTED.format(id, id), "--ssb-profile", "other", "-k", "ebs_volume_encrypted", profile="two")
    assert {(finding["profile"], finding["account"], finding["region"]) for finding in apart.findings()} == {
        ("two", "123456789012", "eu-west-1"),
        ("two", id, "eu-west-1"),
        ("other", id, "us-east-1"),
    }


# --- accounts beside the judged one --------------------------------------------------------------------------------------------------------------


def test_a_profile_of_several_leads_to_where_its_credentials_stand(organization: Organization, over_http: OverHttp, environ: dict[str, str]) -> None:
    """Whether it is judged itself or not: its members are told their addresses by the management account."""
    toml = only("trial-1") + 'contacts.distribution_lists = ["trial-*@acme.example"]\n'
    toml = toml.replace(
        "[profiles.acme]",
        '[defaults]\norganization_profile = "hub"\n[profiles.hub]\norganization = true\nrole_name = "x"\norganization_profile = "acme"\n[profiles.acme]',
    )
    (found,) = over_http(environ, toml, "-k", "primary_email_distribution_list", profile="acme").findings()
    assert (found["status"], found["evidence"]["JudgedInAccount"]) == ("PASS", organization.management)


def test_members_of_the_organization_are_no_strangers(organization: Organization, over_http: OverHttp, environ: dict[str, str]) -> None:
    ran = over_http(environ, only("production-1"), "-k", "sqs_queue_policy_scoped", profile="acme")
    assert {finding["resource"].rpartition(":")[2]: finding["status"] for finding in ran.findings()} == {"siblings": "PASS", "strangers": "FAIL"}


def test_a_repository_is_looked_into_once_for_all_accounts(
    organization: Organization, over_http: OverHttp, environ: dict[str, str], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is wrong in it is told once, though it is a finding of each."""
    committed(pytester.path / "shop", {".env": "PASSWORD=hunter2hunter2\n", "id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n"})
    opened: list[str] = []
    open_it = git.opened

    def opening(arn: str, place: Path) -> git.Repository:
        opened.append(arn)
        return open_it(arn, place)

    monkeypatch.setattr(git, "opened", opening)
    toml = only("trial-*") + 'repositories = [{ path = "shop", holds = "application" }]\n'
    ran = over_http(environ, toml, "-k", "repository_no_tracked_secret_files", profile="acme")
    assert opened == ["repo:shop"]
    assert {(finding["account"], finding["item"], finding["status"]) for finding in ran.findings()} == {
        (id, file, "FAIL") for id in organization.ids("trial") for file in (".env", "id_rsa")
    }
    assert ran.text.count("WKLD.04 FAIL") == 1
    assert "(in 3 accounts)" in ran.text


# --- what it needs -------------------------------------------------------------------------------------------------------------------------------


def test_the_documented_policy_is_what_is_called(organization: Organization, over_http: OverHttp, environ: dict[str, str], wire: Wire) -> None:
    """Each kind of word needs what the page says of it, and nothing else is called to find the accounts; none of it does more than read."""
    page = (Path(__file__).parent.parent / "docs/accounts.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    entering, listing = json.loads(block)["Statement"]
    assert (entering["Action"], entering["Resource"]) == ("sts:AssumeRole", "arn:aws:iam::*:role/audit/ssb")
    assert set(listing["Action"]) == {call for calls in CALLS.values() for call in calls}
    assert all(map(only_reads, listing["Action"]))
    ran = over_http(environ, only("tag:stage=test", "ou:Sandbox"), "-k", "password_policy_min_length", profile="acme")
    called = {call for call in ran.results["api_calls"]["by_operation"] if call.startswith("organizations:")}
    assert called == set(listing["Action"])


# --- what people are told ------------------------------------------------------------------------------------------------------------------------


def test_what_is_the_same_in_several_accounts_is_told_once(
    organization: Organization, over_http: OverHttp, environ: dict[str, str], faults: Simulated
) -> None:
    faults.instead("ec2:DescribeVolumes", lambda region, asked: denied("ec2:DescribeVolumes"))
    chosen = "account_public_access_block or ebs_encryption_by_default or ebs_volume_encrypted"
    ran = over_http(environ, only("trial-*"), "-k", chosen, profile="acme")
    assert ran.statuses() == {"FAIL": 6, "ERROR": 3}
    ids = sorted(organization.ids("trial"))
    off = "BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets off for the account"
    told = ran.text.partition(" FAILURES ")[2].partition("short test summary")[0]
    assert f"ACCT.08 FAIL (medium): {off} (in 3 accounts)\n\n  accounts: {', '.join(ids)}\n\n" in told
    for id in ids:
        # The command names the account: there is one for each.
        assert f"  FAIL  medium  {id}: account  {off}\n" in told
        assert f"put-public-access-block --account-id {id} " in told
    # This one does not.
    new = "off: a new volume is encrypted only if that is asked for"
    assert f"WKLD.08 FAIL (medium): {new} (in 3 accounts, in eu-west-1)\n\n  accounts: {', '.join(ids)}\n  regions: eu-west-1\n\n" in told
    assert told.count("aws ec2 enable-ebs-encryption-by-default --region eu-west-1") == 1
    error = "ec2:DescribeVolumes is denied (UnauthorizedOperation): allow ec2:DescribeVolumes"
    assert ran.text.count(f"WKLD.08 ERROR: {error} (in 3 accounts, in eu-west-1)") == 1
    (line,) = [line for line in ran.text.splitlines() if line.startswith("missing permission")]
    assert line == f"missing permission: ec2:DescribeVolumes on {', '.join(ids)} in eu-west-1: 1 checks not judged"
