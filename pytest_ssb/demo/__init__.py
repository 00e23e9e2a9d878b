"""The embedded demo accounts: moto in this process, filled the same way every time. `demo` has mistakes in it, `demo-clean` has none."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from pytest_ssb.aws import Access, session_of_mock
from pytest_ssb.demo.seeder import ACCOUNT, REGIONS, SEED, Seeder
from pytest_ssb.demo.seeding import seed
from pytest_ssb.demo.simulated import Simulated
from pytest_ssb.profiles import Profile
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.targets import Account

HOME = "us-east-1"


def account(profile: Profile) -> Account:
    """Whose account the demo is; nothing has to be started to know."""
    return Account(
        profile=profile.name,
        id=ACCOUNT,
        partition="aws",
        caller=f"arn:aws:sts::{ACCOUNT}:assumed-role/ssb-audit/pytest-ssb",
        home=HOME,
        environment=profile.environment,
        backend="demo",
    )


def region_statuses() -> dict[str, str]:
    """The demo's regions, as DescribeRegions would tell of them."""
    return dict.fromkeys(REGIONS, "opt-in-not-required")


def start(profile: Profile, scheduler: Scheduler, version: str) -> tuple[Access, Callable[[], None]]:
    """Start moto, fill the account, and give the access to it, and what stops it. From then on every client of the process is answered by moto."""
    before = os.environ.get("MOTO_EC2_LOAD_DEFAULT_AMIS")
    # moto would give every region 1,301 snapshots of foreign images as the account's own.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    from moto import mock_aws
    from moto.moto_api._internal import mock_random

    mock = mock_aws()
    mock.start()
    # Of moto's services this one draws when it is imported, which else is in the midst of the seeding, or was before it.
    import moto.eks.models  # noqa: F401

    mock_random.seed(SEED)
    session = session_of_mock()
    simulated = Simulated()
    clients: dict[tuple[str, str], Any] = {}

    def client(service: str, region: str) -> Any:
        if (service, region) not in clients:
            clients[service, region] = session.create_client(service, region_name=region)
        return clients[service, region]

    def stop() -> None:
        mock.stop()
        if before is None:
            os.environ.pop("MOTO_EC2_LOAD_DEFAULT_AMIS", None)
        else:
            os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = before

    try:
        seed(Seeder(client, profile.name == "demo-clean", simulated))
    except BaseException:
        # Whoever asks next shall meet the same error, and not the half that is there already.
        stop()
        raise
    # The same session, so that a service's model is loaded once.
    return Access(session, "demo", HOME, scheduler, version, simulated.register), stop
