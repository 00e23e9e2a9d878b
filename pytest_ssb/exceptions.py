"""What became of a run's waivers and declarations: the rows of the findings file, and what people are told of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from pytest_ssb import declarations, waivers
from pytest_ssb.controls import Check
from pytest_ssb.covering import Judged, checks_of
from pytest_ssb.findings import Finding
from pytest_ssb.profiles import Profile
from pytest_ssb.results import WaiverRow


class Exceptions:
    """The waivers and declarations of a run that has ended."""

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        findings: Sequence[Finding],
        checks: Mapping[str, Check],
        judged: Judged,
        answering: Mapping[str, Collection[str]],
        today: date,
    ) -> None:
        """`checks` are all that there are, by id; `answering` has, by profile, the places of the declarations that were of use."""
        self._profiles = profiles
        self._checks = checks
        self._judged = judged
        self._answering = answering
        self._today = today
        self.waivers = tuple(row for name in profiles for row in self._rows(name, findings))

    def _rows(self, name: str, findings: Sequence[Finding]) -> Iterator[WaiverRow]:
        profile = self._profiles[name]
        return waivers.rows(
            name,
            profile.waivers,
            findings,
            self._today,
            lambda waiver: self._judged.whole(name, checks_of(waiver, self._checks, profile.extended), waiver),
        )

    def said(self) -> Iterator[str]:
        """What is to be said of them: what was of no use, has expired, or soon will."""
        yield from waivers.said(self.waivers, self._today)
        yield from declarations.said(self.given(), self._today)

    def given(self) -> Iterator[declarations.Given]:
        """The declarations, each with what became of it."""
        for name in self._profiles:
            yield from self._given(name)

    def _given(self, name: str) -> Iterator[declarations.Given]:
        profile = self._profiles[name]
        for each in profile.declarations:
            asking = declarations.checks_of(each, self._checks)
            used = each.place in self._answering.get(name, ())
            yield declarations.Given(name, each, used, self._judged.whole(name, asking, each), declarations.lasting(profile))
