"""A moto server in a process of its own, what fills it, and runs of the plugin that reach it over HTTP as a user's shell would start them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import pytest

from pytest_ssb.demo.seeder import REGIONS, SEED, Seeder
from pytest_ssb.demo.seeding import seed
from pytest_ssb.demo.simulated import Simulated
from tests.support.runs import Ran, Runner
from tests.support.worlds import ACCOUNT, LOADER

# Its input is a pipe from here: it ends when that is closed, also where this process was killed. It answers one request at a time: moto changes its
# state while it answers, and was not made for threads.
_SERVE = """
import sys
import threading
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.organizations.utils import PAGINATION_MODEL
from moto.server import ThreadedMotoServer
# As many as AWS gives at a time.
PAGINATION_MODEL["list_accounts"]["limit_default"] = 20
turn, answer = threading.Lock(), DomainDispatcherApplication.__call__
def one_by_one(self, environ, start_response):
    with turn:
        return answer(self, environ, start_response)
DomainDispatcherApplication.__call__ = one_by_one
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


class Server:
    """A moto server, and clients to fill it with. It knows several accounts: one belongs to whoever assumes a role of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._keys: dict[str, dict[str, str]] = {ACCOUNT: {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}}
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._session = botocore.session.Session()
        self._session.register_component("data_loader", LOADER)

    def environ(self, account: str = ACCOUNT) -> dict[str, str]:
        """The environment variables by which an account on it is reached."""
        return {"AWS_ENDPOINT_URL": self.url, **self._keys_of(account)}

    def _keys_of(self, account: str) -> dict[str, str]:
        if account not in self._keys:
            sts = self.client("sts", "us-east-1")
            role = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/ssb-audit", RoleSessionName="tests")["Credentials"]
            names = {"AWS_ACCESS_KEY_ID": "AccessKeyId", "AWS_SECRET_ACCESS_KEY": "SecretAccessKey", "AWS_SESSION_TOKEN": "SessionToken"}
            self._keys[account] = {variable: role[name] for variable, name in names.items()}
        return self._keys[account]

    def client(self, service: str, region: str, account: str = ACCOUNT) -> Any:
        """A plain client of an account's service in a region."""
        if (account, service, region) not in self._clients:
            keys: Any = {name.lower(): value for name, value in self._keys_of(account).items()}
            client: Any = self._session.create_client(service, region_name=region, endpoint_url=self.url, **keys)
            if service == "s3control":
                client.meta.events.register_first("request-created.s3-control", _without_account_in_host)
            self._clients[account, service, region] = client
        return self._clients[account, service, region]

    def fill(self, *, clean: bool = False) -> Simulated:
        """Fill it with the demo; what is simulated there is handed back. To be done first: the ids are those of the demo, then."""
        # moto draws when it first meets the service.
        self.client("eks", REGIONS[0]).list_clusters()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/seed?a={SEED}", method="POST")).close()
        simulated = Simulated()
        seed(Seeder(self.client, clean, simulated))
        return simulated


def _without_account_in_host(request: Any, **_: Any) -> None:
    request.url = re.sub(r"//\d{12}\.", "//", request.url)


@contextmanager
def moto_server() -> Iterator[Server]:
    """A server, as long as the block lasts."""
    command = [sys.executable, "-c", _SERVE]
    environ = os.environ | {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.stdin.close()


class Demo(NamedTuple):
    """A server whose account is the demo's, and what is simulated there."""

    server: Server
    simulated: Simulated


@pytest.fixture(scope="session")
def demo_server() -> Iterator[Demo]:
    """A server filled with the demo; its other accounts are empty. Whoever uses it changes nothing of the demo's account."""
    with moto_server() as server:
        yield Demo(server, server.fill())


NOTHING = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1"}


class Finished(NamedTuple):
    """A run that has ended: its exit status, what it printed, and the findings file."""

    status: int
    out: str
    results: dict[str, Any]


def in_shell(folder: Path, *args: str, **environ: str) -> Finished:
    """Run pytest in a folder, in a process of its own, with no AWS or pytest settings but these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_")) and name != "CI"}
    file = folder / "results.json"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "--ssb-output", file.name, *args]
    done = subprocess.run(command, cwd=folder, env=inherited | NOTHING | environ, capture_output=True, text=True, check=False)
    results = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Finished(done.returncode, done.stdout + done.stderr, results)


OverHttp = Callable[..., Ran]


@pytest.fixture
def over_http(run: Runner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> OverHttp:
    """`over_http(environ, toml, "-m", "wkld_08", profile="shop")`: a run in process, with this config file, if any, and no AWS settings but these."""

    def go(environ: dict[str, str], toml: str | None, *args: str, profile: str) -> Ran:
        if toml is not None:
            (pytester.path / "ssb.toml").write_text(toml, encoding="utf-8")
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                patch.delenv(name)
            for name, value in (NOTHING | environ).items():
                patch.setenv(name, value)
            return run(*args, profile=profile)

    return go
