"""From a profile to an account: credentials, who they are of, its regions, and the access through which it is read."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import botocore.session
import msgspec
from botocore.configprovider import ConfiguredEndpointProvider

from pytest_ssb.aws.access import Access
from pytest_ssb.aws.bystanders import refuse_bystanders
from pytest_ssb.aws.credentials import HOMES, asked_first, home_of, refused, session_of
from pytest_ssb.errors import AwsError, UnexpectedAnswer, UserError
from pytest_ssb.profiles import Profile
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.targets import Account

_REGIONS = "ec2:DescribeRegions"


def connect(profile: Profile, scheduler: Scheduler, version: str, known: Account | None = None, *, alone: bool = True) -> tuple[Access, Account]:
    """The access to a profile's account, and who that is. `known` is what another process was told already: then nothing is asked.

    Asks AWS for the caller's identity. Raises UserError where there are no usable credentials, or no answer; and, unless nobody else's code is loaded
    (`alone`), where something would answer in the place of AWS.
    """
    if not alone:
        refuse_bystanders(f"profile {profile.name!r}")
    session = session_of(profile, version)
    endpoint = _configured_endpoint(session, "sts")
    account = known or _identify(session, profile, endpoint)
    access = Access(session, account.backend, account.home, scheduler, version)
    if known is None:
        access.counts["sts:GetCallerIdentity"] += 1
    return access, account


def with_regions(account: Account, statuses: Mapping[str, str], profile: Profile, narrowed: Sequence[str], where: str) -> Account:
    """The account with its regions: all enabled ones, or those that `narrowed` (`--ssb-region`) or the profile names.

    `statuses` is each region's opt-in status. Raises UserError for a region that is not among them, naming `where` (file and profile).
    """
    enabled = tuple(sorted(name for name, status in statuses.items() if status != "not-opted-in"))
    for names, said in (
        (narrowed, "--ssb-region"),
        (profile.regions or (), f"{where}: regions"),
        (profile.denied_regions, f"{where}: denied_regions"),
    ):
        _verify(names, statuses, said, account.partition)
    wanted = tuple(dict.fromkeys(narrowed or profile.regions or enabled))
    return msgspec.structs.replace(
        account,
        enabled=enabled,
        regions=tuple(region for region in wanted if region in enabled),
        not_enabled=tuple(region for region in wanted if region not in enabled),
    )


def _identify(session: botocore.session.Session, profile: Profile, endpoint: str | None) -> Account:
    region = asked_first(session, profile)
    try:
        client: Any = session.create_client("sts", region_name=region)
        identity = client.get_caller_identity()
    except Exception as error:  # noqa: BLE001 - whatever botocore makes of what the user set up
        raise refused(error, profile, session, endpoint or f"STS in {region}") from None
    partition = identity["Arn"].split(":")[1]
    return Account(
        profile=profile.name,
        id=identity["Account"],
        partition=partition,
        caller=identity["Arn"],
        home=home_of(session, partition),
        environment=profile.environment,
        backend="endpoint" if endpoint else "live",
    )


def region_statuses(account: Account, access: Access, profile: Profile) -> dict[str, str]:
    """Every region of the partition with its opt-in status, by DescribeRegions. Raises AwsError where it can't be told.

    An SCP may deny some region's EC2, so more than one is asked if need be.
    """
    candidates = dict.fromkeys([*(profile.regions or ()), account.home, HOMES.get(account.partition, account.home)])
    for region in candidates:
        try:
            answer = access.call(_REGIONS, region, frozenset({_REGIONS}), lambda client: client.describe_regions(AllRegions=True))
            return {found["RegionName"]: found["OptInStatus"] for found in answer["Regions"]}
        except AwsError as error:
            last = error
        except KeyError as error:
            last = UnexpectedAnswer(f"{_REGIONS} answered without {error}", _REGIONS)
    raise AwsError(f"cannot list regions: {last}", last.operation, last.code, action=last.action, denied_by=last.denied_by)


def _verify(names: Iterable[str], statuses: Mapping[str, str], where: str, partition: str) -> None:
    for name in names:
        if name not in statuses:
            near = difflib.get_close_matches(name, statuses, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(statuses))}"
            raise UserError(f"{where}: partition {partition} has no region {name!r}; {hint}")


def _configured_endpoint(session: botocore.session.Session, service: str) -> str | None:
    """The custom endpoint that the environment or the AWS config files set for a service, else None."""
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return None
    found = ConfiguredEndpointProvider(full_config=session.full_config, scoped_config=session.get_scoped_config(), client_name=service).provide()
    return str(found) if found else None


def quiet_logs() -> Callable[[], None]:
    """Keep the AWS libraries' loggers at WARNING: at DEBUG they print response bodies into reports. Gives what undoes it."""
    loggers = [logging.getLogger(name) for name in ("botocore", "boto3", "urllib3", "s3transfer")]
    # A role that is not given is told by us; botocore would add a traceback for each account.
    credentials = logging.getLogger("botocore.credentials")
    before = [(logger, logger.level) for logger in (*loggers, credentials)]
    for logger in loggers:
        logger.setLevel(max(logger.level, logging.WARNING))
    credentials.setLevel(max(credentials.level, logging.ERROR))

    def undo() -> None:
        for logger, level in before:
            logger.setLevel(level)

    return undo
