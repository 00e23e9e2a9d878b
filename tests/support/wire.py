"""An endpoint that remembers what it was asked, and hands it on to a server or answers it itself."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


class Asked(NamedTuple):
    """A request: by whose key, of which service in which region, and, where the service speaks AWS's query protocol, what."""

    key: str
    region: str
    service: str
    action: str
    params: dict[str, str]
    user_agent: str


class Wire:
    """The endpoint. `answers` takes the place of the server's for an action: status and body, from what was asked; `changes` works on the server's body.

    An answer of None leaves what was asked to the server.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.answers: dict[str, Callable[[Asked], tuple[int, str] | None]] = {}
        self.changes: dict[str, Callable[[str], str]] = {}

    def of(self, action: str) -> list[Asked]:
        """What was asked of this action."""
        return [asked for asked in self.asked if asked.action == action]

    def fail(self, action: str, code: str, status: int = 403) -> None:
        """Let an action of a service that speaks AWS's query protocol end in this error."""
        self.answers[action] = lambda asked: failing(code, status)


def failing(code: str, status: int = 403) -> tuple[int, str]:
    """The error of a service that speaks AWS's query protocol, as an answer."""
    body = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    return status, body


@contextmanager
def wire_to(server: str) -> Iterator[Wire]:
    """A wire to the server at that URL, as long as the block lasts."""
    behind = urlsplit(server).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = _asked(self.headers, body)
            wire.asked.append(asked)
            answering = wire.answers.get(asked.action)
            answer = answering(asked) if answering is not None else None
            if answer is not None:
                self.give(answer[0], {"Content-Type": "text/xml"}, answer[1].encode())
                return
            connection = http.client.HTTPConnection(behind)
            connection.request(self.command, self.path, body, dict(self.headers))
            response = connection.getresponse()
            given = response.read()
            connection.close()
            if asked.action in wire.changes:
                given = wire.changes[asked.action](given.decode()).encode()
            self.give(response.status, {name: value for name, value in response.getheaders() if name.lower() not in _HOP}, given)

        def give(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

        do_GET = do_POST = do_PUT = do_HEAD = handle_one  # noqa: N815 - http.server's names

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        wire = Wire(f"http://127.0.0.1:{listening.server_address[1]}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield wire
        finally:
            listening.shutdown()
            thread.join()


_HOP = ("connection", "content-length", "transfer-encoding")


def _asked(headers: Any, body: bytes) -> Asked:
    key, region, service = scope.groups() if (scope := _SCOPE.search(headers.get("Authorization", ""))) else ("", "", "")
    form = body.decode() if "form-urlencoded" in headers.get("Content-Type", "") else ""
    params = {name: values[0] for name, values in parse_qs(form).items()}
    return Asked(key, region, service, params.get("Action", ""), params, headers.get("User-Agent", ""))
