"""The whole soundness matrix, by one command: `python -m tests.soundness`.

python -m tests.soundness                    every call failing in every way, every fact absent, every condition turned round
python -m tests.soundness faults drops -k snapshot   some of it, of the checks whose id has that in it
python -m tests.soundness --sample 3         of each world and kind only so many cases
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from pytest_ssb.reads.registry import absences
from tests.support.mutants import judging_modules, mutants_of
from tests.support.soundness import Kept, Kind, Tally, known_survivors, survivors, tried, worlds_by_check

KINDS: dict[str, Kind] = {"faults": "fault", "drops": "drop"}
Noticed = tuple[set[str], set[str]]


def check_tried(check: str, sample: int | None, seed: int, kinds: tuple[Kind, ...]) -> Tally:
    """Everything that can go wrong, in all worlds of a check."""
    whole = Tally()
    for world in worlds_by_check()[check]:
        whole.add(tried(world, sample=sample, seed=seed, kinds=kinds))
    if "fault" in kinds and sample is None:
        whole.unsound += [f"{check}: its verdicts are the same in every world when {each} fails" for each in sorted(whole.asked - whole.rested)]
    return whole


def check_mutated(check: str) -> Noticed:
    """The mutants that run in a check's worlds, and those that none of these notices."""
    kept = [Kept(world) for world in worlds_by_check()[check]]
    return survivors((mutant for module in judging_modules() for mutant in mutants_of(module)), kept)


def matrix(pool: ProcessPoolExecutor, checks: Sequence[str], kinds: tuple[Kind, ...], sample: int | None, seed: int) -> list[str]:
    """Print a row per check, and give what is unsound."""
    whole = Tally()
    print(f"{'check':<44} {'worlds':>7} {'calls':>7} {'faults':>7} {'drops':>7} {'unsound':>8}")
    given = ([value] * len(checks) for value in (sample, seed, kinds))
    for check, tally in zip(checks, pool.map(check_tried, checks, *given), strict=True):
        print(f"{check:<44} {tally.worlds:>7} {tally.calls:>7} {tally.faults:>7} {tally.drops:>7} {len(tally.unsound):>8}", flush=True)
        for line in tally.unsound:
            print(f"    {line}")
        whole.add(tally)
    print(f"{f'{len(checks)} checks':<44} {whole.worlds:>7} {whole.calls:>7} {whole.faults:>7} {whole.drops:>7} {len(whole.unsound):>8}")
    if "drop" in kinds and sample is None and len(checks) == len(worlds_by_check()):
        for operation, path in sorted(absences().keys() - whole.absences):
            print(f"    of {operation} {path} it is said what absence means, but no world needs that")
    return whole.unsound


def mutation(pool: ProcessPoolExecutor, checks: Sequence[str]) -> list[str]:
    """Print how many conditions were turned round, and give those whose turning nobody notices and no reason explains."""
    run: set[str] = set()
    noticed: set[str] = set()
    for there, unnoticed in pool.map(check_mutated, checks):
        run |= there
        noticed |= there - unnoticed
    living, known = run - noticed, known_survivors()
    unexplained = sorted(living - known.keys())
    print(f"{len(run)} conditions turned round, {len(run) - len(living)} noticed, {len(living & known.keys())} known to change no verdict")
    for name in unexplained:
        print(f"    survives: {name}")
    for name in sorted(known.keys() & noticed):
        print(f"    is noticed, and need not be listed: {name}")
    return unexplained


def main(arguments: list[str]) -> int:
    """Print what was tried and what is unsound; 1 if something is."""
    parser = argparse.ArgumentParser(prog="python -m tests.soundness", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="faults, drops, mutants; all of them if not said")
    parser.add_argument("-k", default="", metavar="TEXT", help="only the checks whose id has this in it")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, metavar="N", help="of each world, only N failing calls and N absent facts")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    unknown = set(given.kinds) - {*KINDS, "mutants"}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: faults, drops, mutants")
    kinds = tuple(KINDS[kind] for kind in KINDS if kind in (given.kinds or KINDS))
    checks = [check for check in worlds_by_check() if given.k in check]
    started, wrong = time.monotonic(), []
    with ProcessPoolExecutor(given.jobs) as pool:
        if kinds:
            wrong += matrix(pool, checks, kinds, given.sample, given.seed)
        if "mutants" in (given.kinds or ["mutants"]):
            wrong += mutation(pool, checks)
    print(f"{time.monotonic() - started:.0f} s, {given.jobs} processes, seed {given.seed}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
