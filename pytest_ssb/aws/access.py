"""One account's session and its clients, which refuse whatever was not declared."""

from __future__ import annotations

import contextvars
import datetime
import functools
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from pytest_ssb.aws import timestamps
from pytest_ssb.aws.errors import code_of, explain, is_expired, is_passing, is_unreachable
from pytest_ssb.aws.tls import SharedContext
from pytest_ssb.environment import unhindered
from pytest_ssb.errors import AwsError, NotOffered, UnreachableError, Vanished
from pytest_ssb.scheduler import PER_SERVICE_AND_REGION, Scheduler
from pytest_ssb.targets import Backend

T = TypeVar("T")

CONNECT_TIMEOUT, READ_TIMEOUT = 5, 30
# An operation that an endpoint lacks answers 500, which botocore retries for seconds; AWS itself deserves more patience.
ATTEMPTS: dict[Backend, int] = {"live": 8, "endpoint": 2, "demo": 1}

_allowed: contextvars.ContextVar[frozenset[str]] = contextvars.ContextVar("allowed", default=frozenset())
# The last call that a client of this thread was asked for, and where.
_asked: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar("asked", default=None)


class UndeclaredOperation(AwsError):
    """A call that the running read, or test, did not declare: refused before anything was sent."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation} was not sent: it is not declared; add it to @check(calls=...) or @read", operation, "NotDeclared")


class Access:
    """One account's session and clients; its clients refuse every operation that was not declared.

    `simulate`, given a new client, may register answers on it for what an in-process endpoint lacks.
    """

    def __init__(
        self,
        session: botocore.session.Session,
        backend: Backend,
        home: str,
        scheduler: Scheduler,
        version: str,
        simulate: Callable[[Any], None] | None = None,
        tls: SharedContext | None = None,
    ) -> None:
        self.session = session
        self.backend = backend
        self.home = home
        self.scheduler = scheduler
        self.simulate = simulate
        self.counts: Counter[str] = Counter()
        self.dead: AwsError | None = None
        self._unreachable: dict[tuple[str, str], UnreachableError] = {}
        self._answered: set[tuple[str, str]] = set()
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._asked: dict[Any, Future[Any]] = {}
        self._lock, self._counting, self._asking = threading.RLock(), threading.Lock(), threading.Lock()
        self._config = Config(
            user_agent_extra=f"pytest-ssb/{version}",
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            max_pool_connections=PER_SERVICE_AND_REGION,
            retries={"mode": "adaptive", "total_max_attempts": ATTEMPTS[backend]},
        )
        self.tls = tls or SharedContext()
        # moto changes its state while it answers, and was not made for threads; in this process there is nothing to wait for anyway.
        self._turn = threading.Lock() if backend == "demo" else nullcontext()
        timestamps.read_fast(session)

    def client(self, service: str, region: str) -> Any:
        """The reads' shared client of a service in a region, made when first asked for."""
        return self._client(service, region, "reads")

    def client_for_tests(self, service: str, region: str) -> Any:
        """The same for the clients of tests: what a test does to one must not reach those of the reads."""
        return self._client(service, region, "tests")

    def _client(self, service: str, region: str, whose: str) -> Any:
        # botocore's sessions are not thread-safe.
        with self._lock:
            key = (service, region, whose)
            if key not in self._clients:
                with self.tls.installed():
                    client = self.session.create_client(service, region_name=region, config=self._config)
                self._prepare(client)
                self._clients[key] = client
            return self._clients[key]

    def _prepare(self, client: Any) -> None:
        events, model = client.meta.events, client.meta.service_model
        # The first event of a call, which a simulated answer does not cut short as it does those after it.
        key = (model.service_name, client.meta.region_name)
        events.register_first("provide-client-params", functools.partial(self._guard, client.meta.region_name))
        events.register_first(f"needs-retry.{model.service_id.hyphenize()}", functools.partial(self._give_up_unreachable, key))
        if model.service_name == "s3control" and self.backend == "endpoint":
            events.register_first("request-created.s3-control", _without_account_in_host)
        if self.simulate is not None:
            self.simulate(client)

    def _guard(self, region: str, model: Any, **_: Any) -> None:
        operation = f"{model.service_model.service_name}:{model.name}"
        if operation not in _allowed.get():
            raise UndeclaredOperation(operation)
        if self.dead is not None:
            raise self.dead
        _asked.set((operation, region))
        with self._counting:
            self.counts[operation] += 1

    def _give_up_unreachable(self, key: tuple[str, str], attempts: int, caught_exception: Exception | None = None, **_: Any) -> None:
        # botocore would try again and again; an endpoint that never answered in this run is waited for once.
        if (
            caught_exception is not None
            and key not in self._answered
            and is_unreachable(caught_exception)
            and not is_passing(caught_exception, attempts)
        ):
            raise caught_exception

    @contextmanager
    def allowing(self, operations: Iterable[str]) -> Iterator[None]:
        """Let the clients call just these operations on this thread while the block lasts."""
        token = _allowed.set(frozenset(operations))
        _asked.set(None)
        try:
            yield
        finally:
            _allowed.reset(token)

    def call(self, operation: str, region: str, allowed: frozenset[str], function: Callable[[Any], T]) -> T:
        """Run `function(client)` now, with its errors explained; `operation` names it in them."""
        service = operation.partition(":")[0]
        key = (service, region)
        if self.dead is not None:
            raise self.dead
        if key in self._unreachable:
            raise self._unreachable[key]
        try:
            with self.allowing(allowed), self._turn:
                answer = unhindered(lambda: function(self.client(service, region)))
        except (AwsError, Vanished):
            raise
        except Exception as error:
            raise self._explained(error, operation, key) from error
        self._answered.add(key)
        return answer

    def explained(self, error: Exception) -> Exception:
        """The error of a call that a test made on a client of its own, in the words of `call`; any other error as it is."""
        asked = _asked.get()
        if asked is None or not isinstance(error, ClientError | BotoCoreError):
            return error
        operation, region = asked
        return self._explained(error, operation, (operation.partition(":")[0], region))

    def _explained(self, error: Exception, operation: str, key: tuple[str, str]) -> Exception:
        service, region = key
        explained = explain(error, operation, region, live=self.backend == "live")
        renewal = getattr(error, "operation_name", None)
        if is_expired(error):
            self.dead = AwsError(f"credentials expired at {_now()}: sign in again", operation, code_of(error))
            return self.dead
        if renewal is not None and renewal != operation.partition(":")[2]:
            # Only botocore's credentials call something else. The code must not pass for an answer to what was asked.
            words = f"credentials expired at {_now()}, and {renewal} gave no new ones ({code_of(error)}): sign in again"
            self.dead = AwsError(words, operation, "CredentialsNotRenewed")
            return self.dead
        if not isinstance(explained, UnreachableError):
            self._answered.add(key)
        elif key not in self._answered:
            self._unreachable[key] = explained
            if self.backend == "live" and isinstance(error, EndpointConnectionError) and self._lacks(service, region):
                return NotOffered(f"{service} has no endpoint in {region}")
        return explained

    def _lacks(self, service: str, region: str) -> bool:
        """Whether botocore knows where the service is offered, and that is elsewhere: of IAM and the like it lists no region at all."""
        offered = self.session.get_available_regions(service, self.session.get_partition_for_region(region))
        return bool(offered) and region not in offered

    def release(self) -> int:
        """Let go of the clients and of the answers, and tell how many clients it was; whoever asks again gets new ones."""
        with self._lock:
            number = len(self._clients)
            self._clients.clear()
        with self._asking:
            self._asked.clear()
        return number

    def once(self, key: Any, function: Callable[[], T]) -> T:
        """Run `function`, or wait for whoever runs the same; it is never only queued, so that nobody waits for one who waits."""
        with self._asking:
            future: Future[Any] | None = self._asked.get(key)
            mine = future is None
            if future is None:
                future = self._asked[key] = Future()
        if mine:
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - raised below, and for everyone who waits
                future.set_exception(error)
        result: T = future.result()
        return result


def _without_account_in_host(request: Any, **_: Any) -> None:
    # botocore puts the account's id before the host of a custom endpoint, too, where no such name exists.
    request.url = re.sub(r"//\d{12}\.", "//", request.url)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
