"""The environment, which pytest changes under our threads: as each test ends, it takes PYTEST_CURRENT_TEST away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_TAKEN_AWAY = "PYTEST_CURRENT_TEST"


def unhindered(function: Callable[[], T]) -> T:
    """What the function gives, which is called again where it was going through `os.environ` just then: botocore does, for proxies, with each client."""
    while True:
        try:
            return function()
        except KeyError as missing:
            if missing.args != (_TAKEN_AWAY,):
                raise
