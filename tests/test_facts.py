"""What the config file holds and no check acts on is said, so the facts that checks declare must be those at which they look."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

from pytest_ssb import suites
from pytest_ssb.controls import check_of
from pytest_ssb.facts import facts_of_checks
from pytest_ssb.keys import keys_of
from pytest_ssb.profiles import Profile
from tests import checks
from tests.support.runs import Runner
from tests.support.worlds import WORLDS, World, built, looked_at

for module in pkgutil.iter_modules(checks.__path__):
    importlib.import_module(f"{checks.__name__}.{module.name}")

WITH_FACTS = sorted(id for id, found in suites.shipped().items() if found.check.facts)


def test_every_declared_fact_is_a_key_of_the_config_file() -> None:
    assert facts_of_checks() <= {key.path for key in keys_of(Profile)}


@pytest.mark.parametrize("id", WITH_FACTS)
def test_a_check_looks_at_every_fact_that_it_declares(id: str) -> None:
    """The other half, that it declares all at which it looks, is asserted in each of its worlds."""
    wanted = set(suites.shipped()[id].check.facts)
    names = [fact.rpartition(".")[2] for fact in wanted]

    def tells_of_facts(world: World) -> bool:
        return any(name in inspect.getsource(world.build) for name in names)

    mine = [world for world in WORLDS if (check := check_of(world.check)) and check.id == id]
    for world in sorted(mine, key=tells_of_facts, reverse=True):
        if not wanted:
            break
        with built(world) as (cloud, _):
            wanted -= looked_at(world.check, cloud)[1]
    assert not wanted, f"no world of {id} shows that it looks at {sorted(wanted)}"


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
