"""`Reads`: each read asked once per target, all that the selected tests need in flight together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from typing import Any

from pytest_ssb.errors import AwsError, NotOffered, NotRun, UnreachableError
from pytest_ssb.findings import reason_of
from pytest_ssb.reads.registry import Read, asks_nothing, needed
from pytest_ssb.structs import learn_structs
from pytest_ssb.targets import Target
from pytest_ssb.unread import unread

Key = tuple[Target, str]


class Reads:
    """The reads of a run. `aws_for` gives a read its handle on a target, `profile_for` a target its facts, `submit` runs a read on a thread."""

    def __init__(
        self,
        aws_for: Callable[[Target, Read], Any],
        profile_for: Callable[[Target], Any],
        submit: Callable[[Callable[[], None]], None],
    ) -> None:
        self._aws_for = aws_for
        self._profile_for = profile_for
        self._submit = submit
        self._lock = threading.Lock()
        self._futures: dict[Key, Future[Any]] = {}
        self._probes: dict[Target, Future[Any]] = {}
        # By profile: the account for which, and so for all of its accounts, is read what no account has to be asked for.
        self._for_all: dict[str, Target] = {}

    def start(self, wanted: Iterable[tuple[Target, Iterable[str]]]) -> list[Future[Any]]:
        """Start what these targets' tests need, and give what will be there. Targets take turns, so that none waits for another's whole list."""
        learn_structs()
        queues = []
        for target, names in wanted:
            reads = needed(names)
            self._choose_probe(target, reads)
            queues.append([(target, read) for read in reads])
        turns = range(max(map(len, queues), default=0))
        return [self._future(*queue[turn]) for turn in turns for queue in queues if turn < len(queue)]

    def under_way(self, seconds: float) -> tuple[int, int]:
        """Wait until all that was started is done, so many seconds at the most; how many reads are done, of how many."""
        with self._lock:
            futures = list(self._futures.values())
        return len(wait(futures, seconds).done), len(futures)

    def result(self, name: str, target: Target) -> Any:
        """What a read of that name gave, waiting for it if need be; where it failed, an object that raises its error when looked at."""
        (*_, read) = needed([name])
        future = self._future(target, read)
        error = future.exception()
        return future.result() if error is None else unread(error if isinstance(error, Exception) else NotRun(str(error)))

    def blocked(self, target: Target) -> AwsError | None:
        """Why a region as a whole gives no answers: denied by a service control policy, or unreachable. None if it answers, or was not asked yet."""
        probe = self._probes.get(target)
        error = probe.exception() if probe is not None and probe.done() else None
        return error if isinstance(error, AwsError) and _blocks(error) else None

    def _choose_probe(self, target: Target, reads: Sequence[Read]) -> None:
        """The region's first read is asked alone: where that is denied by an SCP or not answered, the others are not asked."""
        asking = [read for read in reads if _may_probe(read)]
        if target.region is None or not asking:
            return
        probe = min(asking, key=lambda read: "ec2:DescribeVpcs" not in read.operations)
        with self._lock:
            if target in self._probes:
                return
            future = self._probes[target] = self._futures[target, probe.name] = Future()
        self._run(target, probe, future, {})

    def _future(self, target: Target, read: Read) -> Future[Any]:
        asked = target if read.per == "region" else target.of_account
        if asks_nothing(read.name):
            with self._lock:
                asked = self._for_all.setdefault(target.profile, target.of_account)
        with self._lock:
            future = self._futures.get((asked, read.name))
            if future is not None:
                return future
            future = self._futures[asked, read.name] = Future()
            if _may_probe(read):
                self._probes.setdefault(asked, future)
        inputs = {need: self._future(asked, needed([need])[-1]) for need in read.needs}
        probe = self._probes.get(asked) if read.operations else None
        before = [*inputs.values(), *([probe] if probe is not None and probe is not future else [])]
        _when_done(before, lambda: self._run(asked, read, future, inputs))
        return future

    def _run(self, target: Target, read: Read, future: Future[Any], inputs: dict[str, Future[Any]]) -> None:
        def run() -> None:
            try:
                blocked = self.blocked(target) if read.operations else None
                if blocked is not None:
                    raise blocked
                future.set_result(self._ask(target, read, inputs))
            except (AwsError, NotOffered, NotRun) as error:
                future.set_exception(error)
            except BaseException as error:  # noqa: BLE001 - a mistake in a read must not pass for an answer, nor an assert in it for a FAIL
                future.set_exception(
                    AwsError(f"read {read.name}: {reason_of(error)}", read.operations[0] if read.operations else read.name, "Unexpected")
                )

        self._submit(run)

    def _ask(self, target: Target, read: Read, inputs: dict[str, Future[Any]]) -> Any:
        code = read.function.__code__
        wanted = code.co_varnames[: code.co_argcount]
        arguments: dict[str, Any] = {"ssb_profile": self._profile_for(target)}
        if "aws" in wanted:
            arguments["aws"] = self._aws_for(target, read)
        for name, answer in inputs.items():
            error = answer.exception()
            arguments[name] = answer.result() if error is None else unread(error)  # type: ignore[arg-type]
        return read.function(**{name: arguments[name] for name in wanted})


def _may_probe(read: Read) -> bool:
    # A policy that denies a region denies EC2, too, while one that denies some other service says nothing of the region.
    return read.per == "region" and not read.needs and read.operations[:1] != () and read.operations[0].startswith("ec2:")


def _blocks(error: AwsError) -> bool:
    return error.denied_by == "scp" or isinstance(error, UnreachableError)


def _when_done(futures: Sequence[Future[Any]], function: Callable[[], None]) -> None:
    """Call `function` once all futures are done, at once if they are."""
    left = len(futures)
    if not left:
        function()
        return
    lock = threading.Lock()

    def one_done(_: Future[Any]) -> None:
        nonlocal left
        with lock:
            left -= 1
            last = left == 0
        if last:
            function()

    for future in futures:
        future.add_done_callback(one_done)
