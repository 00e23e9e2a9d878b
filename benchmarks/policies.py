"""How long a policy takes to be judged: `python -m benchmarks.policies`."""

from __future__ import annotations

import json
import timeit
from pathlib import Path

import msgspec

from pytest_ssb.policies import ResourceDocument
from pytest_ssb.policy_access import evaluate
from pytest_ssb.policy_circle import Circle

CASES = Path(__file__).parent.parent / "tests" / "data" / "policy_cases.json"
ROUNDS = 500


def main() -> None:
    """Print what parsing and judging one of the known policies takes, on average."""
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    circle = Circle(cases["context"]["account"], cases["context"]["organization"])
    texts = [json.dumps(case["policy"]).encode() for case in cases["cases"]]
    decoder = msgspec.json.Decoder(ResourceDocument)
    documents = [decoder.decode(text) for text in texts]
    for what, seconds in (
        ("parsing", timeit.timeit(lambda: [decoder.decode(text) for text in texts], number=ROUNDS)),
        ("judging", timeit.timeit(lambda: [evaluate(document.statements, circle) for document in documents], number=ROUNDS)),
    ):
        print(f"{what}: {seconds / ROUNDS / len(texts) * 1e6:.1f} microseconds a policy")


if __name__ == "__main__":
    main()
