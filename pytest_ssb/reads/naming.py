"""What names subnets and security groups in its own settings, whatever service it is of, and how it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from pytest_ssb.errors import AwsError, UnexpectedAnswer, Vanished
from pytest_ssb.network_use import User
from pytest_ssb.unread import unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws


class Naming(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Something that names subnets or security groups."""

    arn: str = msgspec.field(name="Arn")
    runs: ClassVar[bool] = True

    @property
    def alive(self) -> bool:
        """Whether it is not on its way out."""
        return True

    @property
    def subnets(self) -> Iterable[str | None]:
        """The subnets that it names."""
        return ()

    @property
    def groups(self) -> Iterable[str | None]:
        """The security groups that it names, by their ids, or in a default VPC by their names."""
        return ()

    @property
    def name(self) -> str:
        """What it is, in words for a reason."""
        _, _, service, _, _, resource = self.arn.split(":", 5)
        return f"{service} {resource}"

    @property
    def user(self) -> User:
        """The same, in the words of the network model."""
        groups = tuple(each for each in self.groups if each)
        return User(
            name=self.name,
            subnets=tuple(each for each in self.subnets if each),
            groups=tuple(each for each in groups if each.startswith("sg-")),
            group_names=tuple(each for each in groups if not each.startswith("sg-")),
            runs=self.runs,
        )


Ask = Callable[["Aws"], Iterable[Any]]


@dataclass(frozen=True)
class Lookup:
    """One question: the operations that it takes, the first of which names it, and who asks it."""

    operations: tuple[str, ...]
    ask: Ask

    @property
    def arn(self) -> str:
        """Its name."""
        return self.operations[0]


def listed(operation: str, key: str, type: type[Naming], arn: str, **params: Any) -> Lookup:
    """A question that is answered by one list."""
    return Lookup((operation,), lambda aws: aws.resources(operation, key, type, arn, **params))


def part(operation: str, answer: Any, key: str) -> Any:
    """A part of an answer that AWS always gives."""
    if answer.get(key) is None:
        raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
    return answer[key]


def names(operation: str, raws: Iterable[Any], key: str) -> list[str]:
    """What each of a list is called."""
    return [part(operation, raw, key) for raw in raws]


def one_by_one(names: Iterable[Any], ask: Callable[[Any], Iterable[Any]]) -> Iterator[Any]:
    """What is answered of each; what fails for one stands as unread, what is gone by then is left out."""
    for name in names:
        try:
            yield from ask(name)
        except Vanished:
            continue
        except AwsError as error:
            yield unread(error)


def portions(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The names, as many at a time as an operation takes."""
    return (names[start : start + size] for start in range(0, len(names), size))
