"""What could not be read, standing where it would have been.

A read that failed is handed to a check all the same, as an object that raises the read's own error as soon as anything looks at it. So a
verdict that needs it becomes ERROR, and one that does not is untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, NoReturn, TypeVar, cast

from pytest_ssb.errors import AwsError, NotOffered, Undecided

T = TypeVar("T")
K = TypeVar("K")


class Unread:
    """Stands for a value of any type and raises `error` when it is used; only `arn`, where given, can be asked for."""

    __slots__ = ("_arn", "_error")

    def __init__(self, error: Exception, arn: str | None = None) -> None:
        object.__setattr__(self, "_error", error)
        object.__setattr__(self, "_arn", arn)

    def __getattr__(self, name: str) -> Any:
        if name == "arn" and self._arn is not None:
            return self._arn
        # Introspection by pytest, copy or pickle is not a look at the value: it gets the answer of an object without such a method.
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        raise self._error

    def __repr__(self) -> str:
        return f"Unread({self._arn or ''})"

    def _raise(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise self._error

    __bool__ = __len__ = __iter__ = __next__ = __contains__ = __getitem__ = __call__ = __enter__ = _raise
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = __int__ = __float__ = __index__ = __str__ = _raise
    __and__ = __rand__ = __or__ = __ror__ = __sub__ = __rsub__ = __add__ = __radd__ = _raise


def unread(error: Exception, arn: str | None = None) -> Any:
    """An `Unread`, for the type checker of whatever type is wanted."""
    return cast(Any, Unread(error, arn))


def or_unread(ask: Callable[[], T]) -> T:
    """What `ask` gives, or, where AWS gave no answer or one that leaves the question open, what raises its error when it is looked at."""
    try:
        return ask()
    except (AwsError, NotOffered, Undecided) as error:
        result: T = unread(error)
        return result


def error_of(value: object) -> Exception | None:
    """The error that stands in the place of `value`, or None where it was read."""
    return cast(Exception, object.__getattribute__(value, "_error")) if type(value) is Unread else None


class Index(Generic[K, T]):
    """Resources by key. A key that is missing while some resource could not be read raises that resource's error: it might be the one."""

    def __init__(self, resources: Iterable[T], keys: Callable[[T], Iterable[K]]) -> None:
        self._found: dict[K, list[T]] = {}
        self._error: Exception | None = None
        for resource in resources:
            error = error_of(resource)
            if error is not None:
                self._error = self._error or error
                continue
            for key in keys(resource):
                self._found.setdefault(key, []).append(resource)

    def all(self, key: K) -> list[T]:
        """Every resource with that key, none if it is known that there is none."""
        if self._error is not None:
            raise self._error
        return list(self._found.get(key, ()))

    def get(self, key: K) -> T | None:
        """The resource with that key, None if it is known that there is none."""
        if key in self._found:
            return self._found[key][0]
        if self._error is not None:
            raise self._error
        return None

    def __iter__(self) -> Iterator[K]:
        if self._error is not None:
            raise self._error
        return iter(self._found)
