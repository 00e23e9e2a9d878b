"""Lets the accounts of a run take turns, so that a run of many needs little more memory than one of a few."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any

from pytest_ssb.targets import AccountKey, Target

Wanted = tuple[Target, Iterable[str]]
# So many reads keep the threads busy while more are being started.
AHEAD = 200


class Turns:
    """Starts what each account's tests need, the next account's as soon as few reads are left of those before, and lets go of who is done."""

    def __init__(
        self,
        wanted: Iterable[Wanted],
        start: Callable[[Sequence[Wanted]], Sequence[Future[Any]]],
        done: Callable[[AccountKey], None],
        ahead: int = AHEAD,
    ) -> None:
        """`start` starts the reads of some targets, `done` is told when all of an account's have ended."""
        accounts: dict[AccountKey, list[Wanted]] = {}
        for target, names in wanted:
            accounts.setdefault(target.key, []).append((target, names))
        self._waiting = deque(accounts.items())
        self._start, self._done, self._ahead = start, done, ahead
        self._lock = threading.Lock()
        self._left = 0
        self._starting = False

    def go_on(self) -> None:
        """Start accounts until enough is under way. Called again as reads end, by whichever thread was the last in one."""
        while True:
            with self._lock:
                if self._starting or not self._waiting or self._left >= self._ahead:
                    return
                self._starting = True
                key, wanted = self._waiting.popleft()
            futures = list(dict.fromkeys(self._start(wanted)))
            with self._lock:
                self._left += len(futures)
                self._starting = False
            self._watch(key, futures)

    def stop(self) -> None:
        """Start no more accounts."""
        with self._lock:
            self._waiting.clear()

    def _watch(self, key: AccountKey, futures: Sequence[Future[Any]]) -> None:
        left = len(futures)
        if not left:
            self._done(key)

        def ended(_: Future[Any]) -> None:
            nonlocal left
            with self._lock:
                left -= 1
                self._left -= 1
                last = not left
            self.go_on()
            if last:
                self._done(key)

        for future in futures:
            future.add_done_callback(ended)
