"""moto over HTTPS on the loopback, in this process, with certificates that only the test's own CA file vouches for."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Certificate:
    """A certificate that vouches for itself, and its key, in files; `path` of the first is the CA file that trusts it."""

    path: Path
    key: Path


def certificate(folder: Path, name: str, host: str = HOST) -> Certificate:
    """A new certificate for a host."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    files.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files.key.write_bytes(private)
    return files


@dataclass
class Seen:
    """A server's address, how many requests came, the connections that they came over, and the hosts that they named."""

    url: str
    requests: int = 0
    connections: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)


@contextmanager
def serving(trusted: Certificate | None) -> Iterator[Seen]:
    """moto, over HTTPS with this certificate, or over HTTP without one, as long as the block lasts."""
    moto = DomainDispatcherApplication(create_backend_app)
    context = None
    if trusted is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(trusted.path, trusted.key)
    seen = Seen("")

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen.requests += 1
        seen.connections.add(str(environ["REMOTE_PORT"]))
        seen.hosts.add(environ["HTTP_HOST"])
        answer: Iterable[bytes] = moto(environ, start_response)
        return answer

    server = make_server(HOST, 0, application, threaded=True, request_handler=MotoRequestHandler, ssl_context=context)
    seen.url = f"{'https' if context else 'http'}://{HOST}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
