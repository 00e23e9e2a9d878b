"""Who imports whom, told from the sources alone, and what breaks the rules of a table."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter

# Imports by a name that is made at run time: nothing below would see them, so a part needs leave for them.
BY_NAME = "importlib"


@dataclass(frozen=True)
class Part:
    """Modules that follow the same rules.

    `may` names the parts that they may import, `outside` what beside the standard library. `late` has parts and packages which they may
    import inside functions only. Among each other they may import what they like, but for cycles.
    """

    modules: str
    may: str = ""
    outside: str = ""
    late: str = ""


@dataclass(frozen=True)
class Import:
    """One import: what it brings in, the name that is taken from it, and whether it waits until a function is called."""

    module: str
    name: str | None
    late: bool


Graph = Mapping[str, list[Import]]


def graph(sources: Mapping[str, str]) -> dict[str, list[Import]]:
    """Every module's imports, those inside functions and for type checkers included. `sources` has each module's text by its name."""
    return {module: list(_imports(module, source, sources)) for module, source in sources.items()}


def _imports(module: str, source: str, known: Mapping[str, str]) -> Iterator[Import]:
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    late = {id(inner) for function in functions for inner in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, None, id(node) in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            package = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                # `from package import module` imports the module, not what its package makes of the name.
                inner = f"{package}.{alias.name}"
                yield Import(inner, None, id(node) in late) if inner in known else Import(package, alias.name, id(node) in late)


def part_of(module: str, table: Mapping[str, Part]) -> str | None:
    """The part that a module is of: a row that names it goes before one whose pattern fits."""
    rows = [(name, pattern) for name, part in table.items() for pattern in part.modules.split()]
    exact = [name for name, pattern in rows if pattern == module]
    return next(iter([*exact, *(name for name, pattern in rows if fnmatchcase(module, pattern))]), None)


def placed(graph: Graph, table: Mapping[str, Part]) -> dict[str, str | None]:
    """The part of each module."""
    return {module: part_of(module, table) for module in graph}


def complaints(graph: Graph, table: Mapping[str, Part]) -> list[str]:
    """What breaks the table's rules, in one line each."""
    parts = placed(graph, table)
    unplaced = [f"{module} is in no row of the table: say what it may import" for module, part in parts.items() if part is None]
    return [*unplaced, *forbidden(graph, table, parts), *_cycles(graph)]


def forbidden(graph: Graph, table: Mapping[str, Part], parts: Mapping[str, str | None], only: str | None = None) -> Iterator[str]:
    """The imports that the table does not allow; `only` those of one part's modules."""
    for module, imports in graph.items():
        name = parts[module]
        if only is not None and name != only:
            continue
        if name is None:
            continue
        part = table[name]
        for each in imports:
            ours = each.module in graph
            root = each.module.partition(".")[0]
            what = parts[each.module] if ours else root
            if (ours and what == name) or (not ours and root in sys.stdlib_module_names and root != BY_NAME):
                continue
            shown = each.module if each.name is None else f"{each.module}.{each.name}"
            if what in part.late.split() and not each.late:
                yield f"{module} ({name}) imports {shown} at its top: only inside functions"
            elif what not in [*part.may.split(), *part.outside.split(), *part.late.split()]:
                yield f"{module} ({name}) must not import {shown}"


def _cycles(graph: Graph) -> Iterator[str]:
    # That Python runs a package's __init__ before its modules is no import that anybody wrote.
    try:
        TopologicalSorter({module: {each.module for each in imports if each.module in graph} for module, imports in graph.items()}).prepare()
    except CycleError as error:
        yield f"a cycle of imports: {' <- '.join(error.args[1])}"
