"""AWS with latency: moto answers each question once, in this process; then the same answer is given again, after a fixed time."""

from __future__ import annotations

import os
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HEADERS_OF_THE_CONNECTION = {"connection", "content-length", "date", "server"}
Answer = tuple[int, list[tuple[str, str]], bytes]


class StandIn(ThreadingHTTPServer):
    """A server at `url`, over HTTPS if it is given a certificate and key; it counts `calls`, and answers each after `latency` seconds."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, certificate: tuple[Path, Path] | None) -> None:
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.test import Client

        super().__init__(("127.0.0.1", 0), Answering)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            # The handshake belongs into the connection's own thread.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server_port}"
        self.latency = 0.0
        self.calls = 0
        self._moto = Client(DomainDispatcherApplication(create_backend_app), use_cookies=False)
        self._remembered: dict[object, Answer] | None = None
        self._one_by_one = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def remember(self) -> None:
        """From now on, answer the same question with the same answer."""
        self._remembered = {}

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        """The answer to a request; who signed it, for which region and service, is a part of the question, but not when."""
        time.sleep(self.latency)
        scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", headers.get("Authorization", ""))
        question = (method, path, scope and scope.groups(), headers.get("X-Amz-Target"), headers.get("X-Amz-Account-Id"), body)
        with self._one_by_one:
            self.calls += 1
            found = self._remembered.get(question) if self._remembered is not None else None
            if found is None:
                said = self._moto.open(path, method=method, headers=list(headers.items()), data=body, base_url=f"http://{headers['Host']}")
                kept = [(name, value) for name, value in said.headers if name.lower() not in HEADERS_OF_THE_CONNECTION]
                found = (said.status_code, kept, said.get_data())
                if self._remembered is not None:
                    self._remembered[question] = found
        return found


class Answering(BaseHTTPRequestHandler):
    """One connection to the stand-in."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: StandIn

    def do_POST(self) -> None:
        """Answer, whatever the method."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, answer = self.server.answer(self.command, self.path, self.headers, body)
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(answer)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else answer)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST  # noqa: N815 - as http.server calls them

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""
