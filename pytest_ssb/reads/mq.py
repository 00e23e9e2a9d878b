"""Amazon MQ: the brokers, and where they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

import msgspec

from pytest_ssb.errors import AwsError, Undecided, Vanished
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.stores import Store
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

BROKERS, BROKER = "mq:ListBrokers", "mq:DescribeBroker"
# By the scheme of an endpoint that names no port: the console of RabbitMQ.
_USUAL = {"https": 443}


class BrokerInstance(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a broker, with the addresses under which it is reached."""

    # absent while the broker is being made
    endpoints: tuple[str, ...] = msgspec.field(name="Endpoints", default=())
    console: str | None = msgspec.field(name="ConsoleURL", default=None)


class Broker(Store, frozen=True, kw_only=True, rename="pascal"):
    """A broker (https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers-broker-id.html)."""

    type: ClassVar[str] = "AWS::AmazonMQ::Broker"
    arn: str
    called: str = msgspec.field(name="BrokerName")
    broker_id: str
    broker_state: str
    publicly_accessible: bool
    in_subnets: tuple[str, ...] = msgspec.field(name="SubnetIds")
    security_groups: tuple[str, ...]
    # absent while the broker is being made
    broker_instances: tuple[BrokerInstance, ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.called

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Its security groups; a public broker of RabbitMQ has none."""
        if not self.security_groups and not self.publicly_accessible:
            raise Undecided(f"{self.name} does not tell its security groups")
        return self.security_groups

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that it listens on, none until all of them are told."""
        if not all(each.endpoints and each.console for each in self.broker_instances):
            return ()
        urls = (url for each in self.broker_instances for url in (*each.endpoints, each.console))
        return tuple(dict.fromkeys(port for url in map(urlsplit, filter(None, urls)) if (port := url.port or _USUAL.get(url.scheme))))

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """Its subnets."""
        return self.in_subnets

    @property
    def public(self) -> bool:
        """Whether it is reached from outside its VPC."""
        return self.publicly_accessible


class Summary(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A broker as it is listed."""

    arn: str
    broker_id: str


@read(BROKERS, BROKER, per="region")
def message_brokers(aws: Aws) -> list[Broker]:
    """The brokers of the region, but for those being deleted; what is not told of one is its own error."""
    listed: list[Summary] = aws.resources(BROKERS, "BrokerSummaries", Summary, "{BrokerArn}")
    found = [broker for summary in listed for broker in _described(aws, summary)]
    return [each for each in found if error_of(each) or each.broker_state != "DELETION_IN_PROGRESS"]


def _described(aws: Aws, summary: Summary) -> list[Broker]:
    """The broker, none if it is gone by now."""
    try:
        answer = aws.ask(BROKER, BrokerId=summary.broker_id, gone="NotFoundException")
        found: list[Broker] = aws.parse(BROKER, [answer], Broker, "{BrokerArn}")
    except Vanished:
        return []
    except AwsError as error:
        return [unread(error, summary.arn)]
    return found
