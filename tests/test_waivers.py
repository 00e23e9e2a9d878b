"""Waivers: what they cover, what they leave alone, and what is said of those that cover nothing or end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssb import suites
from pytest_ssb.covering import Judged, checks_of
from pytest_ssb.findings import Failure, Finding, Status, Waived, finding_id
from pytest_ssb.profiles import Waiver
from pytest_ssb.results import WaiverRow
from pytest_ssb.targets import Target
from pytest_ssb.waivers import covers, merged, rows, said, waived

TODAY = date(2026, 11, 26)
WWW, LOGS = "arn:aws:s3:::acme-www", "arn:aws:s3:::acme-logs"
PLACE = "ssb.toml: profile 'prod': waivers: entry 1 (line 2)"


def finding(status: str = "FAIL", **fields: Any) -> Finding:
    values: dict[str, Any] = {
        "control": "ACCT.08",
        "check": "bucket_not_public",
        "extended": False,
        "profile": "prod",
        "account": "111122223333",
        "region": "eu-west-1",
        "resource": WWW,
        "item": None,
        "resource_type": "AWS::S3::Bucket",
        "severity": "high",
        "basis": "observed",
        "reason": "public",
        "question": None,
        "remediation": "aws s3api ...",
        "references": ("https://example.com",),
        "evidence": {},
        "error": None,
        "nodeid": "x",
        **fields,
    }
    unique = (values[name] for name in ("control", "check", "account", "region", "resource", "item"))
    return Finding(id=finding_id(*unique), status=Status(status), **values)


def waiver(**fields: Any) -> Waiver:
    if "scope" not in fields:
        fields.setdefault("resource", WWW)
    if "control" not in fields:
        fields.setdefault("check", "bucket_not_public")
    return Waiver(**{"reason": "a website", "owner": "ana@acme.example", "expires": date(2027, 3, 31), "place": PLACE, **fields})


def test_a_failure_that_it_covers_is_waived_and_nothing_else_of_it_changes() -> None:
    (one,) = waived([finding()], [waiver()], TODAY)
    assert one == msgspec.structs.replace(
        finding(), status=Status.WAIVED, waiver=Waived(reason="a website", owner="ana@acme.example", expires="2027-03-31")
    )


def test_its_last_day_counts_and_the_next_does_not() -> None:
    assert waived([finding()], [waiver()], date(2027, 3, 31))[0].status is Status.WAIVED
    (again,) = waived([finding()], [waiver()], date(2027, 4, 1))
    assert again == msgspec.structs.replace(finding(), reason="public (the waiver of ana@acme.example expired on 2027-03-31)")


def test_one_without_a_last_day_stays() -> None:
    assert waived([finding()], [waiver(expires=None)], date(2099, 1, 1))[0].waiver == Waived(
        reason="a website", owner="ana@acme.example", expires=None
    )


def test_the_first_in_force_counts_and_of_those_that_have_expired_the_last() -> None:
    old, older = (waiver(owner=owner, expires=last) for owner, last in (("old", date(2026, 11, 25)), ("older", date(2026, 11, 24))))
    (one,) = waived([finding()], [old, waiver(owner="first"), waiver(owner="second")], TODAY)
    assert one.waiver is not None and one.waiver.owner == "first"
    assert waived([finding()], [older, old], TODAY)[0].reason == "public (the waiver of old expired on 2026-11-25)"


@pytest.mark.parametrize(
    ("fields", "covered"),
    [
        ({}, True),
        ({"resource": "acme-www"}, True),
        ({"resource": "acme-w"}, False),
        ({"resource": "arn:aws:s3:::acme-*"}, True),
        ({"resource": "arn:aws:s3:::ACME-*"}, False),
        ({"resource": "arn:aws:s3:::acme-ww?"}, True),
        ({"resource": "arn:aws:s3:::acme-w[w]w"}, False),
        ({"resource": LOGS}, False),
        ({"scope": "all"}, True),
        ({"check": "bucket_public_access_block"}, False),
        ({"control": "ACCT.08"}, True),
        ({"control": "ACCT.07"}, False),
        ({"control": "ACCT.08", "check": "bucket_not_public"}, True),
        ({"control": "ACCT.07", "check": "bucket_not_public"}, False),
        ({"control": "ACCT.08", "check": "bucket_public_access_block"}, False),
        ({"account": "111122223333"}, True),
        ({"account": "1111*"}, True),
        ({"account": "1111"}, False),
        ({"region": "eu-*"}, True),
        ({"region": "us-*"}, False),
        ({"region": "-"}, False),
        ({"item": "*"}, False),
    ],
)
def test_it_covers_what_all_of_its_fields_mean(fields: dict[str, Any], covered: bool) -> None:
    assert covers(waiver(**fields), finding()) is covered


def test_a_region_is_told_from_none_and_an_item_by_its_glob() -> None:
    assert covers(waiver(region="-"), finding(region=None))
    assert not covers(waiver(region="eu-*"), finding(region=None))
    assert covers(waiver(item="stat*"), finding(item="statement 1"))
    assert not covers(waiver(item="stat"), finding(item="statement 1"))
    assert covers(waiver(), finding(item="statement 1"))


def test_by_control_it_covers_that_ones_finding_alone() -> None:
    """A check that serves two controls leaves a finding under each."""
    twice = [finding(control=control, check="trail_bucket_not_public") for control in ("ACCT.07", "ACCT.08")]
    assert [str(one.status) for one in waived(twice, [waiver(control="ACCT.07")], TODAY)] == ["WAIVED", "FAIL"]
    assert [str(one.status) for one in waived(twice, [waiver(check="trail_bucket_not_public")], TODAY)] == ["WAIVED", "WAIVED"]


# --- no waiver touches what is no FAIL, and none covers what it does not mean

WORDS = st.sampled_from(["a", "b", "ab", "a[b", "a*", "a?b", "b.a"])
GLOBS = st.one_of(WORDS, st.sampled_from(["*", "?", "a*", "*b", "[ab]", "a?b"]))
MAYBE = st.none() | GLOBS
CONTROLS = st.sampled_from(["ACCT.07", "ACCT.08"])
CHECKS = st.sampled_from(["bucket_not_public", "trail_bucket_not_public"])
REGIONS = st.sampled_from(["eu-west-1", "us-east-1"])
FINDINGS = st.builds(
    finding,
    status=st.sampled_from(list(Status)),
    control=CONTROLS,
    check=CHECKS,
    account=st.sampled_from(["111122223333", "444455556666"]),
    region=st.none() | REGIONS,
    resource=WORDS.map("arn:aws:s3:::{}".format),
    item=st.none() | WORDS,
)


@st.composite
def any_waiver(draw: st.DrawFn) -> Waiver:
    what = draw(st.sampled_from([("control",), ("check",), ("control", "check")]))
    everywhere = draw(st.booleans())
    return Waiver(
        control=draw(CONTROLS) if "control" in what else None,
        check=draw(CHECKS) if "check" in what else None,
        resource=None if everywhere else draw(GLOBS.map("arn:aws:s3:::{}".format) | GLOBS),
        scope="all" if everywhere else None,
        account=draw(st.none() | st.sampled_from(["1111*", "4444????6666", "*"])),
        region=draw(st.none() | REGIONS | st.sampled_from(["-", "eu-*", "*"])),
        item=draw(MAYBE),
        reason="r",
        owner="o",
        expires=draw(st.none() | st.integers(-2, 2).map(lambda off: TODAY + timedelta(days=off))),
    )


def fits(pattern: str, text: str) -> bool:
    """What a glob means, in the plainest words."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(fits(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and fits(pattern[1:], text[1:])


def means(one: Waiver, it: Finding) -> bool:
    name = it.resource if (one.resource or "").startswith("arn:") else it.resource.rpartition(":")[2]
    return all(
        [
            one.control is None or one.control == it.control,
            one.check is None or one.check == it.check,
            one.resource is None or fits(one.resource, name),
            one.account is None or fits(one.account, it.account),
            one.region is None or fits(one.region, it.region if it.region is not None else "-"),
            one.item is None or (it.item is not None and fits(one.item, it.item)),
        ]
    )


@given(findings=st.lists(FINDINGS, max_size=4), waivers=st.lists(any_waiver(), max_size=4))
def test_no_waiver_changes_what_is_no_failure_and_none_covers_what_it_does_not_mean(findings: list[Finding], waivers: list[Waiver]) -> None:
    for before, after in itertools.zip_longest(findings, waived(findings, waivers, TODAY)):
        mine = [one for one in waivers if before.status is Status.FAIL and means(one, before)]
        in_force = [one for one in mine if one.expires is None or one.expires >= TODAY]
        if in_force:
            last_day = in_force[0].expires
            by = Waived(reason="r", owner="o", expires=str(last_day) if last_day else None)
            assert after == msgspec.structs.replace(before, status=Status.WAIVED, waiver=by)
        elif mine:
            last = max(one.expires for one in mine if one.expires is not None)
            assert after == msgspec.structs.replace(before, reason=f"{before.reason} (the waiver of o expired on {last})")
        else:
            assert after == before


# --- what becomes of them


def row(one: Waiver, *findings: Finding, judged: bool = True, today: date = TODAY) -> WaiverRow:
    (made,) = rows("prod", [one], findings, today, lambda _: judged)
    return made


def told(*made: WaiverRow, today: date = TODAY) -> list[str]:
    return [line.removeprefix(f"{PLACE}: ") for line in said(made, today)]


def test_a_row_says_what_is_written_and_what_became_of_it() -> None:
    by_control = waiver(control="ACCT.08", region="eu-*", account="1*", item="*", expires=None)
    assert msgspec.to_builtins(row(by_control, finding(item="a"), finding(item="b"), finding(resource=LOGS, item="a"))) == {
        "profile": "prod",
        "place": PLACE,
        "control": "ACCT.08",
        "check": None,
        "account": "1*",
        "region": "eu-*",
        "resource": WWW,
        "scope": None,
        "item": "*",
        "reason": "a website",
        "owner": "ana@acme.example",
        "expires": None,
        "state": "in_force",
        "matched": 2,
        "judged": True,
    }


def test_it_counts_what_fails_in_its_own_profile() -> None:
    assert row(waiver(), finding(profile="staging"), finding("MANUAL", item="a"), finding("WAIVED", item="b")).matched == 1


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2027, 3, 16), "in_force"),
        (date(2027, 3, 17), "expiring"),
        (date(2027, 3, 31), "expiring"),
        (date(2027, 4, 1), "expired"),
    ],
)
def test_its_state_goes_by_the_day(today: date, state: str) -> None:
    assert row(waiver(), today=today).state == state


@pytest.mark.parametrize(
    ("expires", "found", "judged", "says"),
    [
        (date(2027, 3, 31), ["FAIL"], True, []),
        (date(2027, 3, 31), [], False, []),
        (date(2027, 3, 31), [], True, ["the waiver of ana@acme.example matched nothing"]),
        (date(2027, 3, 31), ["PASS", "ERROR", "NOT_APPLICABLE"], True, ["the waiver of ana@acme.example matched nothing"]),
        (date(2027, 3, 31), ["MANUAL"], True, []),
        (date(2026, 11, 26), ["FAIL"], True, ["the waiver of ana@acme.example expires on 2026-11-26, today; it covers 1 finding"]),
        (date(2026, 11, 27), ["FAIL", "FAIL"], True, ["the waiver of ana@acme.example expires on 2026-11-27, tomorrow; it covers 2 findings"]),
        (date(2026, 12, 10), [], False, ["the waiver of ana@acme.example expires on 2026-12-10, in 14 days"]),
        (date(2026, 12, 10), [], True, ["the waiver of ana@acme.example matched nothing"]),
        (date(2026, 12, 11), ["FAIL"], True, []),
        (date(2026, 11, 25), ["FAIL"], True, ["the waiver of ana@acme.example expired on 2026-11-25: 1 finding FAILs again"]),
        (date(2026, 11, 25), ["FAIL", "FAIL"], True, ["the waiver of ana@acme.example expired on 2026-11-25: 2 findings FAIL again"]),
        (date(2026, 11, 25), [], True, ["the waiver of ana@acme.example expired on 2026-11-25; it covers nothing any more"]),
        (date(2026, 11, 25), [], False, ["the waiver of ana@acme.example expired on 2026-11-25"]),
    ],
)
def test_what_is_said_of_it(expires: date, found: Sequence[str], judged: bool, says: list[str]) -> None:
    findings = [finding(status, item=str(number)) for number, status in enumerate(found)]
    assert told(row(waiver(expires=expires), *findings, judged=judged)) == says


def test_one_of_the_defaults_is_said_once_for_all_profiles() -> None:
    shared = waiver(place="ssb.toml: defaults: waivers: entry 1")
    (prod,) = rows("prod", [shared], [], TODAY, lambda _: True)
    (staging,) = rows("staging", [shared], [], TODAY, lambda _: True)
    assert list(said([prod, staging], TODAY)) == [f"{shared.place}: the waiver of ana@acme.example matched nothing in 'prod' and 'staging'"]
    assert list(said([prod, msgspec.structs.replace(staging, matched=1)], TODAY)) == []
    assert list(said([prod, msgspec.structs.replace(staging, judged=False)], TODAY)) == []


def test_the_rows_of_shards_are_those_of_the_whole_run() -> None:
    one, two = waiver(), waiver(resource=LOGS, place="entry 2")
    rows_of = [[row(one, finding()), row(two, judged=False)], [row(one, finding(item="a"), finding(item="b")), row(two)]]
    whole = merged(rows_of, whole=True)
    assert whole == (row(one, finding(), finding(item="a"), finding(item="b")), row(two, judged=False))
    assert [each.judged for each in merged(rows_of, whole=False)] == [False, False]
    assert merged([rows_of[0]], whole=True) == tuple(rows_of[0])


# --- what was judged as a whole

HERE, THERE = (Target("prod", "111122223333", "aws").in_region(region) for region in ("eu-west-1", "us-east-1"))
OTHER = Target("staging", "444455556666", "aws").in_region("eu-west-1")
CHECK = suites.shipped()["ebs_volume_encrypted"].check


def judged(*selected: Target, findings: Sequence[Finding] = (), **fields: Any) -> bool:
    run = Judged(findings, {CHECK.id: CHECK}, [(CHECK, target) for target in selected], lambda check: [HERE, THERE, OTHER], narrowed=False)
    return run.whole("prod", {CHECK.id}, waiver(check=CHECK.id, **fields))


def failed(region: str | None = "us-east-1", **fields: Any) -> Finding:
    error = Failure(operation=None, code="NotRun", action=None, denied_by=None)
    return finding("ERROR", check=CHECK.id, region=region, error=error, **fields)


def test_all_targets_of_the_profile_must_have_been_run() -> None:
    assert judged(HERE, THERE)
    assert not judged(HERE)
    assert not judged(HERE, OTHER)
    assert not judged()


def test_what_the_waiver_has_nothing_to_do_with_may_be_left_out() -> None:
    assert judged(HERE, region="eu-*")
    assert not judged(THERE, region="eu-*")
    assert judged(HERE, THERE, region="-")
    assert not judged(HERE, region="-")
    assert judged(HERE, THERE, account="9*")


def test_an_error_where_it_could_cover_something_leaves_it_open() -> None:
    assert not judged(HERE, THERE, findings=[failed()])
    assert not judged(HERE, THERE, findings=[failed(None)], region="eu-*")
    assert judged(HERE, THERE, findings=[failed()], region="eu-*")
    assert judged(HERE, THERE, findings=[failed(account="444455556666")], account="1*")
    assert judged(HERE, THERE, findings=[failed(profile="staging")])
    assert judged(HERE, THERE, findings=[finding("PASS", check=CHECK.id)])


def test_regions_that_are_named_on_the_command_line_leave_it_open() -> None:
    run = Judged([], {CHECK.id: CHECK}, [(CHECK, HERE)], lambda check: [HERE], narrowed=True)
    assert not run.whole("prod", {CHECK.id}, waiver(check=CHECK.id))


def test_a_check_that_nobody_knows_was_not_judged() -> None:
    run = Judged([], {}, [], lambda check: [], narrowed=False)
    assert not run.whole("prod", {"gone"}, waiver(check="gone"))
    assert not run.whole("prod", set(), waiver(control="ACCT.08"))


def test_a_control_has_the_checks_that_may_run() -> None:
    checks = {id: found.check for id, found in suites.shipped().items()}
    usual, all_of_them = (checks_of(waiver(control="WKLD.11"), checks, extended) for extended in (False, True))
    assert all_of_them - usual == {"default_security_group_closed"}
    assert checks_of(waiver(control="WKLD.11", check="gone"), checks, False) == {"gone"}
