"""What the user's own code may have put between botocore and AWS, by handlers that every new session takes over: moto's answers, say."""

from __future__ import annotations

from typing import Any

import botocore.handlers
import botocore.session

from pytest_ssb.errors import UserError

# The events whose handlers may answer in the place of AWS.
_ANSWERED = ("before-send", "before-call")


def leave_off_idle_mocks(session: botocore.session.Session) -> None:
    """Take moto's answers off a new session where none of its mocks is on: one that begins later cannot answer us either."""
    for event, handler in _foreign():
        if _is_idle(handler):
            session.unregister(event, handler)


def refuse_bystanders(who: str) -> None:
    """Raise UserError if something that is not botocore's would answer the calls of new sessions."""
    for event, handler in _foreign():
        if not _is_idle(handler):
            package = _module(handler).partition(".")[0]
            raise UserError(
                f"{who}: {package} would answer in place of AWS ({event}): start it in the tests that need it, not where a conftest is imported"
            )


def _foreign() -> list[tuple[str, Any]]:
    handlers: list[Any] = list(botocore.handlers.BUILTIN_HANDLERS)
    return [(event, handler) for event, handler, *_ in handlers if event.startswith(_ANSWERED) and not _module(handler).startswith("botocore.")]


def _module(handler: Any) -> str:
    return str(getattr(handler, "__module__", type(handler).__module__))


def _is_idle(handler: Any) -> bool:
    return _module(handler).startswith("moto.") and not getattr(handler, "enabled", True)
