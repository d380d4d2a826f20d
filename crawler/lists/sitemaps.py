"""Sitemaps: bytes in, entries out, with the Google-News fields, in bounded memory.

Must not follow anything: an index gives the addresses of its parts, and the spider decides.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from crawler.dates import StatedTime, parse_time
from crawler.lists.xml import TooLargeError, declares_doctype, has_root_end, is_html, unpacked
from crawler.refusals import Skipped
from crawler.urls import joined_url
from storage.values import SkipReason

if TYPE_CHECKING:
    from collections.abc import Iterator

# sitemaps.org: 50 MB unpacked and 50,000 addresses a file.
MAX_SITEMAP_BYTES = 52_428_800
MAX_ENTRIES = 50_000
# Many sites write addresses into XML as they are.
_BARE_AMPERSAND = re.compile(rb"&(?!(?:[A-Za-z]{2,8}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});)(?!\x00)")


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """One address of a sitemap, with what the Google-News extension says of it."""

    url: str
    changed: StatedTime | None = None
    title: str | None = None
    published: StatedTime | None = None
    publication_name: str | None = None
    language: str | None = None
    keywords: tuple[str, ...] = ()

    @property
    def is_news(self) -> bool:
        """Whether the entry carries Google-News fields."""
        return self.title is not None or self.published is not None


@dataclass(frozen=True, slots=True)
class ParsedSitemap:
    """A sitemap or, when ``is_index``, a list of sitemaps; ``refused_count`` entries had no usable address.

    ``left_out_count`` entries came after ``MAX_ENTRIES``. Of one ``is_truncated`` the end did not arrive.
    """

    entries: tuple[SitemapEntry, ...]
    is_index: bool = False
    refused_count: int = 0
    left_out_count: int = 0
    is_truncated: bool = False


def parse_sitemap(body: bytes, url: str) -> ParsedSitemap | Skipped:
    """The sitemap in a body fetched from ``url`` (gzip is unpacked), or why there is none.

    Source: sitemaps.org protocol; Google News sitemap schema 0.9.
    """
    try:
        content = unpacked(body, MAX_SITEMAP_BYTES)
    except TooLargeError as error:
        return Skipped(SkipReason.TOO_LARGE, str(error))
    parsed = _parse(content.body, url, is_whole=content.is_whole)
    if isinstance(parsed, Skipped) and not content.is_whole:
        return Skipped(SkipReason.TRUNCATED, f"gzip that breaks off after {len(body)} bytes")
    return parsed


def _parse(body: bytes, url: str, *, is_whole: bool) -> ParsedSitemap | Skipped:
    if is_html(body):
        return Skipped(SkipReason.MALFORMED_SITEMAP, "an HTML page, no sitemap")
    if declares_doctype(body):
        return Skipped(SkipReason.ENTITY_REFUSED, "declares a DOCTYPE or an entity")
    if not body.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<"):
        return _parse_text(body, url, is_whole=is_whole)
    try:
        return _parse_xml(body, url)
    except etree.XMLSyntaxError as error:
        return Skipped(SkipReason.MALFORMED_SITEMAP, str(error)[:300])


def sitemaps_in_robots(body: bytes, url: str) -> tuple[str, ...]:
    """The sitemap addresses that a robots.txt names. Source: sitemaps.org, section "Submitting"."""
    found = []
    for line in body[:512_000].decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        if key.strip().lower() == "sitemap" and (address := joined_url(url, value.partition("#")[0])):
            found.append(address)
    return tuple(dict.fromkeys(found))


def _parse_text(body: bytes, url: str, *, is_whole: bool) -> ParsedSitemap | Skipped:
    # A text sitemap is one address a line; anything else is not a sitemap.
    lines = [line.strip() for line in body[:MAX_SITEMAP_BYTES].decode("utf-8-sig", "replace").splitlines()]
    wanted = [line for line in (lines if is_whole else lines[:-1]) if line]
    if not wanted or not all(line.startswith(("http://", "https://")) for line in wanted[:20]):
        return Skipped(SkipReason.MALFORMED_SITEMAP, "neither XML nor a list of addresses")
    entries = [SitemapEntry(address) for line in wanted[:MAX_ENTRIES] if (address := joined_url(url, line))]
    kept_count = min(len(wanted), MAX_ENTRIES)
    left_out = len(wanted) - kept_count
    return ParsedSitemap(tuple(entries), False, kept_count - len(entries), left_out, not is_whole)


def _parse_xml(body: bytes, url: str) -> ParsedSitemap | Skipped:
    if b"<![CDATA[" not in body:
        body = _BARE_AMPERSAND.sub(b"&amp;", body)
    stream = etree.iterparse(
        io.BytesIO(body), events=("start", "end"), recover=True, resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    _, root = next(stream, (None, None))
    kind = _local_name(root) if root is not None else ""
    if kind not in {"urlset", "sitemapindex"}:
        return Skipped(
            SkipReason.MALFORMED_SITEMAP, f"the root element is {kind!r}, not urlset or sitemapindex"
        )
    entries: dict[str, SitemapEntry] = {}
    refused = left_out = 0
    for element in _closed(stream, {"url", "sitemap"}):
        if len(entries) >= MAX_ENTRIES:
            left_out += 1
            _forget(element)
            continue
        entry = _entry(element, url)
        if entry is None:
            refused += 1
        else:
            entries.setdefault(entry.url, entry)
        _forget(element)
    if entries and not left_out and not body.rstrip(b"\x00 \t\r\n").endswith(b">"):
        entries.popitem()  # the parser closes what was open: the last address may lack its end
    return ParsedSitemap(
        tuple(entries.values()), kind == "sitemapindex", refused, left_out, not has_root_end(body)
    )


def _closed(stream: etree.iterparse[tuple[str, etree._Element]], names: set[str]) -> Iterator[etree._Element]:
    for event, element in stream:
        if event == "end" and _local_name(element) in names:
            yield element


def _forget(element: etree._Element) -> None:
    # Without this the tree of 50,000 entries stays in memory while it is read.
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _entry(element: etree._Element, base: str) -> SitemapEntry | None:
    values: dict[str, str] = {}
    for child in element.iter():
        text = (child.text or "").strip()
        if text and child is not element:
            values.setdefault(_qualified(child), text)
    address = joined_url(base, values.get("loc", ""))
    if address is None:
        return None
    return SitemapEntry(
        url=address,
        changed=parse_time(values.get("lastmod", ""), origin="sitemap"),
        title=" ".join(values["news:title"].split())[:500] if "news:title" in values else None,
        published=parse_time(values.get("news:publication_date", ""), origin="sitemap"),
        publication_name=values.get("news:name"),
        language=values.get("news:language", "").lower()[:3].rstrip("-") or None,
        keywords=tuple(word.strip() for word in values.get("news:keywords", "").split(",") if word.strip()),
    )


def _qualified(element: etree._Element) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    is_news = "sitemap-news" in tag.lower() or element.prefix == "news"
    # Image and video extensions have a loc and a title of their own.
    foreign = not is_news and (
        "sitemap-image" in tag or "sitemap-video" in tag or element.prefix in {"image", "video"}
    )
    return ("news:" if is_news else "media:" if foreign else "") + _local_name(element)


def _local_name(element: etree._Element) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()
