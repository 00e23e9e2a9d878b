"""What is offered to paste: filled in, the config file takes it, and it covers the finding and nothing that can be told from it."""

from __future__ import annotations

import re
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssb.configfile import Config, ConfigError, load
from pytest_ssb.controls import Severity
from pytest_ssb.declarations import answers
from pytest_ssb.findings import Finding, Status, clean
from pytest_ssb.lastrun import paste, section_of
from pytest_ssb.pasting import Section, declaration, section, waiver
from pytest_ssb.profiles import Profile
from pytest_ssb.waivers import covers
from tests.test_waivers import PLACE, finding
from tests.test_waivers import waiver as written

TODAY = date(2026, 11, 26)
CHECKS = {"bucket_not_public": ["ACCT.08"]}
PROD = section("prod", file="ssb.toml", known=True)
SHARED = section("prod", file=None, known=True, shared=True)


def filled(text: str) -> str:
    return re.sub(r'^(\w+) = ""', r'\1 = "filled in"', text, flags=re.MULTILINE)


def taken(text: str, worst: Severity = "low", name: str = "ssb.toml") -> Config:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return load(path, [], checks=CHECKS, worst={"bucket_not_public": worst}, today=TODAY)


def test_a_waiver_says_what_is_needed_and_leaves_open_what_only_people_know() -> None:
    assert waiver(finding(item="statement 1"), SHARED, TODAY, "high").splitlines() == [
        "[[profiles.prod.waivers]]",
        'check = "bucket_not_public"',
        'resource = "arn:aws:s3:::acme-www"',
        'item = "statement 1"',
        'account = "111122223333"',
        'reason = ""  # why it is accepted',
        'owner = ""  # who answers for it',
        "expires = 2027-02-24",
    ]


def test_a_declaration_does_too() -> None:
    assert declaration(finding("MANUAL"), PROD, TODAY, at_most=31).splitlines() == [
        "[[profiles.prod.declarations]]",
        'check = "bucket_not_public"',
        'resource = "arn:aws:s3:::acme-www"',
        'statement = ""  # what is so',
        'by = ""  # who says it',
        "on = 2026-11-26",
        "review_by = 2026-12-27",
        '# evidence = "https://..."',
    ]
    for at_most in (None, 1000):
        assert "review_by = 2027-05-25" in declaration(finding("MANUAL"), PROD, TODAY, at_most)


@pytest.mark.parametrize(("worst", "needed"), [("critical", True), ("high", True), ("medium", False), ("low", False), (None, True)])
def test_a_last_day_is_given_where_one_is_required(worst: Severity | None, needed: bool) -> None:
    assert ("expires = 2027-02-24" in waiver(finding(), PROD, TODAY, worst)) is needed


def test_what_is_left_open_is_refused() -> None:
    with pytest.raises(ConfigError) as refused:
        taken(waiver(finding(), PROD, TODAY, "critical"))
    assert [line.partition(": reason: ")[2] or line.partition(": owner: ")[2] for line in refused.value.lines] == ["expected a text, found ''"] * 2


def test_a_setting_of_an_account_is_accepted_in_its_region_alone() -> None:
    here = finding(resource="arn:aws:account::111122223333:account")
    assert 'region = "eu-west-1"' in waiver(here, PROD, TODAY, "low").splitlines()
    (one,) = taken(filled(waiver(here, PROD, TODAY, "low"))).profiles["prod"].waivers
    assert [covers(one, msgspec.structs.replace(here, region=region)) for region in ("eu-west-1", "us-east-1", None)] == [True, False, False]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(clean)
NAMES = st.one_of(TEXTS, st.sampled_from(["*", "a*", "[a]*?", 'a"b', "a\\b", "a'b", "*?*", "é🙂", "[!a]", "]", "\\u0041"]))
RESOURCES = st.one_of(NAMES.map("arn:aws:s3:::x{}".format), NAMES.map("repo:../x{}".format), st.sampled_from(["repo:.", "repo:..", "repo:../.."]))


@given(
    resource=RESOURCES, item=st.none() | NAMES, where=st.sampled_from([PROD, SHARED, section("a.b", file="ssb.toml", known=False, aws_profile='x"y')])
)
def test_what_is_pasted_is_taken_and_covers_the_finding(resource: str, item: str | None, where: Section) -> None:
    found = finding(resource=resource, item=item)
    (profile,) = taken(filled(waiver(found, where, TODAY, "critical")), "critical").profiles.values()
    (one,) = profile.waivers
    assert covers(one, found)
    assert one.expires == TODAY + timedelta(days=90)
    for other in (f"{resource}x", f"x{resource}"):
        assert not covers(one, msgspec.structs.replace(found, resource=other))
    if item is not None and item.strip():
        assert not covers(one, msgspec.structs.replace(found, item=f"{item}x"))
        assert not covers(one, msgspec.structs.replace(found, item=None))
    (asked,) = taken(filled(declaration(found, where, TODAY))).profiles.values()
    assert answers(asked.declarations[0], found)


def test_a_star_that_is_part_of_a_name_means_one_character() -> None:
    """Globs have no escape."""
    found = finding(resource="arn:aws:logs:eu-west-1:111122223333:log-group:app:*", item="*")
    text = waiver(found, PROD, TODAY, "low")
    assert 'resource = "arn:aws:logs:eu-west-1:111122223333:log-group:app:?"' in text
    assert 'item = "?"' in text


def test_into_pyproject_and_for_a_profile_that_has_no_section_yet() -> None:
    where = section("a.b", file="pyproject.toml", known=False, aws_profile="acme")
    text = waiver(finding(), where, TODAY, "low")
    assert text.splitlines()[:5] == [
        '[tool.pytest-ssb.profiles."a.b"]',
        'aws_profile = "acme"',
        "",
        '[[tool.pytest-ssb.profiles."a.b".waivers]]',
        'check = "bucket_not_public"',
    ]
    profile = taken(filled(text), name="pyproject.toml").profiles["a.b"]
    assert profile.aws_profile == "acme"
    assert len(profile.waivers) == 1


def test_several_can_be_pasted_into_one_file() -> None:
    where = section("acme", file=None, known=False, aws_profile="acme").among_others()
    both = [waiver(finding(resource=f"arn:aws:s3:::{name}"), where, TODAY, "low") for name in ("a", "b")]
    assert both[0].splitlines()[:2] == ["# once, above: [profiles.acme]", '# once, above: aws_profile = "acme"']
    assert len(taken(filled("\n".join(both))).profiles["acme"].waivers) == 2


def offered(found: Finding, profile: Profile, file: Config | None = None) -> str | None:
    return paste(found, profile, section_of(file or Config(), profile), TODAY, "low")


def test_one_that_another_covered_says_which_has_expired() -> None:
    old = written(expires=date(2026, 1, 1))
    text = offered(finding(), Profile(name="prod", waivers=(written(resource="other"), old)))
    assert text is not None
    assert text.splitlines()[:2] == [f"# expired: {PLACE}", "[[profiles.prod.waivers]]"]


def test_a_demo_takes_none() -> None:
    text = offered(finding(), Profile(name="demo"))
    assert text is not None
    assert text.splitlines()[:2] == ["# demo takes none: prod stands for a profile of yours", "[[profiles.prod.waivers]]"]


@pytest.mark.parametrize("status", [Status.ERROR, Status.PASS, Status.NOT_APPLICABLE, Status.WAIVED])
def test_nothing_is_offered_for_what_is_neither_a_failure_nor_a_question(status: Status) -> None:
    assert offered(finding(str(status)), Profile(name="prod")) is None


def test_accounts_that_share_a_profile_are_told_apart() -> None:
    kinds: list[dict[str, Any]] = [{"accounts": ("111122223333",)}, {"organization": True}]
    for kind in kinds:
        text = offered(finding(), Profile(name="prod", **kind))
        assert text is not None
        assert 'account = "111122223333"' in text
