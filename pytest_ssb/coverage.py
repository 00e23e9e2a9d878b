"""What no check looks at, though a reader of the guide may think so: `--ssb-explain coverage` prints it, docs/coverage.md shows it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from pytest_ssb.controls import CONTROLS

# The line that ends every run: nobody shall take a green control for more than it is.
WHERE = "what no check looks at: pytest --ssb-explain coverage"


class Unseen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service or feature that is not looked at, what a green control therefore does not say, and the controls that it is about.

    `uncalled` are operations, or beginnings of such (`dsql:`), that no read calls as long as this is true.
    """

    what: str
    means: str
    controls: tuple[str, ...]
    uncalled: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse one that is about no control of the guide."""
        unknown = [control for control in self.controls if control not in CONTROLS]
        if unknown or not self.controls:
            raise ValueError(f"no control {', '.join(unknown) or 'given'}")


class Coverage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`coverage.toml`."""

    unseen: tuple[Unseen, ...]


UNSEEN = msgspec.convert(tomllib.loads(Path(__file__).with_name("coverage.toml").read_text(encoding="utf-8")), Coverage).unseen


def unseen_of(control: str) -> tuple[Unseen, ...]:
    """What is not looked at of a control, `WKLD.10`."""
    return tuple(one for one in UNSEEN if control in one.controls)
