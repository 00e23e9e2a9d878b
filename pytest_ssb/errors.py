"""The two ways in which things go wrong: the user has to correct something, or AWS did not answer."""

from __future__ import annotations


class UserError(Exception):
    """Something the user wrote or set up is wrong: one line that says what, where and what next; pytest ends with status 4."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class AuthorError(UserError, ValueError):
    """A check or a read is written wrong: said when its file is collected, in one line that takes the place of a traceback."""


class AwsError(Exception):
    """A call that gave no usable answer.

    `operation` is AWS's name for the call (`ec2:DescribeVpcs`), `code` AWS's error code or ours (`Timeout`, `NotImplemented`, `UnexpectedAnswer`, ...),
    `action` the IAM action that would allow a denied call, else None, and `denied_by` one of `identity`, `scp`, `rcp`, `boundary`, `endpoint`, else None.
    `account` is the account that was asked, where that is not the one that is judged.
    """

    def __init__(
        self, reason: str, operation: str, code: str, *, action: str | None = None, denied_by: str | None = None, account: str | None = None
    ) -> None:
        super().__init__(reason)
        self.operation = operation
        self.code = code
        self.action = action
        self.denied_by = denied_by
        self.account = account


class UnreachableError(AwsError):
    """No connection, or no answer in time: said of an endpoint, so that it is not tried again for every check."""


class UnexpectedAnswer(AwsError):
    """AWS answered in a shape that we do not know: a field is missing, or holds what it never held."""

    def __init__(self, reason: str, operation: str) -> None:
        super().__init__(reason, operation, "UnexpectedAnswer")


class NotOffered(Exception):
    """The service does not exist in the region: no connection, and botocore knows of no endpoint there. Not so for custom endpoints."""


class Vanished(Exception):
    """The resource was listed and is gone: it leaves no finding."""


class NotRun(Exception):
    """The test was not run, so there was nothing to read."""


class Undecided(Exception):
    """What was read leaves the question open: said as it stands, as ERROR."""
