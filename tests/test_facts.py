"""What the config file holds and no check acts on is said, so the facts that checks declare must be those at which they look."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssb import facts
from pytest_ssb.configfile import load
from pytest_ssb.facts import facts_of_checks, unused
from pytest_ssb.keys import keys_of
from pytest_ssb.profiles import Profile
from tests.support.runs import Runner


def test_every_declared_fact_is_a_key_of_the_config_file() -> None:
    assert facts_of_checks() <= {key.path for key in keys_of(Profile)}


def test_a_key_that_no_check_reads_is_said(run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, moto_account: None) -> None:
    known = facts_of_checks()
    monkeypatch.setattr(facts, "facts_of_checks", lambda: known - {"network.require_waf"})
    pytester.path.joinpath("ssb.toml").write_text("[profiles.prod]\nnetwork.require_waf = true\npassword_policy.min_length = 16\n")
    ran = run("-m", "acct_06", profile="prod")
    ran.result.stdout.fnmatch_lines(["ssb.toml: profile 'prod': network.require_waf is read by no check of this version"])
    assert "min_length is read by no check" not in ran.text


def test_an_entry_that_meant_nothing_is_said(run: Runner, pytester: pytest.Pytester, moto_account: None) -> None:
    pytester.path.joinpath("ssb.toml").write_text('[profiles.prod]\nbuckets.public = ["acme-old"]\n')
    import boto3

    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="acme-new")
    ran = run("-k", "bucket_public_access_block", profile="prod")
    ran.result.stdout.fnmatch_lines(["ssb.toml: profile 'prod': buckets.public = acme-old matched nothing"])


def profile(folder: Path, text: str) -> Profile:
    (folder / "ssb.toml").write_text(f"[profiles.prod]\n{text}\n")
    return load(None, [folder]).profiles["prod"]


def test_a_planned_use_of_root_that_was_none_is_said(tmp_path: Path) -> None:
    uses = 'root.uses = [{ on = 2026-11-20, why = "MFA", by = "ana" }, { on = 2026-11-21, why = "DNS", by = "ana" }]'
    assert list(unused(profile(tmp_path, uses), {"root.uses"}, {("root.uses", "2026-11-20")})) == ["root.uses = 2026-11-21 matched nothing"]
    assert list(unused(profile(tmp_path, uses), set(), set())) == []


def test_a_tag_that_no_user_has_is_said(tmp_path: Path) -> None:
    assert list(unused(profile(tmp_path, 'people.person_tag = "persn"'), {"people.person_tag"}, set())) == [
        "people.person_tag = persn matched nothing"
    ]


def test_what_nobody_wrote_is_not_said_to_be_of_no_use(tmp_path: Path) -> None:
    assert list(unused(profile(tmp_path, ""), {key.path for key in keys_of(Profile)}, set())) == []


SAMPLES = {
    "root.uses": '[{ on = 2026-11-20, why = "MFA", by = "ana" }]',
    "people.person_tag": '"person"',
    "people.service_users": '{ bot = "deploys" }',
    "templates.terraform_state": '["state.json"]',
    "templates.iac_tags": '["tag:a=b"]',
    "trust.accounts": '["111122223333"]',
    "trust.organizations": '["o-0123456789"]',
    "trust.canonical_users": f'["{"f" * 64}"]',
    "trust.networks": '["vpc-1"]',
    "trust.cidrs": '["192.0.2.0/24"]',
    "network.database_cidrs": '["192.0.2.0/24"]',
    "guardduty.pollers": '["arn:aws:iam::111122223333:role/a"]',
    "trails.log_readers": '["111122223333"]',
    "trusted_advisor.categories": '["security"]',
}
# Said by other words, or not a list of what is exempted.
ELSEWHERE = {"denied_regions", "environment"}


@pytest.mark.parametrize("path", [key.path for key in keys_of(Profile) if key.said.kind == "d" and key.path not in ELSEWHERE])
def test_every_key_that_names_or_exempts_can_be_said_to_be_of_no_use(tmp_path: Path, path: str) -> None:
    (tmp_path / "state.json").write_text("{}")
    sample = SAMPLES.get(path, '["abcdef"]')
    written = profile(tmp_path, f"{path} = {sample}")
    (line,) = unused(written, {path}, set())
    assert line.startswith(f"{path} = ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '[[profiles.prod.waivers]]\ncheck = "ebs_snapshot_encryptd"\nscope = "all"\nreason = "x"\nowner = "y"\n',
            "waivers: entry 1 (line 1): check: this version has no check 'ebs_snapshot_encryptd'; did you mean 'ebs_snapshot_encrypted'?",
        ),
        (
            '[[profiles.prod.waivers]]\ncontrol = "WKLD.09"\ncheck = "ebs_snapshot_encrypted"\nscope = "all"\nreason = "x"\nowner = "y"\n',
            "waivers: entry 1 (line 1): control: check 'ebs_snapshot_encrypted' belongs to WKLD.08, not to WKLD.09",
        ),
        (
            '[[profiles.prod.waivers]]\ncheck = "bucket_not_public"\nscope = "all"\nreason = "x"\nowner = "y"\n',
            "waivers: entry 1 (line 1): expires: is required: 'bucket_not_public' can give critical",
        ),
        (
            '[[profiles.prod.declarations]]\ncheck = "idp_enforce_mfa"\nstatement = "x"\nby = "y"\non = 2020-01-01\nreview_by = 2020-12-01\n',
            "declarations: entry 1 (line 1): check: this version has no check 'idp_enforce_mfa'; did you mean 'idp_enforces_mfa'?",
        ),
    ],
)
def test_a_waiver_or_declaration_of_what_there_is_not_is_refused_before_anything_is_asked(pytester: pytest.Pytester, text: str, says: str) -> None:
    pytester.path.joinpath("ssb.toml").write_text(text)
    result = pytester.runpytest_inprocess("--ssb-profile", "prod")
    assert result.ret == 4
    assert [line for line in result.errlines if line] == [f"ERROR: ssb.toml: profile 'prod': {says}"]


def test_what_goes_beyond_the_guide_may_be_waived_too(run: Runner, pytester: pytest.Pytester, moto_account: None) -> None:
    waiver = '[[profiles.prod.waivers]]\ncheck = "default_security_group_closed"\nscope = "all"\nreason = "x"\nowner = "y"\n'
    pytester.path.joinpath("ssb.toml").write_text(waiver)
    assert run("-m", "acct_06", profile="prod").result.ret == 0
