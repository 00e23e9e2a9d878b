"""Which findings a waiver or a declaration is about, and whether a run judged all of those that it could be about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from pytest_ssb.controls import Check
from pytest_ssb.findings import Finding
from pytest_ssb.profiles import Declaration, Waiver
from pytest_ssb.selectors import glob, matches
from pytest_ssb.targets import Target


def is_about(entry: Waiver | Declaration, finding: Finding) -> bool:
    """Whether the entry's resource, account, region and item are the finding's; which check it is about is not looked at."""
    return (
        (entry.resource is None or matches(entry.resource, finding.resource))
        and _fits(entry.account, finding.account)
        and _fits(entry.region, finding.region or "-")
        and (entry.item is None or (finding.item is not None and glob(entry.item, finding.item)))
    )


def _fits(pattern: str | None, text: str) -> bool:
    return pattern is None or glob(pattern, text)


class Judged:
    """What a run judged of what there was to judge: an entry is of no use only where all that it could be about was judged."""

    def __init__(
        self,
        findings: Sequence[Finding],
        checks: Mapping[str, Check],
        selected: Iterable[tuple[Check, Target]],
        possible: Callable[[Check], Sequence[Target]],
        narrowed: bool,
    ) -> None:
        """`checks` are all that there are, by id, `selected` those that were run, each with its target; `possible` gives the targets of a whole run.

        `narrowed` tells that the command line names regions: then nothing was judged as a whole.
        """
        self._findings = findings
        self._checks = checks
        self._possible = possible
        self._narrowed = narrowed
        self._targets: dict[str, set[Target]] = {}
        for check, target in selected:
            self._targets.setdefault(check.id, set()).add(target)

    def whole(self, profile: str, checks: Collection[str], entry: Waiver | Declaration) -> bool:
        """Whether each of these checks judged every target of the profile with which the entry may have to do, and none of them left an ERROR there."""
        if self._narrowed or not checks or not all(self._was_run(profile, check, entry) for check in checks):
            return False
        return not any(
            finding.error is not None
            and finding.check in checks
            and finding.profile == profile
            and _fits(entry.account, finding.account)
            and (finding.region is None or _fits(entry.region, finding.region))
            for finding in self._findings
        )

    def _was_run(self, profile: str, check: str, entry: Waiver | Declaration) -> bool:
        if check not in self._checks:
            return False
        mine = {target for target in self._possible(self._checks[check]) if target.profile == profile}
        # A check of the whole account may judge what lies in a region.
        near = {each for each in mine if _fits(entry.account, each.account) and (each.region is None or _fits(entry.region, each.region))}
        return (near or mine) <= self._targets.get(check, set())


def checks_of(waiver: Waiver, checks: Mapping[str, Check], extended: bool) -> set[str]:
    """The checks whose findings a waiver may cover, those beyond the guide only where they are asked for."""
    if waiver.check is not None:
        return {waiver.check}
    return {check.id for check in checks.values() if waiver.control in check.controls and (extended or not check.extended)}
