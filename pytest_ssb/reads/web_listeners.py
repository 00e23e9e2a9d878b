"""Elastic Load Balancing: what the public load balancers listen for, and who gets there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, Undecided, UnexpectedAnswer, Vanished
from pytest_ssb.network import ManagedPrefixList, Network, SecurityGroup, Subnet, is_public
from pytest_ssb.reads.load_balancers import HEALTH, AvailabilityZone, LoadBalancer, TargetGroup, TargetHealth
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

LISTENERS, RULES, CLASSIC = "elbv2:DescribeListeners", "elbv2:DescribeRules", "elb:DescribeLoadBalancers"
BALANCER_TYPE, LISTENER_TYPE = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::Listener"
BALANCER_GONE, LISTENER_GONE = "LoadBalancerNotFound", "ListenerNotFound"
PLAIN_PORTS = (80, 8080)


class Redirect(msgspec.Struct, frozen=True, rename="pascal"):
    """Where a redirect leads."""

    # absent: that of the request (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html)
    protocol: str = "#{protocol}"


class FixedResponse(msgspec.Struct, frozen=True, rename="pascal"):
    """What a load balancer answers by itself."""

    status_code: str


class TargetGroupTuple(msgspec.Struct, frozen=True, rename="pascal"):
    """One of the target groups that share the traffic."""

    target_group_arn: str


class Forward(msgspec.Struct, frozen=True, rename="pascal"):
    """Which target groups share the traffic."""

    target_groups: tuple[TargetGroupTuple, ...] = ()


class Action(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What becomes of a request (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html)."""

    type: Literal["forward", "authenticate-oidc", "authenticate-cognito", "redirect", "fixed-response", "jwt-validation"]
    # each only with its type
    redirect_config: Redirect | None = None
    fixed_response_config: FixedResponse | None = None
    target_group_arn: str | None = None
    forward_config: Forward | None = None

    @property
    def plain(self) -> str | None:
        """What it does with a request that came without TLS, None where that is to send it to HTTPS or away."""
        if self.type == "redirect":
            protocol = self.redirect_config.protocol if self.redirect_config else "#{protocol}"
            return None if protocol == "HTTPS" else f"redirects to {protocol}"
        if self.type == "fixed-response":
            code = self.fixed_response_config.status_code if self.fixed_response_config else "?"
            return None if code[:1] in ("4", "5") else f"answers {code}"
        return {"forward": "forwards"}.get(self.type, self.type)

    @property
    def target_groups(self) -> tuple[str, ...]:
        """The target groups that it sends to."""
        several = tuple(each.target_group_arn for each in self.forward_config.target_groups) if self.forward_config else ()
        return several or ((self.target_group_arn,) if self.target_group_arn else ())


class Listener(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A listener (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html)."""

    arn: str
    port: int
    protocol: Literal["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"]
    default_actions: tuple[Action, ...]
    # absent: neither HTTPS nor TLS
    ssl_policy: str | None = None

    def __post_init__(self) -> None:
        """Refuse one that ends TLS, and does not say by which policy."""
        if self.ends_tls and not self.ssl_policy:
            raise ValueError("a listener that ends TLS needs SslPolicy")

    @property
    def encrypted(self) -> bool:
        """Whether it takes nothing but TLS, which it ends itself or QUIC has in it."""
        return self.protocol in ("HTTPS", "TLS", "QUIC")

    @property
    def passes_on(self) -> bool:
        """Whether it passes on TCP as it comes."""
        return self.protocol in ("TCP", "TCP_UDP", "TCP_QUIC")

    @property
    def ends_tls(self) -> bool:
        """Whether it has a policy of protocols and ciphers."""
        return self.protocol in ("HTTPS", "TLS")

    @property
    def seen(self) -> dict[str, object]:
        """What was read of it, by AWS's names."""
        return {"Protocol": self.protocol, "Port": self.port}


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A rule of a listener, the default one included (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Rule.html)."""

    arn: str
    priority: str
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Place:
    """A listener; or a load balancer itself, where that is internal, listens for nothing, or could not be read."""

    arn: str
    type: str
    balancer: LoadBalancer
    listener: Listener | None = None
    beside: tuple[Listener, ...] = ()

    @property
    def aside(self) -> str | None:
        """Why nothing that is listened for is to be judged, if so."""
        return _aside(self.balancer, self.listener)

    @property
    def ends_tls(self) -> bool:
        """Whether it has a policy of TLS, or may have: of what could not be read or was not asked, nobody knows."""
        if error_of(self.balancer) or error_of(self.listener):
            return True
        return not self.balancer.internet_facing or (self.listener is not None and self.listener.ends_tls)

    @property
    def encrypted_beside(self) -> bool:
        """Whether the same load balancer also listens for TLS; raises where one of its listeners could not be read."""
        return any(each.encrypted or each.port == 443 for each in self.beside)


def _aside(balancer: LoadBalancer | ClassicBalancer, listener: object) -> str | None:
    if not balancer.internet_facing:
        return "internal: it has no public addresses"
    return "listens for nothing" if listener is None else None


class Places(list[Place]):
    """The places of all load balancers."""

    def of(self, type: str) -> list[Place]:
        """Those of `application` or of `network` load balancers, and those of which it is not known."""
        return [each for each in self if error_of(each.balancer) or each.balancer.type == type]

    def ports_of(self, balancer: LoadBalancer) -> list[int]:
        """The ports on which a public load balancer listens. Raises where that could not be read."""
        places = [each for each in self if error_of(each.balancer) is None and each.balancer.arn == balancer.arn]
        return [each.listener.port for each in places if each.listener is not None]


@read(LISTENERS, per="region")
def web_listeners(aws: Aws, load_balancers: list[LoadBalancer]) -> Places:
    """What each internet-facing Application and Network Load Balancer listens for; others are named, and not asked."""
    asked = [each for each in load_balancers if error_of(each) is None and each.type != "gateway" and each.internet_facing]
    answers = aws.each(asked, lambda balancer: _listeners(aws, balancer.arn))
    found = Places()
    for balancer in load_balancers:
        if error_of(balancer) or (balancer.type != "gateway" and not balancer.internet_facing):
            found.append(Place(balancer.arn, BALANCER_TYPE, balancer))
        elif balancer.type != "gateway":
            found += _places(balancer, answers)
    return found


def _places(balancer: LoadBalancer, answers: PerResource[list[Listener]]) -> list[Place]:
    try:
        listeners = answers[balancer]
    except Vanished:
        return []
    except (AwsError, NotOffered) as error:
        return [Place(balancer.arn, BALANCER_TYPE, balancer, unread(error))]
    beside = tuple(listeners)
    return [Place(each.arn, LISTENER_TYPE, balancer, each, beside) for each in listeners] or [Place(balancer.arn, BALANCER_TYPE, balancer)]


def _listeners(aws: Aws, balancer: str) -> list[Listener]:
    raws = _listed(aws, LISTENERS, "Listeners", BALANCER_GONE, LoadBalancerArn=balancer)
    found: list[Listener] = aws.parse(LISTENERS, raws, Listener, "{ListenerArn}")
    return found


def _listed(aws: Aws, operation: str, key: str, gone: str, **params: Any) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for page in aws.pages(operation, gone=gone, **params):
        if not isinstance(page.get(key), list):
            raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
        found += page[key]
    return found


@read(RULES, per="region")
def plain_answers(aws: Aws, web_listeners: Places) -> PerResource[str | None]:
    """What each HTTP listener does with a request, where some of it is neither a redirect to HTTPS nor a refusal; None where all is."""
    known = {each.arn: each.listener for each in web_listeners if each.listener is not None and error_of(each.listener) is None}
    asked = [each for each in web_listeners if each.arn in known and known[each.arn].protocol == "HTTP"]
    return aws.each(asked, lambda place: _plain(aws, known[place.arn]))


def _plain(aws: Aws, listener: Listener) -> str | None:
    if not listener.default_actions:
        raise UnexpectedAnswer(f"{LISTENERS} answered a listener without actions", LISTENERS)
    for action in listener.default_actions:
        if action.plain:
            return f"by default {action.plain}"
    raws = _listed(aws, RULES, "Rules", LISTENER_GONE, ListenerArn=listener.arn)
    rules: list[Rule] = aws.parse(RULES, raws, Rule, "{RuleArn}")
    if not rules:
        raise UnexpectedAnswer(f"{RULES} answered a listener without its default rule", RULES)
    found = [f"rule {each.priority} {action.plain}" for each in rules if error_of(each) is None for action in each.actions if action.plain]
    if found:
        return ", ".join(found)
    for each in rules:
        if not each.actions:
            raise UnexpectedAnswer(f"{RULES} answered a rule without actions", RULES)
    return None


# --- Network Load Balancers in front of Application Load Balancers --------------------------------------------------------------------------


@dataclass(frozen=True)
class Behind:
    """What the Application Load Balancers behind a listener do with requests without TLS; None where that is to send them to HTTPS or away."""

    plain: str | None


@read(LISTENERS, RULES, HEALTH, per="region")
def balancers_behind(aws: Aws, web_listeners: Places, target_groups: list[TargetGroup]) -> PerResource[Behind | None]:
    """What stands behind each TCP listener of Network Load Balancers, where that are Application Load Balancers; else None."""
    known = {each.arn: each for each in target_groups if error_of(each) is None}
    return aws.each([each for each in web_listeners if _passes_on(each)], lambda place: _behind(aws, place, known))


def _passes_on(place: Place) -> bool:
    listener = place.listener
    return listener is not None and error_of(listener) is None and listener.passes_on


def _behind(aws: Aws, place: Place, groups: Mapping[str, TargetGroup]) -> Behind | None:
    actions = place.listener.default_actions if place.listener else ()
    arns = [arn for action in actions for arn in action.target_groups]
    if not arns or any(arn not in groups for arn in arns):
        raise Undecided("it is not told where it sends what it takes")
    if any(groups[arn].target_type != "alb" for arn in arns):
        return None
    found = []
    for arn in arns:
        answer = aws.ask(HEALTH, TargetGroupArn=arn, gone="TargetGroupNotFound").get("TargetHealthDescriptions")
        if not isinstance(answer, list) or not answer:
            raise UnexpectedAnswer(f"{HEALTH} answered without the load balancer that is the target", HEALTH)
        targets: list[TargetHealth] = aws.parse(HEALTH, answer, TargetHealth, arn)
        for target in (each.target for each in targets):
            listeners = [each for each in _listeners(aws, target.id) if each.port == target.port]
            if not listeners:
                raise Undecided(f"the load balancer that is its target does not listen on {target.port}")
            found += [_plain(aws, each) for each in listeners if not each.encrypted]
    return Behind(next((each for each in found if each), None))


# --- Classic Load Balancers -----------------------------------------------------------------------------------------------------------------


class ClassicListener(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a Classic Load Balancer listens for (https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_Listener.html)."""

    protocol: Literal["HTTP", "HTTPS", "TCP", "SSL"]
    load_balancer_port: int

    @property
    def seen(self) -> dict[str, object]:
        """What was read of it, by AWS's names."""
        return {"Protocol": self.protocol, "LoadBalancerPort": self.load_balancer_port}

    @property
    def encrypted(self) -> bool:
        """Whether it ends TLS itself."""
        return self.protocol in ("HTTPS", "SSL")

    @property
    def plain(self) -> bool:
        """Whether it takes web requests without TLS: it cannot redirect them itself."""
        return self.protocol == "HTTP" or (self.protocol == "TCP" and self.load_balancer_port in PLAIN_PORTS)


class ClassicDescription(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A listener and the names of its policies."""

    listener: ClassicListener
    policy_names: tuple[str, ...]


class ClassicBalancer(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A Classic Load Balancer (https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_LoadBalancerDescription.html)."""

    arn: str
    load_balancer_name: str
    scheme: Literal["internet-facing", "internal"]
    listener_descriptions: tuple[ClassicDescription, ...]
    subnets: tuple[str, ...]

    @property
    def internet_facing(self) -> bool:
        """Whether its nodes have public addresses."""
        return self.scheme == "internet-facing"

    @property
    def availability_zones(self) -> tuple[AvailabilityZone, ...]:
        """Where it stands, as the other kinds say it."""
        return tuple(AvailabilityZone(each) for each in self.subnets)

    @property
    def encrypted(self) -> bool:
        """Whether some listener takes TLS, as far as that can be seen."""
        return any(each.listener.encrypted or each.listener.load_balancer_port == 443 for each in self.listener_descriptions)


@dataclass(frozen=True)
class ClassicPlace:
    """A port of a Classic Load Balancer; or the balancer itself, where that is internal, listens for nothing, or could not be read."""

    arn: str
    balancer: ClassicBalancer
    listener: ClassicListener | None = None
    policy_names: tuple[str, ...] = ()

    @property
    def aside(self) -> str | None:
        """Why nothing that is listened for is to be judged, if so."""
        return _aside(self.balancer, self.listener)

    @property
    def ends_tls(self) -> bool:
        """Whether it has a policy of TLS, or may have: of what could not be read, nobody knows."""
        return bool(error_of(self.balancer)) or (self.listener is not None and self.listener.encrypted)

    @property
    def item(self) -> str | None:
        """The port, by which the findings of one load balancer are told apart."""
        return str(self.listener.load_balancer_port) if self.listener else None


@read(CLASSIC, per="region")
def classic_listeners(aws: Aws) -> list[ClassicPlace]:
    """The Classic Load Balancers of the region and what the public ones listen for."""
    arn = "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{LoadBalancerName}"
    raws = [{name: value for name, value in raw.items() if name != "AvailabilityZones"} for raw in aws.list(CLASSIC, "LoadBalancerDescriptions")]
    balancers: list[ClassicBalancer] = aws.parse(CLASSIC, raws, ClassicBalancer, arn)
    return [place for each in balancers for place in _classic_places(each)]


def _classic_places(balancer: ClassicBalancer) -> list[ClassicPlace]:
    whole = [ClassicPlace(balancer.arn, balancer)]
    if error_of(balancer) or not balancer.internet_facing:
        return whole
    return [ClassicPlace(balancer.arn, balancer, each.listener, each.policy_names) for each in balancer.listener_descriptions] or whole


# --- who gets there -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fences:
    """What keeps the internet from load balancers that face it."""

    network: Network

    def blocked(self, balancer: LoadBalancer | ClassicBalancer) -> bool:
        """Whether VPC Block Public Access is in force in all of its subnets."""
        subnets = [self.network.subnet(each.subnet_id) for each in balancer.availability_zones]
        if not subnets:
            raise Undecided("it is not told in which subnets it stands")
        return all(each.block_mode != "off" for each in subnets)

    def only_cloudfront(self, groups: Sequence[str], port: int) -> bool:
        """Whether of all the internet only CloudFront gets to the port, by the rules of the groups."""
        of_group = (self.network.ingress(self.network.security_group(each)) for each in groups)
        rules = [rule for found in of_group for rule in found if rule.covers("tcp", port)]
        return _from_cloudfront(rules) and not any(is_public(block) for rule in rules for block in rule.blocks)


def _from_cloudfront(rules: Iterable[Any]) -> bool:
    return any(each.kind == "cloudfront" for rule in rules for each in rule.lists_of_aws)


@read(per="region")
def balancer_fences(aws: Aws, subnets: list[Subnet]) -> Fences:
    """Where VPC Block Public Access keeps the internet away."""
    return Fences(Network(account=aws.account, subnets=subnets))


@read(per="region")
def application_fences(aws: Aws, subnets: list[Subnet], security_groups: list[SecurityGroup], prefix_lists: list[ManagedPrefixList]) -> Fences:
    """Where VPC Block Public Access or security groups keep the internet away."""
    return Fences(Network(account=aws.account, subnets=subnets, security_groups=security_groups, prefix_lists=prefix_lists))
