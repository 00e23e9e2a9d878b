"""Who may import whom, as ARCHITECTURE.md says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pytest_ssb"


def layers() -> dict[str, int]:
    """The layer of each module or folder of the package: the number of its row."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Layers")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| (`.*?`) \|", text, re.MULTILINE)
    return {name: number for number, (_, modules) in enumerate(rows) for name in re.findall(r"`(\w+)`", modules)}


LAYERS = layers()
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def part(path: Path) -> str:
    """What stands in the table for a file: its module, or its folder."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The names of all that a file imports, wherever in it, with what is taken `from` a module: `pytest_ssb.aws`, `botocore.config.Config`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_stands_in_one_layer() -> None:
    assert {part(path) for path in MODULES} == set(LAYERS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_from_its_own_row_and_those_above_it(path: Path) -> None:
    mine = LAYERS[part(path)]
    ours = [name.split(".")[1] for name in imports(path) if name.startswith("pytest_ssb.") and not name.startswith("pytest_ssb.__version__")]
    assert [name for name in ours if LAYERS[name] > mine] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_its_layer_knows_botocore_moto_or_pytest(path: Path) -> None:
    foreign = {name.split(".")[0] for name in imports(path)}
    if part(path) not in ("aws", "demo"):
        assert not foreign & {"boto3", "botocore"}
    if part(path) != "demo":
        assert "moto" not in foreign
    if LAYERS[part(path)] != max(LAYERS.values()):
        assert not foreign & {"pytest", "_pytest", "xdist"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("tests_*/*.py")), ids=lambda path: path.name)
def test_a_suite_imports_check_and_pure_helpers(path: Path) -> None:
    names = set(imports(path))
    assert not {name.split(".")[0] for name in names} & {"boto3", "botocore", "moto", "pytest", "_pytest"}
    ours = {name.split(".")[1] for name in names if name.startswith("pytest_ssb.")} - {"check"}
    assert {name for name in ours if LAYERS[name] >= LAYERS["suites"] or name in ("aws", "reads")} == set()
