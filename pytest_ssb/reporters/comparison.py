"""What people are told of a comparison with an earlier run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_ssb.findings import Finding, Status
from pytest_ssb.results import Results

# Lines of what was fixed: more are in the findings file.
AT_MOST = 20


def lines(results: Results) -> Iterator[str]:
    """The counts in one line, and a line for each finding that was fixed."""
    if results.baseline is None:
        return
    yield f"compared with {results.baseline.started_at}: {counts(results)}"
    if results.baseline.new_checks:
        yield f"new checks, of which the baseline knows nothing: {', '.join(results.baseline.new_checks)}"
    fixed = once(results.baseline.fixed)
    for controls, finding in fixed[:AT_MOST]:
        yield f"fixed: {', '.join(controls)} {finding.check}: {place(finding)}"
    if len(fixed) > AT_MOST:
        yield f"fixed: ... and {len(fixed) - AT_MOST} more, in the findings file"


def counts(results: Results) -> str:
    """How many findings are new, known, fixed and not evaluated: `2 new (1 of them waived), 14 known, 3 fixed`."""
    compared = results.baseline
    assert compared is not None
    new = [finding for finding in results.findings if finding.baseline == "new"]
    waived = sum(finding.status is Status.WAIVED for finding in new)
    said = [f"{compared.new} new{f' ({waived} of them waived)' if waived else ''}", f"{compared.known} known", f"{len(compared.fixed)} fixed"]
    if compared.not_evaluated:
        left = "left to other shards or not evaluated" if results.run.shard else "not evaluated this time, and remembered"
        said.append(f"{len(compared.not_evaluated)} {left}")
    return ", ".join(said)


def once(findings: Iterable[Finding]) -> list[tuple[list[str], Finding]]:
    """The findings, those that count for two controls once, with these."""
    groups: dict[tuple[str | None, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.check, finding.account, finding.region, finding.resource, finding.item), []).append(finding)
    return [([finding.control for finding in group], group[0]) for group in groups.values()]


def place(finding: Finding) -> str:
    """The resource by its ARN, with its item, and the region where the ARN does not say it."""
    item = f" [{finding.item}]" if finding.item else ""
    region = f" in {finding.region}" if finding.region and f":{finding.region}:" not in finding.resource else ""
    return f"{finding.resource}{item}{region}"
