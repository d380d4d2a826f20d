"""A large news site on loopback: real pages, their running text replaced, so that each is an article of its own.

    python -m bench.crawl_site PAGES        # prints its address; serves until it is ended

Every page keeps its markup, its size and the length of its text; words are drawn at random from the texts of its
country, every third of them glued to another, so that the pages of a small country have words of their own too.
Must not be asked for anything but ``http://`` addresses of its hosts, by way of a proxy setting.
"""

from __future__ import annotations

import random
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from bench.crawl_lists import feed_of, sitemap_of
from crawler.page.html import decode_html
from crawler.urls import host_of
from tests.support.data import data_folder
from tests.support.fundus_site import RealPage, read_real_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ARCHIVE = "fundus-parser-tests.tar.gz"
_LONG_TEXT = 40  # letters; shorter texts are menus and headings, which pages of a site share
_PIECES = re.compile(
    r"(?P<keep><(?P<tag>script|style|noscript|template|svg|title)\b.*?</(?P=tag)\s*>|<!--.*?-->|<[^>]*>)|(?P<text>[^<]+)",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESSES = re.compile(
    r"<link[^>]+rel=[\"']?canonical\b[^>]*>|<meta[^>]+property=[\"']?og:url\b[^>]*>", re.IGNORECASE
)
_STATED_BODY = re.compile(r'("articleBody"\s*:\s*")(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"[^\W\d_]+")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Template:
    """A real page cut at its running texts; ``sizes`` are the words that stood between ``pieces``."""

    number: int
    publisher: str
    country: str
    host: str
    path: str
    pieces: tuple[bytes, ...]
    sizes: tuple[int, ...]

    def address(self, copy: int) -> str:
        """The address of the page's n-th copy."""
        return f"http://{self.host}/n{copy}-{self.number}{self.path}"


@dataclass(frozen=True, slots=True)
class Site:
    """Templates by address of their first copy, and each country's words."""

    templates: tuple[Template, ...]
    words: dict[str, list[str]]
    page_count: int

    def addresses(self) -> list[tuple[str, Template, int]]:
        """Every page's address, in turns through the hosts."""
        count = len(self.templates)
        return [
            (self.templates[n % count].address(n // count), self.templates[n % count], n // count)
            for n in range(self.page_count)
        ]

    def page(self, template: Template, copy: int) -> bytes:
        """The page's n-th copy, the same at every call."""
        dice = random.Random(f"{template.number}-{copy}")
        words = self.words[template.country]
        parts = [template.pieces[0]]
        for piece, size in zip(template.pieces[1:], template.sizes, strict=True):
            drawn = dice.choices(words, k=size)
            drawn[::3] = map("".join, zip(drawn[::3], dice.choices(words, k=len(drawn[::3])), strict=True))
            parts += [_sentences(drawn), piece]
        return b"".join(parts)


def make_site(page_count: int) -> Site:
    """The site of so many pages; reads the archive of real pages."""
    pages = [page for page in read_real_pages(data_folder() / ARCHIVE) if page.body]
    words: dict[str, list[str]] = defaultdict(list)
    for page in pages:
        words[page.country] += _WORD.findall(page.body)
    return Site(tuple(_template(number, page) for number, page in enumerate(pages)), dict(words), page_count)


def listings(site: Site) -> dict[str, bytes]:
    """Feeds and sitemaps by address: half of each host's pages in an RSS feed, half in a sitemap."""
    by_host: dict[str, list[str]] = defaultdict(list)
    for address, template, _ in site.addresses():
        by_host[template.host].append(address)
    found: dict[str, bytes] = {}
    for host, addresses in by_host.items():
        found[feed_of(host)] = _feed(addresses[::2])
        found[sitemap_of(host)] = _sitemap(addresses[1::2])
    return found


def _template(number: int, page: RealPage) -> Template:
    text = _STATED_BODY.sub(r'\1"', _ADDRESSES.sub("", decode_html(page.html, None)))
    text = _HEAD.sub(lambda head: f'{head[0]}<meta charset="utf-8">', text, count=1)
    pieces, sizes, kept = [], [], []
    for match in _PIECES.finditer(text):
        running = match["text"]
        if running is None or len(running.strip()) < _LONG_TEXT:
            kept.append(match[0])
            continue
        pieces.append("".join(kept).encode("utf-8", "replace"))
        sizes.append(len(running.split()) if " " in running.strip() else 1 + len(running) // 12)
        kept = []
    pieces.append("".join(kept).encode("utf-8", "replace"))
    path = urlsplit(page.url).path or "/"
    publisher = page.name.rsplit("_", 3)[0]
    return Template(number, publisher, page.country, host_of(page.url), path, tuple(pieces), tuple(sizes))


def _sentences(words: Sequence[str]) -> bytes:
    ends = range(0, len(words), 14)
    return ". ".join(" ".join(words[at : at + 14]).capitalize() for at in ends).encode() + b"."


def _feed(urls: Iterable[str]) -> bytes:
    now = format_datetime(datetime.now(UTC))
    items = "".join(f"<item><link>{escape(u)}</link><pubDate>{now}</pubDate></item>" for u in urls)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Pages</title>{items}</channel></rss>'.encode()


def _sitemap(urls: Iterable[str]) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    items = "".join(f"<url><loc>{escape(u)}</loc><lastmod>{now}</lastmod></url>" for u in urls)
    return (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</urlset>'
    ).encode()


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Crawlers hang up: that is no error here."""


def serve(site: Site) -> None:
    """Serve until ended; the port is printed first."""
    pages = {address: (template, copy) for address, template, copy in site.addresses()}
    lists = listings(site)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = self.path if self.path.startswith("http") else f"http://{self.headers['Host']}{self.path}"
            if url in lists:
                self._send(200, lists[url], "application/xml")
            elif found := pages.get(url):
                self._send(200, site.page(*found), "text/html; charset=utf-8")
            else:
                self._send(404, b"not here", "text/plain")

        def _send(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
            """Quiet."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(make_site(int(sys.argv[1])))
