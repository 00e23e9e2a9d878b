"""What the worlds showed, taken together at the end of a run of all of them: whether a check can pass and fail, looks at the
facts that it declares, and whether reads call what they declare.

Each process keeps what its own worlds showed; pytest-xdist's workers hand it to the controller. A run of a part of the worlds proves nothing, and says nothing.
"""

from __future__ import annotations

import pkgutil
from typing import Any

import pytest

import tests.checks
from pytest_ssb import suites
from pytest_ssb.permissions import REFERENCES
from pytest_ssb.reads.registry import all_reads
from tests.support import worlds

# Checks that never FAIL, with the worst that they say.
NEVER_FAIL = {
    "deployment_pipeline_exists": "MANUAL",
    "idp_enforces_mfa": "MANUAL",
    "lightsail_resources_declared": "MANUAL",
    "repository_review_covers_secrets": "MANUAL",
    "secrets_service_in_use": "MANUAL",
    "trusted_advisor_reviewed": "MANUAL",
}
KEY = "ssb_worlds"


class Inventory:
    """A plugin of the tool's own tests."""

    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()
        self.expected: set[tuple[str, str]] = set()
        self.consulted: set[tuple[str, str]] = set()
        self.run = self.known = 0
        self.missing: list[str] = []

    def _take(self, shown: dict[str, Any]) -> None:
        self.used |= {tuple(pair) for pair in shown["used"]}
        self.expected |= {tuple(pair) for pair in shown["expected"]}
        self.consulted |= {tuple(pair) for pair in shown["consulted"]}
        self.run += shown["run"]
        self.known = max(self.known, shown["known"])

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over, or, where all is together, look what is missing."""
        shown = {
            "used": [[" ".join(sorted(declared)), operation] for declared, used in worlds.USED.items() for operation in used],
            "expected": [list(pair) for pair in worlds.EXPECTED],
            "consulted": [list(pair) for pair in worlds.CONSULTED],
            "run": len(worlds.RUN),
            "known": len(worlds.WORLDS) if _all_there() else 0,
        }
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[KEY] = shown
            return
        self._take(shown)
        if self.known and self.run == self.known:
            self.missing = missing(self.used, self.expected, self.consulted)
            if self.missing and session.exitstatus == 0:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker's worlds showed."""
        shown = getattr(node, "workeroutput", {}).get(KEY)
        if shown:
            self._take(shown)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what no world shows."""
        for line in self.missing:
            terminalreporter.write_line(f"INVENTORY: {line}", red=True)


def _all_there() -> bool:
    """Whether the worlds of every control were loaded, not those of a file or two."""
    files = {f"{tests.checks.__name__}.{module.name}" for module in pkgutil.iter_modules(tests.checks.__path__)}
    return files <= {world.build.__module__ for world in worlds.WORLDS}


def missing(used: set[tuple[str, str]], expected: set[tuple[str, str]], consulted: set[tuple[str, str]]) -> list[str]:
    """What is wrong, where all worlds were run.

    `used`: declared operations, sorted and joined, and one that was called; `expected`: check and status; `consulted`: check and key of the profile.
    """
    found = []
    for check in sorted(suites.shipped()):
        wanted = (NEVER_FAIL[check],) if check in NEVER_FAIL else ("PASS", "FAIL")
        found += [f"no world shows {check} to give {status}" for status in wanted if (check, status) not in expected]
        if check in NEVER_FAIL and (check, "FAIL") in expected:
            found.append(f"{check} is said never to FAIL, and does")
    for check, shipped in sorted(suites.shipped().items()):
        # Which other account is asked is the business of reads that many checks share: one of these shows it for all.
        shown = {fact for _, fact in consulted if fact in REFERENCES} | {fact for id, fact in consulted if id == check}
        found += [f"no world shows that {check} looks at {fact}, which it declares" for fact in shipped.check.facts if fact not in shown]
    for read in all_reads().values():
        for operations in (read.operations, *read.through.values()):
            declared = " ".join(sorted(operations))
            found += [f"read {read.name} declares {one}, and calls it in no world" for one in operations if (declared, one) not in used]
    return found
