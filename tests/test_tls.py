"""TLS to a custom endpoint: one context for all connections, which trusts no more than a context of each would."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.httpsession
import botocore.session
import pytest
from moto.s3control.models import s3control_backends

from pytest_ssb.aws import Access
from pytest_ssb.aws.tls import SharedContext
from pytest_ssb.errors import UnreachableError
from pytest_ssb.scheduler import Scheduler
from tests.support.runs import Runner
from tests.support.tls import Certificate, Seen, certificate, serving

ACCOUNT, REGIONS = "123456789012", ("eu-west-1", "us-east-1", "ap-south-1")
CALLS = (
    ("ec2:DescribeVpcs", "describe_vpcs"),
    ("rds:DescribeDBInstances", "describe_db_instances"),
    ("sts:GetCallerIdentity", "get_caller_identity"),
)


@pytest.fixture
def trusted(tmp_path: Path) -> Certificate:
    return certificate(tmp_path, "trusted")


@pytest.fixture
def server(trusted: Certificate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    """A server over HTTPS, and an environment that reaches it and trusts it."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(trusted.path))
    with serving(trusted) as seen:
        _reach(seen, monkeypatch)
        yield seen


@pytest.fixture
def access(server: Seen) -> Iterator[Access]:
    scheduler = Scheduler(8)
    yield Access(botocore.session.Session(), "endpoint", "us-east-1", scheduler, "test")
    scheduler.close()


def _reach(server: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


def _call(access: Access, operation: str, method: str, region: str) -> Any:
    return access.call(operation, region, frozenset({operation}), lambda client: getattr(client, method)())


def test_the_ca_file_is_loaded_once_for_all_connections(access: Access, server: Seen, trusted: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Any] = []
    load = ssl.SSLContext.load_verify_locations

    def counted(self: ssl.SSLContext, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        loaded.append(cafile)
        load(self, cafile, capath, cadata)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    for region in REGIONS:
        for operation, method in CALLS:
            _call(access, operation, method, region)
    assert len(server.connections) >= len(REGIONS) * len(CALLS)
    assert loaded == [str(trusted.path)]


@pytest.mark.parametrize(("name", "host"), [("stranger", "127.0.0.1"), ("trusted-for-another-host", "127.0.0.2")])
def test_a_context_that_trusts_one_server_refuses_another(
    access: Access, trusted: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, host: str
) -> None:
    other = certificate(tmp_path, name, host)
    if name.startswith("trusted"):
        trusted.path.write_bytes(trusted.path.read_bytes() + other.path.read_bytes())
    with serving(other) as seen:
        monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", seen.url)
        assert _call(access, "sts:GetCallerIdentity", "get_caller_identity", "us-east-1")["Account"] == ACCOUNT
        with pytest.raises(UnreachableError, match=r"^ec2:DescribeVpcs in us-east-1: TLS failed \(SSLError\)$"):
            _call(access, "ec2:DescribeVpcs", "describe_vpcs", "us-east-1")
    assert not seen.connections


def test_only_the_clients_that_it_makes_share_the_context() -> None:
    create: Any = botocore.httpsession.create_urllib3_context
    shared, elsewhere = SharedContext(), []
    with shared.installed():
        made = [botocore.httpsession.create_urllib3_context() for _ in range(2)]
        thread = threading.Thread(target=lambda: elsewhere.append(botocore.httpsession.create_urllib3_context()))
        thread.start()
        thread.join()
    assert made[0] is made[1]
    assert elsewhere[0] is not made[0]
    assert botocore.httpsession.create_urllib3_context is create
    assert create() is not made[0]


@pytest.mark.parametrize("bundle", [None, "missing.pem"])
def test_a_run_says_in_one_line_that_the_certificate_is_not_trusted(
    run: Runner, trusted: Certificate, monkeypatch: pytest.MonkeyPatch, bundle: str | None
) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    if bundle:
        monkeypatch.setenv("AWS_CA_BUNDLE", bundle)
    with serving(trusted) as seen:
        _reach(seen, monkeypatch)
        ran = run("-m", "acct_06", profile="default")
    said = [line for line in ran.result.errlines if line]
    assert ran.result.ret == pytest.ExitCode.USAGE_ERROR
    assert said == [
        f"ERROR: profile 'default': TLS with {seen.url} failed (SSLError): "
        "is the certificate trusted? set AWS_CA_BUNDLE, or ca_bundle in the AWS config file, to the file of its CA"
    ]
    assert not seen.connections


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_accounts_own_public_access_block_is_read_over_a_custom_endpoint(
    run: Runner, trusted: Certificate, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(trusted.path))
    with serving(trusted if scheme == "https" else None) as seen:
        block = {"BlockPublicAcls": "true", "IgnorePublicAcls": "true", "BlockPublicPolicy": "false", "RestrictPublicBuckets": "true"}
        s3control_backends[ACCOUNT]["aws"].put_public_access_block(ACCOUNT, block)
        _reach(seen, monkeypatch)
        ran = run("-k", "account_public_access_block", profile="default")
    (found,) = ran.findings(check="account_public_access_block")
    assert (found["status"], found["reason"]) == ("FAIL", "BlockPublicPolicy off for the account")
    assert seen.hosts == {seen.url.partition("//")[2]}
    assert ran.results["api_calls"]["by_operation"]["sts:GetCallerIdentity"] == 1
    assert ran.results["api_calls"]["total"] == seen.requests
