"""Which resources an entry of the config file means."""

import copy
import pickle
from collections.abc import Mapping
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssb.selectors import (
    Addresses,
    BucketPlaces,
    Globs,
    HiddenGlobs,
    Names,
    Selectors,
    SelectorTable,
    address_glob,
    glob,
    id_of,
    matches,
    record,
    recording,
)
from pytest_ssb.unread import unread

PHOTOS = "arn:aws:s3:::acme-photos"
WEB = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"
ALPHABET = st.text(alphabet="ab*?[]!-.\n", max_size=8)


class DeniedError(Exception):
    """What reading the tags ended in."""


def denied() -> NoReturn:
    raise DeniedError


def by_hand(pattern: str, text: str) -> bool:
    """The globs of the specification, as plainly as they can be written."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return by_hand(pattern[1:], text) or (bool(text) and by_hand(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and by_hand(pattern[1:], text[1:])


@given(ALPHABET, ALPHABET)
def test_globs_know_star_and_question_mark_alone(pattern: str, text: str) -> None:
    assert glob(pattern, text) == by_hand(pattern, text)


@given(st.text(alphabet="ab[]!-.^$\\\n", max_size=8), ALPHABET)
def test_a_glob_without_wildcards_is_equality(pattern: str, text: str) -> None:
    assert glob(pattern, text) == (pattern == text)


@given(st.text(max_size=12))
def test_every_text_matches_the_star_and_as_many_question_marks(text: str) -> None:
    assert glob("*", text)
    assert glob("?" * len(text), text)
    assert not glob("?" * (len(text) + 1), text)


def test_a_long_glob_is_not_slow() -> None:
    assert not glob("*a" * 40 + "b", "a" * 5000)


@pytest.mark.parametrize(
    ("selector", "arn", "expected"),
    [
        ("arn:aws:s3:::acme-*", PHOTOS, True),
        ("arn:aws:s3:::ACME-*", PHOTOS, False),
        ("arn:aws:s3:::acme", PHOTOS, False),
        ("arn:*:instance/i-0abc", WEB, True),
        ("acme-photos", PHOTOS, True),
        ("acme-phot?s", PHOTOS, True),
        ("acme-phot", PHOTOS, False),
        ("Acme-photos", PHOTOS, False),
        ("i-0*", WEB, True),
        ("instance/i-0abc", WEB, False),
        ("aws:s3:::acme-photos", PHOTOS, False),
        ("ana", "arn:aws:iam::111122223333:user/team/blue/ana", True),
        ("alerts", "arn:aws:sns:eu-west-1:111122223333:alerts", True),
        ("", "arn:aws:sns:eu-west-1:111122223333:", True),
        ("repo:../shop", "repo:../shop", True),
        ("repo:*", "repo:../shop", True),
        ("repo:*", PHOTOS, False),
        ("shop", "repo:../shop", True),
        ("[a]cme-photos", PHOTOS, False),
        ("[a]", "arn:aws:iam::111122223333:user/[a]", True),
    ],
)
def test_a_selector_means_an_arn_or_an_id(selector: str, arn: str, expected: bool) -> None:
    assert matches(selector, arn) is expected


@pytest.mark.parametrize(
    ("selector", "tags", "expected"),
    [
        ("tag:role=vpn", {"role": "vpn"}, True),
        ("tag:role=vpn", {"role": "VPN"}, True),
        ("tag:role=v*", {"role": "Vpn"}, True),
        ("tag:Role=vpn", {"role": "vpn"}, False),
        ("tag:role=vpn", {"role": "vpn2"}, False),
        ("tag:role=vpn", {"other": "vpn"}, False),
        ("tag:role=vpn", {}, False),
        ("tag:role=vpn", None, False),
        ("tag:role=*", {"role": ""}, True),
        ("tag:role=", {"role": ""}, True),
        ("tag:role=", {"role": "vpn"}, False),
        ("tag:ssb:keep=*", {"ssb:keep": "until May"}, True),
        ("tag:a=b=c", {"a": "b=c"}, True),
        ("tag:a=b=c", {"a=b": "c"}, False),
        ("tag:team:*=blue", {"team:owner": "blue"}, True),
    ],
)
def test_a_tag_selector_means_a_tag(selector: str, tags: Mapping[str, str] | None, expected: bool) -> None:
    assert matches(selector, WEB, tags) is expected
    assert matches(selector, WEB, (lambda: tags) if tags is not None else None) is expected


def test_a_tag_selector_without_value_says_what_to_write() -> None:
    with pytest.raises(ValueError, match=r"^selector 'tag:role' has no value: write tag:role=\*$"):
        matches("tag:role", WEB, {})


@pytest.mark.parametrize("tags", [denied, unread(DeniedError())])
def test_tags_that_could_not_be_read_are_looked_at_for_a_tag_selector_alone(tags: Mapping[str, str]) -> None:
    assert matches("i-0abc", WEB, tags)
    assert not matches("arn:aws:s3:::*", WEB, tags)
    with pytest.raises(DeniedError):
        matches("tag:role=*", WEB, tags)
    with pytest.raises(DeniedError):
        Selectors(["acme", "tag:role=*"]).match(WEB, tags)
    assert Selectors(["i-*", "tag:role=*"]).match(WEB, tags) == "i-*"


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        ("aws-*@acme.example", "AWS-root@Acme.example", True),
        ("aws-*@acme.example", "aws-root+prod@acme.example", True),
        ("aws@acme.example", "aws+prod@acme.example", True),
        ("aws+prod@acme.example", "aws+prod@acme.example", True),
        ("aws+prod@acme.example", "aws@acme.example", False),
        ("*@acme.example", "ana@acme.example.net", False),
        ("[a]na@acme.example", "ana@acme.example", False),
    ],
)
def test_addresses_match_whatever_their_case_and_tag(pattern: str, address: str, expected: bool) -> None:
    assert address_glob(pattern, address) is expected
    assert Addresses([pattern]).match(address) == (pattern if expected else None)


def test_the_id_is_what_follows_the_last_slash_or_colon() -> None:
    assert [id_of(arn) for arn in (PHOTOS, WEB, "plain")] == ["acme-photos", "i-0abc", "plain"]


def test_the_first_entry_that_matches_is_returned_and_all_that_match_are_recorded() -> None:
    public = Selectors(["acme-*", "other", "tag:public=yes", "acme-photos"], key="buckets.public")
    with recording() as seen:
        assert public.match(PHOTOS, {"public": "no"}) == "acme-*"
    assert seen.matched == {("buckets.public", "acme-*"), ("buckets.public", "acme-photos")}
    assert seen.consulted == {"buckets.public"}


def test_an_entry_that_could_not_be_decided_after_a_match_is_not_called_unused() -> None:
    public = Selectors(["acme-*", "tag:public=yes"], key="buckets.public")
    with recording() as seen:
        assert public.match(PHOTOS, denied) == "acme-*"
    assert seen.matched == {("buckets.public", "acme-*"), ("buckets.public", "tag:public=yes")}


def test_a_key_without_match_is_consulted_all_the_same() -> None:
    with recording() as seen:
        assert Selectors((), key="buckets.public").match(PHOTOS) is None
        assert Names(["111122223333"], key="trust.accounts").match("999988887777") is None
    assert (seen.consulted, seen.matched) == ({"buckets.public", "trust.accounts"}, set())


def test_recordings_nest_and_end_with_their_block() -> None:
    accounts = Names(["111122223333", "999988887777"], key="trust.accounts")
    with recording() as outer:
        accounts.match("111122223333")
        with recording() as inner:
            accounts.match("999988887777")
            record("root.uses", "2026-11-20")
    accounts.match("111122223333")
    assert inner.matched == {("trust.accounts", "999988887777"), ("root.uses", "2026-11-20")}
    assert outer.matched == inner.matched | {("trust.accounts", "111122223333")}


def test_names_are_literal_and_globs_are_not() -> None:
    assert Names(["a*"]).match("ab") is None
    assert Names(["a*", "ab"]).match("x", "ab") == "ab"
    assert Globs(["a*"]).match("x", "ab") == "a*"
    assert Globs(["a*"]).match("b") is None


def test_hidden_entries_are_named_by_their_place() -> None:
    values = HiddenGlobs(["https://one*", "https://two*"], key="secrets.harmless_values")
    with recording() as seen:
        assert values.match("https://two/secret") == "entry 2"
    assert seen.matched == {("secrets.harmless_values", "entry 2")}
    assert repr(values) == "<2 entries of secrets.harmless_values>"


def test_a_table_knows_why_each_selector_is_there() -> None:
    users = SelectorTable({"ses-*": "SES takes passwords only"}, key="people.service_users")
    entry = users.match("arn:aws:iam::111122223333:user/ses-mail")
    assert entry == "ses-*"
    assert users.reasons[entry] == "SES takes passwords only"


def test_places_in_buckets_are_a_bucket_and_a_prefix() -> None:
    sensitive = BucketPlaces(["acme-photos/ids", "acme-photos/tax/", "arn:aws:s3:::acme-ph*/x", "acme", "tag:data=a/b"], key="buckets.sensitive")
    assert sensitive.matching(PHOTOS, {"data": "a/b"}) == ("acme-photos/ids", "acme-photos/tax/", "arn:aws:s3:::acme-ph*/x", "tag:data=a/b")
    assert [sensitive.split(entry) for entry in sensitive] == [
        ("acme-photos", "ids"),
        ("acme-photos", "tax/"),
        ("arn:aws:s3:::acme-ph*", "x"),
        ("acme", ""),
        ("tag:data=a/b", ""),
    ]


@pytest.mark.parametrize("entries", [Selectors(["a", "b"], key="k"), SelectorTable({"a": "why"}, key="k"), HiddenGlobs(["abcd"], key="k")])
def test_entries_survive_copies_and_pickles(entries: Selectors) -> None:
    for twin in (copy.deepcopy(entries), pickle.loads(pickle.dumps(entries))):
        assert (type(twin), tuple(twin), vars(twin)) == (type(entries), tuple(entries), vars(entries))
