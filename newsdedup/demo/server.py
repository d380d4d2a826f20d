"""The demo newsroom's web server: all its sites on one loopback port, told apart by host name.

Must not decide what a page says; it answers with what `pages` rendered.
"""

from __future__ import annotations

import gzip
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsdedup.demo.content import load_content
from newsdedup.demo.pages import Resource, render_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from newsdedup.demo.content import Content

_VISITS_KEPT = 10_000
_COMPRESSED_TYPES = ("text/", "application/rss", "application/atom", "application/feed", "application/xml")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that the newsroom answered; `target` is path and query."""

    method: str
    host: str
    target: str
    status: int
    user_agent: str


@dataclass(slots=True)
class Newsroom:
    """The running newsroom: where it listens, what it serves, who came."""

    content: Content
    address: str = ""
    resources: Mapping[tuple[str, str], Resource] = field(default_factory=dict)
    # deque.append is atomic, and every request runs in a thread of its own
    _visits: deque[Visit] = field(default_factory=lambda: deque(maxlen=_VISITS_KEPT))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names of the sites, sorted."""
        return tuple(sorted(site.host for site in self.content.sites.values()))

    @property
    def loopback_hosts(self) -> dict[str, str]:
        """Every site's host with the address that answers for it: the crawler's allow-list."""
        return dict.fromkeys(self.hosts, self.address)

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The latest requests, oldest first."""
        return tuple(self._visits)

    def set_clock(self, moment: datetime) -> None:
        """Serve what the sites showed at that moment: articles out by then, corrections made by then."""
        self.resources = {
            (site.host, path): resource
            for site in self.content.sites.values()
            for path, resource in render_site(site, self.content, moment).items()
        }

    def url_of(self, key: str) -> str:
        """Address of the article with that key.

        Raises:
            KeyError: there is no such article.
        """
        return self.content.articles[key].url

    def find(self, host: str, target: str) -> Resource | None:
        """What the site serves at a path and query; a query it does not know is ignored."""
        exact = self.resources.get((host, target))
        return exact or self.resources.get((host, target.partition("?")[0]))

    def note(self, visit: Visit) -> None:
        """Remember a request."""
        self._visits.append(visit)


@contextmanager
def serve_newsroom(as_of: datetime | None = None, *, port: int = 0) -> Iterator[Newsroom]:
    """A running newsroom on 127.0.0.1, closed with the block; port 0 takes a free one.

    Without `as_of` the sites show the end of their last day. Answers requests in absolute form, as a proxy gets
    them, and plain ones with a Host header.

    Raises:
        OSError: the port is taken.
    """
    newsroom = Newsroom(load_content())
    newsroom.set_clock(as_of or last_moment(newsroom.content))
    handler = type("NewsroomHandler", (_Handler,), {"newsroom": newsroom})
    with _Server(("127.0.0.1", port), handler) as server:
        newsroom.address = f"127.0.0.1:{server.server_port}"
        thread = Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="newsroom", daemon=True
        )
        thread.start()
        try:
            yield newsroom
        finally:
            server.shutdown()
            thread.join()


def last_moment(content: Content) -> datetime:
    """When the newest article or correction came out."""
    articles = content.articles.values()
    return max(
        *(article.published_at for article in articles),
        *(article.correction.at for article in articles if article.correction),
    )


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    wbufsize = -1  # head and body leave in one segment
    disable_nagle_algorithm = True
    timeout = 30
    newsroom: Newsroom

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's signature
        """Say nothing: visits are kept in the newsroom."""

    def _answer(self, *, with_body: bool) -> None:
        host, target = self._asked_for()
        resource = self.newsroom.find(host, target)
        if resource is None:
            self._send(404, b"<h1>Page not found</h1>", {"Content-Type": "text/html"}, with_body=with_body)
        elif self._is_known(resource):
            self._send(304, b"", _validators(resource), with_body=False)
        else:
            body, headers = self._encoded(resource)
            self._send(resource.status, body, headers | _validators(resource), with_body=with_body)

    def _asked_for(self) -> tuple[str, str]:
        parts = urlsplit(self.path)
        host = parts.hostname or urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        return host, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _is_known(self, resource: Resource) -> bool:
        if resource.status != 200:
            return False
        if tags := self.headers.get("If-None-Match"):
            return resource.etag in [tag.strip() for tag in tags.split(",")]
        since = _http_date(self.headers.get("If-Modified-Since", ""))
        return since is not None and resource.changed_at <= since

    def _encoded(self, resource: Resource) -> tuple[bytes, dict[str, str]]:
        headers = {"Content-Type": resource.content_type, "Vary": "Accept-Encoding"}
        if resource.location:
            headers["Location"] = resource.location
        accepts_gzip = "gzip" in self.headers.get("Accept-Encoding", "")
        if accepts_gzip and resource.content_type.startswith(_COMPRESSED_TYPES):
            return gzip.compress(resource.body, mtime=0), headers | {"Content-Encoding": "gzip"}
        return resource.body, headers

    def _send(self, status: int, body: bytes, headers: Mapping[str, str], *, with_body: bool) -> None:
        host, target = self._asked_for()
        agent = self.headers.get("User-Agent", "")
        self.newsroom.note(Visit(self.command, host, target, status, agent))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _validators(resource: Resource) -> dict[str, str]:
    return {
        "ETag": resource.etag,
        "Last-Modified": format_datetime(resource.changed_at.astimezone(UTC), usegmt=True),
    }


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
