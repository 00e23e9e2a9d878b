"""`--ssb-shard` deals a run's accounts and regions out to machines: each falls to one shard, whatever is selected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssb.errors import UserError
from pytest_ssb.results import Shard
from pytest_ssb.shards import dealt, place_of, shard_of, units
from pytest_ssb.targets import Target
from tests.support.runs import Runner

REGIONS = ("ap-south-1", "eu-central-1", "eu-west-1", "us-east-1", "us-west-2")


@st.composite
def runs(draw: st.DrawFn) -> list[Target]:
    """The targets of a run: accounts, each as such and with some of its regions, in any order, reached by one profile or more."""
    accounts = draw(st.lists(st.integers(10**11, 10**12 - 1).map(str), min_size=1, max_size=12, unique=True))
    targets = []
    for account in accounts:
        for profile in draw(st.lists(st.sampled_from(["prod", "dev"]), min_size=1, max_size=2, unique=True)):
            regions = draw(st.lists(st.sampled_from(REGIONS), unique=True))
            targets += [Target(profile, account, "aws", region) for region in (None, *regions)]
    return draw(st.permutations(targets))


shards = st.integers(1, 15)


@given(runs(), shards)
def test_every_target_falls_to_just_one_shard(targets: list[Target], of: int) -> None:
    numbers = dealt(targets, of)
    assert set(numbers) == {place_of(target) for target in targets}
    assert set(numbers.values()) <= set(range(1, of + 1))


@given(runs(), shards, st.data())
def test_order_makes_no_difference(targets: list[Target], of: int, data: st.DataObject) -> None:
    assert dealt(data.draw(st.permutations(targets)), of) == dealt(targets, of)


@given(runs(), shards)
def test_an_account_is_not_split_while_there_are_enough(targets: list[Target], of: int) -> None:
    by_account: dict[str, set[int]] = {}
    for (account, _), number in dealt(targets, of).items():
        by_account.setdefault(account, set()).add(number)
    if len(by_account) >= of:
        assert all(len(numbers) == 1 for numbers in by_account.values())
        assert_even([number for numbers in by_account.values() for number in numbers], of)


@given(runs(), shards)
def test_with_fewer_accounts_places_are_dealt_evenly_and_each_account_as_such_by_itself(targets: list[Target], of: int) -> None:
    numbers = dealt(targets, of)
    accounts = [number for (_, region), number in numbers.items() if region is None]
    if len(accounts) < of:
        assert_even(list(numbers.values()), of)
        assert len(set(accounts)) == len(accounts)


def assert_even(numbers: Sequence[int], of: int) -> None:
    """The largest shard has one more than the smallest, at the most."""
    counts = Counter(dict.fromkeys(range(1, of + 1), 0))
    counts.update(numbers)
    assert max(counts.values()) - min(counts.values()) <= 1


def test_what_is_dealt_is_said_in_the_order_of_dealing() -> None:
    targets = [Target("prod", account, "aws", region) for account in ("222222222222", "111111111111") for region in ("eu-west-1", None)]
    whole = [("111111111111", None), ("222222222222", None)]
    assert units(targets, 2) == whole
    assert units(targets, 3) == [*whole, ("111111111111", "eu-west-1"), ("222222222222", "eu-west-1")]
    assert dealt(targets, 3) == {
        ("111111111111", None): 1,
        ("222222222222", None): 2,
        ("111111111111", "eu-west-1"): 3,
        ("222222222222", "eu-west-1"): 1,
    }


# --- in a run --------------------------------------------------------------------------------------------------------------------------


def test_a_shard_without_targets_is_an_empty_run_that_ends_well(run: Runner) -> None:
    ran = run("-k", "ebs_volume_encrypted", "--ssb-shard", "4/4")
    assert ran.result.ret == 0
    assert ran.text.splitlines()[-1] == "exit status 0: nothing that was selected falls to shard 4 of 4"
    assert (ran.results["findings"], ran.results["accounts"], ran.results["complete"]) == ([], [], True)
    assert ran.results["run"]["shard"] == {"number": 4, "of": 4}
    assert "shard 4 of 4: no account or region" in ran.text


def test_so_it_does_with_workers(run: Runner) -> None:
    ran = run("-k", "ebs_volume_encrypted", "--ssb-shard", "4/4", "-n", "1", subprocess=True)
    assert ran.result.ret == 0
    assert ran.results["findings"] == []


def test_nothing_selected_is_no_shard_without_targets(run: Runner) -> None:
    assert run("-k", "no_such_check", "--ssb-shard", "1/2").result.ret == 5


def test_a_test_of_the_users_own_is_run_by_the_first_shard(run: Runner, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("test_own.py").write_text("def test_mine():\n    assert False\n", encoding="utf-8")
    given = ("test_own.py", "tests_workload/test_wkld_08_ebs_encryption.py::test_ebs_volume_encrypted")
    first = run(*given, "--ssb-shard", "1/3")
    first.result.assert_outcomes(failed=1, deselected=2)
    assert first.result.ret == 1
    second = run(*given, "--ssb-shard", "2/3")
    second.result.assert_outcomes(passed=1, deselected=2)
    assert {finding["region"] for finding in second.findings()} == {"eu-west-1"}
    assert [account["regions"] for account in second.results["accounts"]] == [["eu-west-1"]]


def test_a_check_that_leaves_its_verdict_to_another_does_so_across_shards(run: Runner) -> None:
    """A region's check may be judged by one of the whole account, which another shard runs."""
    whole = run("-m", "acct_08")
    parts = [run("-m", "acct_08", "--ssb-shard", f"{number}/3") for number in (1, 2, 3)]
    split = [finding for part in parts for finding in part.results["findings"]]
    assert sorted(split, key=str) == sorted(whole.results["findings"], key=str)
    assert [len(part.results["findings"]) > 0 for part in parts] == [True, True, True]


def test_what_is_of_no_use_to_a_shard_is_left_to_the_others(run: Runner, pytester: pytest.Pytester, moto_account: None) -> None:
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="site")
    pytester.path.joinpath("ssb.toml").write_text(
        '[profiles.default]\nregions = ["eu-west-1"]\nbuckets.public = ["gone", "site"]\n', encoding="utf-8"
    )
    says = "ssb.toml: profile 'default': buckets.public = gone matched nothing"
    whole = run("-m", "acct_08", profile="default")
    part = run("-m", "acct_08", "--ssb-shard", "1/2", profile="default")
    assert says in whole.text
    assert says not in part.text
    assert (part.results["loose"]["unused"], part.results["loose"]["used"]) == ([says], [says.replace("gone", "site")])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("x", "'x' is no shard; write --ssb-shard 3/10 for the third of ten"),
        ("3", "'3' is no shard; write --ssb-shard 3/10 for the third of ten"),
        ("-1/3", "'-1/3' is no shard; write --ssb-shard 3/10 for the third of ten"),
        ("0/10", "'0/10' is none of 10 shards; shards count from 1; write --ssb-shard 3/10 for the third of ten"),
        ("11/10", "'11/10' is none of 10 shards; write --ssb-shard 3/10 for the third of ten"),
        ("1/0", "'1/0' is none of 0 shards; write --ssb-shard 3/10 for the third of ten"),
    ],
)
def test_what_is_no_shard_is_refused(given: str, says: str) -> None:
    with pytest.raises(UserError) as raised:
        shard_of(given)
    assert raised.value.lines == (f"--ssb-shard: {says}",)


def test_a_shard_is_read() -> None:
    assert shard_of("3/10") == Shard(number=3, of=10)
    assert shard_of(None) is None


def test_a_wrong_shard_ends_the_run_before_it_begins(run: Runner) -> None:
    ran = run("--ssb-shard", "4/3")
    assert (ran.result.ret, ran.results) == (4, {})
    assert [line for line in ran.result.errlines if line] == [
        "ERROR: --ssb-shard: '4/3' is none of 3 shards; write --ssb-shard 3/10 for the third of ten"
    ]
