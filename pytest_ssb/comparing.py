"""What is new, known, fixed or not evaluated, of findings that are compared with those of an earlier run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from pytest_ssb.controls import SEVERITIES
from pytest_ssb.earlier import OPEN, Earlier
from pytest_ssb.findings import ACCOUNT, DENIED_REGION, LEFT_TO_ACCOUNT, LEFT_TO_CHECK, NOT_ENABLED, Finding, Status
from pytest_ssb.results import Baseline, in_order

Mark = Literal["new", "known"]
# A test that judged: its check, its account, and its region, if it has one.
Test = tuple[str, str, str | None]
# In a node id: `[prod/eu-west-1]`, `[prod/123456789012/eu-west-1]`, with parameters of the user's own around it.
_REGION = re.compile(r"/([a-z]+(?:-[a-z]+)+-[0-9]+)(?![0-9])")


def marked(finding: Finding, earlier: Earlier) -> Finding:
    """The finding, marked as new or known if it does not comply. What is more severe than it was is new: somebody has to look again."""
    mark: Mark | None = None
    if finding.status in OPEN:
        before = earlier.open.get(finding.id)
        mark = "known" if before is not None and SEVERITIES.index(before.severity) <= SEVERITIES.index(finding.severity) else "new"
    return msgspec.structs.replace(finding, baseline=mark)


def compared(findings: Sequence[Finding], earlier: Earlier) -> Baseline:
    """The comparison of a run's findings, marked already, with an earlier run.

    What did not comply is fixed if the same finding now complies, or does not apply; or if it is gone though its check judged all of its target. Of
    whatever else this run did not judge nothing is known: it is remembered as it was.
    """
    now = {finding.id: finding for finding in findings}
    whole = _judged_whole(findings)
    fixed: list[Finding] = []
    remembered: list[Finding] = []
    for id, before in earlier.open.items():
        after = now.get(id)
        if after is None:
            (fixed if test_of(before) in whole else remembered).append(before)
        elif after.status in (Status.PASS, Status.NOT_APPLICABLE):
            (fixed if _settled(after, findings) else remembered).append(before)
        elif after.status not in OPEN:
            remembered.append(before)
    remembered = in_order(remembered)
    return Baseline(
        started_at=earlier.started_at,
        new=sum(finding.baseline == "new" for finding in findings),
        known=sum(finding.baseline == "known" for finding in findings),
        new_checks=tuple(sorted({finding.check for finding in findings if finding.status in OPEN} - earlier.checks)),
        fixed=tuple(in_order(fixed)),
        not_evaluated=tuple(finding.id for finding in remembered),
        remembered=tuple(remembered),
    )


def test_of(finding: Finding) -> Test:
    """The test that made a finding. Its region is that of the test's name: what a finding is about may live elsewhere."""
    region = _REGION.search(finding.nodeid.partition("[")[2])
    return finding.check, finding.account, region.group(1) if region else None


# pytest takes what is called so for a test, where somebody imports it.
test_of.__test__ = False  # type: ignore[attr-defined]


def _judged_whole(findings: Iterable[Finding]) -> set[Test]:
    """The tests that looked at all there was: none of it is unknown, and its target was not left out as a whole."""
    tests: dict[Test, bool] = {}
    for finding in findings:
        looked = finding.error is None and not (finding.resource_type == ACCOUNT and _is_left(finding))
        tests[test_of(finding)] = looked and tests.get(test_of(finding), True)
    return {test for test, looked in tests.items() if looked}


def _is_left(finding: Finding) -> bool:
    """Whether nobody looked: another check or account judges it, or its region is out of use."""
    left = (LEFT_TO_CHECK, LEFT_TO_ACCOUNT, NOT_ENABLED, DENIED_REGION)
    return finding.status is Status.NOT_APPLICABLE and finding.reason.startswith(left)


def _settled(finding: Finding, findings: Iterable[Finding]) -> bool:
    """Whether what is PASS or NOT_APPLICABLE complies, so far as this run can tell: of what is left to another account, that one's verdict counts."""
    if not _is_left(finding):
        return True
    if not finding.reason.startswith(LEFT_TO_ACCOUNT):
        return False
    there = (finding.control, finding.check, finding.reason.removeprefix(LEFT_TO_ACCOUNT), finding.resource, finding.item)
    judged = [f.status for f in findings if (f.control, f.check, f.account, f.resource, f.item) == there]
    return bool(judged) and set(judged) <= {Status.PASS, Status.NOT_APPLICABLE}
