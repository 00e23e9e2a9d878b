"""What the user has to correct first is one line and exit status 4 also where pytest-xdist runs the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from tests.support.runs import Runner


@pytest.fixture
def endpoint(run: Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty account that answers over HTTP, so that workers reach it, too."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    settings = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    yield url
    server.stop()


def refused(result: pytest.RunResult) -> str:
    """The line that says what to correct: the only one, and nothing of pytest's own about an error of its own."""
    assert result.ret == 4
    text = result.stdout.str() + result.stderr.str()
    assert "INTERNALERROR" not in text
    assert "Traceback" not in text
    assert "Startup Security Baseline =" not in text
    (line,) = [line for line in result.errlines if line]
    return line


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_two_profiles_that_judge_one_account_are_refused(run: Runner, pytester: pytest.Pytester, endpoint: str, workers: list[str]) -> None:
    pytester.path.joinpath("ssb.toml").write_text("[profiles.one]\n[profiles.two]\n")
    ran = run("--ssb-profile", "one", "--ssb-profile", "two", "-m", "acct_06", *workers, profile=None, subprocess=True)
    says = "ERROR: --ssb-profile: 'one' and 'two' both reach account 123456789012 with a check of the whole account; run them one by one"
    assert refused(ran.result) == says
    assert ran.results == {}


def test_two_profiles_that_judge_one_region_are_refused(run: Runner, pytester: pytest.Pytester, endpoint: str) -> None:
    pytester.path.joinpath("ssb.toml").write_text('[profiles.one]\nregions = ["eu-west-1", "us-east-1"]\n[profiles.two]\nregions = ["us-east-1"]\n')
    ran = run("--ssb-profile", "one", "--ssb-profile", "two", "-k", "ebs_volume_encrypted", "-n", "2", profile=None, subprocess=True)
    says = "ERROR: --ssb-profile: 'one' and 'two' both reach account 123456789012 with region us-east-1; run them one by one"
    assert refused(ran.result) == says


def test_two_profiles_with_regions_of_their_own_are_judged(run: Runner, pytester: pytest.Pytester, endpoint: str) -> None:
    pytester.path.joinpath("ssb.toml").write_text('[profiles.one]\nregions = ["eu-west-1"]\n[profiles.two]\nregions = ["us-east-1"]\n')
    ran = run("--ssb-profile", "one", "--ssb-profile", "two", "-k", "ebs_volume_encrypted", "-n", "2", profile=None, subprocess=True)
    assert ran.result.ret == 0
    assert {finding["profile"]: (finding["region"], finding["status"]) for finding in ran.findings()} == {
        "one": ("eu-west-1", "NOT_APPLICABLE"),
        "two": ("us-east-1", "NOT_APPLICABLE"),
    }


OWN = """
import pytest
from pytest_ssb import check

@pytest.mark.parametrize("size", [1, 2])
@check("WKLD.10", on="AWS::EC2::VPC", severity="low")
def test_mine(audit, size):
    audit.nothing("none")
"""


def test_two_profiles_are_refused_for_the_users_own_checks_too(run: Runner, pytester: pytest.Pytester, endpoint: str) -> None:
    pytester.path.joinpath("ssb.toml").write_text("[profiles.one]\n[profiles.two]\n")
    pytester.path.joinpath("test_own.py").write_text(OWN)
    ran = run("--ssb-profile", "one", "--ssb-profile", "two", "test_own.py", "-n", "2", profile=None, subprocess=True)
    assert "'one' and 'two' both reach account 123456789012" in refused(ran.result)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--ssb-profile", "prod"], "ERROR: ssb.toml: profile 'prod': unknown key 'region'; did you mean 'regions'?"),
        (["--ssb-profile", "demo", "--ssb-config", "ssb.toml"], "ERROR: ssb.toml: profile 'prod': unknown key 'region'; did you mean 'regions'?"),
    ],
)
def test_a_wrong_config_file_is_refused(pytester: pytest.Pytester, args: list[str], says: str) -> None:
    pytester.path.joinpath("ssb.toml").write_text('[profiles.prod]\nregion = "eu-west-1"\n')
    assert refused(pytester.runpytest_inprocess(*args, "-n", "2")) == says


def test_a_region_that_there_is_not_is_refused(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--ssb-profile", "demo", "--ssb-region", "eu-west-9", "-n", "2")
    assert refused(result) == "ERROR: --ssb-region: partition aws has no region 'eu-west-9'; did you mean 'eu-west-1'?"
