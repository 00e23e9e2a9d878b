"""Access to what moto answers for in this process."""

from __future__ import annotations

import os

import botocore.session

from pytest_ssb.aws.access import Access
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.targets import Account


def session_of_mock() -> botocore.session.Session:
    """A session that knows nothing of the user's AWS configuration, least of all of another endpoint."""
    nothing = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None), "credentials_file": (None, None, os.devnull, None)}
    endpoints = {"ignore_configured_endpoint_urls": (None, None, True, None), "ca_bundle": (None, None, None, None)}
    session = botocore.session.Session(session_vars=nothing | endpoints)
    session.set_credentials("testing", "testing", "testing")
    return session


def mocked(home: str, scheduler: Scheduler, version: str) -> tuple[Access, Account]:
    """The access to the account that a mock in this process answers for, one call at a time, and who that is."""
    access = Access(session_of_mock(), "demo", home, scheduler, version)
    identity = access.call("sts:GetCallerIdentity", home, frozenset({"sts:GetCallerIdentity"}), lambda client: client.get_caller_identity())
    account = Account(
        profile="test",
        id=identity["Account"],
        partition=identity["Arn"].split(":")[1],
        caller=identity["Arn"],
        home=home,
        environment="production",
        backend="demo",
    )
    return access, account
