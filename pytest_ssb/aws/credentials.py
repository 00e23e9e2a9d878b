"""Sessions that have a profile's credentials, and what to do where there are none."""

from __future__ import annotations

import difflib
import threading
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, CredentialProvider, DeferredRefreshableCredentials, create_credential_resolver
from botocore.exceptions import BotoCoreError, ClientError, ConfigParseError, InvalidConfigError, PartialCredentialsError, ProfileNotFound

from pytest_ssb.aws.access import CONNECT_TIMEOUT, READ_TIMEOUT
from pytest_ssb.aws.bystanders import leave_off_idle_mocks
from pytest_ssb.aws.errors import code_of, is_unreachable
from pytest_ssb.errors import UserError
from pytest_ssb.profiles import Profile

# Where a partition's regionless services are asked for, and what is asked first when nobody named a region.
HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

_SAYS_ENOUGH = (ConfigParseError, InvalidConfigError, PartialCredentialsError, ValueError)
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError")
_REFUSED = ("InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "IncompleteSignature", "AuthFailure")


def session_of(profile: Profile, version: str) -> botocore.session.Session:
    """The session of a profile, with its role's credentials if it names one. Raises UserError where there are none to begin with."""
    session = _session(profile, version)
    try:
        found = session.get_credentials()
    except Exception as error:  # noqa: BLE001 - whatever botocore makes of what the user set up
        raise refused(error, profile, session) from None
    if found is None:
        raise UserError(f"profile {profile.name!r}: no AWS credentials found; {_sign_in(session)}")
    return assumed(RoleClients(session, asked_first(session, profile)), profile, profile.role_arn, version) if profile.role_arn else session


def named_profiles() -> list[str]:
    """The profiles of the AWS config files. Raises UserError where they cannot be read."""
    try:
        return list(botocore.session.Session().available_profiles)
    except BotoCoreError as error:
        raise UserError(f"the AWS config files: {error}; correct it") from None


def home_of(session: botocore.session.Session, partition: str) -> str:
    """The region that the session is set to, else the home of the partition."""
    region = session.get_config_variable("region") or HOMES.get(partition)
    return str(region or session.get_available_regions("sts", partition)[0])


def asked_first(session: botocore.session.Session, profile: Profile) -> str:
    """The region whose STS is asked, before it is known in which partition the account is."""
    role = profile.role_arn or session.get_scoped_config().get("role_arn") or ""
    partition = role.split(":")[1] if role.startswith("arn:") else "aws"
    return session.get_config_variable("region") or (profile.regions or (None,))[0] or home_of(session, partition)


def _session(profile: Profile, version: str) -> botocore.session.Session:
    session = botocore.session.Session(profile=profile.aws_profile)
    leave_off_idle_mocks(session)
    # Also for the clients that botocore makes itself, to assume a role or sign in: else one that gets no answer waits for minutes.
    retries: Any = {"mode": "standard", "total_max_attempts": 2}
    session.set_default_client_config(
        Config(user_agent_extra=f"pytest-ssb/{version}", connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT, retries=retries)
    )
    try:
        session.get_scoped_config()
    except ProfileNotFound:
        name = session.get_config_variable("profile") or "default"
        near = difflib.get_close_matches(name, session.available_profiles, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(session.available_profiles) or 'none'}"
        by = "" if profile.aws_profile else ", which AWS_PROFILE names"
        raise UserError(f"profile {profile.name!r}: the AWS config files have no profile {name!r}{by}; {hint}") from None
    except BotoCoreError as error:
        raise refused(error, profile, session) from None
    # A role of the AWS config files is assumed there, too, where no region is set.
    resolver = create_credential_resolver(session, region_name=asked_first(session, profile))
    session.register_component("credential_provider", resolver)
    return session


class RoleClients:
    """The client by which botocore assumes roles with a session's credentials: one for all of them, until these change.

    botocore would make one for each time, and its sessions are not thread-safe.
    """

    def __init__(self, source: botocore.session.Session, region: str) -> None:
        self.source = source
        self._region = region
        self._lock = threading.Lock()
        self._made: tuple[Any, Any] = (None, None)

    def __call__(self, service: str, **options: Any) -> Any:
        """As botocore calls a session's `create_client`, with the credentials of the moment."""
        with self._lock:
            if self._made[0] != options:
                self._made = options, self.source.create_client(service, **{"region_name": self._region, **options})
            return self._made[1]


def assumed(clients: RoleClients, profile: Profile, role_arn: str, version: str) -> botocore.session.Session:
    """A session whose credentials are those of the role, refreshed by botocore before they expire."""
    arguments = {"RoleSessionName": profile.role_session_name}
    if profile.external_id is not None:
        arguments["ExternalId"] = profile.external_id
    fetcher = AssumeRoleCredentialFetcher(clients, clients.source.get_credentials(), role_arn, extra_args=arguments)

    class AssumedRole(CredentialProvider):
        METHOD = CANONICAL_NAME = "ssb-assume-role"

        def load(self) -> Any:
            return DeferredRefreshableCredentials(method=self.METHOD, refresh_using=fetcher.fetch_credentials)

    session = _session(profile, version)
    # What is read from botocore's files on services, 40 MB of them, is the same for every account.
    session.register_component("data_loader", clients.source.get_component("data_loader"))
    session.get_component("credential_provider").providers.insert(0, AssumedRole())
    return session


def refused(error: Exception, profile: Profile, session: botocore.session.Session, where: str = "AWS") -> UserError:
    """Why the credentials are of no use, and what to do, in one line. An error's own text stands in it only where it can quote no secret."""
    return UserError(f"profile {profile.name!r}: {_what_next(error, profile, session, where)}")


def _what_next(error: Exception, profile: Profile, session: botocore.session.Session, where: str) -> str:
    code = code_of(error)
    operation = error.operation_name if isinstance(error, ClientError) else ""
    if operation.startswith("AssumeRole"):
        role = profile.role_arn or session.get_scoped_config().get("role_arn") or "the role"
        return f"cannot assume {role} ({code}); check the role's trust policy, its external id, and that sts:{operation} is allowed"
    if code == "SSLError":
        return f"TLS with {where} failed ({code}): is the certificate trusted? set AWS_CA_BUNDLE, or ca_bundle in the AWS config file, to the file of its CA"
    if is_unreachable(error):
        return f"no answer from {where} ({code}); check the network, the proxy, the region and AWS_ENDPOINT_URL"
    if isinstance(error, _SAYS_ENOUGH):
        return f"{' '.join(str(error).split())}; check the AWS config files and AWS_* variables"
    if isinstance(error, OSError):
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return f"{what}; check the AWS config files and AWS_* variables"
    if isinstance(error, RuntimeError):
        return "the credentials had expired when they were given; check this machine's clock"
    if code in _EXPIRED:
        return f"the credentials have expired ({code}); {_sign_in(session)}"
    if code in _REFUSED:
        elsewhere = "" if session.get_config_variable("region") else "; if they are of China or GovCloud, set AWS_DEFAULT_REGION"
        return f"AWS refuses these credentials ({code}); {_sign_in(session)}{elsewhere}"
    if operation:
        return f"{operation} at {where} failed with {code}"
    return f"no usable credentials ({code}); {_sign_in(session)}"


def _sign_in(session: botocore.session.Session) -> str:
    name = session.get_config_variable("profile") or "default"
    return f"run 'aws configure --profile {name}' or 'aws sso login --profile {name}', or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
