"""Turns conditions round, one at a time, in check functions and judging code, and looks whether a world notices.

A mutant is a function with one condition changed. Its code is put into the live function, so that nothing is imported anew.
"""

from __future__ import annotations

import ast
import copy
import functools
import importlib
import inspect
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from pytest_ssb import suites

# What judges: the suites themselves, what is pure, and the predicates and conditions of reads.
JUDGING = (
    "balancer_places",
    "cidrs",
    "endpoint_needs",
    "endpoint_ways",
    "event_patterns",
    "group_exposure",
    "group_members",
    "group_sources",
    "internet_facing",
    "launch_addresses",
    "network",
    "network_groups",
    "network_inventory",
    "network_links",
    "network_owners",
    "network_rules",
    "network_types",
    "network_use",
    "placement",
    "policies",
    "policy_access",
    "policy_circle",
    "policy_conditions",
    "policy_federation",
    "policy_fence",
    "policy_patterns",
    "policy_services",
    "private_subnets",
    "remote_admin",
    "selectors",
    "session_paths",
    "subnet_egress",
    "task_places",
)
READS_THAT_JUDGE_NOTHING = {"engine", "registry"}

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True)
class Mutant:
    """One changed condition. `name` stays the same when other lines move: module, function, and what became of what."""

    module: str
    function: str
    line: int
    change: str
    code: CodeType

    @property
    def name(self) -> str:
        """What the mutant is called in the list of those that are known to survive."""
        return f"{self.module}.{self.function}: {self.change}"


def judging_modules() -> list[str]:
    """The modules whose conditions are turned round: suites, judging modules, reads."""
    reads = importlib.import_module("pytest_ssb.reads")
    files = {path.stem for folder in reads.__path__ for path in importlib.import_module("pathlib").Path(folder).glob("*.py")}
    names = [f"pytest_ssb.reads.{name}" for name in sorted(files - READS_THAT_JUDGE_NOTHING - {"__init__"})]
    return [*(f"{path.parent.name}.{path.stem}" for path in suites.files()), *(f"pytest_ssb.{name}" for name in JUDGING), *names]


@functools.cache
def mutants_of(module: str) -> tuple[Mutant, ...]:
    """Every mutant of a module's functions, in a fixed order."""
    loaded = importlib.import_module(module)
    tree = ast.parse(inspect.getsource(loaded))
    found: list[Mutant] = []
    for qualname, function in _functions(tree, ()):
        for at in range(len(list(_possible(function)))):
            mutated = copy.deepcopy(function)
            line, words, change = list(_possible(mutated))[at]
            change()
            code = _code_of(compile(_alone(mutated, qualname), str(loaded.__file__), "exec"), qualname)
            found.append(Mutant(module, qualname, line, words, code))
    return tuple(found)


def _alone(function: ast.FunctionDef, qualname: str) -> ast.Module:
    """A module of that function alone, within its classes."""
    body: ast.stmt = function
    for name in reversed(qualname.split(".")[:-1]):
        (around,) = ast.parse(f"class {name}: pass").body
        assert isinstance(around, ast.ClassDef)
        around.body, body = [body], around
    future = ast.ImportFrom(module="__future__", names=[ast.alias("annotations")], level=0)
    return ast.fix_missing_locations(ast.Module(body=[future, body], type_ignores=[]))


def _code_of(code: CodeType, qualname: str) -> CodeType:
    return next(each for each in _within(code) if each.co_qualname == qualname)


def _within(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _within(constant)


def _functions(tree: ast.AST, path: tuple[str, ...]) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield ".".join((*path, node.name)), node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, (*path, node.name))


def _possible(function: ast.FunctionDef) -> Iterator[tuple[int, str, Callable[[], None]]]:
    """Each change that the function may suffer: its line, its words, and what makes it."""
    for statement in function.body:
        for node in ast.walk(statement):
            line = getattr(node, "lineno", 0)
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                yield line, _words(node, _COMPARISONS[type(node.ops[0])].__name__), functools.partial(_compare, node)
            elif isinstance(node, ast.BoolOp):
                yield line, _words(node, "Or" if isinstance(node.op, ast.And) else "And"), functools.partial(_swap, node)
            elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
                yield line, _words(node, "without not"), functools.partial(_drop_not, node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
                yield line, f"a constant {node.value} became {not node.value}", functools.partial(_flip, node)
            elif isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
                yield line, _words(node.test, "turned round"), functools.partial(_negate, node)
            elif isinstance(node, ast.comprehension):
                for at, test in enumerate(node.ifs):
                    if not isinstance(test, ast.Compare | ast.UnaryOp):
                        yield test.lineno, _words(test, "turned round"), functools.partial(_negate_filter, node, at)


def _words(node: ast.AST, became: str) -> str:
    return f"`{ast.unparse(node)}` became {became}"


def _compare(node: ast.Compare) -> None:
    node.ops[0] = _COMPARISONS[type(node.ops[0])]()


def _swap(node: ast.BoolOp) -> None:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()


def _drop_not(node: ast.UnaryOp) -> None:
    # `not x` becomes `not not x`: a truth value it must stay.
    node.operand = ast.copy_location(ast.UnaryOp(ast.Not(), node.operand), node)


def _flip(node: ast.Constant) -> None:
    node.value = not node.value


def _negate(node: Any) -> None:
    node.test = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)


def _negate_filter(node: ast.comprehension, at: int) -> None:
    node.ifs[at] = ast.copy_location(ast.UnaryOp(ast.Not(), node.ifs[at]), node.ifs[at])


@contextmanager
def alive(mutant: Mutant) -> Iterator[None]:
    """The mutant in the place of its function, as long as the block lasts."""
    functions = _live(mutant.module)[mutant.function, mutant.code.co_firstlineno]
    originals = [function.__code__ for function in functions]
    _forget()
    for function in functions:
        function.__code__ = mutant.code
    try:
        yield
    finally:
        for function, original in zip(functions, originals, strict=True):
            function.__code__ = original
        _forget()


@functools.cache
def _live(module: str) -> dict[tuple[str, int], list[FunctionType]]:
    """The functions and methods of a module, those within wrappers and properties included, by name and line."""
    loaded = importlib.import_module(module)
    found: dict[tuple[str, int], list[FunctionType]] = {}
    for each in _inside(vars(loaded).values()):
        function = inspect.unwrap(each)
        if isinstance(function, FunctionType) and function.__code__.co_filename == loaded.__file__:
            found.setdefault((function.__code__.co_qualname, function.__code__.co_firstlineno), []).append(function)
    return found


def _inside(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, type):
            yield from _inside(vars(value).values())
        elif isinstance(value, property):
            yield value.fget
        elif isinstance(value, classmethod | staticmethod):
            yield value.__func__
        elif isinstance(value, functools.cached_property):
            yield value.func
        elif callable(value):
            yield value


def _forget() -> None:
    """Empty the caches of the package's functions: what one mutant computed is no answer of another."""
    for cached in _caches():
        cached.cache_clear()


@functools.cache
def _caches() -> tuple[Any, ...]:
    modules: Iterable[ModuleType] = [module for name, module in sys.modules.items() if name.startswith("pytest_ssb")]
    wrapped = [value for module in modules for value in vars(module).values() if hasattr(value, "cache_clear")]
    return tuple(each for each in wrapped if str(getattr(each, "__module__", "")).removeprefix("pytest_ssb.") in JUDGING)


@contextmanager
def noting(seen: set[tuple[str, str]]) -> Iterator[None]:
    """Note every function of judging modules that is called while the block lasts, on threads that it starts, too."""
    names = {importlib.import_module(module).__file__: module for module in judging_modules()}

    def called(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename in names:
            seen.add((names[frame.f_code.co_filename], frame.f_code.co_qualname.partition(".<locals>")[0]))

    threading.setprofile(called)
    sys.setprofile(called)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
