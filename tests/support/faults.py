"""What AWS may say instead of an answer: denials, throttling, a broken service, silence, nonsense, and a second page that fails.

Each is given as what comes over the wire, and read by the client's own parser, so that codes and messages are those that botocore makes of it.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import botocore.parsers
from botocore.exceptions import ReadTimeoutError
from botocore.model import OperationModel

from tests.support.tape import Call, Fault, Tape

SCP = "User: arn:aws:iam::123456789012:user/a is not authorized to perform: {} with an explicit deny in a service control policy"


def _answered(client: Any, name: str, status: int, body: bytes) -> dict[str, Any]:
    """What botocore makes of such an HTTP answer: the parsed answer, or the error that it raises."""
    operation: OperationModel = client.meta.service_model.operation_model(name)
    parser = botocore.parsers.create_parser(client.meta.service_model.resolved_protocol)
    response = {"headers": {}, "body": body, "status_code": status, "context": {"operation_name": name}}
    parsed: dict[str, Any] = parser.parse(response, operation.output_shape)  # type: ignore[arg-type]
    if status < 300:
        return parsed
    raise client.exceptions.from_code(parsed["Error"]["Code"])(parsed, name)


def _error(client: Any, status: int, code: str, message: str) -> bytes:
    """An error as the service's protocol writes it."""
    protocol = client.meta.service_model.resolved_protocol
    inner = f"<Code>{code}</Code><Message>{message}</Message>"
    if protocol == "ec2":
        return f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>1</RequestID></Response>".encode()
    if protocol == "query" or (protocol == "rest-xml" and client.meta.service_model.service_name != "s3"):
        return f"<ErrorResponse><Error>{inner}</Error><RequestId>1</RequestId></ErrorResponse>".encode()
    if protocol == "rest-xml":
        return f"<Error>{inner}<RequestId>1</RequestId></Error>".encode()
    return json.dumps({"__type": code, "message": message}).encode()


def _refusal(status: int, code: Callable[[str], str], message: str = "") -> Fault:
    def fault(client: Any, name: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        service = client.meta.service_model.service_name
        body = _error(client, status, code(service), message.format(f"{service}:{name}"))
        return _answered(client, name, status, body)

    return fault


def _denial(service: str) -> str:
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and each service's "Common errors"
    return (
        "UnauthorizedOperation" if service == "ec2" else "AccessDenied" if service in ("s3", "s3control", "iam", "sts") else "AccessDeniedException"
    )


def _throttle(service: str) -> str:
    return "RequestLimitExceeded" if service == "ec2" else "SlowDown" if service.startswith("s3") else "ThrottlingException"


def _timeout(client: Any, name: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    raise ReadTimeoutError(endpoint_url=client.meta.endpoint_url)


def _unparsable(client: Any, name: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    body = b"<!doctype html><p>Sign in to the hotel's network"
    if client.meta.service_model.operation_model(name).has_streaming_output:
        return {}
    return _answered(client, name, 200, body)


denied = _refusal(403, _denial, "not authorized to perform: {}")

FAULTS: dict[str, Fault] = {
    "denied": denied,
    "denied by an SCP": _refusal(403, _denial, SCP),
    "throttled": _refusal(429, _throttle, "Rate exceeded"),
    "answering 500": _refusal(500, lambda service: "InternalError", "We encountered an internal error. Please try again."),
    "timing out": _timeout,
    "unparsable": _unparsable,
    "not implemented": _refusal(501, lambda service: "NotImplemented", "A header you provided implies functionality that is not implemented."),
}
DENIALS = ("denied", "denied by an SCP")
SECOND_PAGE = "failing on the second page"


def faults_of(tape: Tape, call: Call, paginators: Mapping[str, Any]) -> dict[str, dict[Call, Fault]]:
    """Each way in which a call may fail, as what is to be given in place of which calls. `paginators` is botocore's model of the service's paging."""
    ways = {name: {call: fault} for name, fault in FAULTS.items()}
    paging = paginators.get(call.operation.partition(":")[2])
    answer = tape.answer(call)
    if paging is None or answer is None:
        return ways
    token, names = "the-second-page", tokens(paging)
    inputs = paging["input_token"] if isinstance(paging["input_token"], list) else [paging["input_token"]]
    if any(answer.get(name) for name in names):
        return ways  # the world has a second page of its own, which is a call like any other

    def more(client: Any, name: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        changed = copy.deepcopy(dict(answer)) | dict.fromkeys(names, token)
        return changed | ({paging["more_results"]: True} if "more_results" in paging else {})

    params = json.loads(call.params) | dict.fromkeys(inputs, token)
    second = call._replace(params=json.dumps(params, sort_keys=True))
    return ways | {SECOND_PAGE: {call: more, second: denied}}


def tokens(paging: Mapping[str, Any]) -> list[str]:
    """The fields of an answer that say where to go on; without them it is the last page, which nobody can tell from a lost one."""
    outputs = paging.get("output_token", [])
    return [re.split(r"\W", output)[0] for output in (outputs if isinstance(outputs, list) else [outputs])]
