"""CloudTrail: which trails and event data stores log what is done to the objects of sensitive buckets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from pytest_ssb.errors import AwsError, UnexpectedAnswer
from pytest_ssb.reads.cloudtrail import Trail, TrailStatuses
from pytest_ssb.reads.cloudtrail_events import SELECTORS, AdvancedEventSelector, EventSelector, FieldSelector, Selectors, TrailSelectors
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.s3 import Bucket
from pytest_ssb.reads.s3_sensitive import Place, SensitiveBuckets
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

REGIONS, LIST, STORE = "ec2:DescribeRegions", "cloudtrail:ListEventDataStores", "cloudtrail:GetEventDataStore"
OBJECT, SOURCE = "AWS::S3::Object", "s3.amazonaws.com"
# Where only some events are selected by name, these are what reading and writing an object is.
MEANT = {True: ("GetObject",), False: ("PutObject", "DeleteObject")}


class Cover(NamedTuple):
    """What is selected of a place's events: all of them, or a part; `remark` says what is left out that does not matter."""

    whole: bool
    remark: str = ""


PART = Cover(whole=False)


class Logged(NamedTuple):
    """By what a place's events are logged, what is to be said of it, and which other account told."""

    by: str
    remark: str = ""
    told_by: str | None = None

    def __str__(self) -> str:
        return self.by + (f" ({self.remark})" if self.remark else "")


def covers(selectors: Selectors, place: Place, *, reading: bool) -> Cover | None:
    """What these selectors select of the events that read, or write, objects of a place. Raises for a field that is not known."""
    basic = [_basic(each, place, reading) for each in selectors.event_selectors]
    advanced = [_advanced(each, place, reading) for each in selectors.advanced_event_selectors]
    found = [each for each in (*basic, *advanced) if each is not None]
    return next((each for each in found if each.whole), None) or (found[0] if found else None)


def _basic(selector: EventSelector, place: Place, reading: bool) -> Cover | None:
    if selector.read_write_type not in ("All", "ReadOnly" if reading else "WriteOnly"):
        return None
    if selector.data_resources is None:
        raise UnexpectedAnswer(f"{SELECTORS} answered an event selector without DataResources", SELECTORS)
    values = [value for resource in selector.data_resources if resource.type == OBJECT for value in resource.values]
    bucket = f"{place.arn}/"
    everything = place.arn.removesuffix(place.bucket.name)
    if any(value in (everything, everything.rstrip(":")) or (value.startswith(bucket) and place.objects.startswith(value)) for value in values):
        return Cover(whole=True)
    return PART if any(value.startswith(place.objects) for value in values) else None


def _advanced(selector: AdvancedEventSelector, place: Place, reading: bool) -> Cover | None:
    known = {"eventCategory": "Data", "resources.type": OBJECT, "readOnly": "true" if reading else "false", "eventSource": SOURCE}
    fields = selector.field_selectors
    if not all(each.admits(known[each.field]) for each in fields if each.field in known) or not any(
        each.field == "resources.type" for each in fields
    ):
        return None
    found = [_narrowed(each, place, reading) for each in fields if each.field not in known]
    if None in found:
        return None
    narrowed = [each for each in found if each is not None]
    return Cover(whole=all(each.whole for each in narrowed), remark="; ".join(each.remark for each in narrowed if each.remark))


def _narrowed(selector: FieldSelector, place: Place, reading: bool) -> Cover | None:
    """What a selector of a field leaves of a place's events, None for nothing."""
    if selector.field == "resources.ARN":
        return _of_objects(selector, place)
    if selector.field == "eventName":
        whole = all(map(selector.admits, MEANT[reading]))
        return Cover(whole=whole, remark="events of some names only" if whole else "")
    if selector.field == "userIdentity.arn":
        left_out = selector.not_equals or ()
        one_role = len(left_out) == 1 and ":role/" in left_out[0].replace(":assumed-role/", ":role/")
        others = selector.equals or selector.starts_with or selector.ends_with or selector.not_starts_with or selector.not_ends_with
        return Cover(whole=True, remark=f"but for what {left_out[0]} does") if one_role and not others else PART
    if selector.field in ("eventType", "sessionCredentialFromConsole"):
        return PART
    raise UnexpectedAnswer(f"data events are selected by {selector.field}, which is not known to this tool", SELECTORS)


def _of_objects(selector: FieldSelector, place: Place) -> Cover | None:
    begun = selector.starts_with
    if begun is not None and not any(place.objects.startswith(each) or each.startswith(place.objects) for each in begun):
        return None
    if any(place.objects.startswith(each) for each in selector.not_starts_with or ()):
        return None
    inner = [*(selector.not_equals or ()), *(selector.not_starts_with or ())]
    cut = any(each.startswith(place.objects) for each in inner) or selector.ends_with or selector.not_ends_with or selector.equals
    return Cover(whole=not cut and (begun is None or any(place.objects.startswith(each) for each in begun)))


class Store(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An event data store (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventDataStore.html)."""

    arn: str
    name: str
    status: Literal["CREATED", "ENABLED", "PENDING_DELETION", "STARTING_INGESTION", "STOPPING_INGESTION", "STOPPED_INGESTION"]
    multi_region_enabled: bool
    advanced_event_selectors: tuple[AdvancedEventSelector, ...]

    @property
    def region(self) -> str:
        """Where it was made."""
        return self.arn.split(":")[3]

    @property
    def selectors(self) -> Selectors:
        """What it selects."""
        return Selectors(advanced_event_selectors=self.advanced_event_selectors)


@dataclass(frozen=True)
class TrailData:
    """What the trails log of the events of objects. What could not be read raises only where it decides."""

    trails: list[Trail]
    statuses: TrailStatuses
    selectors: TrailSelectors

    def logged(self, place: Place, *, reading: bool) -> Logged | None:
        """By which trail all events that read, or write, objects of the place are known to be logged, None by none."""
        for trail in self._known(place):
            selectors = self.selectors.by_arn[trail.arn]
            cover = _known_cover(selectors, place, reading)
            if selectors is not None and cover is not None and cover.whole:
                return Logged(trail.name, cover.remark, selectors.told_by)
        return None

    def partly(self, place: Place, *, reading: bool) -> list[str]:
        """The trails that log a part of these events."""
        found = [(trail, _known_cover(self.selectors.by_arn[trail.arn], place, reading)) for trail in self._known(place)]
        return [trail.name for trail, cover in found if cover is not None]

    def suffices(self, place: Place, asked: str | None) -> bool:
        """Whether the trails log what is asked for: `all`, `read`, `write`, or, where nothing is, one of the two."""
        wanted = {"read": (True,), "write": (False,)}.get(asked or "all", (True, False))
        found = [self.logged(place, reading=reading) is not None for reading in wanted]
        return any(found) if asked is None else all(found)

    def _known(self, place: Place) -> Iterator[Trail]:
        """The trails that are known to log events where the place is."""
        for trail in self.trails:
            if error_of(trail) is None and (trail.is_multi_region_trail or trail.home_region == place.region):
                status = self.statuses.by_arn[trail.arn]
                if error_of(status) is None and status is not None and status.is_logging:
                    yield trail

    def settle(self, place: Place, *, reading: bool) -> tuple[str, ...]:
        """The organization's trails that may log the place's events and do not tell. Raises where something that matters could not be read."""
        undisclosed, told = [], []
        for trail in self.trails:
            if not (trail.is_multi_region_trail or trail.home_region == place.region):
                continue
            status = self.statuses[trail]
            if status is not None and not status.is_logging:
                continue
            selectors = self.selectors[trail]
            if status is None or selectors is None:
                undisclosed.append(trail.arn)
            else:
                told.append(selectors)
        # A field that is not known is said last: what was denied can be allowed.
        for selectors in told:
            covers(selectors, place, reading=reading)
        return tuple(undisclosed)

    def covering(self, places: Sequence[Place]) -> list[Trail]:
        """The trails that log events of one of these places, and those of which that could not be told."""
        found: list[Trail] = []
        for trail in self.trails:
            if error_of(trail) is not None:
                found.append(trail)
                continue
            try:
                here = [place for place in places if trail.is_multi_region_trail or trail.home_region == place.region]
                status, selectors = self.statuses[trail], self.selectors[trail]
                if status is not None and status.is_logging and selectors is not None:
                    kinds = [covers(selectors, place, reading=reading) for place in here for reading in (True, False)]
                    found += [trail] if any(cover is not None and cover.whole for cover in kinds) else []
            except Exception as error:  # noqa: BLE001 - of whatever kind the read's error is; it is raised where the trail is judged
                found.append(unread(error, trail.arn))
        return found

    def logs_itself(self, trail: Trail) -> bool:
        """Whether a trail logs the delivery of its own log files, and so its own work."""
        partition = trail.arn.split(":")[1]
        own = Place(Bucket(f"arn:{partition}:s3:::{trail.bucket}", trail.bucket, trail.home_region), trail.logs_below, trail.name)
        selectors = self.selectors[trail]
        cover = None if selectors is None else covers(selectors, own, reading=False)
        return cover is not None and cover.whole


def _known_cover(selectors: Selectors | None, place: Place, reading: bool) -> Cover | None:
    if error_of(selectors) is not None or selectors is None:
        return None
    try:
        return covers(selectors, place, reading=reading)
    except UnexpectedAnswer:
        return None


@read(per="account")
def trail_data(trails: list[Trail], trail_statuses: TrailStatuses, trail_selectors: TrailSelectors) -> TrailData:
    """What the trails log of the events of objects."""
    return TrailData(trails, trail_statuses, trail_selectors)


@dataclass(frozen=True)
class DataEvents:
    """What trails and event data stores log of the events of objects in sensitive places."""

    trails: TrailData
    stores: list[Store]

    def logged(self, place: Place, *, reading: bool) -> Logged | None:
        """By what all events that read, or write, objects of the place are known to be logged, None by nothing."""
        found = self.trails.logged(place, reading=reading)
        if found is not None or error_of(self.stores) is not None:
            return found
        for store in self.stores:
            if error_of(store) is None and self._works(store, place):
                cover = _known_cover(store.selectors, place, reading)
                if cover is not None and cover.whole:
                    return Logged(f"the event data store {store.name}", cover.remark)
        return None

    def _works(self, store: Store, place: Place) -> bool:
        return store.status == "ENABLED" and (store.multi_region_enabled or store.region == place.region)

    def settle(self, place: Place, *, reading: bool) -> tuple[str, ...]:
        """As for trails."""
        undisclosed = self.trails.settle(place, reading=reading)
        for store in self.stores:
            if self._works(store, place):
                covers(store.selectors, place, reading=reading)
        return undisclosed


@read(REGIONS, LIST, STORE, per="account")
def data_events(aws: Aws, ssb_profile: Profile, sensitive_buckets: SensitiveBuckets, trail_data: TrailData) -> DataEvents:
    """By what data events of sensitive buckets are logged; event data stores are asked for only where the trails do not log enough."""
    asked = ssb_profile.buckets.data_events
    try:
        enough = all(trail_data.suffices(place, asked) for place in sensitive_buckets.places)
    except Exception:  # noqa: BLE001 - of whatever kind the read's error is; it is raised where a bucket is judged
        enough = False
    if enough:
        return DataEvents(trail_data, [])
    try:
        regions = [region.get("RegionName") for region in aws.list(REGIONS, "Regions")]
        if not all(regions):
            raise UnexpectedAnswer(f"{REGIONS} answered a region without RegionName", REGIONS)
        return DataEvents(trail_data, [store for region in sorted(regions) for store in _stores(aws.in_region(region))])
    except AwsError as error:
        return DataEvents(trail_data, unread(error))


def _stores(aws: Aws) -> Iterator[Store]:
    for listed in aws.list(LIST, "EventDataStores"):
        if not isinstance(listed.get("EventDataStoreArn"), str):
            raise UnexpectedAnswer(f"{LIST} answered an event data store without EventDataStoreArn", LIST)
        answer = aws.ask(STORE, gone="EventDataStoreNotFoundException", EventDataStore=listed["EventDataStoreArn"])
        yield from aws.parse(STORE, [answer], Store, "{EventDataStoreArn}")
