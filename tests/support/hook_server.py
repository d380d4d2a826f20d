"""A receiver of webhooks on loopback that answers with the statuses it is told to, one after the other."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(slots=True)
class Receiver:
    """What was posted; ``statuses`` are used up, then everything is accepted."""

    statuses: list[int] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        """An address with a path that holds a secret."""
        return f"{self.scheme}://127.0.0.1:{self.port}/hooks/s3cret?room=7"


@contextmanager
def receive(*statuses: int, certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver on a free port, which answers with these statuses first; over TLS where it has a certificate."""
    receiver = Receiver(list(statuses))
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    with _Server(("127.0.0.1", 0), handler) as server:
        receiver.port = server.server_port
        if certificate is not None:
            receiver.scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, _request: object, _client_address: object) -> None:
        """Quiet: a client that does not trust the certificate hangs up."""


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        receiver = self.receiver
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        receiver.raw.append(body)
        receiver.bodies.append(json.loads(body))
        receiver.headers.append(dict(self.headers))
        receiver.paths.append(self.path)
        status = receiver.statuses.pop(0) if receiver.statuses else 204
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Quiet."""
