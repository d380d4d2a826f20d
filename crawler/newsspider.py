"""What all news spiders share: lists are polled, what they name goes to the frontier, pages become articles.

A spider only says where its lists come from. Must not parse or store: workers and the pipeline do.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider

from crawler.browser import Browser
from crawler.clock import utc_now
from crawler.context import context_of
from crawler.dates import parse_time
from crawler.failures import refusal_of
from crawler.fetches import answer_of_failure, conditional_headers, raised
from crawler.listreader import ListReader
from crawler.pagereader import PageReader
from crawler.seeds import SeedsError, load_seeds
from crawler.sources import lists_of_seed
from crawler.user_agent import user_agent
from storage.values import FeedKind, SkipReason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from datetime import datetime

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from crawler.lists.listings import Listing
    from crawler.seeds import SeedSource
    from storage.feeds import KnownFeed
    from storage.values import Article, ClaimedUrl, JsonValue, Source

_LIST_PRIORITY = 10


class NewsSpider(Spider):
    """Base of the spiders; arguments: ``seeds`` (path), ``since`` (time), ``limit`` (pages), ``due`` (1 or 0).

    Raises:
        ValueError: the seeds or an argument cannot be used; the message says which entry and why.
    """

    kinds: ClassVar[frozenset[FeedKind]] = frozenset(FeedKind)

    def __init__(
        self,
        seeds: str | None = None,
        since: str | None = None,
        limit: str | int | None = None,
        due: str | bool | int = False,
        **unknown: Any,  # noqa: ANN401  # Scrapy passes -a arguments
    ) -> None:
        super().__init__()
        if unknown:
            raise ValueError(f"spider {self.name!r} has no argument {next(iter(unknown))!r}")
        self._sources = _read_seeds(seeds) if seeds else ()
        self._since = _time_argument(since)
        self._pages_left = _limit_argument(limit)
        self._only_due = str(due).lower() in {"1", "true", "yes"}
        self._pages_in_flight = 0
        self._lists_in_flight = 0
        self._in_flight: Counter[str] = Counter()
        self._taken: set[str] = set()
        self._seen_sources: set[str] = set()
        self._shares_work = False
        self._asked_for: frozenset[str] | None = None
        self._may_hold_more = True
        self._has_progressed = asyncio.Event()
        self.request: dict[str, JsonValue] = {
            "seeds": seeds,
            "since": since,
            "limit": self._pages_left,
            "due": self._only_due,
        }

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Say in the User-Agent whom a publisher can turn to."""
        super().update_settings(settings)
        if contact := settings.get("NEWSDEDUP_CONTACT"):
            settings.set("USER_AGENT", user_agent(contact), priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NewsSpider:  # noqa: ANN401  # Scrapy's
        """Take up what the crawl shares."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.set_up(crawler)
        return spider

    def set_up(self, crawler: Crawler) -> None:
        """Take up what the crawl shares: books, workers, limits."""
        self._context = context_of(crawler, self._since)
        self._lists = ListReader(self._context)
        self._pages = PageReader(self._context)
        self._browser = Browser(crawler) if self._wants_browser() else None
        self._claim_size = crawler.settings.getint("NEWSDEDUP_CLAIM_SIZE")
        self._sources_at_once = crawler.settings.getint("NEWSDEDUP_SOURCES_AT_ONCE")

    def listings(self) -> Iterable[KnownFeed]:
        """The lists to poll."""
        for seed in self._sources:
            yield from lists_of_seed(seed, self.kinds)

    async def first_lists(self) -> list[Listing]:
        """The lists that the run begins with."""
        return await self._lists.known(list(self.listings()))

    def _wants_browser(self) -> bool:
        if self._sources:
            return any(seed.needs_javascript for seed in self._sources)
        return self._context.ledger.has_javascript_sources()

    async def start(self) -> AsyncIterator[Any]:
        """Poll the lists, then fetch what the frontier holds of their sources until it is empty.

        A run of what is due takes sources from the others a few at a time, and more as it is done with some.
        """
        if self._browser is not None:
            await self._browser.start()
        self._context.pool.warm()
        listings = await self.first_lists()
        if self._only_due:
            self._shares_work = True
            self._asked_for = frozenset(one.record.source.host for one in listings) or None
        else:
            for listing in await self._lists.taken(listings):
                if self._lists.admits(listing):
                    yield self._list_request(listing)
        async for request in self._requests():
            yield request

    async def parse_list(self, response: Response, listing: Listing) -> AsyncIterator[Request]:
        """Read a feed, sitemap or page; gives requests for the lists it names."""
        try:
            for further in await self._lists.read(response, listing):
                if self._lists.admits(further):
                    yield self._list_request(further)
        finally:
            self._list_done(listing)

    def list_failed(self, failure: Failure) -> None:
        """Note a list that could not be fetched."""
        listing = failure.request.cb_kwargs["listing"]  # type: ignore[attr-defined]  # Scrapy adds the request
        self._list_done(listing)
        refusal = refusal_of(raised(failure), utc_now())
        self._lists.skip(listing, refusal, answer_of_failure(failure))

    async def parse_page(self, response: Response, claimed: ClaimedUrl) -> AsyncIterator[Article]:
        """Read an article page; gives at most one ``Article``."""
        try:
            article = await self._pages.read(response, claimed)
            if article is not None:
                yield article
        finally:
            self._page_done(claimed)

    def page_failed(self, failure: Failure) -> None:
        """Note a page that could not be fetched."""
        claimed = failure.request.cb_kwargs["claimed"]  # type: ignore[attr-defined]  # Scrapy adds the request
        self._page_done(claimed)
        refusal = refusal_of(raised(failure), utc_now())
        self._pages.skip(claimed, refusal, answer_of_failure(failure))

    def closed(self, reason: str) -> None:  # noqa: ARG002  # Scrapy's
        """End what the crawl has kept."""
        if self._context.archive is not None:
            self._context.archive.close()
        if self._browser is not None:
            self._browser.close()

    async def _requests(self) -> AsyncIterator[Request]:
        # The frontier stays in the database: only so many addresses are claimed at a time.
        while self._pages_left is None or self._pages_left > 0:
            if self._shares_work:
                for listing in await self._further_lists():
                    yield self._list_request(listing)
            room = self._claim_size - self._pages_in_flight
            if self._may_hold_more and room >= self._claim_size // 2:
                # Cleared before the claim: what a list adds during it is claimed in the next round.
                self._may_hold_more = False
                wanted = room if self._pages_left is None else min(room, self._pages_left)
                claimed = await self._context.ledger.claim(wanted)
                self._may_hold_more |= len(claimed) > 0
                for one in claimed:
                    if self._pages.admits(one, self._shows_by_script(one.source)):
                        yield self._page_request(one)
            elif self._pages_in_flight or self._lists_in_flight:
                await self._progress()
            elif not self._may_hold_more:
                return
        while self._pages_in_flight:
            await self._progress()
        raise CloseSpider(SkipReason.LIMIT_REACHED.value)

    async def _further_lists(self) -> list[Listing]:
        if not self._may_hold_more:  # the last claim found nothing more of what is taken
            done = {host for host in self._taken if not self._in_flight[host]}
            self._context.ledger.give_back(done)
            self._taken -= done
        room = self._sources_at_once - len(self._taken)
        if room < max(self._sources_at_once // 4, 1):
            return []
        hosts = await self._context.ledger.take_due_sources(
            room, among=self._asked_for, without=self._seen_sources
        )
        if not hosts:
            self._shares_work = False  # nothing is left that others do not work on
            return []
        self._context.count("source/taken", len(hosts))
        self._taken.update(hosts)
        self._seen_sources.update(hosts)
        self._may_hold_more = True
        return [one for one in await self._lists.due(hosts) if self._lists.admits(one)]

    async def _progress(self) -> None:
        self._has_progressed.clear()
        await self._has_progressed.wait()

    def _list_done(self, listing: Listing) -> None:
        self._lists_in_flight -= 1
        self._in_flight[listing.record.source.host] -= 1
        self._may_hold_more = True
        self._has_progressed.set()

    def _page_done(self, claimed: ClaimedUrl) -> None:
        self._pages_in_flight -= 1
        self._in_flight[_source_host(claimed)] -= 1
        self._has_progressed.set()

    def _shows_by_script(self, source: Source | None) -> Browser | None:
        return self._browser if source is not None and source.needs_javascript else None

    def _list_request(self, listing: Listing) -> Request:
        record = listing.record
        self._lists_in_flight += 1
        self._in_flight[record.source.host] += 1
        browser = self._shows_by_script(record.source) if record.kind is FeedKind.SECTION else None
        is_shown = browser is not None and browser.refusal is None
        return Request(
            record.url,
            self.parse_list,
            errback=self.list_failed,
            cb_kwargs={"listing": listing},
            headers={} if is_shown else conditional_headers(record.etag, record.last_modified),
            dont_filter=True,
            priority=_LIST_PRIORITY,
            meta={"handle_httpstatus_list": [304], **(browser.meta() if browser and is_shown else {})},
        )

    def _page_request(self, claimed: ClaimedUrl) -> Request:
        self._pages_in_flight += 1
        self._in_flight[_source_host(claimed)] += 1
        if self._pages_left is not None:
            self._pages_left -= 1
        browser = self._shows_by_script(claimed.source)
        return Request(
            claimed.url,
            self.parse_page,
            errback=self.page_failed,
            cb_kwargs={"claimed": claimed},
            # A browser that is told "not modified" has nothing to show.
            headers={} if browser else conditional_headers(claimed.etag, claimed.last_modified),
            dont_filter=True,
            meta={"handle_httpstatus_list": [304], **(browser.meta() if browser else {})},
        )


def _read_seeds(path: str) -> tuple[SeedSource, ...]:
    try:
        return load_seeds(path).sources
    except SeedsError as error:
        raise ValueError(f"seeds cannot be used:\n{error}") from error


def _source_host(claimed: ClaimedUrl) -> str:
    return claimed.source.host if claimed.source is not None else ""


def _limit_argument(text: str | int | None) -> int | None:
    if text is None or text == "":
        return None
    if not str(text).isdecimal():
        raise ValueError(f"limit must be a number of pages, got {text!r}")
    return int(text)


def _time_argument(text: str | None) -> datetime | None:
    if not text:
        return None
    stated = parse_time(text)
    if stated is None:
        raise ValueError(f"since must be a time such as '2026-01-31' or '2026-01-31T12:00Z', got {text!r}")
    return stated.at
