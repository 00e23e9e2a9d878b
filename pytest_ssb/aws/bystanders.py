"""What the user's own code may have put between botocore and AWS, by handlers that every new session takes over: moto's answers, say."""

from __future__ import annotations

from typing import Any

import botocore.handlers
import botocore.session

from pytest_ssb.errors import UserError

# The events whose handlers may answer in the place of AWS.
_ANSWERED = ("before-send", "before-call")


def ask_only_aws(session: botocore.session.Session, who: str) -> None:
    """Raise UserError if a handler that is not botocore's would answer this session's calls.

    moto's, which does so while a mock of it is on, is taken off the session where none is: one that begins later cannot answer us either.
    """
    handlers: list[Any] = list(botocore.handlers.BUILTIN_HANDLERS)
    for event, handler, *_ in handlers:
        module = getattr(handler, "__module__", type(handler).__module__)
        if not event.startswith(_ANSWERED) or module.startswith("botocore."):
            continue
        if module.startswith("moto.") and not getattr(handler, "enabled", True):
            session.unregister(event, handler)
            continue
        package = module.partition(".")[0]
        raise UserError(
            f"{who}: {package} would answer in place of AWS ({event}): start it in the tests that need it, not where a conftest is imported"
        )
