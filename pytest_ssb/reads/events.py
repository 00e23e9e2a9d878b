"""EventBridge: the rules of an event bus that pass certain events on, and whom their targets tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from pytest_ssb.errors import Undecided
from pytest_ssb.event_patterns import Pattern, UnknownPattern
from pytest_ssb.reads.reached import Reached, best_of
from pytest_ssb.reads.sns import ABSENT as TOPIC_ABSENT
from pytest_ssb.reads.sns import TOPIC, reached_by
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

RULES, TARGETS = "events:ListRules", "events:ListTargetsByRule"
EVENTS = (RULES, TARGETS, *TOPIC)
PATTERNS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html"
UNFILTERED = f"events are passed on whatever they hold there ({PATTERNS})"
# A read that asks for rules has these absences: what a pattern does not name, it does not ask for.
ABSENT = {**{f"{RULES} Rules.EventPattern.(JSON).{field}": UNFILTERED for field in ("detail-type", "detail")}, **TOPIC_ABSENT}
SERVICE, DEFAULT_BUS = "events.amazonaws.com", "default"
# A pattern that names one of these, and not as an event has it, is about other events.
KNOWN_BY = ("source", "detail-type")
# Targets that somebody has built to take events further; what becomes of them there is not looked at.
HANDS_ON = {
    ("events", "api-destination"): "an API destination",
    ("firehose", "deliverystream"): "a Firehose stream",
    ("kinesis", "stream"): "a Kinesis stream",
    ("lambda", "function"): "a Lambda function",
    ("sqs", ""): "an SQS queue",
    ("ssm-incidents", "response-plan"): "Incident Manager",
    ("states", "stateMachine"): "a Step Functions state machine",
}
# Services that manage rules of their own: whom AWS User Notifications tells is set there, and Audit Manager collects evidence.
TELLING, KEEPING = ("notifications.amazonaws.com",), ("auditmanager.amazonaws.com",)


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A rule (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html)."""

    arn: str
    name: str
    state: Literal["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]
    # absent where the rule runs by a schedule
    event_pattern: str | None = None
    # absent where nobody manages it
    managed_by: str | None = None

    @property
    def enabled(self) -> bool:
        """Whether it passes events on."""
        return self.state != "DISABLED"


class Target(msgspec.Struct, frozen=True):
    """A target of a rule."""

    arn: str = msgspec.field(name="Arn")

    def __post_init__(self) -> None:
        """Refuse what is no ARN."""
        if self.arn.count(":") < 5:
            raise ValueError("a target without an ARN")


@dataclass(frozen=True)
class Samples:
    """Events by name that rules have to pass on, and how they are called together."""

    what: str
    events: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Passing:
    """A rule that is about the sampled events: which of them it passes on, and whom its targets tell."""

    rule: str
    passes: frozenset[str]
    reached: Reached

    @property
    def told(self) -> frozenset[str]:
        """The samples of which somebody is told."""
        return self.passes if self.reached.somebody else frozenset()

    @property
    def lacks(self) -> str | None:
        """What keeps it from telling anybody."""
        return None if self.reached.lacks is None else f"rule {self.rule}: {self.reached.lacks}"


def passing(aws: Aws, samples: Samples, bus: str = DEFAULT_BUS) -> list[Passing]:
    """The rules of a bus that are about the samples; one that could not be read stands as unread in the list."""
    found = [or_unread(partial(_passing, aws, rule, samples, bus)) for rule in _rules(aws, bus)]
    return [cast(Passing, each) for each in found if error_of(each) is not None or each is not None]


def asking(aws: Aws, samples: Samples) -> list[Passing]:
    """The rules of the default bus that are about events of which it cannot be told whether they pass them on: these have to be asked about."""
    found = [or_unread(partial(_asking, rule, samples)) for rule in _rules(aws, DEFAULT_BUS)]
    return [cast(Passing, each) for each in found if error_of(each) is not None or each is not None]


def _rules(aws: Aws, bus: str) -> list[Rule]:
    rules: list[Rule] = aws.resources(RULES, "Rules", Rule, "{Arn}", EventBusName=bus)
    return sorted(rules, key=lambda rule: rule.arn)


def _pattern(rule: Rule) -> Pattern | None:
    try:
        return None if rule.event_pattern is None else Pattern(rule.event_pattern)
    except UnknownPattern as why:
        raise Undecided(f"the pattern of rule {rule.name} {why}") from None


def _asking(rule: Rule, samples: Samples) -> Passing | None:
    pattern = _pattern(rule)
    if pattern is None or not rule.enabled or not any(pattern.is_about(event, *KNOWN_BY) for event in samples.events.values()):
        return None
    return Passing(rule.name, frozenset(), Reached(question=f"does rule {rule.name} tell somebody of {samples.what}?"))


def _passing(aws: Aws, rule: Rule, samples: Samples, bus: str) -> Passing | None:
    pattern = _pattern(rule)
    if pattern is None:
        return None
    passes = frozenset(name for name, event in samples.events.items() if pattern.matches(event))
    if not passes:
        about = any(pattern.is_about(event, *KNOWN_BY) for event in samples.events.values())
        return Passing(rule.name, passes, Reached(lacks=f"passes on none of {samples.what}")) if about else None
    if not rule.enabled:
        return Passing(rule.name, passes, Reached(lacks="is disabled"))
    return Passing(rule.name, passes, _reached(aws, rule, samples, bus) if rule.managed_by is None else _reached_manager(rule.name, rule.managed_by))


def _reached_manager(rule: str, manager: str) -> Reached:
    """What a service does with the events of the rule that it manages."""
    if manager in TELLING:
        return Reached(f"{manager}, which manages it")
    if manager in KEEPING:
        return Reached(lacks=f"is of {manager}, which keeps the events and tells nobody")
    return Reached(question=f"does {manager}, which manages rule {rule}, tell somebody?")


def _reached(aws: Aws, rule: Rule, samples: Samples, bus: str) -> Reached:
    targets: list[Target] = aws.resources(TARGETS, "Targets", Target, "{Arn}", Rule=rule.name, EventBusName=bus)
    return best_of((partial(_reached_target, aws, rule, target, samples, bus) for target in targets), "has no target")


def _reached_target(aws: Aws, rule: Rule, target: Target, samples: Samples, bus: str) -> Reached:
    if (error := error_of(target)) is not None:
        raise error
    _, _, service, region, account, resource = target.arn.split(":", 5)
    kind = resource.partition("/")[0].partition(":")[0]
    if service == "sns":
        if account == aws.account and region != aws.region:
            return Reached(lacks=f"topic {resource} is in another region")
        return reached_by(aws, target.arn, SERVICE, rule.arn)
    if (service, kind) == ("events", "event-bus"):
        return _reached_bus(aws, target.arn, samples, bus)
    handed = HANDS_ON.get((service, "" if service == "sqs" else kind))
    if handed is None or account not in (aws.account, ""):
        return Reached(question=f"is somebody told by {target.arn}, to which rule {rule.name} hands the events?")
    return Reached(handed)


def _reached_bus(aws: Aws, target: str, samples: Samples, bus: str) -> Reached:
    """One bus of the account's further on; another account's has to be asked about."""
    _, _, _, region, account, resource = target.split(":", 5)
    if account != aws.account or bus != DEFAULT_BUS:
        return Reached(question=f"does somebody get what is handed to {target}?")
    name = resource.partition("/")[2]
    beyond = passing(aws.in_region(region), samples, name)
    return best_of((partial(_on, each, samples) for each in beyond), f"no rule of bus {name} in {region} passes them on")


def _on(further: Passing, samples: Samples) -> Reached:
    """What a rule of the further bus does; one that passes on some of the samples only does not count."""
    if further.passes < frozenset(samples.events):
        return Reached(lacks=f"rule {further.rule} of that bus passes on a part of them only")
    return further.reached
