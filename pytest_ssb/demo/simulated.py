"""Answers for what moto lacks, registered on a client: they are given before, or laid over, what moto answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

Params = dict[str, Any]
Parsed = dict[str, Any]


class Simulated:
    """Answers by operation (`ec2:GetEbsDefaultKmsKeyId`), each a function of the region and what was asked or answered.

    Bound to the account and its state by whoever makes it; never registered for a profile that is not the demo.
    """

    def __init__(self) -> None:
        self._instead: dict[str, Callable[[str, Params], Parsed | Exception]] = {}
        self._over: dict[str, list[Callable[[str, Parsed], None]]] = {}

    def instead(self, operation: str, answer: Callable[[str, Params], Parsed | Exception]) -> None:
        """Give `answer(region, asked)` instead of asking; an exception that it gives is raised. `asked` is what would be sent, in AWS's names."""
        self._instead[operation] = answer

    def over(self, operation: str, change: Callable[[str, Parsed], None]) -> None:
        """Let `change(region, parsed)` add to what was answered."""
        self._over.setdefault(operation, []).append(change)

    def register(self, client: Any) -> None:
        """Register all answers of the client's service on it."""
        service, region = client.meta.service_model.service_name, client.meta.region_name
        events, name = client.meta.events, client.meta.service_model.service_id.hyphenize()
        for operation, answer in self._instead.items():
            if operation.startswith(f"{service}:"):
                events.register_first(f"before-call.{name}.{operation.partition(':')[2]}", _giving(answer, region))
        for operation, changes in self._over.items():
            if operation.startswith(f"{service}:"):
                for change in changes:
                    events.register(f"after-call.{name}.{operation.partition(':')[2]}", _laying(change, region))


def _giving(answer: Callable[[str, Params], Parsed | Exception], region: str) -> Callable[..., Any]:
    def before_call(params: Params, **_: Any) -> tuple[Any, Parsed]:
        given = answer(region, _asked(params))
        if isinstance(given, Exception):
            raise given
        return SimpleNamespace(status_code=200), {"ResponseMetadata": {"HTTPStatusCode": 200}, **given}

    return before_call


def _asked(params: Params) -> Params:
    """The path, query and body of a request, together; a body that is no JSON is `sent`, as text."""
    body = params.get("body") or {}
    if isinstance(body, bytes | str):
        text = body.decode(errors="replace") if isinstance(body, bytes) else body
        body = json.loads(text) if text.lstrip()[:1] == "{" else {"sent": text}
    return {"url_path": params.get("url_path", ""), **(params.get("query_string") or {}), **body}


def _laying(change: Callable[[str, Parsed], None], region: str) -> Callable[..., None]:
    def after_call(parsed: Parsed, http_response: Any, **_: Any) -> None:
        if http_response.status_code < 300:
            change(region, parsed)

    return after_call
