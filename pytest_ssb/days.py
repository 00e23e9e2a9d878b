"""Which day it is, and how far off another one is: for whatever counts until a day. Days are those of UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

# How many days before its last one it is said of something that it ends.
SOON = 14


def today() -> date:
    """The day, in UTC."""
    return datetime.now(UTC).date()


def ends_soon(last: date, today: date) -> bool:
    """Whether the last day is near, and not past."""
    return 0 <= (last - today).days <= SOON


def until(last: date, today: date) -> str:
    """How far off a day is that is not past: `today`, `tomorrow`, `in 9 days`."""
    days = (last - today).days
    return ("today", "tomorrow")[days] if days < 2 else f"in {days} days"
