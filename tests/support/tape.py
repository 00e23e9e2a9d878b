"""What a world's account answered, kept: so that a check is judged again and again on the same answers, but for what is laid over one of them.

The clients are botocore's own. A call that is on the tape is answered from it, by the parameters it has; one that is not (it is made only because
another failed) goes on to the account. What AWS would send instead (`Fault`) is parsed by the client's own parser.
"""

from __future__ import annotations

import functools
import json
import pickle
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from botocore import xform_name
from botocore.exceptions import ClientError

from pytest_ssb.aws import Access
from pytest_ssb.scheduler import Scheduler
from tests.support.worlds import BesideAccess, Cloud, home, shared_session


class Call(NamedTuple):
    """An API call: `ec2:DescribeVolumes`, the region that was asked, its parameters as JSON, and the profile by which another account was asked."""

    operation: str
    region: str
    params: str
    beside: str = ""

    def __str__(self) -> str:
        where = f"{self.region} of {self.beside}" if self.beside else self.region
        return f"{self.operation} in {where} {self.params if self.params != '{}' else ''}".rstrip()


# What is given in place of a call's answer: the client, the operation's name and what was answered -> an answer, or an error that is raised.
Fault = Callable[[Any, str, dict[str, Any]], dict[str, Any]]


@dataclass
class Tape:
    """The answers of a world's account by call, as often as it was made."""

    answers: dict[Call, list[bytes | ClientError]] = field(default_factory=dict)

    @property
    def calls(self) -> list[Call]:
        """The calls in a fixed order."""
        return sorted(self.answers)

    def answer(self, call: Call) -> dict[str, Any] | None:
        """The last answer of a call, yours to change; None where that was an error."""
        last = self.answers[call][-1]
        return None if isinstance(last, ClientError) else pickle.loads(last)


class TapedAccess(BesideAccess):
    """An access that records on a tape, and once it is `wound` answers from it; `faults` are given in place of the answers of these calls.

    Those to the accounts beside the world's own are its `others`, on the same tape.

    What records are clients of the world, on which its simulated answers are. What replays are shared by all worlds of the process: they are costly
    to make, and answer for the access that was wound last.
    """

    _replaying: ClassVar[dict[tuple[str, str, str], Any]] = {}
    _wound: ClassVar[dict[str, TapedAccess]] = {}

    def __init__(self, cloud: Cloud, name: str = "", tape: Tape | None = None, scheduler: Scheduler | None = None) -> None:
        super().__init__(shared_session(), "live", home(cloud.partition), scheduler or Scheduler(16), "test", cloud.register)
        self.name = name
        self.tape = tape or Tape()
        self.others = {other.name: TapedAccess(other.cloud, other.name, self.tape, self.scheduler) for other in cloud.beside_it}
        self.faults: dict[Call, Fault] = {}
        self.faulted: set[Call] = set()
        self.open = True
        self._recording = True
        self._position: dict[Call, int] = {}
        self._taping = threading.Lock()

    def beside(self, name: str) -> Access:
        """The access by the profile of that name."""
        return self.others[name]

    def wind(self, faults: dict[Call, Fault]) -> None:
        """Answer from the tape from its beginning, as an access that never asked anything, with these faults."""
        for other in self.others.values():
            other.wind(faults)
        TapedAccess._wound[self.name] = self
        self._recording = False
        self._position.clear()
        self.faults, self.faulted = faults, set()
        self.counts.clear()
        self.dead = None
        self._unreachable.clear()
        self._answered.clear()
        self._asked.clear()

    def close(self) -> None:
        """Part from the account: what is not on the tape is refused from now on."""
        for one in (self, *self.others.values()):
            one.open = False
            one._clients.clear()
        self.scheduler.close()

    def renew(self) -> None:
        """Make the next calls on new threads."""
        self.scheduler.close()
        self.scheduler = Scheduler(16)
        for other in self.others.values():
            other.scheduler = self.scheduler

    def made(self) -> set[Call]:
        """The calls that were made and met a fault, in whichever account."""
        return self.faulted.union(*(other.faulted for other in self.others.values()))

    def client(self, service: str, region: str) -> Any:
        """A client that records, or one that replays."""
        if self._recording:
            return super().client(service, region)
        with self._lock:
            key = (self.name, service, region)
            if key not in self._replaying:
                client: Any = self.session.create_client(
                    service, region_name=region, config=self._config, aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="none"
                )
                client._make_api_call = functools.partial(_replayed, self.name, client)
                self._replaying[key] = client
            return self._replaying[key]

    def _prepare(self, client: Any) -> None:
        super()._prepare(client)
        send = client._make_api_call

        def make_api_call(name: str, params: dict[str, Any]) -> Any:
            return self._record(self._call(client, name, params), lambda: send(name, params))

        client._make_api_call = make_api_call

    def _record(self, call: Call, send: Callable[[], Any]) -> Any:
        try:
            answer = send()
        except ClientError as error:
            with self._taping:
                self.tape.answers.setdefault(call, []).append(error)
            raise
        with self._taping:
            self.tape.answers.setdefault(call, []).append(pickle.dumps(answer))
        return answer

    def replay(self, client: Any, name: str, params: dict[str, Any]) -> Any:
        """The answer of a call from the tape, what is laid over it, or, of one that is not on the tape, the account's."""
        self._guard(client.meta.region_name, client.meta.service_model.operation_model(name))
        call = self._call(client, name, params)
        with self._taping:
            at = self._position.get(call, 0)
            self._position[call] = at + 1
        answers: Sequence[bytes | ClientError] = self.tape.answers.get(call, ())
        if call in self.faults:
            self.faulted.add(call)
            kept = answers[-1] if answers else None
            return self.faults[call](client, name, pickle.loads(kept) if isinstance(kept, bytes) else {})
        if not answers:
            return self._beyond(client, name, params)
        kept = answers[min(at, len(answers) - 1)]
        if isinstance(kept, ClientError):
            raise ClientError(pickle.loads(pickle.dumps(kept.response)), kept.operation_name)
        return pickle.loads(kept)

    def _beyond(self, client: Any, name: str, params: dict[str, Any]) -> Any:
        if not self.open:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not on the tape"}}, name)
        return getattr(super().client(client.meta.service_model.service_name, client.meta.region_name), xform_name(name))(**params)

    def _call(self, client: Any, name: str, params: dict[str, Any]) -> Call:
        # The region as it was asked for: of IAM and the like, botocore makes one of its own.
        operation = f"{client.meta.service_model.service_name}:{name}"
        return Call(operation, client.meta.region_name, json.dumps(params, sort_keys=True, default=str), self.name)


def _replayed(beside: str, client: Any, name: str, params: dict[str, Any]) -> Any:
    return TapedAccess._wound[beside].replay(client, name, params)
