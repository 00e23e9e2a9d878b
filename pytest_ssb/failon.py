"""Which failures fail the run, `--ssb-fail-on`: outcomes stay what they are, only the exit status goes by it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import msgspec

from pytest_ssb.controls import SEVERITIES, Severity
from pytest_ssb.errors import UserError
from pytest_ssb.findings import Finding, Status

NEW = "new"


class FailOn(msgspec.Struct, frozen=True, kw_only=True):
    """A FAIL fails the run if it is at least so severe (None: whatever it is) and, with `new`, was not there before. ERROR always does."""

    severity: Severity | None = None
    new: bool = False

    @classmethod
    def of(cls, given: Sequence[str], compared: bool) -> FailOn | None:
        """What the options say, None if nothing; `compared` tells whether there is a baseline. Raises UserError for what cannot be meant."""
        words = (*SEVERITIES, NEW)
        for word in given:
            if word not in words:
                if set(word.split(",")) <= set(words):
                    hint = "give each by itself: " + " ".join(f"--ssb-fail-on {one}" for one in word.split(","))
                else:
                    near = difflib.get_close_matches(word.lower(), words, n=1)
                    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(words)}"
                raise UserError(f"--ssb-fail-on: {word!r} is neither a severity nor 'new'; {hint}")
        if NEW in given and not compared:
            raise UserError("--ssb-fail-on new: there is nothing to compare with; add --ssb-baseline FILE, an earlier findings file")
        severities = [severity for severity in SEVERITIES if severity in given]
        return cls(severity=severities[0] if severities else None, new=NEW in given) if given else None

    def fails(self, finding: Finding) -> bool:
        """Whether the run fails for this finding."""
        if finding.status is not Status.FAIL:
            return finding.status is Status.ERROR
        severe = self.severity is None or SEVERITIES.index(finding.severity) <= SEVERITIES.index(self.severity)
        return severe and (not self.new or finding.baseline == NEW)

    @property
    def words(self) -> str:
        """What a FAIL has to be: `high or worse, and new`."""
        severe = "" if self.severity is None else self.severity if self.severity == SEVERITIES[0] else f"{self.severity} or worse"
        return ", and ".join(filter(None, [severe, NEW if self.new else ""]))

    @property
    def options(self) -> str:
        """The options again: `--ssb-fail-on high --ssb-fail-on new`."""
        return " ".join(f"--ssb-fail-on {word}" for word in (self.severity, NEW if self.new else None) if word)


def forgiven(findings: Iterable[Finding], fail_on: FailOn) -> str | None:
    """The line that says why failures do not fail the run; None if one does, or something is unknown."""
    found = list(findings)
    if any(fail_on.fails(finding) for finding in found):
        return None
    failed = {(f.check, f.account, f.region, f.resource, f.item): f for f in found if f.status is Status.FAIL}
    number = "1 failure" if len(failed) == 1 else f"{len(failed)} failures"
    none = "it is not" if len(failed) == 1 else "none of them is"
    return f"exit status 0: {number}, but {none} {fail_on.words}: {fail_on.options}" if failed else None
