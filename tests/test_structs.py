"""Reads convert AWS's answers on many threads at once, which must not be the first to use a struct."""

from __future__ import annotations

import subprocess
import sys

# Many structs that nothing has used yet, and threads that all use them in the same order, taking turns as often as the interpreter can.
FIRST_USES = """
import sys, threading
import msgspec
from pytest_ssb.reads.engine import Reads

def made():
    inner = msgspec.defstruct("Inner", [("a", int)])
    return msgspec.defstruct("Outer", [("one", inner | None, None), ("more", tuple[inner, ...], ())])

structs = [made() for _ in range(1500)]
Reads(aws_for=None, profile_for=None, submit=None).start([])
sys.setswitchinterval(1e-6)
together = threading.Barrier(8)

def use():
    together.wait()
    for struct in structs:
        msgspec.convert({"one": {"a": 1}, "more": [{"a": 2}]}, struct)

threads = [threading.Thread(target=use) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("converted")
"""


def test_threads_convert_to_structs_that_nothing_has_used_before() -> None:
    ran = subprocess.run([sys.executable, "-c", FIRST_USES], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "converted\n"), ran.stderr
