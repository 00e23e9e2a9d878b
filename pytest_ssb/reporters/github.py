"""What a job of GitHub Actions shows: the summary of its step, and annotations of the worst failures.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pytest_ssb.controls import SEVERITIES
from pytest_ssb.findings import Finding
from pytest_ssb.ranking import NO_MINUTES, Minutes, act_first
from pytest_ssb.reporters import markdown
from pytest_ssb.results import Results

VARIABLE = "GITHUB_STEP_SUMMARY"
# A step's summary is dropped as a whole if it has more; a step shows ten errors.
SUMMARY_BYTES = 1024 * 1024
ANNOTATIONS = 10


def append(results: Results, environment: Mapping[str, str], minutes: Minutes = NO_MINUTES) -> Path | None:
    """Append the Markdown summary to the step's, where there is one, cut so that both fit; the file, or None. Raises OSError if it cannot be written."""
    if not environment.get(VARIABLE):
        return None
    path = Path(environment[VARIABLE])
    there = path.stat().st_size if path.exists() else 0
    text = cut(markdown.render(results, minutes), SUMMARY_BYTES - there)
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


def errors(results: Results, environment: Mapping[str, str], fails: Callable[[Finding], bool] | None = None) -> Iterator[str]:
    """A line for each of the ten worst failures, where a step's summary is written; what has one cause shares one.

    `fails` tells whether the run fails for a finding, where not every FAIL counts: the others are no errors of the job's.
    """
    if not environment.get(VARIABLE):
        return
    counting = [finding for finding in results.findings if fails is None or fails(finding)]
    worst = sorted(act_first(counting), key=lambda cause: SEVERITIES.index(cause.severity))
    for cause in worst[:ANNOTATIONS]:
        first = cause.findings[0]
        more = f" and {len(cause.findings) - 1} more" if len(cause.findings) > 1 else ""
        fix = "".join(f"\nfix: {command}" for command in cause.commands[:1])
        title = f"{', '.join(cause.controls)} {cause.check} ({cause.severity})"
        yield f"::error title={_property(title)}::{_message(f'{first.resource}{more}: {cause.reason}{fix}')}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
