"""How much longer the tool takes than plain boto3 that asks for the same and judges nothing: `python -m benchmarks.compare --help`."""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore
import botocore.client
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.stand_in import StandIn
from pytest_ssb.aws.access import ATTEMPTS

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
IN_FLIGHT = 50
Call = tuple[str, str, str, dict[str, Any]]


def fill(regions: int, scale: int) -> list[str]:
    """Make a small startup's account, and give its regions: users and buckets, and in each region groups, some of them open, and volumes."""
    answer = boto3.client("ec2").describe_regions()
    found = [region["RegionName"] for region in answer["Regions"] if region["OptInStatus"] == "opt-in-not-required"]
    chosen = ["us-east-1", *sorted(set(found) - {"us-east-1"})][:regions]
    iam, s3 = boto3.client("iam"), boto3.client("s3")
    for number in range(5 * scale):
        iam.create_user(UserName=f"user-{number}")
        s3.create_bucket(Bucket=f"bucket-{number}")
    while iam.generate_credential_report()["State"] != "COMPLETE":
        pass
    for region in chosen:
        ec2: Any = boto3.client("ec2", region_name=region)
        for number in range(5 * scale):
            group = ec2.create_security_group(GroupName=f"group-{number}", Description="a group")["GroupId"]
            rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0" if number % 2 else "10.0.0.0/8"}]}
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
            ec2.create_volume(AvailabilityZone=f"{region}a", Size=8, Encrypted=bool(number % 2))
    return chosen


def record(file: Path, arguments: Sequence[str]) -> int:
    """Run the tool, and write down every call that it makes."""
    import pytest

    calls: list[Call] = []
    make = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def noted(self: Any, operation: str, params: dict[str, Any]) -> Any:
        calls.append((self.meta.service_model.service_name, self.meta.region_name, operation, params))
        return make(self, operation, params)

    botocore.client.BaseClient._make_api_call = noted  # type: ignore[attr-defined]
    code = pytest.main([*arguments])
    distinct = {json.dumps(call, sort_keys=True): call for call in calls}
    file.write_text(json.dumps([*distinct.values()]), encoding="utf-8")
    return int(code)


def plain(file: Path) -> int:
    """Make these calls as plainly as boto3 allows: a client per service and region, made once, and threads."""
    session, making, clients = botocore.session.Session(), threading.Lock(), dict[tuple[str, str], Any]()
    # What the stand-in lacks answers 500: tried as often as the tool does, or the two would not make the same calls.
    config = Config(max_pool_connections=IN_FLIGHT, retries={"mode": "standard", "total_max_attempts": ATTEMPTS["endpoint"]})

    def client(service: str, region: str) -> Any:
        with making:
            if (service, region) not in clients:
                made: Any = session.create_client(service, region_name=region, config=config)
                if service == "s3control":  # no host of that name is there
                    made.meta.events.register("request-created.s3-control", _without_account_in_host)
                clients[service, region] = made
            return clients[service, region]

    def ask(call: Call) -> None:
        service, region, operation, params = call
        with suppress(ClientError):
            getattr(client(service, region), xform_name(operation))(**params)

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        for done in [pool.submit(ask, call) for call in json.loads(file.read_text(encoding="utf-8"))]:
            done.result()
    return 0


def _without_account_in_host(request: Any, **_: object) -> None:
    request.url = re.sub(r"//\d{12}\.", "//", request.url)


@dataclass
class Cost:
    """What a process took."""

    wall: float
    cpu: float
    calls: int


def run(server: StandIn, *command: str) -> Cost:
    """Run a command of this Python's, and measure it. Exits where it did not get to its end."""
    server.calls, start = 0, time.perf_counter()
    with tempfile.TemporaryFile("w+") as output, subprocess.Popen([sys.executable, *command], stdout=output, stderr=output) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        if process.returncode not in (0, 1):
            output.seek(0)
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{output.read()}")
    return Cost(wall, used.ru_utime + used.ru_stime, server.calls)


def main() -> int:
    """Fill an account, run both in turn, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--regions", type=int, default=17, choices=range(1, 18), metavar="N", help="how many regions to judge (default: 17, all that need no opt-in)"
    )
    parser.add_argument("--scale", type=int, default=1, help="how many times the usual resources (default: 1)")
    parser.add_argument("--rounds", type=int, default=3, help="how often to run both, in turn (default: 3)")
    parser.add_argument("--latency-ms", type=float, default=60, help="how long every answer takes (default: 60)")
    parser.add_argument("--tls", action="store_true", help="over HTTPS")
    parser.add_argument("-m", dest="marked", metavar="EXPRESSION", help="only the checks with these of pytest's markers (default: all)")
    given = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # nothing of the user's own, who may reach an account
    folder = Path(tempfile.mkdtemp())
    certificate = None
    if given.tls:
        from tests.support.tls import certificate as new_certificate

        made = new_certificate(folder, "stand-in")
        certificate, bundle = (made.path, made.key), folder / "bundle.pem"
        # To load the hundred authorities that are usually trusted is what makes a context dear.
        bundle.write_bytes(Path(botocore.__file__).with_name("cacert.pem").read_bytes() + made.path.read_bytes())
        os.environ["AWS_CA_BUNDLE"] = str(bundle)
    server = StandIn(certificate)
    os.environ |= {**ENVIRONMENT, "AWS_ENDPOINT_URL": server.url}
    regions = fill(given.regions, given.scale)
    server.remember()

    calls = folder / "calls.json"
    # What the tests need hypothesis for, its plugin imports in every run; whoever installs the tool alone has neither.
    tool = [
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
        f"--rootdir={folder}",
        "--ssb-profile=default",
        f"--ssb-region={','.join(regions)}",
        *(["-m", given.marked] if given.marked else []),
    ]
    run(server, "-m", "benchmarks.compare", "record", str(calls), *tool)
    server.latency = given.latency_ms / 1000
    by_service = Counter(call[0] for call in json.loads(calls.read_text(encoding="utf-8")))
    over = f"{given.latency_ms:g} ms each, over {'HTTPS' if given.tls else 'HTTP'}"
    print(f"{by_service.total()} different calls to {len(by_service)} services in {given.regions} regions, {over}")
    ratios: list[list[float]] = []
    for number in range(given.rounds):
        ours, theirs = run(server, "-m", "pytest", *tool), run(server, "-m", "benchmarks.compare", "plain", str(calls))
        ratios.append([ours.wall / theirs.wall, ours.cpu / theirs.cpu, ours.calls / theirs.calls])
        print(f"round {number + 1}: " + _said(ratios[-1]))
    print("median:  " + _said([statistics.median(column) for column in zip(*ratios, strict=True)]))
    return 0


def _said(ratios: Sequence[float]) -> str:
    names = ("wall time", "CPU time", "calls")
    return "tool / plain boto3: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in zip(names, ratios, strict=True))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["record", file, *arguments]:
            sys.exit(record(Path(file), arguments))
        case ["plain", file]:
            sys.exit(plain(Path(file)))
        case _:
            sys.exit(main())
