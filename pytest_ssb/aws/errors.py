"""What a failed call means: denied and by whom, throttled, unreachable, not implemented; told from botocore's errors by their names."""

from __future__ import annotations

import re

from pytest_ssb.errors import AwsError, UnreachableError
from pytest_ssb.permissions import action

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Client.UnauthorizedOperation",
    "NotAuthorized",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
# Errors of botocore's own credential machinery: nothing can be signed any more.
_NO_CREDENTIALS = {
    "CredentialRetrievalError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "RefreshWithMFAUnsupportedError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
_THROTTLED = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}
_UNREACHABLE = {
    "ConnectTimeoutError": "no connection in time",
    "ConnectionClosedError": "the connection was closed",
    "ConnectionError": "no connection",
    "EndpointConnectionError": "no connection",
    "HTTPClientError": "the connection failed",
    "ProxyConnectionError": "the proxy did not answer",
    "ReadTimeoutError": "no answer in time",
    "SSLError": "TLS failed",
}
# How AWS names the policy that denied (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
_LAYERS = (
    ("service control polic", "scp"),
    ("resource control polic", "rcp"),
    ("permissions boundar", "boundary"),
    ("vpc endpoint polic", "endpoint"),
    ("identity-based polic", "identity"),
    ("session polic", "identity"),
)
_LAYER_WORDS = {
    "scp": " by a service control policy",
    "rcp": " by a resource control policy",
    "boundary": " by a permissions boundary",
    "endpoint": " by a VPC endpoint policy",
}


def code_of(error: BaseException) -> str:
    """The error code that AWS gave, or the name of the error's type."""
    response = getattr(error, "response", None)
    if isinstance(response, dict) and isinstance(response.get("Error"), dict):
        return str(response["Error"].get("Code") or "Unknown")
    return type(error).__name__


def _message(error: BaseException) -> str:
    response = getattr(error, "response", None)
    return str(response["Error"].get("Message") or "") if isinstance(response, dict) and isinstance(response.get("Error"), dict) else str(error)


def is_expired(error: BaseException) -> bool:
    """Whether the credentials themselves have died, so that no further call can succeed."""
    return code_of(error) in _EXPIRED | _NO_CREDENTIALS


def is_unreachable(error: BaseException) -> bool:
    """Whether there was no connection, or no answer in time."""
    return any(kind.__name__ in _UNREACHABLE for kind in type(error).__mro__)


# How often an endpoint is tried that has never answered: more than once only where that takes no time.
_TRIES = {"ConnectionClosedError": 3, "EndpointConnectionError": 2}


def is_passing(error: BaseException, attempts: int) -> bool:
    """Whether what was met in the last of so many attempts may be over the next time."""
    return attempts < _TRIES.get(type(error).__name__, 1)


def explain(error: BaseException, operation: str, region: str, *, live: bool) -> AwsError:
    """The error of a call, in one sentence that says what to do."""
    code, message = code_of(error), _message(error)
    if isinstance(error, AwsError):
        return error
    if code in _DENIED and "macie is not enabled" in message.lower():
        # https://docs.aws.amazon.com/macie/latest/APIReference/macie.html: what is off is told as if it were denied.
        return AwsError(f"{operation}: Macie is not enabled in {region}", operation, "NotEnabled")
    if code in _DENIED or code == "403":
        denied_by = next((layer for words, layer in _LAYERS if words in message.lower()), None)
        needed = action(operation)
        words = f"{operation} is denied{_LAYER_WORDS.get(denied_by or '', '')} ({code}): allow {needed}"
        return AwsError(words, operation, code, action=needed, denied_by=denied_by)
    if code in _THROTTLED:
        return AwsError(f"{operation} was throttled at every attempt ({code}): run again, or with a lower --ssb-concurrency", operation, code)
    if is_unreachable(error):
        why = next(_UNREACHABLE[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _UNREACHABLE)
        return UnreachableError(f"{operation} in {region}: {why} ({code})", operation, code)
    if not live and (
        code in ("NotImplementedError", "ResponseParserError") or re.fullmatch(r"[45]\d\d", code) or "not yet implemented" in message.lower()
    ):
        return AwsError(f"{operation} is not implemented by this endpoint", operation, "NotImplemented")
    if code in ("ResponseParserError", "JSONDecodeError"):
        return AwsError(f"{operation} gave an answer that cannot be parsed", operation, code)
    return AwsError(f"{operation} failed with {code}", operation, code)
