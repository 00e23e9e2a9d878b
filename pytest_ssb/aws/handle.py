"""The handle through which a read asks AWS, on one target."""

from __future__ import annotations

import functools
import string
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, Protocol, Self, TypeVar

import msgspec
from botocore import xform_name

from pytest_ssb.aws.access import Access
from pytest_ssb.errors import AwsError, UnexpectedAnswer, Vanished
from pytest_ssb.targets import Target
from pytest_ssb.unread import error_of, unread

T = TypeVar("T")
V = TypeVar("V")

_on_call_thread = threading.local()


@dataclass(frozen=True)
class Reached:
    """An account beside the judged one: by which word of the profile it is reached, and whether it is judged in the same run."""

    by: str
    access: Access
    target: Target
    judged: bool


class Reach(Protocol):
    """Finds the accounts beside a judged one."""

    def named(self, key: str, account: str | None) -> Reached | None:
        """The account to which a key of the profile leads, else the run's own one of that id, else None. Raises AwsError where it can't be reached."""

    def of_the_run(self) -> Sequence[Reached]:
        """The other accounts of the run."""


class Aws:
    """What a read asks AWS through, on one target. `account`, `partition` and `region` are the target's; `region` is None for an account.

    `through` has the operations that may be called in other accounts, by the key of the profile that leads there, and `reach` finds these;
    `reached` is set where this account is itself such another one.
    """

    def __init__(
        self,
        access: Access,
        target: Target,
        operations: Iterable[str],
        region: str | None = None,
        *,
        through: Mapping[str, Iterable[str]] = MappingProxyType({}),
        reach: Reach | None = None,
        reached: Reached | None = None,
    ) -> None:
        self._access = access
        self._target = target
        self._operations = frozenset(operations)
        self._through = through
        self._reach = reach
        self.reached = reached
        self.account = target.account
        self.partition = target.partition
        self.region = region or target.region

    def in_region(self, region: str) -> Self:
        """The same, asking in another region: a bucket's own, say."""
        return type(self)(self._access, self._target, self._operations, region, through=self._through, reach=self._reach, reached=self.reached)

    def through(self, key: str, account: str | None = None) -> Self | None:
        """A handle on the account to which that key of the profile leads, else on the run's own `account`; None where there is neither.

        It may call what the read's `through` names for the key; each of its errors tells which account was asked, and by which word of the profile.
        Raises AwsError where the account cannot be reached.
        """
        reached = self._reach.named(key, account) if self._reach is not None else None
        return None if reached is None else self._on(reached, key)

    def of_the_run(self, key: str) -> list[Self]:
        """Handles like that on each of the run's other accounts, for a resource of which only its account knows whose it is."""
        return [self._on(reached, key) for reached in (self._reach.of_the_run() if self._reach is not None else ())]

    def _on(self, reached: Reached, key: str) -> Self:
        return type(self)(reached.access, reached.target, self._through[key], reached=reached)

    @property
    def told_by(self) -> str | None:
        """The account that answers, where that is not the judged one."""
        return self.account if self.reached is not None else None

    @property
    def judged(self) -> bool:
        """Whether this is another account that is judged in the same run, too."""
        return self.reached is not None and self.reached.judged

    def telling(self, function: Callable[[], V]) -> V:
        """`function()`, whose errors tell which account was asked, where that is not the judged one."""
        try:
            return function()
        except AwsError as error:
            raise self._told(error) from error

    def _told(self, error: AwsError) -> AwsError:
        if self.reached is None or error.account is not None:
            return error
        return AwsError(
            f"{self.reached.by} (account {self.account}): {error}",
            error.operation,
            error.code,
            action=error.action,
            denied_by=error.denied_by,
            account=self.account,
        )

    def knows(self, operation: str, path: str) -> bool:
        """Whether this botocore knows a field of an answer, `DBClusters.StorageEncryptionType`: one that it does not know, it drops."""
        service, _, name = operation.partition(":")
        client = self._access.client(service, self.region or self._access.home)
        shape = client.meta.service_model.operation_model(name).output_shape
        for step in path.split("."):
            shape = getattr(shape, "member", shape).members.get(step)
            if shape is None:
                return False
        return True

    def ask(self, operation: str, *, absent: str | Sequence[str] = (), gone: str | Sequence[str] = (), anew: bool = False, **params: Any) -> Any:
        """One answer, or None for an error code of `absent`, which says that there is none; a code of `gone` says that the resource has vanished.

        The same question is asked once in a run, unless `anew`: for polling. Raises AwsError for every other error, and for an answer that has more pages.
        """

        def one(client: Any) -> Any:
            answer = getattr(client, xform_name(operation.partition(":")[2]))(**params)
            _refuse_more(operation, answer)
            return answer

        return self._submit(operation, params, one, absent=absent, gone=gone, anew=anew)

    def pages(self, operation: str, *, absent: str | Sequence[str] = (), gone: str | Sequence[str] = (), **params: Any) -> Any:
        """All pages of an answer, in order; `absent` and `gone` as in `ask`."""

        def all_pages(client: Any) -> list[Any]:
            name = xform_name(operation.partition(":")[2])
            if not client.can_paginate(name):
                return list(_by_token(client, operation, params))
            found = list(client.get_paginator(name).paginate(**params))
            # botocore may stop at a page that says where to go on, but not that it is to be gone on.
            _refuse_more(operation, found[-1])
            return found

        return self._submit(operation, params, all_pages, absent=absent, gone=gone)

    def list(self, operation: str, key: str, **params: Any) -> Any:
        """The list `key` of all pages together. A page without it is an error: a part of the list is missing."""
        found: list[Any] = []
        for page in self.pages(operation, **params):
            if not isinstance(page.get(key), list):
                raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
            found += page[key]
        return found

    def resources(self, operation: str, key: str, type: type[T], arn: str, **params: Any) -> Any:
        """The list `key` as resources of `type`, whose ARNs are formatted from `{partition}`, `{region}`, `{account}` and the answer's own fields."""
        return self.parse(operation, self.list(operation, key, **params), type, arn)

    def parse(self, operation: str, raws: Iterable[Mapping[str, Any]], type: type[T], arn: str, **more: Any) -> Any:
        """What was answered, as resources; one that lacks a field stands as unread in the list, and the others are untouched."""
        return [self._resource(operation, raw, type, arn, more) for raw in raws]

    def _resource(self, operation: str, raw: Mapping[str, Any], type: type[T], template: str, more: Mapping[str, Any]) -> T:
        known = {"partition": self.partition, "region": self.region, "account": self.account}
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name]
        values = {name: known.get(name) or raw.get(name) for name in names}
        nameless = [name for name, value in values.items() if not isinstance(value, str) or not value]
        if nameless:
            raise UnexpectedAnswer(f"{operation} answered a {type.__name__} without {', '.join(nameless)}", operation)
        arn = template.format(**values)
        try:
            return msgspec.convert({**raw, **more, "Arn": arn}, type)
        except msgspec.ValidationError as error:
            unreadable = UnexpectedAnswer(f"{operation} answered a {type.__name__} that we cannot read: {error}", operation)
            result: T = unread(self._told(unreadable), arn)
            return result

    def each(self, resources: Iterable[Any], function: Callable[[Any], V]) -> PerResource[V]:
        """`function(resource)` for each at once, on threads; one's failure is raised for that one only. It may ask AWS, but not fan out again."""
        # A read that asks nothing itself has no service: it only spreads what it makes of others' answers.
        service = min(self._operations, default="").partition(":")[0]
        answers: dict[str, Future[V]] = {}
        for resource in resources:
            region = (self.region or self._access.home) if error_of(resource) else getattr(resource, "region", None)
            key = (self._target.account, service, region or self.region or self._access.home)
            answers[resource.arn] = self._access.scheduler.call(key, functools.partial(_inline, self.telling, function, resource))
        for answer in answers.values():
            answer.exception()
        return PerResource(answers)

    def once(self, what: str, function: Callable[[], V]) -> V:
        """`function()`, once per account for all reads that need `what`: for what takes several calls, such as polling."""
        return self._access.once((self._target.account, what), function)

    def same(self, resources: Iterable[Any], value: V) -> PerResource[V]:
        """One value for each of the resources: nobody had to be asked."""
        future: Future[V] = Future()
        future.set_result(value)
        return PerResource({resource.arn: future for resource in resources})

    def _submit(
        self,
        operation: str,
        params: Mapping[str, Any],
        function: Callable[[Any], Any],
        absent: str | Sequence[str],
        gone: str | Sequence[str],
        anew: bool = False,
    ) -> Any:
        region = self.region or self._access.home
        service = operation.partition(":")[0]
        asked = (self._target.account, operation, region, function.__name__, msgspec.json.encode(params, order="sorted"))
        gone, absent = ((codes,) if isinstance(codes, str) else tuple(codes) for codes in (gone, absent))

        def call() -> Any:
            return self._access.call(operation, region, self._operations, function)

        def run() -> Any:
            return call() if anew else self._access.once(asked, call)

        try:
            if getattr(_on_call_thread, "inline", False):
                return run()
            return self._access.scheduler.call((self._target.account, service, region), run).result()
        except AwsError as error:
            if error.code in gone:
                raise Vanished from error
            if error.code in absent:
                return None
            if self.reached is None:
                raise
            raise self._told(error) from error


class PerResource(Generic[V]):
    """One answer per resource, by the resource; where it failed for that one, its own error is raised when it is asked for."""

    def __init__(self, answers: Mapping[str, Future[V]]) -> None:
        self._answers = answers

    def __getitem__(self, resource: Any) -> V:
        return self._answers[resource.arn].result()

    def __or__(self, other: PerResource[V]) -> PerResource[V]:
        """The answers for these resources, and for those."""
        return PerResource({**self._answers, **other._answers})


def _refuse_more(operation: str, answer: Mapping[str, Any]) -> None:
    if any(answer.get(name) for name in ("NextToken", "nextToken", "NextMarker", "Marker", "IsTruncated", "ContinuationToken")):
        raise UnexpectedAnswer(f"{operation} has more pages than were answered", operation)


def _by_token(client: Any, operation: str, params: Mapping[str, Any]) -> Iterator[Any]:
    """The pages of an operation of which botocore does not know how it pages: by the token, if it takes one."""
    name = operation.partition(":")[2]
    shape = client.meta.service_model.operation_model(name).input_shape
    token_name = next((each for each in ("NextToken", "nextToken", "NextMarker") if shape is not None and each in shape.members), "")
    given = dict(params)
    seen = set()
    while True:
        answer = getattr(client, xform_name(name))(**given)
        yield answer
        token = answer.get(token_name)
        if not token:
            _refuse_more(operation, answer)
            return
        if token in seen:
            raise UnexpectedAnswer(f"{operation} answers the same page again and again", operation)
        seen.add(token)
        given[token_name] = token


def _inline(telling: Callable[[Callable[[], V]], V], function: Callable[[Any], V], resource: Any) -> V:
    _on_call_thread.inline = True
    try:
        return telling(lambda: function(resource))
    finally:
        _on_call_thread.inline = False
