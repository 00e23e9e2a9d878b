"""From a profile to an account: credentials, who they are of, its regions, and the access through which it is read."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import botocore.session
import msgspec
from botocore.config import Config
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.credentials import AssumeRoleCredentialFetcher, CredentialProvider, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound

from pytest_ssb.aws.access import CONNECT_TIMEOUT, READ_TIMEOUT, Access
from pytest_ssb.aws.errors import code_of
from pytest_ssb.errors import UserError
from pytest_ssb.profiles import Profile
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.targets import Account

# Where a partition's regionless services are asked for, and what is asked first when nobody named a region.
_HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def named_profiles() -> list[str]:
    """The profiles of the AWS config files."""
    return list(botocore.session.Session().available_profiles)


def connect(profile: Profile, scheduler: Scheduler, version: str, known: Account | None = None) -> tuple[Access, Account]:
    """The access to a profile's account, and who that is. `known` is what another process was told already: then nothing is asked.

    Asks AWS for the caller's identity. Raises UserError where there are no usable credentials, or no answer.
    """
    session = _session(profile)
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


def _session(profile: Profile) -> botocore.session.Session:
    session = botocore.session.Session(profile=profile.aws_profile)
    try:
        session.get_scoped_config()
    except ProfileNotFound:
        near = difflib.get_close_matches(profile.aws_profile or "", session.available_profiles, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(session.available_profiles) or 'none'}"
        raise UserError(f"profile {profile.name!r}: the AWS config files have no profile {profile.aws_profile!r}; {hint}") from None
    if profile.role_arn:
        return _assumed(session, profile, profile.role_arn)
    return session


def _assumed(source: botocore.session.Session, profile: Profile, role_arn: str) -> botocore.session.Session:
    """A session whose credentials are those of the role, refreshed by botocore before they expire."""
    arguments = {"RoleSessionName": profile.role_session_name}
    if profile.external_id is not None:
        arguments["ExternalId"] = profile.external_id
    region = source.get_config_variable("region") or _HOMES["aws"]

    def create_client(service: str, **options: Any) -> Any:
        return source.create_client(service, **{"region_name": region, **options})

    fetcher = AssumeRoleCredentialFetcher(create_client, _credentials(source, profile), role_arn, extra_args=arguments)

    class AssumedRole(CredentialProvider):
        METHOD = CANONICAL_NAME = "ssb-assume-role"

        def load(self) -> Any:
            return DeferredRefreshableCredentials(method=self.METHOD, refresh_using=fetcher.fetch_credentials)

    session = botocore.session.Session(profile=profile.aws_profile)
    session.get_component("credential_provider").providers.insert(0, AssumedRole())
    return session


def _credentials(session: botocore.session.Session, profile: Profile) -> Any:
    try:
        credentials = session.get_credentials()
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"profile {profile.name!r}: {_what_next(error, profile)}") from None
    if credentials is None:
        raise UserError(f"profile {profile.name!r}: no AWS credentials found; {_sign_in(profile)}")
    return credentials


def _identify(session: botocore.session.Session, profile: Profile, endpoint: str | None) -> Account:
    _credentials(session, profile)
    region = session.get_config_variable("region") or (profile.regions or (None,))[0] or _HOMES["aws"]
    config = Config(connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT, retries={"mode": "standard", "total_max_attempts": 2})
    try:
        client: Any = session.create_client("sts", region_name=region, config=config)
        identity = client.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        where = f" at {endpoint}" if endpoint else ""
        raise UserError(f"profile {profile.name!r}: GetCallerIdentity{where}: {_what_next(error, profile)}") from None
    partition = identity["Arn"].split(":")[1]
    home = session.get_config_variable("region") or _HOMES.get(partition) or session.get_available_regions("sts", partition)[0]
    return Account(
        profile=profile.name,
        id=identity["Account"],
        partition=partition,
        caller=identity["Arn"],
        home=home,
        environment=profile.environment,
        backend="endpoint" if endpoint else "live",
    )


def _sign_in(profile: Profile) -> str:
    name = profile.aws_profile or "default"
    return f"run 'aws configure --profile {name}' or 'aws sso login --profile {name}', or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def _what_next(error: Exception, profile: Profile) -> str:
    code = code_of(error)
    if isinstance(error, ClientError) and error.operation_name == "AssumeRole":
        return f"cannot assume {profile.role_arn} ({code}); check the role's trust policy, external_id and sts:AssumeRole"
    if code in ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError"):
        return f"the credentials have expired ({code}); {_sign_in(profile)}"
    if code in ("InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "IncompleteSignature", "AuthFailure"):
        return f"AWS refuses these credentials ({code}); {_sign_in(profile)}"
    if isinstance(error, ClientError):
        return f"failed with {code}"
    if code == "SSLError":
        return f"TLS failed ({code}): is the certificate trusted? set AWS_CA_BUNDLE, or ca_bundle in the AWS config file, to the file of its CA"
    if code in ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyConnectionError", "ConnectionClosedError"):
        return f"no answer ({code}); check the network, the proxy, the region and AWS_ENDPOINT_URL"
    return f"no usable credentials ({code}); {_sign_in(profile)}"


def region_statuses(account: Account, access: Access, profile: Profile) -> dict[str, str]:
    """Every region of the partition with its opt-in status, by DescribeRegions. Raises UserError where it can't be told.

    An SCP may deny some region's EC2, so more than one is asked if need be.
    """
    candidates = dict.fromkeys([*(profile.regions or ()), account.home, _HOMES.get(account.partition, account.home)])
    for region in candidates:
        try:
            answer = access.call(
                "ec2:DescribeRegions", region, frozenset({"ec2:DescribeRegions"}), lambda client: client.describe_regions(AllRegions=True)
            )
            return {found["RegionName"]: found["OptInStatus"] for found in answer["Regions"]}
        except Exception as error:  # noqa: BLE001 - said below, for the last one
            reason = str(error) or type(error).__name__
    raise UserError(f"profile {account.profile!r}: cannot list regions: {reason}")


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
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(max(logger.level, logging.WARNING))

    def undo() -> None:
        for logger, level in before:
            logger.setLevel(level)

    return undo
