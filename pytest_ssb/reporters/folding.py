"""Shows people one cause once: equal failures in several regions become one, with one command for all of them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from pytest_ssb.commands import loop, of_any_region
from pytest_ssb.findings import Finding, Status
from pytest_ssb.reporters.terminal import AT_MOST, Story, story, to_accept


@contextmanager
def folded(stats: dict[str, list[Any]]) -> Iterator[None]:
    """While the block lasts, pytest's failed and errored reports are one per cause; what it counts afterwards is untouched."""
    before: dict[str, list[Any]] = {category: stats[category] for category in ("failed", "error") if category in stats}
    for category, reports in before.items():
        stats[category] = fold(reports)
    try:
        yield
    finally:
        stats.update(before)


def fold(reports: Sequence[Any]) -> list[Any]:
    """The reports, those of one cause replaced by a single one that names all of its regions and checks."""
    groups: dict[Hashable, list[Any]] = {}
    for number, report in enumerate(reports):
        groups.setdefault(_cause(report) or number, []).append(report)
    return [group[0] if len(group) == 1 else _one(group) for group in groups.values()]


def _findings(report: Any) -> list[Finding]:
    told = getattr(report, "ssb", None)
    return msgspec.convert(told["findings"], list[Finding]) if told else []


def _cause(report: Any) -> Hashable:
    """What a report has in common with others: the same single failure of a whole region, of a whole account's setting, or of what a region has one of."""
    bad = [finding for finding in _findings(report) if finding.status in (Status.FAIL, Status.ERROR)]
    if not bad or len({finding.check for finding in _findings(report)}) != 1 or len({finding.resource for finding in _findings(report)}) != 1:
        return None
    first = bad[0]
    if first.region is None or not (":account::" in first.resource or _one_of_region(first)):
        return None
    mended = of_any_region(first) if _one_of_region(first) else None
    return (first.account, first.status, first.reason, None if first.status is Status.ERROR else first.check, mended)


def _one_of_region(finding: Finding) -> bool:
    """Whether a resource is mended without being named, as a region's default VPC is: then the region alone tells which one is meant."""
    name = re.split("[/:]", finding.resource)[-1]
    return finding.remediation is not None and name not in finding.remediation and ":account::" not in finding.resource


def _one(reports: Sequence[Any]) -> Any:
    all_found = [finding for report in reports for finding in _findings(report)]
    worst = next(finding for finding in all_found if finding.status in (Status.FAIL, Status.ERROR))
    found = [finding for finding in all_found if finding.control == worst.control and finding.status is worst.status]
    regions = list(dict.fromkeys(finding.region or "" for finding in found))
    checks = list(dict.fromkeys(finding.check for finding in all_found))
    text = _text(reports, found, regions, checks)
    one = copy.copy(reports[0])
    file, line, _ = one.location
    what = f"test_{checks[0]}" if len(checks) == 1 else f"{len(checks)} checks"
    where = regions[0] if len(regions) == 1 else f"{len(regions)} regions"
    one.location = (file, line, f"{what}[{found[0].profile}/{where}]")
    one.longrepr = Story(text)
    return one


def _text(reports: Sequence[Any], found: Sequence[Finding], regions: Sequence[str], checks: Sequence[str]) -> str:
    first = found[0]
    mends = loop(found)
    mended = [msgspec.structs.replace(finding, remediation=mends or finding.remediation) for finding in found]
    head, _, rest = story(mended if len({finding.resource for finding in found}) > 1 else mended[:1], first.status, 0).partition("\n")
    where = f"in {regions[0]}" if len(regions) == 1 else f"in {len(regions)} regions"
    if first.status is Status.ERROR and len(checks) > 1:
        head = f"{Status.ERROR}: {first.reason}: {len(checks)} checks not judged {where}"
        rest = "\n".join(["", f"  checks: {', '.join(checks)}"])
        if first.error is not None and first.error.action:
            rest += f"\n\n  allow: {first.error.action}  (--ssb-policy prints the whole policy)"
    else:
        head = f"{head} ({where})"
    lines = [head, "", f"  regions: {', '.join(regions)}"]
    if first.error is not None and first.error.denied_by == "scp":
        lines.append(f"  if intended, in the profile: denied_regions = {json.dumps(list(regions))}")
    waivers = [waiver for report in reports for waiver in report.ssb.get("waivers", ())]
    return "\n".join([*lines, rest, *to_accept(waivers[:AT_MOST])])
