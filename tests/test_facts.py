"""What the config file holds and no check acts on is said, so the list of keys that are acted on must be true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_ssb import suites
from pytest_ssb.facts import CONSULTED
from tests.support.runs import Runner

PACKAGE = Path(__file__).parent.parent / "pytest_ssb"


def judging_code() -> str:
    """The text of all that judges or reads."""
    files = [*suites.files(), *(PACKAGE / "reads").glob("*.py"), PACKAGE / "group_exposure.py", PACKAGE / "policies.py"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("key", sorted(CONSULTED))
def test_what_is_said_to_be_read_is_read(key: str) -> None:
    assert re.search(rf"\.{key.rpartition('.')[2]}\b", judging_code())


def test_a_key_that_no_check_reads_is_said(run: Runner, pytester: pytest.Pytester, moto_account: None) -> None:
    pytester.path.joinpath("ssb.toml").write_text('[profiles.prod]\npeople.break_glass_users = ["emergency-*"]\npassword_policy.min_length = 16\n')
    ran = run("-m", "acct_06", profile="prod")
    ran.result.stdout.fnmatch_lines(["ssb.toml: profile 'prod': people.break_glass_users is read by no check of this version"])
    assert "min_length is read by no check" not in ran.text


def test_an_entry_that_meant_nothing_is_said(run: Runner, pytester: pytest.Pytester, moto_account: None) -> None:
    pytester.path.joinpath("ssb.toml").write_text('[profiles.prod]\nbuckets.public = ["acme-old"]\n')
    import boto3

    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="acme-new")
    ran = run("-k", "bucket_public_access_block", profile="prod")
    ran.result.stdout.fnmatch_lines(["ssb.toml: profile 'prod': buckets.public = acme-old matched nothing"])
