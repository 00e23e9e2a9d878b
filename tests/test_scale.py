"""What `docs/scale.md` and `examples/sharded.yml` tell engines to run: each job of an array gets a shard of its own, and all of them get all shards."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_ssb.results import Shard
from pytest_ssb.shards import shard_of

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "sharded.yml"
SCRIPTS = Path(sys.executable).parent

# What a job of an array of four knows of itself, by engine: the first counts from 1 or from 0.
ENGINES: dict[str, Callable[[int], dict[str, object]]] = {
    "GitHub Actions": lambda n: {"SHARD": n + 1, "SHARDS": 4, "GITHUB_RUN_ID": 41},
    "GitLab": lambda n: {"CI_NODE_INDEX": n + 1, "CI_NODE_TOTAL": 4, "CI_PIPELINE_ID": 41},
    "AWS Batch": lambda n: {"AWS_BATCH_JOB_ARRAY_INDEX": n, "AWS_BATCH_JOB_ARRAY_SIZE": 4, "AWS_BATCH_JOB_ID": f"41:{n}"},
    "AWS CodeBuild": lambda n: {"SHARD": n + 1, "SHARDS": 4},
    "Kubernetes": lambda n: {"JOB_COMPLETION_INDEX": n, "SHARDS": 4, "RUN": "41"},
}
# pytest as one that says what it was given, and ends as it is told; nothing is copied anywhere.
STANDS_IN = 'pytest() { printf "%s\\n" "$@"; return "$ENDS"; }\naws() { :; }\n'


def section(engine: str) -> str:
    found: str = PAGE.partition(f"\n### {engine}\n")[2].partition("\n### ")[0]
    return found


def script(engine: str) -> str:
    """What an engine's section has a job run."""
    block: str
    (block,) = [block for block in re.findall(r"^```sh\n(.*?)^```$", section(engine), re.DOTALL | re.MULTILINE) if "--ssb-shard" in block]
    return block


def ran(text: str, environment: dict[str, object], ends: int = 0) -> tuple[int, list[str]]:
    """A script's status, and what it gave pytest."""
    known = {name: str(value) for name, value in environment.items()} | {"ENDS": str(ends), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["sh", "-eu", "-c", STANDS_IN + text], env=known, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def after(arguments: list[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


def test_each_engine_of_the_page_is_tried() -> None:
    headings = re.findall(r"^### (.*)$", PAGE.partition("\n## Engines")[2], re.MULTILINE)
    assert headings == list(ENGINES)


@pytest.mark.parametrize("engine", ENGINES)
def test_each_job_of_an_array_gets_a_shard_of_its_own(engine: str) -> None:
    given = [ran(script(engine), ENGINES[engine](number)) for number in range(4)]
    assert [status for status, _ in given] == [0] * 4
    assert [shard_of(after(arguments, "--ssb-shard")) for _, arguments in given] == [Shard(number=number, of=4) for number in (1, 2, 3, 4)]
    assert [Path(after(arguments, "--ssb-output")).name for _, arguments in given] == [f"results-{number}.json" for number in (1, 2, 3, 4)]
    named = [after(arguments, "--ssb-run-id") for _, arguments in given if "--ssb-run-id" in arguments]
    assert named == ([] if engine == "AWS CodeBuild" else ["41"] * 4)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_shard_finds_is_no_breakdown_but_what_keeps_it_from_judging_is(engine: str) -> None:
    assert {ends: ran(script(engine), ENGINES[engine](0), ends)[0] == 0 for ends in (0, 1, 2, 3, 4, 5)} == {
        0: True,
        1: True,
        2: False,
        3: False,
        4: False,
        5: False,
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_each_piece_of_yaml_is_one(engine: str) -> None:
    for block in re.findall(r"^```yaml\n(.*?)^```$", section(engine), re.DOTALL | re.MULTILINE):
        assert isinstance(yaml.safe_load(block), dict)


# --- the workflow ---------------------------------------------------------------------------------------------------------------------


def steps(job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["jobs"][job]["steps"]
    return found


def test_the_workflow_is_valid_and_an_auditor_finds_nothing() -> None:
    for tool, *options in (("check-jsonschema", "--builtin-schema", "vendor.github-workflows"), ("zizmor", "--offline", "--no-progress", "--quiet")):
        done = subprocess.run([SCRIPTS / tool, *options, EXAMPLE], capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_pins_what_the_nightly_one_pins() -> None:
    pins = set(re.findall(r"uses: (\S+@\S+ # \S+)", EXAMPLE.read_text(encoding="utf-8")))
    assert pins <= set(re.findall(r"uses: (\S+@\S+ # \S+)", (ROOT / ".github/workflows/nightly.yml").read_text(encoding="utf-8")))


def test_the_workflow_deals_out_all_shards_and_merges_what_they_wrote() -> None:
    job = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["jobs"]["shard"]
    numbers = job["strategy"]["matrix"]["shard"]
    (judge,) = [step for step in steps("shard") if step.get("name") == "Judge"]
    assert judge["env"] == {"SHARD": "${{ matrix.shard }}", "SHARDS": "${{ strategy.job-total }}"}
    text = judge["run"].replace('"$RUNNER_TEMP/ssb-venv/bin/pytest"', "pytest")
    given = [ran(text, {"SHARD": n, "SHARDS": len(numbers), "RUNNER_TEMP": "/tmp/r", "GITHUB_RUN_ID": 41})[1] for n in numbers]
    assert [shard_of(after(arguments, "--ssb-shard")) for arguments in given] == [Shard(number=n, of=4) for n in (1, 2, 3, 4)]
    (kept,) = [step["with"]["path"] for step in steps("shard") if "upload-artifact" in step.get("uses", "")]
    assert [after(arguments, "--ssb-output") for arguments in given] == [
        kept.replace("${{ runner.temp }}", "/tmp/r").replace("${{ matrix.shard }}", str(n)) for n in numbers
    ]
    (merge,) = [step["run"] for step in steps("merge") if step.get("name") == "Merge"]
    assert '-m pytest_ssb merge "$RUNNER_TEMP/shards/results-*.json"' in merge
