"""What a job of GitHub Actions shows: the summary of its step, and annotations of the worst failures.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_ssb.controls import SEVERITIES
from pytest_ssb.findings import Finding, Status
from pytest_ssb.reporters import markdown
from pytest_ssb.results import Results

VARIABLE = "GITHUB_STEP_SUMMARY"
# A step's summary is dropped as a whole if it has more; a step shows ten errors.
SUMMARY_BYTES = 1024 * 1024
ANNOTATIONS = 10


def append(results: Results, environment: Mapping[str, str]) -> Path | None:
    """Append the Markdown summary to the step's, where there is one, cut so that both fit; the file, or None. Raises OSError if it cannot be written."""
    if not environment.get(VARIABLE):
        return None
    path = Path(environment[VARIABLE])
    there = path.stat().st_size if path.exists() else 0
    text = cut(markdown.render(results), SUMMARY_BYTES - there)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path


def cut(text: str, at_most: int) -> str:
    """The text, or as many of its whole sections as have room for so many bytes with a line that says that it was cut."""
    if len(text.encode()) <= at_most:
        return text
    said = "\n_The summary is cut here, at what GitHub shows: the rest is in the findings file._\n"
    kept = text.encode()[: max(0, at_most - len(said.encode()))].decode(errors="ignore")
    whole = max(kept.rfind("\n## "), kept.rfind("\n### "))
    return kept[: whole + 1] + said if whole > 0 else said if len(said.encode()) <= at_most else ""


def errors(results: Results, environment: Mapping[str, str]) -> Iterator[str]:
    """A line for each of the ten worst failures, where a step's summary is written; resources of one check and reason share one."""
    if not environment.get(VARIABLE):
        return
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in results.findings:
        if finding.status is Status.FAIL:
            groups.setdefault((finding.check, finding.reason), []).append(finding)
    worst = sorted(groups.values(), key=lambda group: min(SEVERITIES.index(finding.severity) for finding in group))
    for group in worst[:ANNOTATIONS]:
        first = min(group, key=lambda finding: SEVERITIES.index(finding.severity))
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        fix = f"\nfix: {first.remediation}" if first.remediation else ""
        title = f"{first.control} {first.check} ({first.severity})"
        yield f"::error title={_property(title)}::{_message(f'{first.resource}{more}: {first.reason}{fix}')}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
