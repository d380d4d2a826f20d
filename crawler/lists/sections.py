"""A section or home page into what can be crawled from it.

Pure, and run in a worker process: must not fetch what it finds.
"""

from __future__ import annotations

from dataclasses import dataclass

from crawler.lists.links import PageLink, announced_feeds, article_links
from crawler.page.html import decode_html, looks_like_html, parse_html
from crawler.refusals import Skipped
from storage.values import SkipReason

_MAX_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class ParsedSection:
    """Links that look like articles, and feeds that the page announces."""

    links: tuple[PageLink, ...]
    feeds: tuple[str, ...]


def parse_section(body: bytes, url: str, content_type: str | None = None) -> ParsedSection | Skipped:
    """What a page fetched from ``url`` links to, or why it is no page."""
    if len(body) > _MAX_BYTES:
        return Skipped(SkipReason.TOO_LARGE, f"{len(body)} bytes, at most {_MAX_BYTES} are read")
    if not looks_like_html(body):
        return Skipped(SkipReason.NOT_HTML, f"no HTML markup, content type {content_type!r}")
    tree = parse_html(decode_html(body, content_type))
    if tree is None:
        return Skipped(SkipReason.NOT_HTML, "the markup gives no tree")
    return ParsedSection(article_links(tree, url), announced_feeds(tree, url))


def sniff_listing(body: bytes) -> str:
    """What kind of list a body is: ``sitemap``, ``feed`` or ``section``."""
    head = body[:4_000].replace(b"\x00", b"").lower()
    if body.startswith(b"\x1f\x8b") or b"<urlset" in head or b"<sitemapindex" in head:
        return "sitemap"
    if any(mark in head for mark in (b"<rss", b"<feed", b"<rdf:rdf", b"jsonfeed.org/version")):
        return "feed"
    return "section"
