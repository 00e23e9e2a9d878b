"""Services that detect secrets in code and objects, and what they have found: Inspector, CodeGuru Reviewer, Macie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pytest_ssb.errors import NotOffered, UnexpectedAnswer
from pytest_ssb.reads.regions import REGIONS, regions_of
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws
    from pytest_ssb.profiles import Profile

ASSOCIATIONS = "codeguru-reviewer:ListRepositoryAssociations"
STATUS, FINDINGS = "inspector2:BatchGetAccountStatus", "inspector2:ListFindings"
INTEGRATIONS, CONFIGURATIONS = "inspector2:ListCodeSecurityIntegrations", "inspector2:ListCodeSecurityScanConfigurations"
SESSION, MACIE_FINDINGS, MACIE_GET = "macie2:GetMacieSession", "macie2:ListFindings", "macie2:GetFindings"
RESOURCES = "https://docs.aws.amazon.com/inspector/v2/APIReference/API_ResourceState.html"
DETAILS = "https://docs.aws.amazon.com/inspector/v2/APIReference/API_CodeVulnerabilityDetails.html"
NO_CODE = {f"{STATUS} accounts.resourceState.lambdaCode": f"code of functions is not scanned there ({RESOURCES})"}
# https://docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html
MACIE_AT_ONCE = 50
# Credentials, passwords and keys that are written into code (https://cwe.mitre.org/data/definitions/798.html, 259, 321).
HARD_CODED = {"CWE-798", "CWE-259", "CWE-321"}

State = Literal["ENABLING", "ENABLED", "DISABLING", "DISABLED", "SUSPENDING", "SUSPENDED"]


class Status(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_State.html"""

    status: State


class ResourceState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ResourceState.html"""

    # absent: code of functions is not scanned there
    lambda_code: Status = Status(status="DISABLED")


class Inspector(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_AccountState.html"""

    account_id: str
    state: Status
    resource_state: ResourceState


class CodeDetails(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_CodeVulnerabilityDetails.html"""

    cwes: tuple[str, ...]
    detector_name: str
    # absent: none
    detector_tags: tuple[str, ...] = ()


class Affected(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_Resource.html"""

    id: str


class CodeFinding(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html"""

    resources: tuple[Affected, ...]
    code_vulnerability_details: CodeDetails

    @property
    def of_secret(self) -> bool:
        """Whether it is a secret that was found in the code."""
        details = self.code_vulnerability_details
        return bool(HARD_CODED & set(details.cwes)) or any("secret" in tag.lower() or "credential" in tag.lower() for tag in details.detector_tags)


class Data(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html"""

    category: Literal["FINANCIAL_INFORMATION", "PERSONAL_INFORMATION", "CREDENTIALS", "CUSTOM_IDENTIFIER"]


class Result(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html"""

    sensitive_data: tuple[Data, ...]


class Details(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html"""

    result: Result


class Bucket(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html"""

    arn: str


class AffectedBucket(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html"""

    s3_bucket: Bucket = msgspec.field(name="s3Bucket")


class MacieFinding(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """https://docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html"""

    classification_details: Details
    resources_affected: AffectedBucket


@dataclass(frozen=True)
class Detection:
    """What detects secrets, in words; and the first error of what could not be asked."""

    found: tuple[str, ...]
    error: Exception | None

    def whole(self) -> None:
        """Raise what kept a service from being asked: there might be one that detects secrets."""
        if self.error is not None:
            raise self.error


@dataclass(frozen=True)
class Exposed:
    """A resource in which a service found secrets."""

    arn: str
    kind: str
    said: str


@dataclass(frozen=True)
class Exposures:
    """What is open, and the services that look."""

    services: tuple[str, ...]
    resources: tuple[Exposed, ...]


@read(REGIONS, ASSOCIATIONS, STATUS, INTEGRATIONS, CONFIGURATIONS, per="account", absent=NO_CODE)
def secret_detection(aws: Aws, ssb_profile: Profile) -> Detection:
    """What of AWS detects secrets in the account's code, in any of its regions."""
    regions = regions_of(aws, ssb_profile)
    answers = aws.each(regions, lambda each: _detecting(aws.in_region(each.region)))
    found: list[str] = []
    errors: list[Exception] = []
    for each in regions:
        words, error = answers[each]
        found += [f"{word} in {each.region}" for word in words]
        errors += [error] if error is not None else []
    return Detection(tuple(found), errors[0] if errors else None)


def _detecting(aws: Aws) -> tuple[list[str], Exception | None]:
    """What detects secrets in a region, and the first error; a service that the region lacks detects nothing there."""
    found, errors = [], []
    for word, ask in (
        ("CodeGuru Reviewer, which is closed to new repositories,", _associated),
        ("Inspector's scans of functions' code", lambda aws: _inspector(aws).resource_state.lambda_code.status == "ENABLED"),
        ("Inspector's scans of repositories, whose rules for secrets should be confirmed,", _integrated),
    ):
        answer = or_unread(lambda ask=ask: ask(aws))  # type: ignore[misc]
        error = error_of(answer)
        if error is not None:
            errors += [] if isinstance(error, NotOffered) else [error]
        elif answer:
            found.append(word)
    return found, errors[0] if errors else None


def _associated(aws: Aws) -> bool:
    associations = aws.list(ASSOCIATIONS, "RepositoryAssociationSummaries")
    return any(_text(ASSOCIATIONS, each, "State") == "Associated" for each in associations)


def _integrated(aws: Aws) -> bool:
    active = any(_text(INTEGRATIONS, each, "status") == "ACTIVE" for each in aws.list(INTEGRATIONS, "integrations"))
    return active and bool(aws.list(CONFIGURATIONS, "configurations"))


def _inspector(aws: Aws) -> Inspector:
    (account,) = _converted(STATUS, aws.ask(STATUS, accountIds=[aws.account]).get("accounts"), tuple[Inspector])
    found: Inspector = account
    return found


@read(
    STATUS,
    FINDINGS,
    SESSION,
    MACIE_FINDINGS,
    MACIE_GET,
    per="region",
    absent=NO_CODE | {f"{FINDINGS} findings.codeVulnerabilityDetails.detectorTags": f"the detector has none ({DETAILS})"},
)
def exposed_secrets(aws: Aws) -> Exposures:
    """The secrets that Inspector has found in functions' code and Macie in buckets, as far as they are open, and which of the two look."""
    resources: list[Exposed] = []
    services: list[str] = []
    for service, look in (("Inspector", _in_code), ("Macie", _in_buckets)):
        try:
            on, found = look(aws)
        except NotOffered:
            continue
        services += [service] if on else []
        resources += found
    return Exposures(tuple(services), tuple(resources))


def _in_code(aws: Aws) -> tuple[bool, list[Exposed]]:
    state = _inspector(aws)
    if state.state.status == "DISABLED":
        return False, []
    criteria = {
        name: [{"comparison": "EQUALS", "value": value}] for name, value in (("findingType", "CODE_VULNERABILITY"), ("findingStatus", "ACTIVE"))
    }
    raws = aws.list(FINDINGS, "findings", filterCriteria=criteria)
    detectors: dict[str, set[str]] = {}
    for finding in _converted(FINDINGS, raws, list[CodeFinding]):
        for resource in finding.resources if finding.of_secret else ():
            detectors.setdefault(resource.id, set()).add(finding.code_vulnerability_details.detector_name)
    found = [Exposed(_arn(aws, id), "AWS::Lambda::Function", f"Inspector: {', '.join(sorted(names))}") for id, names in sorted(detectors.items())]
    return bool(found) or state.resource_state.lambda_code.status == "ENABLED", found


def _arn(aws: Aws, id: str) -> str:
    """The ARN of what Inspector found something in: it names a repository by an id of its own."""
    return id if id.startswith("arn:") else f"arn:{aws.partition}:inspector2:{aws.region}:{aws.account}:{id}"


def _in_buckets(aws: Aws) -> tuple[bool, list[Exposed]]:
    session = aws.ask(SESSION, absent="NotEnabled")
    if session is None:
        return False, []
    status = session.get("status")
    if status not in ("ENABLED", "PAUSED"):
        raise UnexpectedAnswer(f"{SESSION} answered a status that we do not know", SESSION)
    criteria = {"criterion": {"category": {"eq": ["CLASSIFICATION"]}, "archived": {"eq": ["false"]}}}
    ids = aws.list(MACIE_FINDINGS, "findingIds", findingCriteria=criteria)
    counts: dict[str, int] = {}
    for finding in _macie_findings(aws, ids):
        if any(each.category == "CREDENTIALS" for each in finding.classification_details.result.sensitive_data):
            arn = finding.resources_affected.s3_bucket.arn
            counts[arn] = counts.get(arn, 0) + 1
    found = [Exposed(arn, "AWS::S3::Bucket", f"Macie: credentials in {number} objects") for arn, number in sorted(counts.items())]
    return status == "ENABLED" or bool(found), found


def _macie_findings(aws: Aws, ids: list[str]) -> Iterator[MacieFinding]:
    for start in range(0, len(ids), MACIE_AT_ONCE):
        wanted = ids[start : start + MACIE_AT_ONCE]
        found = _converted(MACIE_GET, aws.ask(MACIE_GET, findingIds=wanted).get("findings"), list[MacieFinding])
        if len(found) != len(wanted):
            raise UnexpectedAnswer(f"{MACIE_GET} answered fewer findings than were asked for", MACIE_GET)
        yield from found


def _text(operation: str, raw: Any, key: str) -> str:
    found = raw.get(key)
    if not isinstance(found, str):
        raise UnexpectedAnswer(f"{operation} answered without {key}", operation)
    return found


def _converted(operation: str, raw: Any, type: Any) -> Any:
    try:
        return msgspec.convert(raw, type)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(f"{operation} answered what we cannot read: {error}", operation) from error
