"""App Runner: the services, and with which role they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

SERVICES, SERVICE = "apprunner:ListServices", "apprunner:DescribeService"
GONE = "ResourceNotFoundException"


class Service(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A service (https://docs.aws.amazon.com/apprunner/latest/api/API_ServiceSummary.html)."""

    arn: str
    service_name: str
    status: str


class InstanceConfiguration(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """https://docs.aws.amazon.com/apprunner/latest/api/API_InstanceConfiguration.html"""

    # absent: none, which fails
    instance_role_arn: str | None = None


@read(SERVICES, per="region")
def apprunner_services(aws: Aws) -> list[Service]:
    """The App Runner services of the region that have not been deleted."""
    listed: list[Service] = aws.resources(SERVICES, "ServiceSummaryList", Service, "{ServiceArn}")
    return [each for each in listed if error_of(each) or each.status != "DELETED"]


@read(SERVICE, per="region")
def apprunner_roles(aws: Aws, apprunner_services: list[Service]) -> PerResource[str | None]:
    """The role with which each service's code runs, None where it has none; the role by which its image is fetched is another one."""

    def role(service: Service) -> str | None:
        told = aws.ask(SERVICE, gone=GONE, ServiceArn=service.arn).get("Service") or {}
        try:
            return msgspec.convert(told.get("InstanceConfiguration"), InstanceConfiguration).instance_role_arn
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{SERVICE} answered a service that we cannot read: {error}", SERVICE) from None

    return aws.each(apprunner_services, role)
