"""Runs API calls on threads: many at once, but only a few at a time for one service in one region of an account."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

# Measured: 4-8 calls in flight for a service and region are as fast as more, on a third of the connections, and kinder to AWS's rate limits.
PER_SERVICE_AND_REGION = 8


class Scheduler:
    """Two pools of threads: one for the reads, which wait for calls, and one for the calls, which wait for nobody; so neither can starve."""

    def __init__(self, concurrency: int) -> None:
        self._calls = ThreadPoolExecutor(concurrency, thread_name_prefix="ssb-call")
        self._reads = ThreadPoolExecutor(max(concurrency, 32), thread_name_prefix="ssb-read")
        self._lock = threading.Lock()
        self._in_flight: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[Callable[[], None]]] = {}

    def call(self, key: Hashable, function: Callable[[], T]) -> Future[T]:
        """Run an API call as soon as fewer than `PER_SERVICE_AND_REGION` calls of the same `key` are in flight."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
                future.set_exception(error)
            finally:
                self._done(key)

        with self._lock:
            if self._in_flight.get(key, 0) >= PER_SERVICE_AND_REGION:
                self._waiting.setdefault(key, deque()).append(run)
                return future
            self._in_flight[key] = self._in_flight.get(key, 0) + 1
        self._calls.submit(run)
        return future

    def _done(self, key: Hashable) -> None:
        with self._lock:
            waiting = self._waiting.get(key)
            if not waiting:
                self._in_flight[key] -= 1
                return
            following = waiting.popleft()
        self._calls.submit(following)

    def read(self, function: Callable[[], Any]) -> None:
        """Run a read, which reports its result by itself."""
        self._reads.submit(function)

    def close(self) -> None:
        """Start nothing more, and do not wait for what is in flight."""
        self._reads.shutdown(wait=False, cancel_futures=True)
        self._calls.shutdown(wait=False, cancel_futures=True)
