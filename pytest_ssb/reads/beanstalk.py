"""Elastic Beanstalk: the environments, and the load balancers in front of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import Undecided, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.web_listeners import PLAIN_PORTS, ClassicPlace, Place, Places
from pytest_ssb.unread import error_of

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

ENVIRONMENTS, RESOURCES = "elasticbeanstalk:DescribeEnvironments", "elasticbeanstalk:DescribeEnvironmentResources"


class Tier(msgspec.Struct, frozen=True, rename="pascal"):
    """What an environment is for."""

    name: Literal["WebServer", "Worker"]


class Environment(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An environment (https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_EnvironmentDescription.html)."""

    arn: str
    environment_name: str
    status: Literal["Aborting", "Launching", "Updating", "LinkingFrom", "LinkingTo", "Ready", "Terminating", "Terminated"]
    tier: Tier

    @property
    def name(self) -> str:
        """Its name."""
        return self.environment_name


@read(ENVIRONMENTS, per="region")
def environments(aws: Aws) -> list[Environment]:
    """The environments of the region, but for those that are terminated."""
    found: list[Environment] = aws.resources(ENVIRONMENTS, "Environments", Environment, "{EnvironmentArn}")
    return [each for each in found if error_of(each) or each.status not in ("Terminating", "Terminated")]


@read(RESOURCES, per="region")
def environment_balancers(aws: Aws, environments: list[Environment]) -> PerResource[list[str]]:
    """The load balancers of each environment for the web: ARNs, or the names of Classic Load Balancers. None: a single instance."""
    asked = [each for each in environments if error_of(each) is None and each.tier.name == "WebServer"]
    return aws.each(asked, lambda environment: _balancers(aws, environment.name))


def _balancers(aws: Aws, environment: str) -> list[str]:
    listed = (aws.ask(RESOURCES, EnvironmentName=environment).get("EnvironmentResources") or {}).get("LoadBalancers")
    if not isinstance(listed, list) or not all(each.get("Name") for each in listed):
        raise UnexpectedAnswer(f"{RESOURCES} answered without the names of load balancers", RESOURCES)
    return [each["Name"] for each in listed]


@dataclass(frozen=True)
class Way:
    """What a load balancer listens for; `judge` is the check that looks at it by itself.

    `plain` is what it does with requests without TLS, `asks` says that it passes something on of which only the instances know.
    """

    judge: str
    public: bool
    encrypted: bool = False
    plain: str | None = None
    asks: bool = False


class Ways:
    """How environments are reached, by their load balancers."""

    def __init__(self, places: Places, answers: PerResource[str | None], classic: list[ClassicPlace]) -> None:
        self._places, self._answers, self._classic = places, answers, classic

    def of(self, balancers: list[str]) -> list[Way]:
        """All that these load balancers listen for. Raises where one is not seen, or could not be read."""
        found = []
        for name in balancers:
            ways = [*self._through(name), *self._through_classic(name)]
            if not ways:
                raise Undecided(f"its load balancer {name} is not seen")
            found += ways
        return found

    def _through(self, name: str) -> Iterator[Way]:
        for place in self._places:
            if place.balancer.arn == name:
                yield self._way(place)

    def _way(self, place: Place) -> Way:
        listener, public = place.listener, place.balancer.internet_facing
        if place.balancer.type == "application":
            plain = self._answers[place] if listener is not None and listener.protocol == "HTTP" else None
            return Way("alb_listener_requires_https", public, listener is not None and listener.encrypted, plain)
        passes = listener is not None and listener.passes_on and listener.port in (*PLAIN_PORTS, 443)
        asks = passes and place.encrypted_beside
        plain = f"passes on {listener.protocol} {listener.port}" if listener is not None and passes and not asks else None
        return Way("nlb_listener_encrypted", public, listener is not None and listener.encrypted, plain, asks)

    def _through_classic(self, name: str) -> Iterator[Way]:
        for place in self._classic:
            if place.arn.endswith(f":loadbalancer/{name}"):
                yield _classic_way(place)


def _classic_way(place: ClassicPlace) -> Way:
    judge, listener, public = "clb_listener_requires_https", place.listener, place.balancer.internet_facing
    if listener is None or listener.encrypted:
        return Way(judge, public, encrypted=listener is not None)
    asks = listener.load_balancer_port == 443 or (listener.plain and place.balancer.encrypted)
    return Way(judge, public, plain=f"takes {listener.protocol} {place.item}" if listener.plain and not asks else None, asks=asks)


@read(per="region")
def ways_to_environments(web_listeners: Places, plain_answers: PerResource[str | None], classic_listeners: list[ClassicPlace]) -> Ways:
    """What the load balancers of the region listen for, to be looked up for environments."""
    return Ways(web_listeners, plain_answers, classic_listeners)
