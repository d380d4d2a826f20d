"""A web server for crawl tests: pages of many hosts on one loopback port, told apart by host name."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """What one address answers; ``etag`` makes it answer 304 to who has it, ``endless`` never stops sending.

    ``cookie`` (``name=value``) sends whoever has it not back to the same address, with that cookie set.
    """

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    delay_seconds: float = 0.0
    claimed_length: int | None = None
    endless: bool = False
    cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request as the server saw it; times of one monotonic clock, the end being the moment it began to answer.

    What comes after, the client may know of before the server does.
    """

    url: str
    host: str
    agent: str
    began: float
    ended: float


@dataclass(slots=True)
class Site:
    """The running server: where it listens, what it serves, what was asked for."""

    pages: dict[str, Page]
    address: str = ""
    visits: Counter[str] = field(default_factory=Counter)
    visitors: list[tuple[str, str]] = field(default_factory=list)
    visit_times: dict[str, list[float]] = field(default_factory=dict)
    fetches: list[Fetch] = field(default_factory=list)
    connection_count: int = 0
    on_visit: Callable[[str], None] | None = None
    in_place: Callable[[str, Page], Page] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def user_agents(self) -> set[str]:
        """Who has asked for anything."""
        return {agent for _, agent in self.visitors}

    @property
    def loopback_hosts(self) -> dict[str, str]:
        """Every host with the address that answers for it."""
        return dict.fromkeys((urlsplit(url).hostname or "" for url in self.pages), self.address)


@contextmanager
def serve(pages: Mapping[str, Page]) -> Iterator[Site]:
    """Serve pages by absolute ``http://`` address on a free loopback port."""
    site = Site(dict(pages))
    handler = type("Handler", (_Handler,), {"site": site})
    with _Server(("127.0.0.1", 0), handler) as server:
        site.address = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Crawlers hang up on endless pages: that is no error here."""


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"
    timeout = 300

    def setup(self) -> None:
        super().setup()
        with self.site.lock:
            self.site.connection_count += 1

    def do_GET(self) -> None:
        url = self.path if self.path.startswith("http") else f"http://{self.headers['Host']}{self.path}"
        began = time.monotonic()
        page = self.site.pages.get(url, Page(b"not here", "text/plain", 404))
        with self.site.lock:
            self.site.visits[url] += 1
            self.site.visit_times.setdefault(url, []).append(time.monotonic())
            self.site.visitors.append((url, self.headers.get("User-Agent", "")))
        if self.site.in_place is not None:
            page = self.site.in_place(url, page)
        if self.site.on_visit is not None:
            self.site.on_visit(url)
        if page.delay_seconds:
            time.sleep(page.delay_seconds)
        agent, host = self.headers.get("User-Agent", ""), urlsplit(url).hostname or ""
        with self.site.lock:
            self.site.fetches.append(Fetch(url, host, agent, began, time.monotonic()))
        if page.etag is not None and self.headers.get("If-None-Match") == page.etag:
            self._send(Page(status=304, etag=page.etag))
        elif page.cookie is not None and page.cookie not in self.headers.get("Cookie", "").split("; "):
            self._send(
                Page(status=302, headers={"Location": url, "Set-Cookie": f"{page.cookie}; Path=/; HttpOnly"})
            )
        else:
            self._send(page)

    def _send(self, page: Page) -> None:
        self.send_response(page.status)
        self.send_header("Content-Type", page.content_type)
        if page.etag is not None:
            self.send_header("ETag", page.etag)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if page.endless:
            self.send_header("Connection", "close")
            self.end_headers()
            while True:
                self.wfile.write(page.body or b"x" * _CHUNK)
        length = page.claimed_length if page.claimed_length is not None else len(page.body)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(page.body)
        if length != len(page.body):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Quiet."""
