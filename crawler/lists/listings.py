"""A fetched list (feed, sitemap, section page) into addresses for the frontier.

Pure, and run in a worker process: must not fetch, store or read a clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.hints import PageHints, hints_to_json
from crawler.lists.feeds import ParsedFeed, parse_feed
from crawler.lists.sections import ParsedSection, parse_section, sniff_listing
from crawler.lists.sitemaps import ParsedSitemap, parse_sitemap, sitemaps_in_robots
from crawler.refusals import Skipped
from crawler.slugs import slug_key
from crawler.sources import source_of_url
from crawler.urls import host_of, identity_url, is_front_page
from storage.sql import storable_key
from storage.values import FeedKind, FeedRecord, FoundUrl, SkipReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from crawler.dates import StatedTime

_MAX_LISTS = 1_000
_MAX_KEYWORDS = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """A list on its way: what is remembered of it, and how it was come by."""

    record: FeedRecord
    depth: int = 0
    discovers: bool = False


def listings_of(records: Sequence[FeedRecord], depth: int = 0) -> list[Listing]:
    """Lists to ask for; where a source's robots.txt is among them, its home page is asked what lists there are."""
    searched = {one.source.host for one in records if one.url.endswith("/robots.txt")}
    return [
        Listing(one, depth, discovers=one.source.host in searched and one.url == one.source.home_url)
        for one in records
    ]


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list that another names; ``changed_at`` where that says when it last changed."""

    url: str
    kind: FeedKind
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundList:
    """What a list names: addresses, further lists, and how many entries were left out and why.

    Of one ``is_truncated`` the end did not arrive: it is to be asked for again.
    """

    found: tuple[FoundUrl, ...]
    entry_count: int
    lists: tuple[NamedList, ...] = ()
    refused: tuple[tuple[SkipReason, int], ...] = ()
    ttl_seconds: int | None = None
    is_malformed: bool = False
    is_truncated: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    url: str
    hints: PageHints
    changed: StatedTime | None = None


def read_listing(
    body: bytes, url: str, content_type: str | None, listing: Listing, oldest: datetime | None
) -> FoundList | Skipped:
    """What a list fetched from ``url`` names; entries published before ``oldest`` are left out."""
    if listing.record.url.endswith("/robots.txt"):
        named = sitemaps_in_robots(body, url)[:_MAX_LISTS]
        return FoundList((), 0, tuple(NamedList(found, FeedKind.SITEMAP) for found in named))
    kind = FeedKind(sniff_listing(body)) if listing.discovers else listing.record.kind
    if kind is FeedKind.SITEMAP and sniff_listing(body) == "feed":  # the protocol lets a feed be a sitemap
        kind = FeedKind.FEED
    parsed: ParsedFeed | ParsedSitemap | ParsedSection | Skipped
    match kind:
        case FeedKind.FEED:
            parsed = parse_feed(body, url, content_type)
        case FeedKind.SITEMAP:
            parsed = parse_sitemap(body, url)
        case FeedKind.SECTION:
            parsed = parse_section(body, url, content_type)
    match parsed:
        case Skipped():
            return parsed
        case ParsedFeed():
            return _of_feed(parsed, listing, oldest)
        case ParsedSitemap():
            return _of_sitemap(parsed, listing, oldest)
        case ParsedSection():
            return _of_section(parsed, listing)


def in_turn(listings: Iterable[Listing], named: Iterable[NamedList]) -> list[Listing]:
    """Lists that one list names in the order in which to ask for them, where a run cannot ask for all.

    First those that changed on the latest day; of one day, and of those that give none, first those never asked for,
    then those that brought something new when last asked for, then the others; of equals the longest unasked.
    """
    changed = {storable_key(one.url): one.changed_at for one in named}

    def turn(listing: Listing) -> tuple[int, bool, bool, float]:
        record = listing.record
        at, asked_at = changed.get(record.url), record.last_fetched_at
        return (
            -at.toordinal() if at else 0,
            asked_at is not None,
            asked_at != record.last_changed_at,
            asked_at.timestamp() if asked_at else 0.0,
        )

    return sorted(listings, key=turn)


def _of_feed(feed: ParsedFeed, listing: Listing, oldest: datetime | None) -> FoundList | Skipped:
    if not feed.entries and not feed.refused_count and feed.is_malformed:
        return Skipped(SkipReason.MALFORMED_FEED, "broken XML without a readable entry")
    language = feed.language or listing.record.source.language
    entries = [
        _Entry(
            entry.url,
            PageHints(
                entry.title,
                entry.byline,
                entry.language or language,
                entry.published or entry.updated,
                keywords=entry.tags[:_MAX_KEYWORDS],
            ),
            entry.updated,
        )
        for entry in feed.entries
    ]
    found, refused = _found(entries, listing, oldest)
    if feed.refused_count:
        refused[SkipReason.BAD_URL] += feed.refused_count
    return FoundList(
        found,
        len(entries) + feed.refused_count,
        (),
        _sorted(refused),
        feed.ttl_seconds,
        feed.is_malformed,
        feed.is_truncated,
    )


def _of_sitemap(sitemap: ParsedSitemap, listing: Listing, oldest: datetime | None) -> FoundList:
    if sitemap.is_index:
        # The newest parts first: a run reads only so many of them.
        parts = sorted(
            sitemap.entries,
            key=lambda part: part.changed.at.timestamp() if part.changed else 0.0,
            reverse=True,
        )
        fresh = [part for part in parts if not (oldest and part.changed and part.changed.at < oldest)]
        lists = tuple(
            NamedList(part.url, FeedKind.SITEMAP, part.changed.at if part.changed else None)
            for part in fresh[:_MAX_LISTS]
        )
        left_out = {
            SkipReason.TOO_OLD: len(parts) - len(fresh),
            SkipReason.LIMIT_REACHED: len(fresh) - len(lists) + sitemap.left_out_count,
        }
        left_out[SkipReason.BAD_URL] = sitemap.refused_count
        refused = +Counter(left_out)
        return FoundList((), len(parts), lists, _sorted(refused), is_truncated=sitemap.is_truncated)
    entries = [
        _Entry(
            entry.url,
            PageHints(
                entry.title,
                None,
                entry.language,
                entry.published,
                entry.publication_name,
                entry.keywords[:_MAX_KEYWORDS],
            ),
            entry.changed,
        )
        for entry in sitemap.entries
    ]
    found, refused = _found(entries, listing, oldest)
    refused += Counter(
        {
            SkipReason.BAD_URL: sitemap.refused_count,
            SkipReason.LIMIT_REACHED: sitemap.left_out_count,
        }
    )
    count = len(entries) + sitemap.refused_count + sitemap.left_out_count
    return FoundList(found, count, (), _sorted(refused), is_truncated=sitemap.is_truncated)


def _of_section(section: ParsedSection, listing: Listing) -> FoundList:
    links = [link.url for link in section.links]
    # A page with a path may be an article itself; first, for a crawl of few pages.
    own = [listing.record.url] if listing.discovers and urlsplit(listing.record.url).path.strip("/") else []
    entries = [_Entry(url, PageHints()) for url in dict.fromkeys((*own, *links))]
    found, refused = _found(entries, listing, None)
    feeds = section.feeds[:_MAX_LISTS] if listing.discovers else ()
    lists = tuple(NamedList(url, FeedKind.FEED) for url in feeds)
    return FoundList(found, len(links), lists, _sorted(refused))


def _found(
    entries: Iterable[_Entry], listing: Listing, oldest: datetime | None
) -> tuple[tuple[FoundUrl, ...], Counter[SkipReason]]:
    found: dict[str, FoundUrl] = {}
    refused: Counter[SkipReason] = Counter()
    for entry in entries:
        stated = entry.hints.published or entry.changed
        if oldest is not None and stated is not None and stated.at < oldest:
            refused[SkipReason.TOO_OLD] += 1
            continue
        key = identity_url(entry.url)
        if is_front_page(key):
            refused[SkipReason.NOT_ARTICLE] += 1
            continue
        if key in found:
            refused[SkipReason.DUPLICATE_IN_RUN] += 1
            continue
        found[key] = FoundUrl(
            url=entry.url,
            identity_url=key,
            host=host_of(entry.url),
            source=source_of_url(entry.url, listing.record.source),
            feed_url=listing.record.url if entry.url != listing.record.url else None,
            hints=hints_to_json(entry.hints),
            changed_at=entry.changed.at if entry.changed else None,
            slug_key=slug_key(entry.url),
        )
    return tuple(found.values()), refused


def _sorted(refused: Counter[SkipReason]) -> tuple[tuple[SkipReason, int], ...]:
    return tuple(sorted(refused.items()))
