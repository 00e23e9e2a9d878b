"""GuardDuty: whether it looks, what it suppresses, and which of its findings nobody has answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, UnexpectedAnswer
from pytest_ssb.reads.registry import read
from pytest_ssb.selectors import glob
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

DETECTORS, DETECTOR, ADMINISTRATOR = "guardduty:ListDetectors", "guardduty:GetDetector", "guardduty:GetAdministratorAccount"
FILTERS, FILTER = "guardduty:ListFilters", "guardduty:GetFilter"
FINDINGS, FINDING, STATISTICS = "guardduty:ListFindings", "guardduty:GetFindings", "guardduty:GetFindingsStatistics"
# GetFindings takes no more at once (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetFindings.html).
BATCH = 50

T = TypeVar("T")


class Feature(msgspec.Struct, frozen=True, rename="pascal"):
    """A protection plan."""

    name: str
    status: str


class Detector(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """GuardDuty in a region (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html)."""

    arn: str
    id: str
    status: Literal["ENABLED", "DISABLED"]
    features: tuple[Feature, ...] = ()

    @property
    def enabled(self) -> bool:
        """Whether it looks."""
        return self.status == "ENABLED"

    @property
    def plans(self) -> str:
        """The protection plans that are on, for people."""
        return ", ".join(sorted(feature.name for feature in self.features if feature.status == "ENABLED")) or "no protection plans"


@read(DETECTORS, DETECTOR, per="region")
def detectors(aws: Aws) -> list[Detector]:
    """GuardDuty's detectors of the region: one, or none."""
    found: list[Detector] = []
    for id in aws.list(DETECTORS, "DetectorIds"):
        arn = "arn:{partition}:guardduty:{region}:{account}:detector/{Id}"
        found += aws.parse(DETECTOR, [aws.ask(DETECTOR, DetectorId=id) | {"Id": id}], Detector, arn)
    return found


@read("ec2:DescribeNetworkInterfaces", "ec2:DescribeVolumes", "lambda:ListFunctions", "s3:ListBuckets", per="region")
def region_is_idle(aws: Aws, detectors: list[Detector]) -> bool | None:
    """Whether the region is known to have no interfaces, volumes, functions or buckets; None, and not asked, where GuardDuty looks."""
    if any(detector.enabled for detector in detectors):
        return None
    kinds = {
        "ec2:DescribeNetworkInterfaces": "NetworkInterfaces",
        "ec2:DescribeVolumes": "Volumes",
        "lambda:ListFunctions": "Functions",
        "s3:ListBuckets": "Buckets",
    }
    try:
        return not any(aws.list(operation, key, **({"BucketRegion": aws.region} if key == "Buckets" else {})) for operation, key in kinds.items())
    except (AwsError, NotOffered):
        return False


# --- the administrator -----------------------------------------------------------------------------------------------------------------------


class Administrator(msgspec.Struct, frozen=True, rename="pascal"):
    """The account that administers GuardDuty for a member (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Administrator.html)."""

    account_id: str


@dataclass(frozen=True)
class Administrators:
    """The administrator of each detector, None where the account has none, or is it."""

    by_arn: Mapping[str, Administrator | None]

    def __getitem__(self, detector: Detector) -> Administrator | None:
        """The administrator. Raises what kept it from being read."""
        found = self.by_arn[detector.arn]
        if (error := error_of(found)) is not None:
            raise error
        return found

    def said(self, detector: Detector) -> str:
        """Who administers it. This and what follows is said beside a verdict, and never its ground."""
        return self._told(detector, "; administered by {}", "; whether another account administers it could not be read")

    def hides(self, detector: Detector) -> str:
        """What is not seen in a member."""
        return self._told(detector, "; what {}, which administers GuardDuty, suppresses is not seen here", "")

    def archives(self, detector: Detector) -> str:
        """Who alone may archive findings of a member."""
        return self._told(detector, "; only {}, which administers GuardDuty, can archive it", "")

    def _told(self, detector: Detector, of_member: str, unread: str) -> str:
        found = self.by_arn[detector.arn]
        if error_of(found) is not None:
            return unread
        return of_member.format(found.account_id) if found is not None else ""


@read(ADMINISTRATOR, per="region")
def guardduty_administrators(aws: Aws, detectors: list[Detector]) -> Administrators:
    """The account that administers GuardDuty for this one, where it is a member."""

    def administrator(detector: Detector) -> Administrator | None:
        answer = aws.ask(ADMINISTRATOR, DetectorId=detector.id)
        if answer.get("Administrator"):
            return _parsed(ADMINISTRATOR, answer["Administrator"], Administrator)
        # An account by itself, and the administrator, are answered without content
        # (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetAdministratorAccount.html); by the id it is known for AWS's answer.
        if "RequestId" not in answer.get("ResponseMetadata", {}):
            raise UnexpectedAnswer(f"{ADMINISTRATOR} answered nothing that is known for AWS's answer", ADMINISTRATOR)
        return None

    return Administrators({detector.arn: or_unread(partial(administrator, detector)) for detector in detectors})


# --- filters ---------------------------------------------------------------------------------------------------------------------------------


class Condition(msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True):
    """What a field of findings must hold (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Condition.html), by the new names and the old."""

    eq: tuple[str, ...] | None = None
    neq: tuple[str, ...] | None = None
    gt: float | None = None
    gte: float | None = None
    lt: float | None = None
    lte: float | None = None
    equals: tuple[str, ...] | None = None
    not_equals: tuple[str, ...] | None = None
    greater_than: float | None = None
    greater_than_or_equal: float | None = None
    less_than: float | None = None
    less_than_or_equal: float | None = None
    matches: tuple[str, ...] | None = None
    not_matches: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse one that asks for nothing."""
        if all(getattr(self, name) is None for name in self.__struct_fields__):
            raise ValueError("a condition without a comparison")

    def admits(self, value: str) -> bool:
        """Whether the value is as asked."""
        wanted = [each for each in (self.eq, self.equals) if each is not None]
        unwanted = [each for each in (self.neq, self.not_equals) if each is not None]
        return (
            all(any(_is_same(one, value) for one in each) for each in wanted)
            and not any(_is_same(one, value) for each in unwanted for one in each)
            and (self.matches is None or any(glob(one, value) for one in self.matches))
            and not any(glob(one, value) for one in self.not_matches or ())
            and self._lies_within(value)
        )

    def _lies_within(self, value: str) -> bool:
        beyond = [bound for bound in (self.gt, self.greater_than) if bound is not None]
        least = [bound for bound in (self.gte, self.greater_than_or_equal) if bound is not None]
        below = [bound for bound in (self.lt, self.less_than) if bound is not None]
        most = [bound for bound in (self.lte, self.less_than_or_equal) if bound is not None]
        return (
            all(float(value) > bound for bound in beyond)
            and all(float(value) >= bound for bound in least)
            and all(float(value) < bound for bound in below)
            and all(float(value) <= bound for bound in most)
        )


def _is_same(wanted: str, value: str) -> bool:
    try:
        return float(wanted) == float(value)
    except ValueError:
        return wanted == value


class Criteria(msgspec.Struct, frozen=True, rename="pascal"):
    """What a filter asks for."""

    criterion: Mapping[str, Condition]


class Filter(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A filter; one that archives keeps what it matches from everybody (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetFilter.html)."""

    arn: str
    name: str
    detector: str
    account: str
    region: str
    action: Literal["NOOP", "ARCHIVE"]
    finding_criteria: Criteria

    @property
    def archives_all(self) -> bool:
        """Whether it archives grave findings of every type and resource."""
        return self.action == "ARCHIVE" and any(self._archives(severity) for severity in ("8", "9"))

    def _archives(self, severity: str) -> bool:
        now = str(datetime.now(UTC).timestamp() * 1000)
        common = {"severity": severity, "accountId": self.account, "region": self.region, "service.archived": "false", "updatedAt": now}
        return all(field in common and condition.admits(common[field]) for field, condition in self.finding_criteria.criterion.items())


@read(FILTERS, FILTER, per="region")
def guardduty_filters(aws: Aws, detectors: list[Detector]) -> list[Filter]:
    """The filters of the region's findings. Those of an administrator are seen in its account only."""
    found: list[Filter] = []
    for detector in detectors:
        for name in aws.list(FILTERS, "FilterNames", DetectorId=detector.id) if detector.enabled else ():
            more = {"Detector": detector.id, "Account": aws.account, "Region": aws.region}
            answer = aws.ask(FILTER, DetectorId=detector.id, FilterName=name)
            found += aws.parse(FILTER, [answer | more], Filter, f"{detector.arn}/filter/{{Name}}")
    return found


# --- findings --------------------------------------------------------------------------------------------------------------------------------


class AdditionalInfo(msgspec.Struct, frozen=True, rename="pascal"):
    """What else is said of a finding, as JSON."""

    value: str = ""


class Service(msgspec.Struct, frozen=True, rename="pascal"):
    """What GuardDuty says of how it found something."""

    additional_info: AdditionalInfo = AdditionalInfo()


class Threat(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A finding of GuardDuty (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html)."""

    arn: str
    id: str
    type: str
    severity: float
    created_at: datetime
    title: str = ""
    service: Service = Service()

    @property
    def is_sample(self) -> bool:
        """Whether it was made to be looked at, and tells of nothing."""
        try:
            said = msgspec.json.decode(self.service.additional_info.value or "{}")
        except msgspec.DecodeError:
            said = {}
        return self.title.startswith("[SAMPLE]") or (isinstance(said, dict) and said.get("sample") is True)

    @property
    def grade(self) -> Literal["high", "medium", "low"]:
        """How grave it is in our words, high at the most (https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html)."""
        return "high" if self.severity >= 7 else "medium" if self.severity >= 4 else "low"


@dataclass(frozen=True)
class OpenThreats:
    """The open findings of a detector."""

    found: Sequence[Threat]
    now: datetime

    def older_than(self, days: int) -> list[Threat]:
        """Those that are open for longer, the oldest first."""
        return sorted((each for each in self.found if self.now - each.created_at > timedelta(days=days)), key=lambda each: (each.created_at, each.id))


@read(FINDINGS, FINDING, per="region")
def guardduty_open_threats(aws: Aws, ssb_profile: Profile, detectors: list[Detector]) -> PerResource[OpenThreats]:
    """The findings of the account itself that are grave enough to count and not archived; samples are left out."""
    least = ssb_profile.guardduty.min_severity

    def threats(detector: Detector) -> OpenThreats:
        # The API compares with whole numbers.
        criterion = {"severity": {"Gte": int(least)}, "service.archived": {"Eq": ["false"]}, "accountId": {"Eq": [aws.account]}}
        ids = aws.list(FINDINGS, "FindingIds", DetectorId=detector.id, FindingCriteria={"Criterion": criterion})
        found: list[Threat] = []
        for at in range(0, len(ids), BATCH):
            raws = aws.ask(FINDING, DetectorId=detector.id, FindingIds=ids[at : at + BATCH]).get("Findings")
            if not isinstance(raws, list) or {raw.get("Id") for raw in raws} != set(ids[at : at + BATCH]):
                raise UnexpectedAnswer(f"{FINDING} answered other findings than were asked for", FINDING)
            found += [_parsed(FINDING, raw | {"Arn": detector.arn}, Threat) for raw in raws]
        return OpenThreats([each for each in found if each.severity >= least and not each.is_sample], datetime.now(UTC))

    return aws.each([detector for detector in detectors if detector.enabled], threats)


class OfSeverity(msgspec.Struct, frozen=True, rename="pascal"):
    """How many findings are of a severity."""

    severity: float
    total_findings: int


class Statistics(msgspec.Struct, frozen=True, rename="pascal"):
    """How many findings there are of each severity."""

    grouped_by_severity: tuple[OfSeverity, ...]


@read(STATISTICS, per="region")
def guardduty_archived_threats(
    aws: Aws, ssb_profile: Profile, detectors: list[Detector], guardduty_open_threats: PerResource[OpenThreats]
) -> PerResource[int | None]:
    """How many such findings were archived of late, where none is open for too long: said beside a verdict, and unknown where it cannot be read."""
    days, least = ssb_profile.guardduty.max_open_days, ssb_profile.guardduty.min_severity
    since = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    criterion = {
        "severity": {"Gte": int(least)},
        "service.archived": {"Eq": ["true"]},
        "accountId": {"Eq": [aws.account]},
        "updatedAt": {"Gte": int(since.timestamp() * 1000)},
    }

    def archived(detector: Detector) -> int | None:
        try:
            if guardduty_open_threats[detector].older_than(days):
                return None
            answer = aws.ask(STATISTICS, DetectorId=detector.id, FindingCriteria={"Criterion": criterion}, GroupBy="SEVERITY")
            found = _parsed(STATISTICS, answer.get("FindingStatistics"), Statistics).grouped_by_severity
        except (AwsError, NotOffered):
            return None
        return sum(each.total_findings for each in found if each.severity >= least)

    return aws.each([detector for detector in detectors if detector.enabled], archived)


def _parsed(operation: str, raw: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{operation} answered what we cannot read: {error}", operation) from None
