"""How an account is asked: what becomes of silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError, SSLError
from moto.core.botocore_stubber import MockRawResponse

from pytest_ssb.aws import Access
from pytest_ssb.aws.access import ATTEMPTS
from pytest_ssb.errors import NotOffered, UnreachableError
from pytest_ssb.scheduler import Scheduler
from tests.support.worlds import session

NOWHERE = EndpointConnectionError(endpoint_url="https://nowhere")


NO_VPCS = b"<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"


class Line:
    """The line to a live account: each request meets the next of these errors, and then an empty answer, or always the only one."""

    def __init__(self, *errors: Exception, then: bytes | None = None) -> None:
        self.errors, self.then, self.sent = errors, then, 0
        connected = session()
        connected.set_credentials("AKIAEXAMPLE", "not-a-secret")
        self.access = Access(
            connected, "live", "us-east-1", Scheduler(1), "test", lambda client: client.meta.events.register("before-send", self._send)
        )

    def _send(self, **_: Any) -> AWSResponse:
        self.sent += 1
        if self.then is None or self.sent <= len(self.errors):
            raise self.errors[min(self.sent, len(self.errors)) - 1]
        return AWSResponse("https://somewhere", 200, HTTPHeaders(), MockRawResponse(self.then))


def silent(error: Exception) -> Access:
    """An access to a live account of which nothing answers."""
    return Line(error).access


def ask(access: Access, operation: str, region: str, function: Callable[[Any], Any]) -> None:
    access.call(operation, region, frozenset({operation}), function)


def test_a_service_that_a_region_lacks_is_not_offered_there() -> None:
    offered = session().get_available_regions("apprunner")
    region = next(region for region in session().get_available_regions("ec2") if region not in offered)
    with pytest.raises(NotOffered, match=f"apprunner has no endpoint in {region}"):
        ask(silent(NOWHERE), "apprunner:ListServices", region, lambda client: client.list_services())


def test_a_service_that_a_region_has_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match="ec2:DescribeVpcs in eu-west-1: no connection"):
        ask(silent(NOWHERE), "ec2:DescribeVpcs", "eu-west-1", lambda client: client.describe_vpcs())


def test_a_service_of_all_regions_is_unreachable() -> None:
    """botocore lists no region for IAM."""
    with pytest.raises(UnreachableError, match="iam:ListUsers in us-east-1: no connection"):
        ask(silent(NOWHERE), "iam:ListUsers", "us-east-1", lambda client: client.list_users())


def test_an_endpoint_that_is_slow_to_connect_may_exist() -> None:
    error = ConnectTimeoutError(endpoint_url="https://nowhere")
    with pytest.raises(UnreachableError, match="no connection in time"):
        ask(silent(error), "apprunner:ListServices", "af-south-1", lambda client: client.list_services())


@pytest.mark.parametrize(
    "error", [ConnectTimeoutError(endpoint_url=""), ReadTimeoutError(endpoint_url=""), SSLError(endpoint_url="", error=OSError())]
)
def test_an_endpoint_that_never_answered_is_waited_for_once(error: Exception) -> None:
    line = Line(error)
    with pytest.raises(UnreachableError):
        ask(line.access, "ec2:DescribeVpcs", "eu-west-1", lambda client: client.describe_vpcs())
    assert line.sent == 1


@pytest.mark.parametrize(("error", "tries"), [(NOWHERE, 2), (ConnectionClosedError(endpoint_url=""), 3)])
def test_what_passes_the_next_moment_is_tried_again(monkeypatch: pytest.MonkeyPatch, error: Exception, tries: int) -> None:
    """A name that is not found now and then, or a connection that is closed: elsewhere, and at once, that would be an ERROR for a whole region."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    passing = Line(*[error] * (tries - 1), then=NO_VPCS)
    ask(passing.access, "ec2:DescribeVpcs", "eu-west-1", lambda client: client.describe_vpcs())
    assert passing.sent == tries
    lasting = Line(error)
    with pytest.raises(UnreachableError):
        ask(lasting.access, "ec2:DescribeVpcs", "eu-west-1", lambda client: client.describe_vpcs())
    assert lasting.sent == tries


def test_who_has_answered_is_tried_as_often_as_botocore_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    line = Line(then=NO_VPCS)
    ask(line.access, "ec2:DescribeVpcs", "eu-west-1", lambda client: client.describe_vpcs())
    line.errors, line.then = (ConnectionClosedError(endpoint_url=""),), None
    with pytest.raises(UnreachableError):
        ask(line.access, "ec2:DescribeVpcs", "eu-west-1", lambda client: client.describe_vpcs())
    assert line.sent == 1 + ATTEMPTS["live"]
