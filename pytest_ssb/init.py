"""`python -m pytest_ssb init`: writes a commented config file for the account at hand; asks the user nothing, and overwrites nothing."""

from __future__ import annotations

import argparse
import datetime
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_ssb import __version__, aws
from pytest_ssb.configfile import BUILT_IN, ConfigError, load
from pytest_ssb.errors import AwsError, UserError
from pytest_ssb.findings import clean
from pytest_ssb.initfile import Seen, commands, text
from pytest_ssb.profiles import Profile
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.targets import Account

FILE = "ssb.toml"
CONTACTS = ("SECURITY", "OPERATIONS", "BILLING")


def add_to(subparsers: Any) -> None:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "init", help="write a commented ssb.toml for the account at hand", description=(__doc__ or "").partition(": ")[2]
    )
    parser.add_argument("--aws-profile", metavar="NAME", help="named profile of the AWS config files (default: botocore's credential chain)")
    parser.add_argument(
        "--profile-name", default="prod", metavar="NAME", help="what the profile is called: pytest --ssb-profile NAME (default: prod)"
    )
    parser.add_argument("--file", default=FILE, metavar="FILE", help="the file to write (default: ssb.toml in this folder)")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Read the account, write the file, and tell what to do next. Raises UserError where there is a file already, or no account."""
    file, name = Path(given.file), given.profile_name
    _refuse(file, name)
    seen = read_account(name, given.aws_profile or os.environ.get("AWS_PROFILE") or None)
    pytest = f"pytest --ssb-profile {name}" + (f" --ssb-config {shlex.quote(given.file)}" if file != Path(FILE) else "")
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text(seen, datetime.datetime.now(datetime.UTC).date(), run=pytest))
    except OSError as error:
        raise UserError(f"{given.file}: cannot be written: {error.strerror}") from None
    regions = f"{len(seen.regions)} regions enabled" if seen.regions else "regions not read"
    written = f"written: {given.file}: profile {name!r} for {seen.name}, partition {seen.account.partition}, {regions}"
    print("\n".join([written, *(f"not read: {each}" for each in seen.unread), *commands(pytest, seen)]))
    return 0


def _refuse(file: Path, name: str) -> None:
    if file.suffix != ".toml":
        raise UserError(f"--file {file}: expected a .toml file")
    if file.exists():
        raise UserError(f"{file} exists already, and is left as it is; --file writes another one")
    if not re.fullmatch("[A-Za-z0-9._-]+", name) or name in BUILT_IN:
        why = "is a demo account" if name in BUILT_IN else "a profile's name has letters, digits, '.', '_' and '-' only"
        raise UserError(f"--profile-name {name!r}: {why}; give another name")
    if file == Path(FILE):
        try:
            other = load(None, [Path()])
        except ConfigError as error:
            raise UserError(*error.lines) from None
        if other.file:
            raise UserError(f"{other.label} has the profiles of this folder already, and {file} would take their place; --file writes another file")


def read_account(name: str, aws_profile: str | None) -> Seen:
    """What can be told of the account that the credentials reach; what is denied is noted. Raises UserError where there is no account to reach."""
    profile = Profile(name=name, aws_profile=aws_profile)
    scheduler = Scheduler(1)
    try:
        access, account = aws.connect(profile, scheduler, __version__)
        asking = _Asking(access, account)
        called = asking.called()
        return Seen(
            account=account,
            profile=name,
            aws_profile=aws_profile,
            called=called,
            regions=asking.regions(profile),
            organization=asking.organization(),
            domain=asking.domain(),
            unread=tuple(dict.fromkeys(asking.unread)),
        )
    finally:
        scheduler.close()


class _Asking:
    """The few calls that `init` makes; one that gives no answer is noted, and the file says so."""

    def __init__(self, access: aws.Access, account: Account) -> None:
        self._access, self._account = access, account
        self.unread: list[str] = []

    def _ask(self, operation: str, call: Callable[[Any], Any], none: str = "") -> Any:
        """The answer; None for the error code `none`, and where there was no answer."""
        try:
            return self._access.call(operation, self._account.home, frozenset({operation}), call)
        except AwsError as error:
            if error.code != none:
                self.unread.append(clean(str(error)))
        return None

    def regions(self, profile: Profile) -> tuple[str, ...]:
        """The regions that are enabled."""
        try:
            statuses = aws.region_statuses(self._account, self._access, profile)
        except AwsError as error:
            self.unread.append(clean(str(error)))
            return ()
        return tuple(sorted(name for name, status in statuses.items() if status != "not-opted-in"))

    def called(self) -> str | None:
        """The account's alias, else its name."""
        aliases = self._ask("iam:ListAccountAliases", lambda client: client.list_account_aliases()["AccountAliases"])
        if aliases:
            return clean(aliases[0])
        told = self._ask("account:GetAccountInformation", lambda client: client.get_account_information().get("AccountName"))
        return clean(told) if told else None

    def organization(self) -> str | None:
        """Of which organization the account is, and in which part."""
        operation = "organizations:DescribeOrganization"
        told = self._ask(operation, _organization, none="AWSOrganizationsNotInUseException")
        if told is None:
            return None
        id, manager = told
        managed = "this account manages it" if manager == self._account.id else f"account {manager} manages it"
        return f"The account belongs to organization {id}; {managed}."

    def domain(self) -> str | None:
        """The domain to which AWS writes, of the first alternate contact that there is."""
        for contact in CONTACTS:
            found = re.fullmatch(r"[^@\s]+@([A-Za-z0-9.-]+)", self._address(contact) or "")
            if found:
                return found[1].lower()
        return None

    def _address(self, contact: str) -> str | None:
        def address(client: Any) -> Any:
            return client.get_alternate_contact(AlternateContactType=contact)["AlternateContact"]["EmailAddress"]

        told: str | None = self._ask("account:GetAlternateContact", address, none="ResourceNotFoundException")
        return told


def _organization(client: Any) -> tuple[str, str]:
    told = client.describe_organization()["Organization"]
    return told["Id"], told["MasterAccountId"]
