"""What all news spiders share: lists are polled, what they name goes to the frontier, pages become articles.

A spider only says where its lists come from. Must not parse or store: workers and the pipeline do.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider

from crawler.articles import body_hash, build_article, is_trap
from crawler.components import arrivals_of, ledger_of, pool_of
from crawler.dates import parse_time
from crawler.extraction import Extracted, ExtractionConfig
from crawler.failures import TRANSIENT, refusal_of
from crawler.hints import hints_from_json
from crawler.listings import FoundList, Listing, read_listing
from crawler.polling import PollOutcome, next_poll, next_revisit
from crawler.refusals import Skipped
from crawler.seeds import SeedsError, load_seeds
from crawler.sources import source_of_seed, source_of_url
from crawler.urls import host_of
from storage.crawl_urls import ClaimedUrl, SettledUrl
from storage.feeds import KnownFeed
from storage.sql import storable_key
from storage.values import (
    Article,
    CrawlUrlState,
    FeedKind,
    FetchEvent,
    FetchKind,
    FetchOutcome,
    SkipReason,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from crawler.seeds import SeedSource
    from storage.values import FeedRecord, JsonValue

_POLL_SECONDS = 0.05
_MAX_ATTEMPTS = 4
_MAX_LIST_DEPTH = 4
_LIST_PRIORITY = 10
_RETRY_BASE = timedelta(minutes=10)
_HOST_CAP_WAIT = timedelta(hours=1)
_FETCH_KINDS = {
    FeedKind.FEED: FetchKind.FEED,
    FeedKind.SITEMAP: FetchKind.SITEMAP,
    FeedKind.SECTION: FetchKind.SECTION,
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """The parts of a response that are noted."""

    url: str
    status: int | None = None
    byte_count: int | None = None
    elapsed_seconds: float | None = None


class NewsSpider(Spider):
    """Base of the spiders; arguments: ``seeds`` (path), ``since`` (time), ``limit`` (pages), ``due`` (1 or 0)."""

    kinds: ClassVar[frozenset[FeedKind]] = frozenset(FeedKind)

    def __init__(
        self, seeds: str | None = None, since: str | None = None, limit: str | int | None = None,
        due: str | bool | int = False, **arguments: Any,  # noqa: ANN401  # Scrapy passes -a arguments
    ) -> None:  # fmt: skip
        super().__init__(**arguments)
        self._sources = self._read_seeds(seeds) if seeds else ()
        self._since = _time_argument(since)
        self._pages_left = int(limit) if limit not in {None, ""} else None
        self._only_due = str(due).lower() in {"1", "true", "yes"}
        self.request: dict[str, JsonValue] = {
            "seeds": seeds, "since": since, "limit": self._pages_left, "due": self._only_due
        }  # fmt: skip
        self._pages_in_flight = 0
        self._lists_in_flight = 0
        self._pages_by_host: Counter[str] = Counter()
        self._lists_by_source: Counter[str] = Counter()
        self._seen_lists: set[str] = set()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Say in the User-Agent whom a publisher can turn to."""
        super().update_settings(settings)
        if contact := settings.get("NEWSDEDUP_CONTACT"):
            settings.set("USER_AGENT", f"newsdedup/0.1 (news crawler; +{contact})", priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NewsSpider:  # noqa: ANN401  # Scrapy's
        """Read limits from the settings and take up books and workers."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.set_up(crawler)
        return spider

    def set_up(self, crawler: Crawler) -> None:
        """Take up what a crawl shares: books, workers, limits."""
        settings = crawler.settings
        self._ledger = ledger_of(crawler)
        self._pool = pool_of(crawler)
        self._arrivals = arrivals_of(crawler)
        self._claim_size = settings.getint("NEWSDEDUP_CLAIM_SIZE")
        self._pages_per_host = settings.getint("NEWSDEDUP_PAGES_PER_HOST")
        self._sitemaps_per_source = settings.getint("NEWSDEDUP_SITEMAPS_PER_SOURCE")
        self._min_words = settings.getint("NEWSDEDUP_MIN_WORDS")
        self._keeps_revisiting = settings.getbool("NEWSDEDUP_REVISITS")
        days = settings.getint("NEWSDEDUP_SITEMAP_DAYS")
        self._oldest_listed = self._since or datetime.now(UTC) - timedelta(days=days)

    def listings(self) -> Iterable[tuple[KnownFeed, int | None]]:
        """The lists to poll, with the interval in seconds that their seed asks for."""
        for seed in self._sources:
            yield from _lists_of_seed(seed, self.kinds)

    async def start(self) -> AsyncIterator[Any]:
        """Poll the lists, then fetch what the frontier holds until it is empty."""
        for listing in await self._known_listings():
            if request := self._list_request(listing):
                yield request
        async for request in self._page_requests():
            yield request

    async def _page_requests(self) -> AsyncIterator[Request]:
        while True:
            is_closing = self._pages_left is not None and self._pages_left <= 0
            room = self._claim_size - self._pages_in_flight
            if not is_closing and room >= self._claim_size // 2:
                claimed = await self._ledger.claim(
                    room if self._pages_left is None else min(room, self._pages_left)
                )
                for one in claimed:
                    if request := self._page_request(one):
                        yield request
                if claimed:
                    continue
                if not self._pages_in_flight and not self._lists_in_flight:
                    return
            elif is_closing and not self._pages_in_flight:
                raise CloseSpider(SkipReason.LIMIT_REACHED.value)
            await asyncio.sleep(_POLL_SECONDS)

    # --- lists -----------------------------------------------------------------------------------------------

    async def _known_listings(self) -> list[Listing]:
        known = dict(self.listings())
        if self._only_due and not known:
            return [Listing(record) for record in await self._ledger.due_feeds()]
        records = await self._ledger.know_feeds(list(known))
        now = datetime.now(UTC)
        found = [
            Listing(records[key], every_seconds=every)
            for feed, every in known.items()
            if (key := storable_key(feed.url)) in records
        ]
        return [one for one in found if not self._only_due or _is_due(one.record, now)]

    def _list_request(self, listing: Listing) -> Request | None:
        record = listing.record
        if record.url in self._seen_lists or listing.depth > _MAX_LIST_DEPTH:
            return None  # an index that names itself
        if (
            record.kind is FeedKind.SITEMAP
            and self._lists_by_source[record.source.host] >= self._sitemaps_per_source
        ):
            self._skip_list(
                listing, Skipped(SkipReason.LIMIT_REACHED, "sitemaps per source and run"), _Answer(record.url)
            )
            return None
        self._seen_lists.add(record.url)
        self._lists_by_source[record.source.host] += record.kind is FeedKind.SITEMAP
        self._lists_in_flight += 1
        return Request(
            record.url, self.parse_list, errback=self.list_failed, cb_kwargs={"listing": listing},
            headers=_conditional_headers(record.etag, record.last_modified), dont_filter=True,
            priority=_LIST_PRIORITY, meta={"handle_httpstatus_list": [304]},
        )  # fmt: skip

    async def parse_list(self, response: Response, listing: Listing) -> AsyncIterator[Request]:
        """Read a feed, sitemap or page and put what it names into the frontier."""
        try:
            outcome = await self._read_list(response, listing)
            if outcome is None:
                return
            new_count = await self._ledger.add_found(outcome.found)
            self._note_list(listing, outcome, new_count, response)
            for request in await self._follow_lists(listing, outcome):
                yield request
        finally:
            self._lists_in_flight -= 1

    def list_failed(self, failure: Failure) -> None:
        """Note a list that could not be fetched."""
        listing = failure.request.cb_kwargs["listing"]  # type: ignore[attr-defined]  # Scrapy adds the request
        self._lists_in_flight -= 1
        self._skip_list(listing, refusal_of(_raised(failure), datetime.now(UTC)), _answer_of_failure(failure))

    async def _read_list(self, response: Response, listing: Listing) -> FoundList | None:
        now, hashed = datetime.now(UTC), body_hash(response.body)
        if response.status == 304 or hashed == listing.record.body_hash:
            key = "not_modified" if response.status == 304 else "unchanged"
            self._inc(f"newsdedup/{listing.record.kind.value}/{key}")
            self._poll(listing, PollOutcome(now, is_unchanged=True))
            self._ledger.note(self._list_event(listing, FetchOutcome(key), _answer_of(response)))
            return None
        content_type = _header(response, "Content-Type")
        oldest = self._oldest_listed if listing.record.kind is FeedKind.SITEMAP else self._since
        outcome = await self._pool.run(
            read_listing, response.body, response.url, content_type, listing, oldest
        )
        if isinstance(outcome, Skipped):
            self._skip_list(listing, outcome, _answer_of(response))
            return None
        return outcome

    def _note_list(self, listing: Listing, outcome: FoundList, new_count: int, response: Response) -> None:
        kind = listing.record.kind.value
        self._inc(f"newsdedup/{kind}/read")
        self._inc("newsdedup/url/listed", outcome.entry_count)
        self._inc("newsdedup/url/new", new_count)
        for reason, count in outcome.refused:
            self._inc(f"newsdedup/url/skipped/{reason.value}", count)
        if outcome.is_malformed:
            self._inc(f"newsdedup/{kind}/malformed")
            self.logger.warning(
                "%(url)s is malformed; what could be read was read", {"url": listing.record.url}
            )
        self._poll(
            listing,
            PollOutcome(
                fetched_at=datetime.now(UTC), entry_count=outcome.entry_count, new_count=new_count,
                ttl_seconds=outcome.ttl_seconds, etag=_header(response, "ETag"),
                last_modified=_header(response, "Last-Modified"), body_hash=body_hash(response.body),
            ),
        )  # fmt: skip
        self._ledger.note(self._list_event(listing, FetchOutcome.READ, _answer_of(response)))

    async def _follow_lists(self, listing: Listing, outcome: FoundList) -> list[Request]:
        wanted = [KnownFeed(url, kind, listing.record.source) for url, kind in outcome.lists]
        if not wanted:
            return []
        records = await self._ledger.know_feeds(wanted)
        parts = [
            Listing(records[key], depth=listing.depth + 1)
            for feed in wanted
            if (key := storable_key(feed.url)) in records
        ]
        return [request for part in parts if (request := self._list_request(part))]

    def _skip_list(self, listing: Listing, skipped: Skipped, answer: _Answer) -> None:
        kind = listing.record.kind.value
        self._inc(f"newsdedup/{kind}/skipped/{skipped.reason.value}")
        self.logger.warning(
            "%(kind)s %(url)s skipped: %(reason)s (%(detail)s)",
            {
                "kind": kind,
                "url": listing.record.url,
                "reason": skipped.reason.value,
                "detail": skipped.detail,
            },
        )
        now = datetime.now(UTC)
        self._poll(
            listing, PollOutcome(now, reason=skipped.reason, retry_after_seconds=skipped.retry_after_seconds)
        )
        event = self._list_event(listing, FetchOutcome.SKIPPED, answer)
        self._ledger.note(replace(event, reason=skipped.reason, detail=skipped.detail or None))

    def _poll(self, listing: Listing, outcome: PollOutcome) -> None:
        self._ledger.note_poll(next_poll(listing.record, outcome, every_seconds=listing.every_seconds))

    def _list_event(self, listing: Listing, outcome: FetchOutcome, answer: _Answer) -> FetchEvent:
        record = listing.record
        reason = SkipReason.LIMIT_REACHED if outcome is FetchOutcome.SKIPPED else None
        return _event(record.url, _FETCH_KINDS[record.kind], outcome, record.source.host, answer, reason)

    # --- pages -----------------------------------------------------------------------------------------------

    def _page_request(self, claimed: ClaimedUrl) -> Request | None:
        host = host_of(claimed.url)
        if is_trap(claimed.url):
            self._skip_page(
                claimed, Skipped(SkipReason.URL_TRAP, "too deep or repeating"), _Answer(claimed.url)
            )
            return None
        if self._pages_by_host[host] >= self._pages_per_host:
            wait = Skipped(SkipReason.HOST_CAP, "pages per host and run", _HOST_CAP_WAIT.total_seconds())
            self._skip_page(claimed, wait, _Answer(claimed.url))
            return None
        self._pages_by_host[host] += 1
        self._pages_in_flight += 1
        if self._pages_left is not None:
            self._pages_left -= 1
        return Request(
            claimed.url, self.parse_page, errback=self.page_failed, cb_kwargs={"claimed": claimed},
            headers=_conditional_headers(claimed.etag, claimed.last_modified), dont_filter=True,
            meta={"handle_httpstatus_list": [304]},
        )  # fmt: skip

    async def parse_page(self, response: Response, claimed: ClaimedUrl) -> AsyncIterator[Article]:
        """Read an article page; gives at most one ``Article``."""
        try:
            self._inc("newsdedup/article/fetched")
            article = await self._read_page(response, claimed)
            if article is not None:
                yield article
        finally:
            self._pages_in_flight -= 1

    def page_failed(self, failure: Failure) -> None:
        """Note a page that could not be fetched."""
        self._pages_in_flight -= 1
        claimed = failure.request.cb_kwargs["claimed"]  # type: ignore[attr-defined]  # Scrapy adds the request
        self._skip_page(claimed, refusal_of(_raised(failure), datetime.now(UTC)), _answer_of_failure(failure))

    async def _read_page(self, response: Response, claimed: ClaimedUrl) -> Article | None:
        now, hashed = datetime.now(UTC), body_hash(response.body)
        if response.status == 304 or hashed == claimed.content_hash:
            outcome = FetchOutcome.NOT_MODIFIED if response.status == 304 else FetchOutcome.UNCHANGED
            self._inc(f"newsdedup/article/{outcome.value}")
            event = self._page_event(claimed, outcome, _answer_of(response))
            self._ledger.note(event, self._settled(claimed, response, claimed.content_hash, now))
            return None
        hints = hints_from_json(claimed.hints)
        source = claimed.source or _unknown_source(claimed.url)
        config = ExtractionConfig(self._min_words, hints=replace(hints, source_name=source.name))
        page = await self._pool.extract(
            response.body,
            response.url,
            now=now,
            content_type=_header(response, "Content-Type"),
            config=config,
        )
        if isinstance(page, Skipped):
            self._skip_page(claimed, page, _answer_of(response), hashed)
            return None
        if self._since and page.published and page.published.at < self._since:
            self._skip_page(
                claimed, Skipped(SkipReason.TOO_OLD, "published before --since"), _answer_of(response)
            )
            return None
        return self._arrive(page, response, claimed, source, hashed, now)

    def _arrive(
        self,
        page: Extracted,
        response: Response,
        claimed: ClaimedUrl,
        source: Source,
        hashed: str,
        now: datetime,
    ) -> Article:
        article = build_article(
            page, response.url, source=source_of_url(response.url, source), feed_url=claimed.feed_url,
            first_seen_at=claimed.discovered_at, fetched_at=now, content_hash=hashed,
        )  # fmt: skip
        event = self._page_event(claimed, FetchOutcome.NEW, _answer_of(response))
        settled = self._settled(claimed, response, hashed, now)
        self._arrivals.setdefault(storable_key(article.identity_url), []).append((event, settled))
        return article

    def _settled(
        self, claimed: ClaimedUrl, response: Response, hashed: str | None, now: datetime
    ) -> SettledUrl:
        again = next_revisit(claimed.discovered_at, now) if self._keeps_revisiting else None
        return SettledUrl(
            claimed.identity_url, CrawlUrlState.DONE, now, next_attempt_at=again, etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"), content_hash=hashed,
        )  # fmt: skip

    def _skip_page(
        self, claimed: ClaimedUrl, skipped: Skipped, answer: _Answer, hashed: str | None = None
    ) -> None:
        self._inc(f"newsdedup/article/skipped/{skipped.reason.value}")
        self.logger.debug(
            "%(url)s skipped: %(reason)s (%(detail)s)",
            {"url": claimed.url, "reason": skipped.reason.value, "detail": skipped.detail},
        )
        now = datetime.now(UTC)
        event = self._page_event(claimed, FetchOutcome.SKIPPED, answer)
        event = replace(event, reason=skipped.reason, detail=skipped.detail or None)
        self._ledger.note(event, _settled_refusal(claimed, skipped, now, hashed))

    def _page_event(self, claimed: ClaimedUrl, outcome: FetchOutcome, answer: _Answer) -> FetchEvent:
        source = claimed.source or _unknown_source(claimed.url)
        host = source_of_url(claimed.url, source).host
        return _event(claimed.url, FetchKind.ARTICLE, outcome, host, answer, None)

    def _inc(self, key: str, count: int = 1) -> None:
        if count:
            self.crawler.stats.inc_value(key, count)

    def _read_seeds(self, path: str) -> tuple[SeedSource, ...]:
        try:
            return load_seeds(path).sources
        except SeedsError as error:
            raise ValueError(f"seeds cannot be used:\n{error}") from error


def _lists_of_seed(seed: SeedSource, kinds: frozenset[FeedKind]) -> Iterator[tuple[KnownFeed, int | None]]:
    source = source_of_seed(seed)
    lists = (
        (FeedKind.FEED, seed.feeds), (FeedKind.SITEMAP, seed.sitemaps), (FeedKind.SECTION, seed.sections)
    )  # fmt: skip
    for kind, urls in lists:
        if kind in kinds:
            for url in urls:
                yield KnownFeed(url, kind, source), seed.every_seconds


def _settled_refusal(claimed: ClaimedUrl, skipped: Skipped, now: datetime, hashed: str | None) -> SettledUrl:
    waits = skipped.retry_after_seconds
    may_retry = skipped.reason in TRANSIENT and claimed.attempt_count + 1 < _MAX_ATTEMPTS
    again = (
        now + timedelta(seconds=waits) if waits is not None else now + _RETRY_BASE * 4**claimed.attempt_count
    )
    is_waiting = may_retry or skipped.reason is SkipReason.HOST_CAP
    state = CrawlUrlState.PENDING if is_waiting else _end_state(skipped)
    return SettledUrl(
        claimed.identity_url, state, now, skipped.reason, again if is_waiting else None, content_hash=hashed
    )


def _end_state(skipped: Skipped) -> CrawlUrlState:
    return CrawlUrlState.FAILED if skipped.reason in TRANSIENT else CrawlUrlState.SKIPPED


def _event(
    url: str, kind: FetchKind, outcome: FetchOutcome, host: str, answer: _Answer, reason: SkipReason | None
) -> FetchEvent:
    return FetchEvent(
        url, kind, outcome, datetime.now(UTC), reason=reason, host=host,
        final_url=answer.url if answer.url != url else None, http_status=answer.status,
        byte_count=answer.byte_count, elapsed_seconds=answer.elapsed_seconds,
    )  # fmt: skip


def _answer_of(response: Response) -> _Answer:
    elapsed = response.meta.get("download_latency") if response.request is not None else None
    return _Answer(response.url, response.status, len(response.body), elapsed)


def _raised(failure: Failure) -> BaseException:
    return failure.value if failure.value is not None else RuntimeError("failed without an error")


def _answer_of_failure(failure: Failure) -> _Answer:
    request = failure.request  # type: ignore[attr-defined]  # Scrapy adds the request
    response = getattr(failure.value, "response", None)
    return _answer_of(response) if response is not None else _Answer(request.url)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1")[:1_000] if value else None


def _conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def _is_due(record: FeedRecord, now: datetime) -> bool:
    return record.next_fetch_at is None or record.next_fetch_at <= now


def _unknown_source(url: str) -> Source:
    host = host_of(url)
    return Source(host, f"http://{host}/", host)


def _time_argument(text: str | None) -> datetime | None:
    if not text:
        return None
    stated = parse_time(text)
    if stated is None:
        raise ValueError(f"since must be a time such as '2026-01-31' or '2026-01-31T12:00Z', got {text!r}")
    return stated.at
