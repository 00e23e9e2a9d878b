"""`read`: makes a function that asks AWS for one kind of thing a fixture, a memoised call and a row of the IAM policy."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pytest_ssb.errors import AuthorError
from pytest_ssb.permissions import REFERENCES, only_reads

Per = Literal["account", "region"]
F = TypeVar("F", bound=Callable[..., Any])

# What a read may be given besides other reads: the handle through which it asks AWS, and the user's facts.
GIVEN = ("aws", "ssb_profile")
# Fixtures which a read must not stand in for.
RESERVED = ("audit", "aws", "request")

READS: dict[str, Read] = {}


@dataclass(frozen=True)
class Read:
    """A named question to AWS. `operations` are the API calls it may make, `needs` the reads whose answers it takes as parameters.

    `through` has the calls that it may make in other accounts, by the key of the profile that leads there: `organization_profile`.
    `absent` says what it means that a field of an answer is not there, by operation and path: `{"ec2:DescribeVolumes Volumes.Operator": "..."}`.
    """

    name: str
    function: Callable[..., Any]
    operations: tuple[str, ...]
    per: Per
    needs: tuple[str, ...]
    says: str
    absent: Mapping[str, str]
    through: Mapping[str, tuple[str, ...]]

    @property
    def everywhere(self) -> tuple[str, ...]:
        """Its operations, in whichever account."""
        return (*self.operations, *(operation for operations in self.through.values() for operation in operations))


def read(*operations: str, per: Per, absent: Mapping[str, str] | None = None, through: Mapping[str, Sequence[str]] | None = None) -> Callable[[F], F]:
    """Register a read that calls just these `operations` (`"ec2:DescribeVolumes"`), once per account or per region.

    `through` lists what it calls in another account, by the key of the profile that leads there: `{"payer_profile": ("budgets:DescribeBudgets",)}`.
    `absent` lists the fields whose absence has a meaning that may better a verdict, each with that meaning and AWS's page that gives it;
    the absence of every other field must lead to ERROR or FAIL.
    Raises AuthorError for an operation that does more than read, for a name that is taken, and for an absence without a page.
    """

    def register(function: F) -> F:
        name = function.__name__
        elsewhere = {key: tuple(called) for key, called in (through or {}).items()}
        everywhere = [*operations, *(operation for called in elsewhere.values() for operation in called)]
        for operation in everywhere:
            if not only_reads(operation):
                raise AuthorError(f"@read: {name}: {operation} does more than read")
        if unknown := sorted(elsewhere.keys() - set(REFERENCES)):
            raise AuthorError(f"@read: {name}: through: no key of a profile leads to another account by {unknown[0]}; known: {', '.join(REFERENCES)}")
        for place, meaning in (absent or {}).items():
            if place.partition(" ")[0] not in everywhere or "https://" not in meaning:
                raise AuthorError(
                    f"@read: {name}: absent: {place!r} must begin with an operation of the read, its meaning hold the address of AWS's page"
                )
        # A file of the user's own may be imported under several names.
        if name in READS and READS[name].function.__code__.co_filename != function.__code__.co_filename:
            raise AuthorError(f"@read: {name}: registered already, by {READS[name].function.__module__}; give it another name")
        if name.startswith("ssb_") or name in RESERVED:
            raise AuthorError(f"@read: {name}: pytest-ssb keeps such a name for its own fixtures; give it another")
        parameters = inspect.signature(function).parameters
        READS[name] = Read(
            name=name,
            function=function,
            operations=operations,
            per=per,
            needs=tuple(parameter for parameter in parameters if parameter not in GIVEN),
            says=(inspect.getdoc(function) or "").partition("\n")[0],
            absent=dict(absent or {}),
            through=elsewhere,
        )
        return function

    return register


@functools.cache
def all_reads() -> dict[str, Read]:
    """Every read that the package has, by name. Imports the modules beside this one; asks AWS nothing."""
    package = importlib.import_module(__name__.rpartition(".")[0])
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    refuse_impossible(READS.values())
    return READS


def refuse_impossible(reads: Iterable[Read]) -> None:
    """Raise AuthorError for reads that take what is no read, and for those of an account that take one of a region."""
    for found in reads:
        for need in found.needs:
            if need not in READS:
                raise AuthorError(f"@read: {found.name}: takes {need}, which is no read; if it is one of yours, import the module that has it")
            if found.per == "account" and READS[need].per == "region":
                raise AuthorError(f"@read: {found.name}: is asked once per account, and takes {need}, which is asked per region")


def needed(names: Iterable[str]) -> list[Read]:
    """The reads of those names and all that they take, each before what takes it; names that are no reads are passed over."""
    reads = all_reads()
    order: dict[str, Read] = {}

    def visit(name: str) -> None:
        if name in reads and name not in order:
            for need in reads[name].needs:
                visit(need)
            order[name] = reads[name]

    for name in names:
        visit(name)
    return list(order.values())


@functools.cache
def asks_nothing(name: str) -> bool:
    """Whether a read, and all that it takes, rests on the profile alone: then it gives the same for each of the profile's accounts."""
    found = all_reads()[name]
    return "aws" not in inspect.signature(found.function).parameters and all(map(asks_nothing, found.needs))


def is_regional(names: Iterable[str]) -> bool:
    """Whether what takes these fixtures runs once per region: it asks for its region, or for a read that is a region's or takes one that is."""
    names = list(names)
    return "ssb_region" in names or any(read.per == "region" for read in needed(names))


def absences() -> dict[tuple[str, str], str]:
    """What is documented of absent fields, by operation and path: `("ec2:DescribeVolumes", "Volumes.Operator")`."""
    found: dict[tuple[str, str], str] = {}
    for each in all_reads().values():
        for place, meaning in each.absent.items():
            operation, _, path = place.partition(" ")
            found[operation, path] = meaning
    return found
