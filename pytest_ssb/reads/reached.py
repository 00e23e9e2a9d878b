"""Whether what somebody shall be told reaches them, by any of several ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pytest_ssb.unread import error_of, or_unread


@dataclass(frozen=True)
class Reached:
    """Where a way leads: `says` to whom, or `lacks` what keeps it from somebody, or a `question` where only another account could tell."""

    says: str = ""
    lacks: str | None = None
    question: str | None = None

    @property
    def somebody(self) -> bool:
        """Whether it is known to lead to somebody."""
        return self.lacks is None and self.question is None


def best_of(ways: Iterable[Callable[[], Reached]], nothing: str) -> Reached:
    """The first way that reaches somebody; no more are asked after it. Else, if all could be read, what is to be asked, or what each lacks."""
    found: list[Reached] = []
    for way in ways:
        reached = or_unread(way)
        if error_of(reached) is None and reached.somebody:
            return reached
        found.append(reached)
    if questions := [each.question for each in found if each.question is not None]:
        return Reached(question="; ".join(questions))
    return Reached(lacks="; ".join(each.lacks for each in found if each.lacks is not None) or nothing)
