"""A run in one sentence: whether the account complies, and what the sentence does not cover."""

from __future__ import annotations

from collections import Counter

import msgspec

from pytest_ssb.controls import SEVERITIES
from pytest_ssb.findings import Status
from pytest_ssb.results import ControlStatus, Results


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a stranger has to know first. `status` is the worst of the controls', as far as it decides; `gaps` say what was not judged, and why."""

    status: ControlStatus
    sentence: str
    gaps: tuple[str, ...]


def verdict(results: Results) -> Verdict:
    """Whether the judged accounts comply. What could not be evaluated is never said to comply, and neither is an account with an open key question."""
    rows = Counter(row.status for row in results.controls)
    run = len(results.controls) - rows["NOT_RUN"]
    one = len(results.accounts) == 1
    who = f"account {results.accounts[0].id}" if one else f"the {len(results.accounts)} accounts"
    status: ControlStatus
    if rows["FAIL"]:
        status, sentence = "FAIL", f"{who} {'does' if one else 'do'} not comply: {_of(rows['FAIL'], run, 'fails', 'fail')}"
    elif not results.accounts:
        status, sentence = "NOT_RUN", "no account falls to this shard"
    elif not run:
        status, sentence = "NOT_RUN", f"nothing is known of {who}: no control was run"
    elif rows["ERROR"] or not results.complete:
        why = _of(rows["ERROR"], run, "could not be evaluated", "could not be evaluated") if rows["ERROR"] else "not all was judged"
        status, sentence = "ERROR", f"whether {who} {'complies' if one else 'comply'} is not known: {why}"
    elif rows["MANUAL"]:
        status, sentence = "MANUAL", f"nothing fails in {who}, but {_of(rows['MANUAL'], run, 'waits for an answer', 'wait for an answer')}"
    else:
        what = f"all {run} controls that were run" if run > 1 else "the one control that was run"
        status, sentence = "PASS", f"{who} {'complies' if one else 'comply'} with {what}"
    if rows["WAIVED"]:
        sentence += f"; exceptions are accepted in {rows['WAIVED']}"
    return Verdict(status=status, sentence=f"{sentence[:1].upper()}{sentence[1:]}.", gaps=tuple(_gaps(results, rows["NOT_RUN"])))


def severities(results: Results) -> dict[str, int]:
    """How many failures there are of each severity, the worst first; one that counts for two controls is one, and what goes beyond the guide is none."""
    failed = {(f.check, f.account, f.region, f.resource, f.item): f.severity for f in results.findings if f.status is Status.FAIL and not f.extended}
    counts = Counter(failed.values())
    return {severity: counts[severity] for severity in SEVERITIES if counts[severity]}


def _of(number: int, run: int, one: str, more: str) -> str:
    if run == 1:
        return f"the one control that was run {one}"
    return f"{number} of the {run} controls that were run {one if number == 1 else more}"


def _gaps(results: Results, not_run: int) -> list[str]:
    errors = [finding for finding in results.findings if finding.error is not None]
    late = [finding for finding in errors if finding.error is not None and finding.error.code == "NotRun"]
    tests = len({finding.nodeid for finding in late})
    gaps = []
    if not results.complete:
        what = [f"{_some(len(errors) - len(late), 'finding')} could not be evaluated"] if len(errors) > len(late) else []
        what += [f"{_some(tests, 'test')} {'was' if tests == 1 else 'were'} not run or not finished"] if late else []
        lost = results.run.missing_shards
        what += (
            [f"{'shard' if len(lost) == 1 else 'shards'} {', '.join(map(str, lost))} of the run {'is' if len(lost) == 1 else 'are'} missing"]
            if lost
            else []
        )
        gaps.append(
            f"This report is incomplete: {' and '.join(what) or 'a file with checks could not be collected'}. That says nothing, good or bad."
        )
    if results.run.shard is not None:
        gaps.append(f"This is shard {results.run.shard.number} of {results.run.shard.of} alone: it tells nothing of what falls to the others.")
    refused: dict[str, list[str]] = {}
    for account in results.accounts:
        if account.error is not None:
            refused.setdefault(account.error, []).append(account.called)
    for error, called in refused.items():
        gaps.append(f"{_some(len(called), 'account')} gave no answer: {', '.join(called)}: {error}.")
    if not_run:
        gaps.append(f"{not_run} of the guide's {len(results.controls)} controls {'was' if not_run == 1 else 'were'} not run.")
    return gaps


def _some(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
