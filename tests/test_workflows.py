"""The workflows and pipelines that we ship: valid, nothing that an auditor of them would find, and their scripts do what they say, run as a runner would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.support.runs import Runner

ROOT = Path(__file__).parent.parent
SCRIPTS = Path(sys.executable).parent
WORKFLOWS = sorted([*ROOT.glob(".github/workflows/*.yml"), *(path for path in ROOT.glob("examples/*.yml") if path.name != "gitlab-ci.yml")])
NIGHTLY, CALLER, GITLAB = ROOT / ".github/workflows/nightly.yml", ROOT / "examples/nightly.yml", ROOT / "examples/gitlab-ci.yml"


def read(path: Path) -> dict[str, Any]:
    """A file of YAML; what stands below `on` is under True there, by the rules of YAML 1.1."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def steps(path: Path) -> list[dict[str, Any]]:
    """Every step of a workflow."""
    return [step for job in read(path)["jobs"].values() for step in job.get("steps", ())]


def tool(name: str, *arguments: str | Path, given: str | None = None) -> tuple[int, str]:
    """A linter's exit status, and what it said."""
    ran = subprocess.run([SCRIPTS / name, *arguments], input=given, capture_output=True, text=True, check=False, cwd=ROOT)
    return ran.returncode, ran.stdout + ran.stderr


# --- what linters say


@pytest.mark.parametrize(
    ("schema", "paths"),
    [("github-workflows", WORKFLOWS), ("gitlab-ci", [GITLAB]), ("dependabot", [ROOT / ".github/dependabot.yml"])],
    ids=["github-workflows", "gitlab-ci", "dependabot"],
)
def test_each_is_valid_by_its_schema(schema: str, paths: list[Path]) -> None:
    assert tool("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *paths) == (0, "ok -- validation done\n")


def test_zizmor_finds_nothing() -> None:
    status, said = tool("zizmor", "--color=never", "--offline", "--no-progress", "--quiet", ".github", *WORKFLOWS)
    assert (status, said.strip()) == (0, "No findings to report. Good job!")


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(NIGHTLY.read_text("utf-8").replace("refuse() {", 'echo "${{ inputs.profiles }}"; refuse() {'), encoding="utf-8")
    status, said = tool("zizmor", "--color=never", "--offline", "--no-progress", "--quiet", tmp_path / "bad.yml")
    assert status != 0
    assert "template-injection" in said


def scripts() -> Iterator[tuple[str, str, str]]:
    """Every script of a shell: where it stands, the shell, and its text, below what a runner sets."""
    for path in WORKFLOWS:
        for step in steps(path):
            if "run" in step and step.get("shell") != "python":
                yield f"{path.name}: {step['name']}", "bash", f"set -eo pipefail\n{step['run']}"
    job = read(GITLAB)["ssb"]
    yield "gitlab-ci.yml", "sh", "\n".join(["set -e", *job["before_script"], *job["script"]])


def test_shellcheck_has_nothing_to_say() -> None:
    said = {where: tool("shellcheck", f"--shell={shell}", "--enable=quote-safe-variables", "-", given=text) for where, shell, text in scripts()}
    assert set(said) >= {"nightly.yml: Judge", "ci.yml: The gate", "gitlab-ci.yml"}
    assert said == dict.fromkeys(said, (0, ""))


# --- what no linter says


def uses() -> Iterator[tuple[str, str]]:
    """Each action that is used, with where; and the comment behind it."""
    for path in WORKFLOWS:
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.match(r"\s*(?:- )?uses: (.*)", line):
                yield path.name, found[1]


def test_actions_are_pinned_by_commit_and_say_their_version() -> None:
    found = list(uses())
    assert len(found) > 5
    assert [use for use in found if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\$/\.github/workflows/\w+\.yml", use[1])] == []
    # One commit and one version for each action, wherever it is used.
    assert len({use.partition("@")[0] for _, use in found}) == len({use for _, use in found})


def test_no_script_holds_an_expression() -> None:
    assert [where for where, _, text in scripts() if "${{" in text] == []


def test_what_is_called_may_what_it_needs_and_no_more() -> None:
    needed = read(NIGHTLY)["jobs"]["audit"]["permissions"]
    assert needed == {"actions": "read", "contents": "read", "id-token": "write"}
    assert [job["permissions"] for job in read(CALLER)["jobs"].values()] == [needed]
    assert [read(path)["permissions"] for path in WORKFLOWS] == [{}] * len(WORKFLOWS)
    assert {name: job["permissions"] for name, job in read(ROOT / ".github/workflows/ci.yml")["jobs"].items()} == {
        "gate": {"contents": "read"},
        "elsewhere": {"contents": "read"},
    }


def test_the_example_gives_what_is_asked_and_each_input_is_used() -> None:
    inputs = read(NIGHTLY)[True]["workflow_call"]["inputs"]  # type: ignore[index]
    (job,) = read(CALLER)["jobs"].values()
    assert job["uses"] == "$/.github/workflows/nightly.yml"
    assert {name for name, each in inputs.items() if each.get("required")} <= set(job["with"]) <= set(inputs)
    assert set(re.findall(r"inputs\.([\w-]+)", NIGHTLY.read_text(encoding="utf-8"))) == set(inputs)


def inputs_table() -> str:
    """The rows of docs/nightly.md that say what the nightly workflow may be told."""
    rows = []
    for name, each in read(NIGHTLY)[True]["workflow_call"]["inputs"].items():  # type: ignore[index]
        default = each.get("default")
        said = "required" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`" if default != "" else "unset"
        rows.append(f"| `{name}` | {said} | {each['description'].rstrip('.')} |\n")
    return "".join(rows)


def test_the_docs_say_what_may_be_told() -> None:
    table = (ROOT / "docs/nightly.md").read_text(encoding="utf-8").partition("| input | default | what it is |\n| --- | --- | --- |\n")[2]
    assert table.partition("\n\n")[0] + "\n" == inputs_table()


def test_credentials_are_there_for_the_judging_only() -> None:
    names = [step.get("name") or step["uses"] for step in steps(NIGHTLY)]
    assert names[names.index("Assume the role") + 1 :] == ["Judge", "Keep the reports"]
    assert steps(NIGHTLY)[-1]["if"] == "always()"


# --- the nightly workflow, step by step


def script(name: str) -> str:
    """The script of a step."""
    (text,) = [step["run"] for step in steps(NIGHTLY) if step.get("name") == name]
    return str(text)


class Step(NamedTuple):
    """How a step ended: its status, what it printed, what it added to the job's summary, and its outputs."""

    status: int
    said: str
    summary: str
    outputs: str


class Job:
    """A job on a runner: a workspace, the runner's folder for what is temporary, and the files by which a step speaks."""

    def __init__(self, path: Path) -> None:
        self.workspace, self.temp = path / "workspace", path / "temp"
        for folder in (self.workspace, self.temp):
            folder.mkdir()

    def step(self, name: str, env: dict[str, str], command: Sequence[str] = ("bash", "--noprofile", "--norc", "-eo", "pipefail")) -> Step:
        """Run a step as a runner does: its script in a file, under the shell's options, with its `env`."""
        file, summary, output = (self.temp / f"_{kind}" for kind in ("script", "summary", "output"))
        file.write_text(script(name), encoding="utf-8")
        for told in (summary, output):
            told.write_text("", encoding="utf-8")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PYTEST_", "GITHUB_"))}
        runner = {
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
        }
        ran = subprocess.run([*command, file], cwd=self.workspace, env=kept | runner | env, capture_output=True, text=True, check=False)
        return Step(ran.returncode, ran.stdout + ran.stderr, summary.read_text(encoding="utf-8"), output.read_text(encoding="utf-8"))

    def judge(self, **env: str) -> Step:
        """Run the step that judges, with the defaults of what is not given."""
        default = {"PROFILES": "demo", "CONFIG": "", "BASELINE": "previous", "EARLIER_RUN": "", "FAIL_ON": "", "PYTEST_ADDOPTS": ""}
        return self.step("Judge", default | env)

    def pytest(self, text: str) -> None:
        """Put a script where the workflow's environment has pytest."""
        path = self.temp / "ssb-venv/bin/pytest"
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job."""
    return Job(tmp_path)


@pytest.fixture
def told(job: Job) -> Job:
    """A job whose pytest prints its arguments instead of running, and ends with status 3."""
    job.pytest('printf "<%s>" "$@"; exit 3')
    return job


def given(step: Step, job: Job) -> list[str]:
    """The arguments that pytest was given, but for those of every night."""
    arguments = re.findall(r"<([^>]*)>", step.said)
    reports = job.temp / "ssb"
    always = ["-n", "auto", "--ssb-output", f"{reports}/results.json", "--html", f"{reports}/report.html", "--self-contained-html"]
    assert arguments[-9:] == [*always, "--junit-xml", f"{reports}/junit.xml"]
    return arguments[:-9]


def test_the_first_night_has_nothing_to_compare_with(told: Job) -> None:
    ran = told.judge(PROFILES="prod\n  staging\n", CONFIG="aws/my ssb.toml", FAIL_ON="high new")
    profiles = ["--ssb-profile", "prod", "--ssb-profile", "staging"]
    # Everything is new, so that `new` says nothing.
    assert given(ran, told) == [*profiles, "--ssb-fail-on", "high", "--ssb-config", "aws/my ssb.toml"]
    assert (ran.status, ran.summary) == (3, "")


def test_the_results_of_the_last_night_are_the_baseline(told: Job) -> None:
    earlier = told.temp / "ssb-earlier/results.json"
    earlier.parent.mkdir()
    earlier.write_text("{}")
    ran = told.judge(EARLIER_RUN="17", FAIL_ON="high new")
    assert given(ran, told) == ["--ssb-profile", "demo", "--ssb-fail-on", "high", "--ssb-fail-on", "new", "--ssb-baseline", str(earlier)]
    assert (ran.status, ran.summary) == (3, "")


def test_earlier_results_that_could_not_be_fetched_are_said(told: Job) -> None:
    ran = told.judge(EARLIER_RUN="17", FAIL_ON="new")
    said = "The results of run 17 could not be fetched, or hold no results.json. There is nothing to compare with: every failure counts as new."
    assert given(ran, told) == ["--ssb-profile", "demo"]
    assert (ran.status, ran.summary) == (3, f"> {said}\n\n")
    assert f"::warning::{said}\n" in ran.said


def test_a_file_of_the_repository_may_be_the_baseline(told: Job) -> None:
    ran = told.judge(BASELINE="ssb/first day.json", FAIL_ON="new")
    assert given(ran, told) == ["--ssb-profile", "demo", "--ssb-fail-on", "new", "--ssb-baseline", "ssb/first day.json"]


def test_a_night_may_go_without_baseline(told: Job) -> None:
    (told.temp / "ssb-earlier").mkdir()
    (told.temp / "ssb-earlier/results.json").write_text("{}")
    assert given(told.judge(BASELINE="none", EARLIER_RUN="17"), told) == ["--ssb-profile", "demo"]


@pytest.mark.parametrize(
    ("env", "why"),
    [({"PROFILES": " "}, "profiles: name at least one"), ({"PYTEST_ADDOPTS": '-m "acct'}, "arguments: a quote is not closed")],
)
def test_what_would_run_something_else_is_refused(told: Job, env: dict[str, str], why: str) -> None:
    assert told.judge(**env) == Step(4, f"::error::{why}\n", "", "")


@pytest.mark.parametrize("hostile", ["x$(touch made)", "x;touch${IFS}made", "`touch made`", "*"])
def test_what_is_given_is_never_run(told: Job, hostile: str) -> None:
    (told.workspace / "file").touch()
    ran = told.judge(PROFILES=hostile, CONFIG=hostile, BASELINE=hostile, FAIL_ON=hostile)
    assert given(ran, told)[-2:] == ["--ssb-baseline", hostile]
    assert [path.name for path in told.workspace.iterdir()] == ["file"]


def test_a_night_is_compared_with_the_one_before_and_leaves_its_reports(job: Job, run: Runner, pytester: pytest.Pytester) -> None:
    before = run("-m", "acct_06 or acct_10").results
    failed = {finding["id"] for finding in before["findings"] if finding["status"] == "FAIL"}
    (job.temp / "ssb-earlier").mkdir()
    shutil.copy(pytester.path / "results.json", job.temp / "ssb-earlier")

    job.pytest(f'exec "{sys.executable}" -m pytest "$@"')
    few = {"PYTEST_ADDOPTS": '-m "acct_06 or acct_10" -p no:cacheprovider', "PYTEST_XDIST_AUTO_NUM_WORKERS": "0"}
    ran = job.judge(**few, EARLIER_RUN="17", FAIL_ON="new")
    # What fails is known, and so fails nothing.
    assert ran.status == 0, ran.said
    assert sorted(path.name for path in (job.temp / "ssb").iterdir()) == ["junit.xml", "report.html", "results.json"]
    results = json.loads((job.temp / "ssb/results.json").read_text(encoding="utf-8"))
    assert {finding["id"] for finding in results["findings"] if finding["status"] == "FAIL"} == failed != set()
    assert (results["baseline"]["started_at"], results["baseline"]["new"], results["baseline"]["known"]) == (before["started_at"], 0, len(failed))
    assert ran.summary.startswith("# ")
    assert "::error" not in ran.said


def test_a_mistake_ends_the_night_with_one_line(job: Job) -> None:
    job.pytest(f'exec "{sys.executable}" -m pytest "$@"')
    ran = job.judge(PROFILES="prod", CONFIG="none.toml")
    assert (ran.status, ran.said.strip()) == (4, "ERROR: --ssb-config none.toml: no such file")
    # Nothing to keep, so that the next night compares itself with the one before.
    assert [path for path in (job.temp / "ssb").rglob("*") if path.is_file()] == []


# --- installing


def test_what_is_required_is_installed_apart(job: Job, tmp_path: Path) -> None:
    wheel = tmp_path / "pytest_ssb-0.1.0-py3-none-any.whl"
    about = "pytest_ssb-0.1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: pytest-ssb\nVersion: 0.1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", f"{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    ran = job.step("Install", {"REQUIREMENT": str(wheel), "PIP_NO_INDEX": "1"})
    assert (ran.status, ran.said.strip().partition("@")[0].strip()) == (0, "pytest-ssb")


# --- looking for earlier results

REPOSITORY, BRANCH = "acme/infra", "main"


def a_run(id: int, repository: str | None = REPOSITORY) -> dict[str, Any]:
    """A finished run as GitHub tells it; of a repository that is gone, that is null."""
    return {"id": id, "head_repository": {"full_name": repository} if repository else None}


class GitHub:
    """GitHub's API on the loopback: the runs that there are, and whether each one's artifact has expired."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.expired: dict[int, bool] = {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.fails: tuple[int, str] | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
                assert self.headers["Authorization"] == "Bearer gh-token"
                outer.asked.append((path, query))
                status, body = outer.fails or (200, json.dumps(outer.answer(path.removeprefix(f"/repos/{REPOSITORY}/actions/"))))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    def answer(self, path: str) -> dict[str, Any]:
        """What GitHub would say."""
        if path == "runs/99":
            return {"id": 99, "workflow_id": 5}
        if path == "workflows/5/runs":
            return {"workflow_runs": self.runs}
        (id,) = re.findall(r"^runs/(\d+)/artifacts$", path)
        return {"artifacts": [{"expired": self.expired[int(id)]}] if int(id) in self.expired else []}


@pytest.fixture
def github() -> Iterator[GitHub]:
    """GitHub, while a test runs."""
    api = GitHub()
    thread = threading.Thread(target=api.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield api
    api.server.shutdown()
    api.server.server_close()
    thread.join()


def look(job: Job, github: GitHub) -> Step:
    """Run the step that looks for earlier results."""
    env = {
        "GITHUB_API_URL": f"http://127.0.0.1:{github.server.server_port}",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": "99",
        "GITHUB_REF_NAME": BRANCH,
        "GITHUB_TOKEN": "gh-token",
        "ARTIFACT": "ssb a&b",
        "no_proxy": "*",
    }
    return job.step("Look for earlier results", env, [sys.executable])


def test_the_newest_results_of_this_workflow_and_branch_are_found(job: Job, github: GitHub) -> None:
    github.runs = [a_run(41), a_run(40, "mallory/infra"), a_run(39, None), a_run(38), a_run(37), a_run(36)]
    github.expired = {40: False, 39: False, 38: True, 37: False, 36: False}
    assert look(job, github) == Step(0, "the newest earlier results are those of run 37\n", "", "run=37\n")
    base = f"/repos/{REPOSITORY}/actions"
    assert github.asked[:3] == [
        (f"{base}/runs/99", {}),
        (f"{base}/workflows/5/runs", {"branch": ["main"], "status": ["completed"], "exclude_pull_requests": ["true"], "per_page": ["100"]}),
        (f"{base}/runs/41/artifacts", {"name": ["ssb a&b"]}),
    ]


def test_a_first_night_says_that_it_is_one(job: Job, github: GitHub) -> None:
    said = (
        "No earlier results were found: this is the first night, or they have expired. There is nothing to compare with: every failure counts as new."
    )
    assert look(job, github) == Step(0, f"{said}\n", f"> {said}\n\n", "run=\n")


@pytest.mark.parametrize(
    ("fails", "why"),
    [((403, "{}"), "HTTPError: HTTP Error 403: Forbidden"), ((200, "oops"), "JSONDecodeError: Expecting value: line 1 column 1 (char 0)")],
)
def test_what_github_would_not_tell_is_said(job: Job, github: GitHub, fails: tuple[int, str], why: str) -> None:
    github.fails = fails
    said = f"Earlier results could not be looked for ({why}). There is nothing to compare with: every failure counts as new."
    assert look(job, github) == Step(0, f"::warning::{said}\n{said}\n", f"> {said}\n\n", "run=\n")


# --- GitLab


class Pipeline:
    """A job of GitLab: its scripts in one shell, in the project's folder."""

    def __init__(self, path: Path) -> None:
        self.path, self.project = path, path / "project"
        self.project.mkdir()
        self.job = read(GITLAB)["ssb"]
        (path / "ssb-venv/bin").mkdir(parents=True)

    def run(self, pytest: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the job's script, with this script in the place of pytest."""
        command = self.path / "ssb-venv/bin/pytest"
        command.write_text(f"#!/bin/sh\n{pytest}\n", encoding="utf-8")
        command.chmod(0o755)
        text = "\n".join(self.job["script"]).replace("/tmp/", f"{self.path}/")
        env = {"PATH": os.environ["PATH"], **self.job["variables"], **variables}
        return subprocess.run(["sh", "-e", "-c", text], cwd=self.project, env=env, capture_output=True, text=True, check=False)


FAKE = 'printf "<%s>" "$@"; mkdir -p ssb; echo tonight >ssb/results.json; exit 1'
ALWAYS = "<-n><auto><--ssb-output><ssb/results.json><--html><ssb/report.html><--self-contained-html><--junit-xml><ssb/junit.xml>"


def test_gitlab_compares_a_night_with_the_one_before(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path)
    (pipeline.project / "file").touch()
    first = pipeline.run(FAKE, SSB_PROFILES="prod *", SSB_FAIL_ON="high new")
    said = "No earlier results were found: this is the first night, or GitLab lost the cache. There is nothing to compare with: every failure counts as new.\n"
    words = "<--ssb-profile><prod><--ssb-profile><*><--ssb-fail-on><high>"
    assert (first.returncode, first.stdout, first.stderr) == (1, f"{said}{words}{ALWAYS}", "")
    assert (pipeline.project / "ssb-earlier/results.json").read_text() == "tonight\n"
    second = pipeline.run(FAKE, SSB_FAIL_ON="new")
    assert (second.returncode, second.stdout) == (1, f"<--ssb-profile><prod><--ssb-fail-on><new><--ssb-baseline><ssb-earlier/results.json>{ALWAYS}")
    assert pipeline.job["cache"]["paths"] == ["ssb-earlier/"]
    assert pipeline.job["cache"]["when"] == "always"


def test_gitlab_keeps_the_status_and_the_last_results_of_a_night_that_left_none(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path)
    (pipeline.project / "ssb-earlier").mkdir()
    (pipeline.project / "ssb-earlier/results.json").write_text("last night")
    ran = pipeline.run("exit 3", SSB_BASELINE="none")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert (pipeline.project / "ssb-earlier/results.json").read_text() == "last night"


def test_gitlab_takes_a_file_of_the_repository(tmp_path: Path) -> None:
    assert f"<--ssb-baseline><ssb/first day.json>{ALWAYS}" in Pipeline(tmp_path).run(FAKE, SSB_BASELINE="ssb/first day.json").stdout


def test_gitlab_judges_nothing_without_a_profile(tmp_path: Path) -> None:
    ran = Pipeline(tmp_path).run(FAKE, SSB_PROFILES="", SSB_BASELINE="none")
    assert (ran.returncode, ran.stdout) == (4, "SSB_PROFILES: name at least one profile\n")


def test_the_role_is_assumed_by_what_gitlab_gives(run: Runner, moto_account: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("eyJhbGciOiJub25lIn0.e30.", encoding="utf-8")
    # moto put keys there, and wants them back when it ends.
    with monkeypatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            environment.delenv(name, raising=False)
        for name, value in read(GITLAB)["ssb"]["variables"].items():
            if name.startswith("AWS_"):
                environment.setenv(name, value.replace("/tmp/aws-id-token", str(tmp_path / "token")))
        ran = run("-m", "acct_06", profile="default")
    assert ran.results["accounts"][0]["caller"] == "arn:aws:sts::111122223333:assumed-role/ssb-audit/pytest-ssb"
