"""The benchmark runs, and shows that a run asks AWS nothing twice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(sys.platform == "win32", reason="the benchmark measures processes as POSIX does")
def test_the_tool_makes_the_calls_of_plain_boto3_and_none_twice() -> None:
    command = [sys.executable, "-m", "benchmarks.compare", "--regions", "1", "--rounds", "1", "--latency-ms", "0", "--tls"]
    command += ["-m", "acct_08 or wkld_08"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    # moto says on the same stream which services it lacks.
    assert re.search(r"^\d\d+ different calls to \d+ services in 1 regions", ran.stdout, re.MULTILINE)
    # Fewer, where plain boto3 tries again what the stand-in does not have.
    median = ran.stdout.splitlines()[-1]
    assert re.match(r"median: +tool / plain boto3: wall time \d+\.\d\d, CPU time \d+\.\d\d, calls (?:1\.00|0\.9\d)$", median)
