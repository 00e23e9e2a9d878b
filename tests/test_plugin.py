"""The plugin asleep and awake: what it prints, which exit status it ends with, and that it is no burden to others."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.runs import Runner

HELLO = "def test_hello():\n    pass\n"


def test_asleep_it_imports_neither_boto3_nor_moto_and_adds_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import sys\n\ndef test_modules():\n    assert not {'boto3', 'botocore', 'moto', 'pytest_ssb.session'} & set(sys.modules)\n")
    result = pytester.runpytest_subprocess("--strict-markers", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1)
    assert "Startup Security Baseline" not in result.stdout.str()


@pytest.mark.parametrize("given", [("--ssb-output", "x.json"), ("--ssb-output=x.json",), ("--ssb-fail-on", "new"), ("--ssb-region", "eu-west-1")])
def test_asleep_an_option_of_a_run_is_refused(pytester: pytest.Pytester, given: tuple[str, ...]) -> None:
    result = pytester.runpytest_inprocess(*given)
    assert result.ret == 4
    name = given[0].partition("=")[0]
    assert [line for line in result.stderr.lines if line] == [
        f"ERROR: {name}: nothing is judged without --ssb-profile NAME; add it, such as --ssb-profile demo"
    ]


def test_asleep_such_an_option_of_the_projects_own_settings_waits(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = --ssb-output results.json --ssb-concurrency 10\n")
    pytester.makepyfile("def test_mine():\n    pass\n")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_asleep_a_check_is_skipped_and_says_what_it_needs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("from pytest_ssb import check\n\n@check('ACCT.08', on='AWS::S3::Bucket', severity='high')\ndef test_mine(audit):\n    pass\n")
    result = pytester.runpytest_inprocess("-rs", "--strict-markers")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs --ssb-profile*"])


def test_markers_are_registered_always(pytester: pytest.Pytester) -> None:
    lines = pytester.runpytest_inprocess("--markers").stdout.str()
    for marker in ("acct:", "wkld:", "prod:", "acct_08:", "wkld_15:", "ssb(control, check, severity):"):
        assert f"@pytest.mark.{marker}" in lines


def test_header_and_all_27_rows(run: Runner) -> None:
    ran = run("-m", "acct_06")
    ran.result.stdout.fnmatch_lines(
        [
            "AWS Startup Security Baseline, edition 2022-09",
            "profile demo: account 123456789012, demo, production, caller arn:aws:sts::123456789012:assumed-role/ssb-audit/pytest-ssb",
            "ACCT.06  FAIL *",
            "WKLD.08  NOT_RUN * not selected *",
            "WKLD.12  NOT_RUN * not selected *",
        ]
    )
    rows = [line for line in ran.text.splitlines() if line[:5] in ("ACCT.", "WKLD.") and line[7:9] == "  "]
    assert len(rows) == 27
    assert [row["id"] for row in ran.results["controls"]] == [row[:7] for row in rows]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--ssb-profile", "demo", "--ssb-profile", "demo"], "ERROR: --ssb-profile: 'demo' is given twice"),
        (
            ["--ssb-profile", "demo", "--ssb-profile", "demo-clean"],
            "ERROR: --ssb-profile demo: the demo runs alone, it does not mix with another profile",
        ),
        (
            ["--ssb-profile", "demo", "--ssb-region", "eu-west-9"],
            "ERROR: --ssb-region: partition aws has no region 'eu-west-9'; did you mean 'eu-west-1'?",
        ),
        (["--ssb-profile", "demo", "--ssb-region", "eu-west-1,"], "ERROR: --ssb-region: an empty name; write --ssb-region eu-west-1,us-east-1"),
        (
            ["--ssb-profile", "demo", "--ssb-output", "a.xls"],
            "ERROR: --ssb-output: a.xls: unknown suffix '.xls'; known: .json, .csv, .md, .sarif, *",
        ),
        (["--ssb-profile", "demo", "--ssb-concurrency", "0"], "ERROR: --ssb-concurrency: give a number of at least 1"),
        (["--ssb-profile", "demo", "--ssb-config", "none.toml"], "ERROR: --ssb-config none.toml: no such file"),
        (["--ssb-profile", "dmeo"], "ERROR: --ssb-profile: unknown profile 'dmeo'; did you mean 'demo'? *"),
        (["--ssb-explain", "ACCT.8"], "ERROR: --ssb-explain: no control or check 'ACCT.8'; did you mean *ACCT.08*"),
    ],
)
def test_bad_input_is_one_line_and_status_4(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, args: list[str], says: str) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(pytester.path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(pytester.path / "none"))
    result = pytester.runpytest_inprocess(*args)
    assert result.ret == 4
    lines = [line for line in result.errlines if line]
    assert len(lines) == 1
    result.stderr.fnmatch_lines([says])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_nothing_selected_is_status_5(run: Runner) -> None:
    assert run("-k", "no_such_check").result.ret == 5


def test_list_asks_nothing_and_honours_selection(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--ssb-list", "-k", "password and not reuse")
    assert result.ret == 0
    names = [line.split()[0] for line in result.outlines if line.startswith("  ")]
    assert names == ["password_policy_custom", "password_policy_min_length", "password_policy_composition", "password_policy_change"]


@pytest.mark.parametrize("workers", [[], ["-n", "1"], ["-p", "no:xdist"]], ids=" ".join)
def test_policy_is_json_of_what_is_selected(pytester: pytest.Pytester, workers: list[str]) -> None:
    result = pytester.runpytest_inprocess("--ssb-policy", "-m", "acct_06", *workers)
    assert result.ret == 0
    (statement,) = json.loads(result.stdout.str())["Statement"]
    assert statement["Action"] == [
        "ec2:DescribeRegions",
        "iam:GenerateCredentialReport",
        "iam:GetAccountPasswordPolicy",
        "iam:GetCredentialReport",
        "sts:GetCallerIdentity",
    ]


@pytest.mark.parametrize(
    ("marker", "holds"),
    [("acct or wkld", 10_240), ("acct or wkld_01 or wkld_02 or wkld_03", 6_144), ("wkld and not (wkld_01 or wkld_02 or wkld_03)", 6_144)],
    ids=["inline-in-a-role", "managed-first", "managed-second"],
)
def test_policy_fits_where_it_is_to_go(pytester: pytest.Pytester, marker: str, holds: int) -> None:
    """As docs/permissions.md says; IAM counts no white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
    printed = pytester.runpytest_inprocess("--ssb-policy", "-m", marker).stdout.str()
    assert 0 < len(json.dumps(json.loads(printed), separators=(",", ":"))) <= holds


def test_explain_a_control_and_a_check(pytester: pytest.Pytester) -> None:
    control = pytester.runpytest_inprocess("--ssb-explain", "ACCT.06")
    check = pytester.runpytest_inprocess("--ssb-explain", "ebs_volume_encrypted")
    assert (control.ret, check.ret) == (0, 0)
    control.stdout.fnmatch_lines(
        [
            "ACCT.06  Enforce a password policy",
            "https://docs.aws.amazon.com/prescriptive-guidance/*",
            "WHAT THE GUIDE ASKS",
            "  R1  *",
            "      checked by *",
            "WHAT IS CHECKED",
            "  password_policy_reuse",
            "WHICH API CALLS IT NEEDS",
            "  *iam:GetAccountPasswordPolicy*",
            "WHICH KEYS OF SSB.TOML IT READS",
            "  password_policy.min_length *",
            "HOW TO FIX",
            "    aws iam update-account-password-policy *",
            "HOW TO RUN IT",
            "  pytest --ssb-profile NAME -m acct_06",
        ]
    )
    check.stdout.fnmatch_lines(
        [
            "ebs_volume_encrypted  (WKLD.08)",
            "WHAT THE GUIDE ASKS",
            "  WKLD.08  *",
            "    R*",
            "WHICH API CALLS IT NEEDS",
            "  *ec2:DescribeVolumes*",
            "HOW TO FIX",
            "MORE",
        ]
    )


def test_help_shows_the_options_in_a_group_of_their_own(pytester: pytest.Pytester) -> None:
    pytester.runpytest_inprocess("--help").stdout.fnmatch_lines(["AWS Startup Security Baseline:", "*--ssb-profile=NAME*"])


def test_output_folder_is_made_and_relative_to_where_pytest_was_called(run: Runner, pytester: pytest.Pytester) -> None:
    run("-m", "acct_06", "--ssb-output", "new/folder/out.json")
    assert json.loads((pytester.path / "new/folder/out.json").read_text())["schema"] == "pytest-ssb/results/1"
    assert list((pytester.path / "new/folder").iterdir()) == [pytester.path / "new/folder/out.json"]


def test_module_runs_without_xdist(pytester: pytest.Pytester) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "--ssb-profile", "demo", "-m", "acct_06", "-q"]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ACCT.06 FAIL" in done.stdout


def test_two_profiles_of_one_account_are_refused(pytester: pytest.Pytester, moto_account: None) -> None:
    pytester.path.joinpath("ssb.toml").write_text("[profiles.one]\n[profiles.two]\n")
    result = pytester.runpytest_inprocess("--ssb-profile", "one", "--ssb-profile", "two", "-m", "acct_06")
    assert result.ret == 4
    says = "ERROR: --ssb-profile: 'one' and 'two' both reach account 123456789012 with a check of the whole account; run them one by one"
    result.stderr.fnmatch_lines([says])
