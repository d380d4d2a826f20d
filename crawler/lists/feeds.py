"""Feeds: bytes in, entries out. RSS, Atom, RDF by feedparser; JSON Feed by hand.

Must not fetch: feedparser would open anything that looks like an address, so it only ever sees a byte stream.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from calendar import timegm
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import feedparser

from crawler.dates import StatedTime, parse_time
from crawler.languages import primary_language
from crawler.lists.encoding import readable_xml
from crawler.lists.xml import TooLargeError, declares_entities, has_root_end, unpacked
from crawler.refusals import Skipped
from crawler.urls import joined_url
from dedup.values import TimePrecision
from storage.values import SkipReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_FEED_BYTES = 20_000_000
MAX_ENTRIES = 2_000
_PERIOD_SECONDS = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_MAX_TTL_SECONDS = 7 * 86_400
_TAG = re.compile(r"<[^>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed; ``url`` is canonical, times are aware UTC."""

    url: str
    title: str | None = None
    byline: str | None = None
    published: StatedTime | None = None
    updated: StatedTime | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a feed says; ``refused_count`` entries had no usable address, ``ttl_seconds`` is the feed's own wish.

    Of one ``is_truncated`` the end did not arrive.
    """

    title: str | None
    language: str | None
    entries: tuple[FeedEntry, ...]
    refused_count: int = 0
    ttl_seconds: int | None = None
    is_malformed: bool = False
    is_truncated: bool = False


def parse_feed(body: bytes, url: str, content_type: str | None = None) -> ParsedFeed | Skipped:
    """The feed in a body fetched from ``url``, or why there is none.

    A feed with broken XML but readable entries is read and flagged ``is_malformed``.

    Source: RSS 2.0; RFC 4287; JSON Feed 1.1.
    """
    try:
        content = unpacked(body, MAX_FEED_BYTES)
    except TooLargeError as error:
        return Skipped(SkipReason.TOO_LARGE, str(error))
    parsed = _parse(content.body, url, content_type)
    if isinstance(parsed, Skipped):
        is_whole = content.is_whole or parsed.reason is SkipReason.TOO_LARGE
        return parsed if is_whole else Skipped(SkipReason.TRUNCATED, "gzip that breaks off")
    if content.is_whole and (has_root_end(content.body) or not parsed.is_malformed):
        return parsed
    return replace(parsed, is_truncated=True)


def _parse(body: bytes, url: str, content_type: str | None) -> ParsedFeed | Skipped:
    if len(body) > MAX_FEED_BYTES:
        return Skipped(SkipReason.TOO_LARGE, f"{len(body)} bytes, at most {MAX_FEED_BYTES} are read")
    if not body.strip(b"\x00\xef\xbb\xbf \t\r\n"):
        return Skipped(SkipReason.EMPTY_FEED, "the body is empty")
    if declares_entities(body):
        return Skipped(SkipReason.ENTITY_REFUSED, "declares XML entities")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _parse_json_feed(body, url)
    return _parse_xml_feed(body, url, content_type)


def _parse_xml_feed(body: bytes, url: str, content_type: str | None) -> ParsedFeed | Skipped:
    body, content_type = readable_xml(body, content_type)
    if not has_root_end(body):
        body = body[: body.rfind(b">") + 1] or body  # what stands open may be the beginning of an address
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # feedparser warns about its own deprecated fields
        parsed = _feedparser_result(body, headers)
    if isinstance(parsed, Skipped):
        return parsed
    if not parsed.get("version") and not parsed.get("entries"):
        reason = str(parsed.get("bozo_exception") or "no feed elements found")
        return Skipped(SkipReason.MALFORMED_FEED, " ".join(reason.split())[:300])
    head = parsed.get("feed", {})
    language = _language(head.get("language"))
    candidates = [_xml_entry(entry, url, language) for entry in parsed.get("entries", [])[:MAX_ENTRIES]]
    return _feed(_plain(head.get("title")), language, candidates, _ttl(head), bool(parsed.get("bozo")))


def _feedparser_result(body: bytes, headers: Mapping[str, str]) -> Any:  # noqa: ANN401  # feedparser ships no types
    try:
        return feedparser.parse(io.BytesIO(body), response_headers=dict(headers), sanitize_html=False)
    except Exception as error:  # noqa: BLE001  # the boundary: a third-party parser on hostile bytes
        return Skipped(SkipReason.MALFORMED_FEED, f"{type(error).__name__}: {error}"[:300])


def _feed(
    title: str | None,
    language: str | None,
    candidates: Iterable[FeedEntry | None],
    ttl: int | None,
    malformed: bool,
) -> ParsedFeed:
    found = list(candidates)
    distinct = {entry.url: entry for entry in reversed(found) if entry is not None}
    refused = sum(entry is None for entry in found)
    return ParsedFeed(title, language, tuple(reversed(distinct.values())), refused, ttl, malformed)


def _xml_entry(entry: Mapping[str, Any], base: str, language: str | None) -> FeedEntry | None:
    address = _entry_address(entry, base)
    if address is None:
        return None
    authors = [author.get("name") for author in entry.get("authors") or () if isinstance(author, dict)]
    names = [name for name in authors if name] or [entry.get("author") or ""]
    return FeedEntry(
        url=address,
        title=_plain(entry.get("title")),
        byline=", ".join(dict.fromkeys(filter(None, (_plain(name) for name in names)))) or None,
        published=_entry_time(entry, "published", language),
        updated=_entry_time(entry, "updated", language),
        language=_language((entry.get("title_detail") or {}).get("language")) or language,
        tags=tuple(filter(None, (_plain(tag.get("term")) for tag in entry.get("tags") or ()))),
    )


def _entry_address(entry: Mapping[str, Any], base: str) -> str | None:
    links = entry.get("links") or ()
    alternates = [link.get("href") for link in links if link.get("rel", "alternate") == "alternate"]
    guid = entry.get("id") if str(entry.get("id") or "").startswith(("http://", "https://")) else None
    # FeedBurner and its kin put a counting address in <link> and keep the real one beside it.
    for candidate in (entry.get("feedburner_origlink"), entry.get("link"), *alternates, guid):
        if candidate and (address := joined_url(base, str(candidate))):
            return address
    return None


def _entry_time(entry: Mapping[str, Any], name: str, language: str | None) -> StatedTime | None:
    text = entry.get(name) if name in entry else None
    if text and (stated := parse_time(str(text), origin="feed", language=language)):
        return stated
    parsed = entry.get(f"{name}_parsed") if f"{name}_parsed" in entry else None
    if parsed and parsed[2] not in {int(number) for number in re.findall(r"\d{1,9}", str(text or ""))}:
        return None  # of a time that it cannot read feedparser takes the year, and today's month
    try:
        return (
            StatedTime(datetime.fromtimestamp(timegm(parsed), UTC), TimePrecision.SECOND, "feed")
            if parsed
            else None
        )
    except (ValueError, OverflowError, TypeError, OSError):
        return None


def _ttl(head: Mapping[str, Any]) -> int | None:
    try:
        if head.get("ttl"):
            return _bounded(int(float(str(head["ttl"]).strip())) * 60)
        period = _PERIOD_SECONDS.get(str(head.get("sy_updateperiod") or "").strip().lower())
        return _bounded(period // max(int(head.get("sy_updatefrequency") or 1), 1)) if period else None
    except (ValueError, OverflowError):
        return None


def _bounded(seconds: int) -> int | None:
    return min(seconds, _MAX_TTL_SECONDS) if seconds > 0 else None


def _parse_json_feed(body: bytes, url: str) -> ParsedFeed | Skipped:
    try:
        data = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        return Skipped(SkipReason.MALFORMED_FEED, f"not JSON: {error}"[:300])
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        return Skipped(SkipReason.MALFORMED_FEED, "JSON without a list of items")
    language = _language(data.get("language"))
    candidates = [_json_entry(item, url, language) for item in data["items"][:MAX_ENTRIES]]
    return _feed(_plain(data.get("title")), language, candidates, None, malformed=False)


def _json_entry(item: object, base: str, language: str | None) -> FeedEntry | None:
    if not isinstance(item, dict):
        return None
    candidates = (item.get("url"), item.get("external_url"), item.get("id"))
    address = next(
        (url for text in candidates if isinstance(text, str) and text and (url := joined_url(base, text))),
        None,
    )
    if address is None:
        return None
    return FeedEntry(
        url=address,
        title=_plain(item.get("title")),
        byline=", ".join(_json_authors(item)) or None,
        published=parse_time(str(item.get("date_published") or ""), origin="feed"),
        updated=parse_time(str(item.get("date_modified") or ""), origin="feed"),
        language=_language(item.get("language")) or language,
        tags=tuple(tag for tag in _listed(item.get("tags")) if isinstance(tag, str)),
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _json_authors(item: Mapping[str, Any]) -> Iterator[str]:
    authors = item.get("authors") or [item.get("author")]
    for author in authors if isinstance(authors, list) else ():
        if isinstance(author, dict) and isinstance(author.get("name"), str):
            yield author["name"]


def _plain(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return " ".join(_TAG.sub(" ", value[:5_000]).split())[:500] or None


def _language(value: object) -> str | None:
    return primary_language(value) if isinstance(value, str) else None
