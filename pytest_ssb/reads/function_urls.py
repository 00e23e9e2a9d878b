"""Lambda: the URLs by which functions and their aliases are called without any service in front of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import AwsError, NotOffered, UnexpectedAnswer, Vanished
from pytest_ssb.reads.functions import Function
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource
    from pytest_ssb.profiles import Profile

URLS, TAGS = "lambda:ListFunctionUrlConfigs", "lambda:ListTags"
GONE = "ResourceNotFoundException"


class UrlConfig(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A URL (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionUrlConfig.html)."""

    arn: str
    auth_type: Literal["NONE", "AWS_IAM"]


@dataclass(frozen=True)
class FunctionUrl:
    """A URL of a function or of an alias of it; or the function alone, where it has none or could not be read."""

    arn: str
    function: Function
    config: UrlConfig | None = None

    @property
    def open(self) -> bool:
        """Whether Lambda asks callers for no signature."""
        return self.config is not None and self.config.auth_type == "NONE"


@read(URLS, per="region")
def function_urls(aws: Aws, functions: list[Function]) -> list[FunctionUrl]:
    """The URLs of each function and its aliases."""
    answers = aws.each([each for each in functions if error_of(each) is None], lambda function: _urls(aws, function))
    return [url for function in functions for url in _of(function, answers)]


def _urls(aws: Aws, function: Function) -> list[UrlConfig]:
    raws = aws.list(URLS, "FunctionUrlConfigs", gone=GONE, FunctionName=function.arn)
    found: list[UrlConfig] = aws.parse(URLS, raws, UrlConfig, "{FunctionArn}")
    return found


def _of(function: Function, answers: PerResource[list[UrlConfig]]) -> list[FunctionUrl]:
    try:
        error = error_of(function)
        found = [unread(error, function.arn)] if error else answers[function]
    except Vanished:
        return []
    except (AwsError, NotOffered) as raised:
        found = [unread(raised, function.arn)]
    return [FunctionUrl(each.arn, function, each) for each in found] or [FunctionUrl(function.arn, function)]


@read(TAGS, per="region")
def open_url_tags(aws: Aws, ssb_profile: Profile, functions: list[Function], function_urls: list[FunctionUrl]) -> PerResource[Mapping[str, str]]:
    """The tags of the functions whose URLs are for everyone, asked only where `network.public_resources` names tags."""
    by_tag = any(entry.startswith("tag:") for entry in ssb_profile.network.public_resources)
    wanted = {each.function.arn for each in function_urls if by_tag and error_of(each.config) is None and each.open}
    return aws.each([each for each in functions if each.arn in wanted], lambda function: _tags(aws, function))


def _tags(aws: Aws, function: Function) -> Mapping[str, str]:
    found = aws.ask(TAGS, gone=GONE, Resource=function.arn).get("Tags")
    if not isinstance(found, dict):
        raise UnexpectedAnswer(f"{TAGS} answered without Tags", TAGS)
    return found
