"""The documents are true: the names in them exist, the links lead somewhere, the commands can be typed, and every field is described."""

from __future__ import annotations

import ast
import functools
import inspect
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from pytest_ssb import controls, suites
from pytest_ssb.aws import Aws
from pytest_ssb.controls import CONTROLS, SEVERITIES, Environment
from pytest_ssb.explained import operations
from pytest_ssb.findings import Basis, DeniedBy
from pytest_ssb.handbook import explain
from pytest_ssb.keys import keys_of
from pytest_ssb.own_checks import written_in
from pytest_ssb.permissions import START, action
from pytest_ssb.profiles import Declaration, Profile, Repository, RootUse, Waiver
from pytest_ssb.reads.registry import all_reads, read
from pytest_ssb.reporters import FORMATS
from pytest_ssb.results import ControlStatus
from pytest_ssb.session import Fixtures
from pytest_ssb.targets import Backend
from tests.support.imports import graph

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
GENERATED = sorted(ROOT.glob("docs/controls/*.md"))
SCHEMA = json.loads((ROOT / "pytest_ssb/schemas/results-1.schema.json").read_text(encoding="utf-8"))

named = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def prose(page: Path) -> str:
    """A page without its blocks of code, and without the tables of keys, which are made from the keys."""
    text = page.read_text(encoding="utf-8").partition("<!-- printed by")[0]
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", [*PAGES, *GENERATED], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_of_code_ends(page: Path) -> None:
    fences = re.findall(r"^```(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) % 2 == 0
    assert not any(fences[1::2])


# --- links ------------------------------------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, *GENERATED], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        path, _, anchor = link.partition("#")
        if not path.startswith(("https://", "http://")):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert target.is_relative_to(ROOT), link
            assert not anchor or anchor in anchors(target), link


# --- names ------------------------------------------------------------------------------------------------------------------------------------

# What is named and is not ours: of the user's, of pytest, of AWS, of tools beside us.
OTHERS = {
    *(
        "addopts",
        "assert",
        "mock_aws",
        "norecursedirs",
        "pytest",
        "pythonpath",
        "pytest.skip",
        "python_files",
        "testpaths",
        "xfail",
        "PYTEST_DONT_REWRITE",
    ),
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "before-call", "endpoint_url"),
    *("Compliance.Status", "Workflow", "compliance.status", "kind", "logicalLocations", "partialFingerprints", "Id"),
    *("GITHUB_STEP_SUMMARY", "::error", "securityhub:BatchImportFindings", "ssb.asff.json", "ssb.2.asff.json"),
    *("needs", "build-graph"),
    *("ids", "lint", "role", "tool.pytest-ssb."),
    *(
        ".github/workflows/ssb.yml",
        "github-actions",
        "junit.xml",
        "report.html",
        "results.json",
        "previous",
        "none",
        "project_path:acme/infra:ref_type:branch:ref:main",
    ),
    *("repo:acme/infra:ref:refs/heads/main", "OWNER/pytest-ssb/.github/workflows/nightly.yml@COMMIT"),
}


@functools.cache
def known() -> set[str]:
    """Every name of ours that a document may mention."""
    shipped = [found.check for found in suites.shipped().values()]
    keys = [key.path for table in (Profile, RootUse, Repository, Waiver, Declaration) for key in keys_of(table)]
    calls = {*START, *operations(shipped)}
    names = {*all_reads(), *suites.shipped(), *controls.markers(), "ssb", *CONTROLS, *SEVERITIES, *calls, *map(action, calls), *FORMATS}
    names |= {name for name, value in vars(Fixtures).items() if not name.startswith("_") and value}
    for words in (ControlStatus, Environment, Backend, Basis, DeniedBy):
        names |= set(get_args(words))
    names |= {check.on for check in shipped} | {"AWS::::Account"}
    names |= {part for path in keys for part in (path, f"ssb_profile.{path}", *path.split("."))}
    names |= {f"aws.{name}" for name in ("account", "partition", "region", *vars(Aws))}
    names |= {part for path in fields() for part in (path, *re.split(r"[.\[\]]+", path))} | {SCHEMA["title"], "2022-09"}
    names |= {"demo", "demo-clean", "default", "defaults", "aws", *inspect.signature(controls.check).parameters, *inspect.signature(read).parameters}
    for path in ROOT.glob("pytest_ssb/**/*.py"):
        names |= {name := path.stem if path.stem != "__init__" else path.parent.name, f"pytest_ssb.{name}"}
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        names |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for path in (*ROOT.glob(".github/**/*.yml"), *ROOT.glob("examples/*.y*ml")):
        names |= set(re.findall(r"^ *([A-Za-z_][\w-]*):", path.read_text(encoding="utf-8"), re.MULTILINE))
    names |= set(re.findall(r'^variable "(\w+)"', (ROOT / "examples/role.tf").read_text(encoding="utf-8"), re.MULTILINE))
    return names | {name + ":" for name in ("repo", "tag")}


# A name, or one with a value: `extended = true`. ARNs, times and node ids in the texts are examples.
NAME = re.compile(r"@?(?!arn:)[A-Za-z_.][\w.:/-]*(\[\][\w.]*)*( ?= ?\S.*|=)?")


def is_known(code: str, page: Path) -> bool:
    """Whether a piece of code in a text is something that exists."""
    if code.removeprefix("@") in known() | OTHERS:
        return True
    if "/" in code or re.search(r"\.(py|md|toml|json)$", code):
        places = (ROOT, page.parent, ROOT / "pytest_ssb", ROOT / "pytest_ssb/schemas")
        return any((place / code).exists() for place in places)
    return code.partition("=")[0].strip() in known() | OTHERS


@named
def test_every_name_in_a_text_exists(page: Path, help_text: str) -> None:
    unknown = set()
    for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(page)):
        unknown |= {option for option in re.findall(r"(?<!\S)--?[a-z][\w-]*", code) if not is_option(option, help_text)}
        if NAME.fullmatch(code) and not is_known(code, page):
            unknown.add(code)
    assert unknown == set()


@pytest.fixture(scope="module")
def help_text() -> str:
    """What `pytest --help` prints here, the options of pytest, of this plugin and of those beside it; and the help of our own commands."""
    ours = (["pytest", "--help"], ["pytest_ssb", "init", "--help"], ["pytest_ssb", "merge", "--help"])
    ran = [subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=True, cwd=ROOT / "docs") for words in ours]
    return "".join(each.stdout for each in ran)


def is_option(option: str, help_text: str) -> bool:
    """Whether pytest knows an option."""
    return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", help_text) is not None


# --- layers -----------------------------------------------------------------------------------------------------------------------------------


def test_every_module_stands_in_one_layer_and_imports_from_none_further_down() -> None:
    section = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Layers")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| \w+ \| (`.*?`) \|", section, re.MULTILINE)
    layer = {name: number for number, row in enumerate(rows) for name in re.findall(r"`(\w+)`", row)}
    package = ROOT / "pytest_ssb"
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in package.rglob("*.py")}
    imported = graph({name: path.read_text(encoding="utf-8") for path, name in names.items()})

    def part(module: str) -> str:
        return module.split(".")[1]

    modules = {name: found for name, found in imported.items() if "." in name}
    assert {part(name) for name in modules} == set(layer)
    ours = [(name, each.module) for name, found in modules.items() for each in found if each.module in modules]
    assert [pair for pair in ours if layer[part(pair[0])] < layer[part(pair[1])]] == []


# --- commands ---------------------------------------------------------------------------------------------------------------------------------


def commands(page: Path) -> Iterator[list[str]]:
    """The arguments of every pytest command in a page's blocks of shell that has an option of ours."""
    for block in re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            if "--ssb-" not in line:
                continue
            for command in re.split(r"&&|[|;]", line) if "'" not in line else [line]:
                words = shlex.split(command.partition(" > ")[0], comments=True)
                at = next((n for n, word in enumerate(words) if word.rpartition("/")[2] == "pytest"), None)
                if at is not None and any(word.startswith("--ssb-") for word in words):
                    yield words[at + 1 :]


# The checks of the own that are shown.
EXAMPLES = written_in([ROOT / "examples/own_check/security"])
COMMANDS = [(page, words) for page in [*PAGES, *GENERATED] for words in commands(page)]


def test_commands_are_found() -> None:
    assert {page.name for page, _ in COMMANDS} >= {"README.md", "running.md", "permissions.md", "results.md"}


@pytest.mark.parametrize("words", [words for _, words in COMMANDS], ids=[f"{page.name}: {' '.join(words)}" for page, words in COMMANDS])
def test_every_command_can_be_typed(pytester: pytest.Pytester, words: list[str]) -> None:
    if "-p" in words:
        pytester.makepyfile(**{words[words.index("-p") + 1]: ""})
        pytester.syspathinsert()
    option = pytester.parseconfig(*words).option
    assert all(Path(output).suffix in FORMATS for output in option.ssb_output)
    assert set(re.findall(r"(?<![\w\"'])[a-z][a-z_0-9]*(?![\w\"'=])", option.markexpr)) <= {*controls.markers(), "ssb", "and", "or", "not"}
    if option.keyword:
        # An account may be chosen by its id.
        parts = [part for part in re.split(r" and | or |not ", option.keyword) if not re.fullmatch(r"[0-9]{12}", part)]
        assert not parts or any(part in id for id in [*suites.shipped(), *EXAMPLES] for part in parts)
    # The id of a finding is that of the last run, and an example's check that of its folder.
    if option.ssb_explain and option.ssb_explain not in EXAMPLES and not re.fullmatch("[0-9a-f]{16}", option.ssb_explain):
        explain(option.ssb_explain)


def test_a_command_that_cannot_be_typed_is_refused(pytester: pytest.Pytester) -> None:
    with pytest.raises(pytest.UsageError, match="--ssb-profil"):
        pytester.parseconfig("--ssb-profil=prod")


# --- the findings file ------------------------------------------------------------------------------------------------------------------------


@functools.cache
def fields() -> tuple[str, ...]:
    """Every field of the findings file by its path, from the schema; objects that may be null beside what is in them."""
    return tuple(_fields(SCHEMA, ""))


def _fields(node: dict[str, Any], path: str) -> Iterator[str]:
    if "anyOf" in node:
        (node,) = (each for each in node["anyOf"] if each.get("type") != "null")
        if "properties" in _resolved(node):
            yield path
    if node.get("type") == "array" and "$ref" in node["items"]:
        node, path = node["items"], f"{path}[]"
    properties = _resolved(node).get("properties")
    # A finding within a comparison has the fields of any finding, and an account of the whole run those of an account.
    if properties is None or path in ("baseline.fixed[]", "baseline.remembered[]", "loose.accounts[]"):
        yield path
        return
    for name, value in properties.items():
        yield from _fields(value, f"{path}.{name}" if path else name)


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    return found


def test_every_field_of_the_findings_file_is_described_and_no_other() -> None:
    text = (ROOT / "docs/results.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE) == list(fields())
