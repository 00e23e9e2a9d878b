"""How an account is asked: what becomes of silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from pytest_ssb.aws import Access
from pytest_ssb.errors import NotOffered, UnreachableError
from pytest_ssb.scheduler import Scheduler
from tests.support.worlds import session

NOWHERE = EndpointConnectionError(endpoint_url="https://nowhere")


def silent(error: Exception) -> Access:
    """An access to a live account of which nothing answers."""
    connected = session()
    connected.set_credentials("AKIAEXAMPLE", "not-a-secret")

    def before_send(**_: Any) -> None:
        raise error

    def silence(client: Any) -> None:
        client.meta.events.register("before-send", before_send)

    return Access(connected, "live", "us-east-1", Scheduler(1), "test", silence)


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
