"""Real news pages as crawlable sites: each page under the address it declares, with a feed a host."""

from __future__ import annotations

import gzip
import json
import re
import tarfile
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from crawler.page.html import decode_html, parse_html
from crawler.urls import BadUrlError, canonical_url, host_of
from tests.support.site_server import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_PAGE = re.compile(r"/test_data/(?P<country>\w+)/(?P<publisher>\w+?)_(?P<day>\d{4}_\d{2}_\d{2})\.html\.gz$")
_TRUTH = re.compile(r"/test_data/(?P<country>\w+)/(?P<publisher>\w+)\.json$")


@dataclass(frozen=True, slots=True)
class RealPage:
    """One page of the archive with what its publisher's own parser reads out of it."""

    name: str
    country: str
    url: str
    html: bytes
    truth: Mapping[str, Any]

    @property
    def body(self) -> str:
        """The expected text: summary, headlines and paragraphs in order."""
        body = self.truth["body"]
        parts = [*body["summary"]]
        for section in body["sections"]:
            parts += [*section["headline"], *section["paragraphs"]]
        return "\n".join(parts)


def read_real_pages(archive: Path) -> tuple[RealPage, ...]:
    """All pages of the archive; the n-th oldest page of a publisher goes with its n-th version of the truth."""
    pages: dict[tuple[str, str], list[tuple[str, bytes]]] = defaultdict(list)
    truths: dict[tuple[str, str], dict[str, Any]] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is None:
                continue
            if match := _PAGE.search(member.name):
                pages[match["country"], match["publisher"]].append(
                    (match["day"], gzip.decompress(stream.read()))
                )
            elif match := _TRUTH.search(member.name):
                truths[match["country"], match["publisher"]] = json.load(stream)
    return tuple(
        RealPage(
            f"{publisher}_{day}",
            country,
            _address(html, publisher, day),
            html,
            truths[country, publisher][version],
        )
        for (country, publisher), found in sorted(pages.items())
        for (day, html), version in zip(
            sorted(found), sorted(truths[country, publisher], key=_version), strict=True
        )
    )


def site_of_real_pages(pages: Iterable[RealPage]) -> tuple[dict[str, Page], str]:
    """The pages to serve, and a seed file (TOML) that lists one feed a host; feeds hold nothing but links."""
    by_host: dict[str, list[RealPage]] = defaultdict(list)
    for page in pages:
        by_host[host_of(page.url)].append(page)
    served: dict[str, Page] = {}
    seeds: list[str] = []
    for host, found in sorted(by_host.items()):
        served |= {page.url: Page(page.html, "text/html") for page in found}
        feed = f"http://{host}/newsdedup-test-feed.xml"
        served[feed] = Page(_feed([page.url for page in found]), "application/rss+xml")
        seeds.append(f'[[source]]\nname = "{host}"\nhome = "http://{host}/"\nfeeds = ["{feed}"]\n')
    return served, "\n".join(seeds)


def _feed(urls: Iterable[str]) -> bytes:
    items = "".join(f"<item><link>{escape(url)}</link></item>" for url in urls)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Pages</title>{items}</channel></rss>'.encode()


def _address(html: bytes, publisher: str, day: str) -> str:
    fallback = f"http://{publisher.lower()}.test/{day.replace('_', '-')}-article.html"
    tree = parse_html(decode_html(html, None))
    if tree is None:
        return fallback
    declared = [
        *tree.xpath("//link[@rel='canonical']/@href"), *tree.xpath("//meta[@property='og:url']/@content")
    ]  # fmt: skip
    for address in declared:
        try:
            url = canonical_url(str(address))
        except BadUrlError:
            continue
        if url.split("/", 3)[3]:
            return "http://" + url.partition("://")[2]
    return fallback


def _version(name: str) -> tuple[int, ...]:
    return (*(int(number) for number in re.findall(r"\d+", name)), 0)
