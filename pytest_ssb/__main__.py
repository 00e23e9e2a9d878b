"""`python -m pytest_ssb COMMAND`: what is no test run."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from typing import NoReturn

from pytest_ssb import init, mergecommand
from pytest_ssb.errors import UserError

USAGE_ERROR = 4  # as pytest ends where the user has to correct something


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong with the command line."""
        self.exit(USAGE_ERROR, f"ERROR: {self.prog}: {message}; --help shows what there is\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit status, 4 where the user has to correct something."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # The name of an account may have letters that a console has not.
            stream.reconfigure(errors="backslashreplace")
    parser = _Parser(prog="python -m pytest_ssb", description="What pytest-ssb does beside test runs. Those are pytest's: pytest --ssb-profile NAME")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    init.add_to(commands)
    mergecommand.add_to(commands)
    given = parser.parse_args(arguments)
    try:
        status: int = given.run(given)
    except UserError as error:
        for line in error.lines:
            print(f"ERROR: {line}", file=sys.stderr)
        return USAGE_ERROR
    return status


if __name__ == "__main__":
    sys.exit(main())
