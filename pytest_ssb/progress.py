"""What people see while nothing else can be shown yet: how many reads are done. The percentage after that is pytest's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SECONDS = 0.1


def show(writer: Any, under_way: Callable[[float], tuple[int, int]]) -> None:
    """Keep one line up to date with pytest's terminal writer until all reads are done, then take it away.

    `under_way(seconds)` waits that long at the most, and gives how many reads are done, of how many.
    """
    shown = ""
    try:
        done, total = under_way(0)
        while done < total:
            shown = f"asking AWS: {done} of {total} reads done"
            writer.write(f"\r{shown}", flush=True)
            done, total = under_way(SECONDS)
    finally:
        if shown:
            writer.write(f"\r{' ' * len(shown)}\r", flush=True)
