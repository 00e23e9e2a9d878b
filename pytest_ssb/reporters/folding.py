"""Shows people one cause once: equal failures in several regions, or accounts, become one, with one command for all of them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from pytest_ssb.commands import loop, of_any_region
from pytest_ssb.findings import NOT_JUDGED, Finding, Status, unjudged
from pytest_ssb.reporters.terminal import AT_MOST, Story, story, to_accept


@contextmanager
def folded(stats: dict[str, list[Any]]) -> Iterator[None]:
    """While the block lasts, pytest's failed and errored reports are one per cause; what it counts afterwards is untouched."""
    before: dict[str, list[Any]] = {category: stats[category] for category in ("failed", "error", "") if category in stats}
    for category, reports in before.items():
        # Of tests' setups and teardowns pytest looks at all, for each failure, for what they printed: thousands of each would take minutes.
        stats[category] = fold(reports) if category else [report for report in reports if getattr(report, "sections", None)]
    try:
        yield
    finally:
        stats.update(before)


class _Cause(NamedTuple):
    """What reports have in common that show people the same: the same of a whole account or region, or of what a region has one of."""

    account: str
    status: Status
    reason: str
    check: str | None
    mended: str | None
    baseline: str | None


def fold(reports: Sequence[Any]) -> list[Any]:
    """The reports, those of one cause replaced by a single one that names all of its accounts, regions and checks."""
    groups: dict[Hashable, list[Any]] = {}
    for number, report in enumerate(reports):
        groups.setdefault(_cause(report) or number, []).append(report)
    alike: dict[Hashable, list[Any]] = {}
    for cause, group in groups.items():
        alike.setdefault(_in_any_account(cause, group), []).extend(group)
    return [group[0] if len(group) == 1 else _one(group) for group in alike.values()]


def _findings(report: Any) -> list[Finding]:
    told = getattr(report, "ssb", None)
    return msgspec.convert(told["findings"], list[Finding]) if told else []


def _cause(report: Any) -> _Cause | None:
    found = _findings(report)
    bad = [finding for finding in found if finding.status in (Status.FAIL, Status.ERROR)]
    if bad and all(finding.resource.startswith("repo:") for finding in bad):
        # A repository is the same one, whichever account it is judged for.
        same = json.dumps([(finding.control, finding.resource, finding.item, finding.reason) for finding in bad])
        return _Cause(bad[0].account, bad[0].status, same, bad[0].check, None, bad[0].baseline)
    if not bad or len({finding.check for finding in found}) != 1 or len({finding.resource for finding in found}) != 1:
        return None
    first = bad[0]
    if first.region is None:
        if not first.resource.startswith("arn:") or not (":account::" in first.resource or first.resource.endswith(":root")):
            return None
        return _Cause(first.account, first.status, first.reason, None if NOT_JUDGED in first.evidence else first.check, None, first.baseline)
    if not (":account::" in first.resource or _one_of_region(first)):
        return None
    mended = of_any_region(first) if _one_of_region(first) else None
    return _Cause(first.account, first.status, first.reason, None if first.status is Status.ERROR else first.check, mended, first.baseline)


def _in_any_account(cause: Hashable, group: Sequence[Any]) -> Hashable:
    """What makes a cause the same in another account: that it is in the same regions, too, since one command shall do for all of them."""
    if not isinstance(cause, _Cause):
        return cause
    return cause._replace(account=""), tuple(sorted({finding.region or "" for report in group for finding in _findings(report)}))


def _one_of_region(finding: Finding) -> bool:
    """Whether a resource is mended without being named, as a region's default VPC is: then the region alone tells which one is meant."""
    name = re.split("[/:]", finding.resource)[-1]
    return finding.remediation is not None and name not in finding.remediation and ":account::" not in finding.resource


def _one(reports: Sequence[Any]) -> Any:
    all_found = [finding for report in reports for finding in _findings(report)]
    worst = next(finding for finding in all_found if finding.status in (Status.FAIL, Status.ERROR))
    found = [finding for finding in all_found if finding.control == worst.control and finding.status is worst.status]
    accounts = list(dict.fromkeys(finding.account for finding in found))
    regions = list(dict.fromkeys(finding.region for finding in found if finding.region))
    checks = list(dict.fromkeys(check for finding in all_found for check in unjudged(finding)))
    one = copy.copy(reports[0])
    file, line, _ = one.location
    what = f"test_{checks[0]}" if len(checks) == 1 else f"{len(checks)} checks"
    profiles = list(dict.fromkeys(finding.profile for finding in found))
    where = [
        profiles[0] if len(profiles) == 1 else f"{len(profiles)} profiles",
        *([f"{len(accounts)} accounts"] if len(accounts) > 1 else [accounts[0]] if f"{profiles[0]}/{accounts[0]}" in found[0].nodeid else []),
        *([regions[0] if len(regions) == 1 else f"{len(regions)} regions"] if regions else []),
    ]
    one.location = (file, line, f"{what}[{'/'.join(where)}]")
    one.longrepr = Story(_text(reports, found, accounts, regions, checks))
    return one


def _text(reports: Sequence[Any], found: Sequence[Finding], accounts: Sequence[str], regions: Sequence[str], checks: Sequence[str]) -> str:
    first = found[0]
    head, _, rest = story(_shown(found, accounts, regions), first.status, 0).partition("\n")
    where = ", ".join(
        [
            *([f"in {len(accounts)} accounts"] if len(accounts) > 1 else []),
            *([f"in {regions[0]}" if len(regions) == 1 else f"in {len(regions)} regions"] if regions else []),
        ]
    )
    if first.status is Status.ERROR and len(checks) > 1:
        head = f"{Status.ERROR}: {first.reason}: {len(checks)} checks not judged {where or f'in account {accounts[0]}'}"
        rest = "\n".join(["", f"  checks: {', '.join(checks)}"])
        if first.error is not None and first.error.action:
            rest += f"\n\n  allow: {first.error.action}  (--ssb-policy prints the whole policy)"
    else:
        head = f"{head} ({where})"
    lines = [head, *([""] if len(accounts) > 1 or regions else [])]
    if len(accounts) > 1:
        lines.append(f"  accounts: {', '.join(accounts)}")
    if regions:
        lines.append(f"  regions: {', '.join(regions)}")
    if first.error is not None and first.error.denied_by == "scp" and regions:
        lines.append(f"  if intended, in the profile: denied_regions = {json.dumps(list(regions))}")
    waivers = [waiver for report in reports for waiver in report.ssb.get("waivers", ())]
    return "\n".join([*lines, rest, *to_accept(waivers[:AT_MOST])])


def _shown(found: Sequence[Finding], accounts: Sequence[str], regions: Sequence[str]) -> list[Finding]:
    """The findings of which the story tells: of several accounts, one for each command."""
    mends = loop(found) if len(regions) > 1 else None
    mended = [msgspec.structs.replace(finding, remediation=mends or finding.remediation) for finding in found]
    mine = [finding for finding in mended if finding.account == accounts[0]]
    shown = mine if len({finding.resource for finding in mine}) > 1 else mine[:1]
    known = {finding.remediation for finding in mine}
    return [*shown, *{finding.remediation: finding for finding in mended if finding.remediation not in known}.values()]
