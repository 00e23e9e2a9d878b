"""The config file that `init` writes: what was read of the account, and the keys that most accounts need, each with its own words."""

from __future__ import annotations

import datetime
import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from pytest_ssb import suites
from pytest_ssb.keys import Key, keys_of
from pytest_ssb.profiles import Declaration, Profile, Waiver
from pytest_ssb.targets import Account

WIDTH = 120
# The keys that most accounts need, by what stands above them, each with an example; `{domain}` is that of the account's contacts.
EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "Who reads AWS's mail": {
        "contacts.distribution_lists": '["aws-*@{domain}", "security@{domain}"]',
        "contacts.personal_addresses": '["*.*@{domain}"]',
    },
    "Who signs in, and what is a machine": {
        "people.service_users": '{{ "ses-smtp-*" = "SES takes SMTP passwords only" }}',
        "people.break_glass_users": '["emergency-*"]',
    },
    "What lies in which bucket": {
        "buckets.public": '["acme-www"]',
        "buckets.sensitive": '["acme-payments", "acme-uploads/ids", "tag:data=confidential"]',
    },
    "What faces the internet on purpose": {
        "network.public_resources": '["tag:role=vpn", "arn:{partition}:lambda:*:*:function:stripe-webhook"]',
    },
    "Who outside the account may get in": {
        "trust.accounts": '["999988887777"]',
    },
    "Where the code is": {
        "repositories": '[{{ path = "../shop", holds = "application" }}]',
    },
    "Checks of your own": {
        "own_checks": '["security/"]',
    },
}
FALLBACK_DOMAIN = "acme.example"


@dataclass(frozen=True)
class Seen:
    """What `init` read of an account; `unread` says what it could not read, and why."""

    account: Account
    profile: str
    aws_profile: str | None
    called: str | None
    regions: tuple[str, ...]
    organization: str | None
    domain: str | None
    unread: tuple[str, ...]

    @property
    def name(self) -> str:
        """How people know the account."""
        return f"account {self.account.id}" + (f" ({self.called})" if self.called else "")


def text(seen: Seen, day: datetime.date, *, run: str) -> str:
    """The file. A line `#key = ...` is an example: without the `#` it holds. `run` is the command that runs with it."""
    words = {"domain": seen.domain or FALLBACK_DOMAIN, "partition": seen.account.partition}
    keys = {key.path: key for key in keys_of(Profile)}
    lines = [
        *_prose(f"What pytest-ssb is told of your AWS accounts. Written on {day} for {seen.name}, read as {seen.account.caller}."),
        *_prose("No secret stands in here, and none belongs here. A key that is commented out is an example: change it, and take the # away."),
        *_prose("All keys stand in docs/profiles.md of the project; `pytest --ssb-explain ID` tells which ones a control or check reads."),
        "#",
        *_prose("From today on: keep what the first run finds as a baseline, and let later ones fail only for what is new."),
        f"#   {run} --ssb-output baseline.json",
        f"#   {run} --ssb-baseline baseline.json --ssb-fail-on new",
        "",
        f"[profiles.{_key(seen.profile)}]",
        *_access(seen, keys),
    ]
    for title, examples in EXAMPLES.items():
        lines += ["", f"# --- {title}"]
        for path, example in examples.items():
            lines += [*_prose(_says(keys[path])), f"#{path} = {example.format(**words)}"]
    lines += ["", *_waiver(seen.profile, day), "", *_declaration(seen.profile, day)]
    return "\n".join(lines) + "\n"


def _access(seen: Seen, keys: Mapping[str, Key]) -> Iterator[str]:
    if seen.aws_profile is not None:
        yield f"aws_profile = {json.dumps(seen.aws_profile)}"
    else:
        yield from _prose(f"{keys['aws_profile'].said.text}. It is unset: the environment, or this machine, gave the credentials.")
        yield '#aws_profile = "acme-prod"'
    yield from _prose(keys["environment"].said.text)
    yield f"environment = {json.dumps(seen.account.environment)}  # or preproduction"
    yield from _prose(f"{keys['regions'].said.text}" + (f"; now there are {len(seen.regions)}" if seen.regions else ""))
    yield f"#regions = {json.dumps(seen.regions or (seen.account.home,))}"
    if seen.organization is not None:
        yield from _prose(seen.organization)
        yield from _prose(_says(keys["organization_profile"]))
        yield '#organization_profile = "management"'
    for line in seen.unread:
        yield from _prose(f"not read: {line}")


def _says(key: Key) -> str:
    """What a key means, and the checks that look at it."""
    checks = [found.check.id for found in suites.shipped().values() if key.path in found.check.facts]
    more = f" and {len(checks) - 2} more" if len(checks) > 2 else ""
    return f"{key.said.text}" + (f" (for {', '.join(checks[:2])}{more})" if checks else "")


def _waiver(profile: str, day: datetime.date) -> Iterator[str]:
    given = {
        "check": '"ebs_snapshot_encrypted"',
        "resource": '"snap-0a1b2c3d4e5f60718"',
        "reason": '"test data, which is public anyway"',
        "owner": '"ana@acme.example"',
        "expires": str(day + datetime.timedelta(days=90)),
    }
    yield from _example(profile, "waivers", Waiver, given)


def _declaration(profile: str, day: datetime.date) -> Iterator[str]:
    given = {
        "check": '"idp_enforces_mfa"',
        "resource": '"arn:*:iam::*:saml-provider/AWSSSO_*"',
        "statement": '"Identity Center asks for MFA at every sign-in"',
        "by": '"ana@acme.example"',
        "on": str(day),
        "review_by": str(day + datetime.timedelta(days=180)),
    }
    yield from _example(profile, "declarations", Declaration, given)


def _example(profile: str, name: str, struct: type[msgspec.Struct], given: Mapping[str, str]) -> Iterator[str]:
    """An entry of a list of tables, each field with its own words."""
    yield f"# --- {(struct.__doc__ or '').partition(chr(10))[0]}"
    yield f"#[[profiles.{_key(profile)}.{name}]]"
    says = {key.name: key.said.text for key in keys_of(struct)}
    width = max(len(f"{field} = {value}") for field, value in given.items())
    for field, value in given.items():
        yield f"#{f'{field} = {value}':<{width}}  # {says[field]}"


def _key(name: str) -> str:
    """A name as TOML takes it for one key."""
    return json.dumps(name) if "." in name else name


def _prose(words: str) -> Iterable[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False, break_long_words=False)


def commands(run: str, seen: Seen) -> Sequence[str]:
    """What to do next, for who has just run `init`."""
    rows = [
        ("pytest --ssb-policy > policy.json", "the least rights that the credentials need"),
        (f"{run} --html ssb.html --self-contained-html", "what is wrong, and what to do first"),
        ("pytest --ssb-explain ACCT.01", "what a control asks, checks and needs"),
    ]
    width = max(len(command) for command, _ in rows)
    return [
        "next:",
        *(f"  {command:<{width}}  # {why}" for command, why in rows),
        "if that finds more than one day can mend, keep it as a baseline, and fail only for what is new, from today on:",
        f"  {run} --ssb-output baseline.json",
        f"  {run} --ssb-baseline baseline.json --ssb-fail-on new",
    ]
