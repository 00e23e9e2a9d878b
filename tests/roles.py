"""The lists of IAM actions in the example roles, made from what the checks and reads declare. `python -m tests.roles` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_ssb import suites
from pytest_ssb.aws.organization import CALLS
from pytest_ssb.controls import Check
from pytest_ssb.explained import operations, operations_through
from pytest_ssb.permissions import START, actions

FOLDER = Path(__file__).parent.parent / "examples"
FILES = ("role.cfn.yaml", "role-stackset.cfn.yaml", "role.tf")
_LIST = re.compile(
    r"^(?P<indent> *)# Made by `python -m tests.roles` from what (?P<what>.*)\.\n(?P<list>(?: *[^# ].*\n)*)(?= *# End\.$)", re.MULTILINE
)


def audit() -> list[str]:
    """What judging an account needs, as `--ssb-policy` prints it."""
    return actions([*START, *operations(_checks())])


def organization() -> list[str]:
    """What the role needs besides where an organization is listed, however its accounts are chosen, and to which other accounts' profiles may refer."""
    asked = [operation for called in operations_through(_checks()).values() for operation in called]
    listing = [operation for called in CALLS.values() for operation in called]
    return sorted(set(actions([*listing, *asked])) - set(audit()))


def written(name: str) -> str:
    """The text of an example with its lists made anew. Raises KeyError for a list of something else."""
    lists = {"`pytest --ssb-policy` prints": audit(), "organization = true asks": organization()}
    line = '"{}",' if name.endswith(".tf") else "- {}"

    def anew(found: re.Match[str]) -> str:
        made = "".join(f"{found['indent']}{line.format(action)}\n" for action in lists[found["what"]])
        return f"{found.group().removesuffix(found['list'])}{made}"

    return _LIST.sub(anew, (FOLDER / name).read_text(encoding="utf-8"))


def _checks() -> list[Check]:
    return [found.check for found in suites.shipped().values()]


if __name__ == "__main__":
    for name in FILES:
        text = written(name)
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
