"""`python -m pytest_ssb merge results-*.json --ssb-output all.json`: puts the findings files of a run's shards together, and tells of the whole."""

from __future__ import annotations

import argparse
import glob
from pathlib import Path
from typing import Any

import msgspec

from pytest_ssb import __version__, earlier, merging, reporters, suites
from pytest_ssb.comparing import compared, marked
from pytest_ssb.coverage import WHERE
from pytest_ssb.errors import UserError
from pytest_ssb.failon import FailOn
from pytest_ssb.replay import Replay, replay
from pytest_ssb.results import Results


def add_to(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Make the command known."""
    parser = subparsers.add_parser("merge", help="put the findings files of a run's shards together", description="Put the shards of a run together.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="the findings file of each shard; a pattern such as results-*.json will do")
    parser.add_argument(
        "--ssb-output",
        action="append",
        default=[],
        metavar="FILE",
        help="write the whole; the suffix says the format, .html for the report; repeatable",
    )
    parser.add_argument("--ssb-baseline", metavar="FILE", help="an earlier findings file: say what is new, known or fixed since")
    parser.add_argument("--ssb-fail-on", action="append", default=[], metavar="WHAT", help="which failures count, as for pytest; repeatable")
    parser.add_argument(
        "--allow-missing", action="store_true", help="go on without shards that are missing: what comes out is not complete, and status 1"
    )
    parser.add_argument("-v", "--verbose", action="count", default=0, help="show all findings of a test that failed")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Put the files together; the exit status that the run would have had in one piece. Raises UserError where they don't make up a run."""
    folder = Path.cwd()
    paths = reporters.outputs(given.ssb_output, folder, also=(".html",))
    pages = [path for path in paths if path.suffix == ".html"]
    if len(pages) > 1:
        raise UserError("merge: --ssb-output: one .html file at most")
    before = earlier.read(folder / given.ssb_baseline, "--ssb-baseline", given.ssb_baseline) if given.ssb_baseline is not None else None
    parts = [_part(name) for name in _names(given.files)]
    left_out = merging.missing(parts)
    one = len(left_out) == 1
    lost = f"{'shard' if one else 'shards'} {', '.join(map(str, left_out))} of {parts[0].of} {'is' if one else 'are'} missing"
    if left_out and not given.allow_missing:
        raise UserError(f"merge: {lost}; give {'its file' if one else 'their files'}, too, or --allow-missing for what there is")
    fail_on = FailOn.of(given.ssb_fail_on, compared=before is not None or parts[0].results.baseline is not None)
    results = merging.merged(parts, left_out, {id: found.check for id, found in suites.shipped().items()})
    if before is not None:
        findings = tuple(marked(finding, before) for finding in results.findings)
        results = msgspec.structs.replace(results, findings=findings, baseline=compared(findings, before))
    notes = [*merging.notes(parts, left_out, results), *([f"exit status 1, since {lost}"] if left_out else []), WHERE]
    print(f"{len(parts)} of {parts[0].of} shards: {', '.join(part.name for part in parts)}", flush=True)
    outputs = [path for path in paths if path.suffix != ".html"]
    told = Replay(results, notes, merging.minutes(parts), merging.key_checks(parts), outputs)
    return replay(told, fail_on, pages[0] if pages else None, given.verbose)


def _names(given: list[str]) -> list[str]:
    """The files; patterns that no shell has expanded are expanded here."""
    names: list[str] = []
    for name in given:
        found = [name] if Path(name).exists() else sorted(glob.glob(name))
        if not found:
            raise UserError(f"merge: {name}: no such file; give the findings file of each shard")
        names += found
    return list(dict.fromkeys(names))


def _part(name: str) -> merging.Part:
    text = earlier.contents(Path(name), f"merge: {name}")
    try:
        results = msgspec.json.decode(text, type=Results)
    except msgspec.DecodeError as error:
        raise UserError(f"merge: {name}: is broken ({error}); run its shard again") from None
    return merging.part(name, results, __version__)
