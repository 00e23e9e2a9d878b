"""CloudTrail: which management events the trails log between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.reads.cloudtrail import REFUSED, Trail, TrailStatuses, told_of
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

SELECTORS = "cloudtrail:GetEventSelectors"
KMS = "kms.amazonaws.com"
# The other source that the console offers to exclude for its volume: it is no gap.
VOLUMINOUS = {KMS, "rdsdata.amazonaws.com"}


class Events(NamedTuple):
    """A class of management events: those that read or those that write, of KMS or of all other services."""

    reading: bool
    kms: bool

    def __str__(self) -> str:
        return f"{'read' if self.reading else 'write'} events of {'KMS' if self.kms else 'all services'}"


READS, WRITES = Events(reading=True, kms=False), Events(reading=False, kms=False)
KMS_READS, KMS_WRITES = Events(reading=True, kms=True), Events(reading=False, kms=True)


class DataResource(msgspec.Struct, frozen=True, rename="pascal"):
    """Whose data events are logged (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html)."""

    type: str
    values: tuple[str, ...]


class EventSelector(msgspec.Struct, frozen=True, rename="pascal"):
    """A basic selector (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html)."""

    read_write_type: Literal["All", "ReadOnly", "WriteOnly"]
    include_management_events: bool
    # absent where none are excluded
    exclude_management_event_sources: tuple[str, ...] = ()
    # An empty list where no data events are logged; absent from answers that are not AWS's, which tell nothing of them.
    data_resources: tuple[DataResource, ...] | None = None

    def logs(self, events: Events) -> bool:
        """Whether it logs all events of the class."""
        excluded = set(self.exclude_management_event_sources)
        kind = self.read_write_type in ("All", "ReadOnly" if events.reading else "WriteOnly")
        return self.include_management_events and kind and (KMS not in excluded if events.kms else excluded <= VOLUMINOUS)


class FieldSelector(msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True):
    """What one field of an event must be (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html)."""

    field: str
    # One or more of these; those that are absent ask for nothing.
    equals: tuple[str, ...] | None = None
    starts_with: tuple[str, ...] | None = None
    ends_with: tuple[str, ...] | None = None
    not_equals: tuple[str, ...] | None = None
    not_starts_with: tuple[str, ...] | None = None
    not_ends_with: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse one that asks for nothing."""
        if not any((self.equals, self.starts_with, self.ends_with, self.not_equals, self.not_starts_with, self.not_ends_with)):
            raise ValueError("a field selector without an operator")

    def admits(self, value: str) -> bool:
        """Whether a field of that value is as asked."""
        asked = (
            self.equals is None or value in self.equals,
            self.starts_with is None or value.startswith(self.starts_with),
            self.ends_with is None or value.endswith(self.ends_with),
            self.not_equals is None or value not in self.not_equals,
            self.not_starts_with is None or not value.startswith(self.not_starts_with),
            self.not_ends_with is None or not value.endswith(self.not_ends_with),
        )
        return all(asked)

    @property
    def admits_all_services(self) -> bool:
        """Whether it leaves out no service but the voluminous ones."""
        return set(self.not_equals or ()) <= VOLUMINOUS and not (
            self.equals or self.starts_with or self.ends_with or self.not_starts_with or self.not_ends_with
        )


class AdvancedEventSelector(msgspec.Struct, frozen=True, rename="pascal"):
    """An advanced selector (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html)."""

    field_selectors: tuple[FieldSelector, ...]

    def __post_init__(self) -> None:
        """Refuse one of management events that asks for what those of a trail do not have."""
        if not any(each.field == "eventCategory" for each in self.field_selectors):
            raise ValueError("an advanced selector without eventCategory")
        if self._management and (odd := {each.field for each in self.field_selectors} - {"eventCategory", "readOnly", "eventSource"}):
            raise ValueError(f"management events selected by {', '.join(sorted(odd))}")

    @property
    def _management(self) -> bool:
        return all(each.admits("Management") for each in self.field_selectors if each.field == "eventCategory")

    def logs(self, events: Events) -> bool:
        """Whether it logs all events of the class."""
        return self._management and all(self._admits(each, events) for each in self.field_selectors)

    def _admits(self, selector: FieldSelector, events: Events) -> bool:
        if selector.field == "readOnly":
            return selector.admits("true" if events.reading else "false")
        if selector.field == "eventSource":
            return selector.admits(KMS) if events.kms else selector.admits_all_services
        return True


class Selectors(msgspec.Struct, frozen=True, rename="pascal"):
    """A trail's selectors: basic or advanced ones. None of either are AWS's own: all management events.

    `told_by` is the account that tells, where that is not the one that is judged.
    """

    # "... AdvancedEventSelectors or EventSelectors, but not both": the others are absent.
    event_selectors: tuple[EventSelector, ...] = ()
    advanced_event_selectors: tuple[AdvancedEventSelector, ...] = ()
    told_by: str | None = None

    def logs(self, events: Events) -> bool:
        """Whether one of them logs all events of the class."""
        chosen: tuple[EventSelector | AdvancedEventSelector, ...] = (*self.event_selectors, *self.advanced_event_selectors)
        return not chosen or any(each.logs(events) for each in chosen)

    @property
    def logs_kms_reads(self) -> bool:
        """Whether the read events of KMS, which are many, are among them."""
        return self.logs(KMS_READS)


@dataclass(frozen=True)
class TrailSelectors:
    """The selectors of each trail, None of an organization's trail that does not show them. What could not be read raises when it is asked for."""

    by_arn: dict[str, Selectors | None]

    def __getitem__(self, trail: Trail) -> Selectors | None:
        selectors = self.by_arn[trail.arn]
        if (error := error_of(selectors)) is not None:
            raise error
        return selectors


@read(
    SELECTORS,
    per="account",
    absent={
        f"{SELECTORS} EventSelectors.ExcludeManagementEventSources": "by default empty, and the events of KMS are logged: "
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html",
        f"{SELECTORS} AdvancedEventSelectors.FieldSelectors.NotStartsWith": "leaves nothing out: "
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html",
    },
    through={"organization_profile": (SELECTORS,)},
)
def trail_selectors(aws: Aws, trails: list[Trail]) -> TrailSelectors:
    """Which events each trail selects; asked where it was made, by its ARN."""

    def selectors(trail: Trail) -> Selectors | None:
        return told_of(aws, trail, lambda teller, unseen: _selectors(teller, trail, unseen))

    known = [trail for trail in trails if error_of(trail) is None]
    answers = aws.each(known, selectors)
    return TrailSelectors({trail.arn: or_unread(lambda one=trail: answers[one]) for trail in known})  # type: ignore[misc]


def _selectors(teller: Aws, trail: Trail, unseen: bool) -> Selectors | None:
    absent = (*REFUSED, "AccessDeniedException") if unseen else ()
    answer: Any = teller.ask(SELECTORS, absent=absent, TrailName=trail.arn)
    if answer is None:
        return None
    if not {"EventSelectors", "AdvancedEventSelectors"} & set(answer):
        raise UnexpectedAnswer(f"{SELECTORS} answered no selectors at all", SELECTORS)
    if trail.has_custom_event_selectors and not (answer.get("EventSelectors") or answer.get("AdvancedEventSelectors")):
        raise UnexpectedAnswer(f"{SELECTORS} answered no selectors of a trail that has its own", SELECTORS)
    try:
        return msgspec.convert({**answer, "ToldBy": teller.told_by}, Selectors)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{SELECTORS} answered selectors that we cannot read: {error}", SELECTORS) from None


@dataclass(frozen=True)
class ManagementEvents:
    """What the trails of all regions log between them."""

    trails: list[Trail]
    statuses: TrailStatuses
    selectors: TrailSelectors

    def missing(self, *, reads: bool) -> tuple[str, ...]:
        """What no trail is known to log of the events of all services but KMS."""
        return self._lacks(READS, WRITES) if reads else self._lacks(WRITES)

    @property
    def missing_kms_writes(self) -> tuple[str, ...]:
        """The write events of KMS, where no trail is known to log them."""
        return self._lacks(KMS_WRITES)

    def _lacks(self, *wanted: Events) -> tuple[str, ...]:
        return tuple(str(events) for events in wanted if not any(selectors.logs(events) for selectors in self._known()))

    @property
    def undisclosed(self) -> tuple[str, ...]:
        """The organization's trails that log, or may, and do not show what. Raises where something that matters could not be read."""
        return tuple(trail.arn for trail in self.trails if trail.is_multi_region_trail and self._is_undisclosed(trail))

    @property
    def told_by(self) -> frozenset[str]:
        """The other accounts that told of trails which log."""
        return frozenset(selectors.told_by for selectors in self._known() if selectors.told_by)

    def _is_undisclosed(self, trail: Trail) -> bool:
        status = self.statuses[trail]
        return status is None or (status.is_logging and self.selectors[trail] is None)

    def _known(self) -> Iterator[Selectors]:
        for trail in self.trails:
            if error_of(trail) is None and trail.is_multi_region_trail:
                status, selectors = self.statuses.by_arn[trail.arn], self.selectors.by_arn[trail.arn]
                if not _unknown(status, selectors) and status is not None and status.is_logging and selectors is not None:
                    yield selectors


def _unknown(*values: object) -> bool:
    return any(error_of(value) is not None for value in values)


@read(per="account")
def management_events(trails: list[Trail], trail_statuses: TrailStatuses, trail_selectors: TrailSelectors) -> ManagementEvents:
    """Which management events the trails of all regions log between them."""
    return ManagementEvents(trails, trail_statuses, trail_selectors)
