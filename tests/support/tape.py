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
from tests.support.worlds import Cloud, home, session


class Call(NamedTuple):
    """An API call: `ec2:DescribeVolumes`, the region that was asked, and its parameters as JSON."""

    operation: str
    region: str
    params: str

    def __str__(self) -> str:
        return f"{self.operation} in {self.region} {self.params if self.params != '{}' else ''}".rstrip()


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


class TapedAccess(Access):
    """An access that records on a tape, and once it is `wound` answers from it; `faults` are given in place of the answers of these calls.

    What records are clients of the world, on which its simulated answers are. What replays are shared by all worlds of the process: they are costly
    to make, and answer for the access that was wound last.
    """

    _replaying: ClassVar[dict[tuple[str, str], Any]] = {}
    _wound: ClassVar[TapedAccess]

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(session(), "live", home(cloud.partition), Scheduler(16), "test", cloud.simulated.register)
        self.tape = Tape()
        self.faults: dict[Call, Fault] = {}
        self.faulted: set[Call] = set()
        self.open = True
        self._recording = True
        self._position: dict[Call, int] = {}
        self._taping = threading.Lock()

    def wind(self) -> None:
        """Answer from the tape from its beginning, as an access that never asked anything."""
        TapedAccess._wound = self
        self._recording = False
        self._position.clear()
        self.faults, self.faulted = {}, set()
        self.counts.clear()
        self.dead = None
        self._unreachable.clear()
        self._answered.clear()
        self._asked.clear()

    def close(self) -> None:
        """Part from the account: what is not on the tape is refused from now on."""
        self.open = False
        self._clients.clear()
        self.scheduler.close()

    def renew(self) -> None:
        """Make the next calls on new threads."""
        self.scheduler.close()
        self.scheduler = Scheduler(16)

    def client(self, service: str, region: str) -> Any:
        """A client that records, or one that replays."""
        if self._recording:
            return super().client(service, region)
        with self._lock:
            if (service, region) not in self._replaying:
                client: Any = self.session.create_client(
                    service, region_name=region, config=self._config, aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="none"
                )
                client._make_api_call = functools.partial(_replayed, client)
                self._replaying[service, region] = client
            return self._replaying[service, region]

    def _prepare(self, client: Any) -> None:
        super()._prepare(client)
        send = client._make_api_call

        def make_api_call(name: str, params: dict[str, Any]) -> Any:
            return self._record(_call(client, name, params), lambda: send(name, params))

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
        call = _call(client, name, params)
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


def _call(client: Any, name: str, params: dict[str, Any]) -> Call:
    # The region as it was asked for: of IAM and the like, botocore makes one of its own.
    return Call(f"{client.meta.service_model.service_name}:{name}", client.meta.region_name, json.dumps(params, sort_keys=True, default=str))


def _replayed(client: Any, name: str, params: dict[str, Any]) -> Any:
    return TapedAccess._wound.replay(client, name, params)
