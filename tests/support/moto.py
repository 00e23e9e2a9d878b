"""moto for tests by the thousand: started without what boto3 does not need, and a demo account that is filled once and kept."""

from __future__ import annotations

import copy
import datetime
import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.core import responses
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.core.models import MockAWS, botocore_stubber

from pytest_ssb.demo.seeder import Seeder


@contextmanager
def empty_account() -> Iterator[None]:
    """An empty moto account for boto3 clients, as `mock_aws` gives; of `requests`, whose 2,000 patterns take 20 ms to set up, nothing is caught."""
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    if MockAWS._nested_count:
        raise RuntimeError("moto is on already")
    BackendDict.reset()
    botocore_stubber.enabled = True
    try:
        yield
    finally:
        botocore_stubber.enabled = False
        BackendDict.reset()
        reset_model_data()


# What a class of moto's can answer is looked up for each request, among all of its members.
vars(responses)["method_names_from_class"] = functools.cache(vars(responses)["method_names_from_class"])

# All backends that are in use.
INSTANCES: list[Any] = vars(BackendDict)["_instances"]
Seeding = Callable[[Seeder], None]


class Kept:
    """A filled account as it was, to be given again: filling the demo takes seconds, and nothing that is judged changes it."""

    def __init__(self, seeder: Seeder) -> None:
        self._simulated = copy.copy(seeder.simulated._instead), {name: list(changes) for name, changes in seeder.simulated._over.items()}
        self._services = [(backends, _attributes(vars(backends)), dict(backends)) for backends in INSTANCES]
        # pytester forgets what a run imports: a module that is imported anew would have backends of its own, and they would be empty.
        self._modules = {name: module for name, module in sys.modules.items() if name.startswith("moto.")}
        self._states = [
            (backend, vars(backend)) for _, _, accounts in self._services for account in accounts.values() for backend in account.values()
        ]

    def give(self, seeder: Seeder) -> None:
        """Put it in the place of an empty account."""
        sys.modules.update(self._modules)
        INSTANCES[:] = [backends for backends, _, _ in self._services]
        for backends, attributes, accounts in self._services:
            vars(backends).update(_attributes(attributes))
            backends.update(accounts)
        for backend, state in self._states:
            backend.__dict__ = state
        instead, over = self._simulated
        seeder.simulated._instead.update(instead)
        seeder.simulated._over.update({name: list(changes) for name, changes in over.items()})


def _attributes(held: dict[str, Any]) -> dict[str, Any]:
    # S3 keeps there whose each bucket is, and forgets it when it is emptied.
    return {name: dict(value) if isinstance(value, dict) else value for name, value in held.items()}


_kept: dict[tuple[bool, datetime.date], Kept] = {}


def seeding_once(seed: Seeding) -> Seeding:
    """The demo's seeding, which fills each of the accounts once a day and process."""

    def seeded(seeder: Seeder) -> None:
        key = (seeder.clean, datetime.datetime.now(datetime.UTC).date())
        if key in _kept:
            _kept[key].give(seeder)
        else:
            seed(seeder)
            _kept[key] = Kept(seeder)

    return seeded
