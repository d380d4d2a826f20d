"""Turns fetched pages into articles, and settles every claimed address.

Must not extract: that happens in a worker. Knows no lists.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.articles import article_identity, body_hash, build_article, is_trap
from crawler.clock import utc_now
from crawler.declared import Held, RecentArticles, is_another
from crawler.fetches import Answer, answer_of, fetch_event, header, refused, unknown_source
from crawler.hints import hints_from_json
from crawler.lists.polling import next_revisit
from crawler.page.extracted import Extracted, ExtractionConfig
from crawler.page.optout import is_refused_by_headers
from crawler.refusals import Skipped
from crawler.settling import settled_refusal
from crawler.slugs import RecentSlugs, article_of_slug, slug_key
from crawler.sources import source_of_url
from crawler.urls import BadUrlError, host_of, identity_url, is_front_page
from storage.sql import storable_key
from storage.values import (
    Article,
    ClaimedUrl,
    CrawlUrlState,
    FetchKind,
    FetchOutcome,
    SettledUrl,
    SkipReason,
)

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.http import Response

    from crawler.browser import Browser
    from crawler.context import CrawlContext
    from storage.values import FetchEvent

logger = logging.getLogger(__name__)

_HOST_CAP_WAIT_SECONDS = 3_600.0
_PARTIAL_CONTENT = 206


class PageReader:
    """The pages of one run: which may be asked for, and what came of them."""

    def __init__(self, context: CrawlContext) -> None:
        self._context = context
        self._pages_by_host: Counter[str] = Counter()
        self._slugs = RecentSlugs()
        self._recent = RecentArticles()

    def admits(self, claimed: ClaimedUrl, browser: Browser | None = None) -> bool:
        """Whether to ask for a page: no trap, a browser where it needs one, not too many of its host in one run."""
        host = host_of(claimed.url)
        if browser is not None and browser.refusal is not None:
            self.skip(claimed, browser.refusal, Answer(claimed.url))
            return False
        if is_trap(claimed.url):
            self.skip(claimed, Skipped(SkipReason.URL_TRAP, "too deep or repeating"), Answer(claimed.url))
            return False
        if self._pages_by_host[host] >= self._context.pages_per_host:
            wait = Skipped(SkipReason.HOST_CAP, "pages per host and run", _HOST_CAP_WAIT_SECONDS)
            self.skip(claimed, wait, Answer(claimed.url))
            return False
        self._pages_by_host[host] += 1
        return True

    async def read(self, response: Response, claimed: ClaimedUrl) -> Article | None:
        """The article on a page, on its way to the store; None where there is none, or nothing new."""
        context, now, hashed = self._context, utc_now(), body_hash(response.body)
        context.count("article/fetched")
        if response.status == 304 and claimed.content_hash is None:
            never = Skipped(SkipReason.HTTP_ERROR, "answered as not modified, though it was never read")
            self.skip(claimed, never, answer_of(response))
            return None
        if response.status == 304 or hashed == claimed.content_hash:
            outcome = FetchOutcome.NOT_MODIFIED if response.status == 304 else FetchOutcome.UNCHANGED
            context.count(f"article/{outcome.value}")
            event = _event(claimed, outcome, answer_of(response))
            context.ledger.note(event, self._settled(claimed, response, claimed.content_hash, now))
            return None
        if refusal := _in_part(response) or _led_astray(response.url):
            self.skip(claimed, refusal, answer_of(response))
            return None
        await self._keep(response, now)
        page = await self._extract(response, claimed, now)
        if isinstance(page, Skipped):
            self.skip(claimed, page, answer_of(response))
            return None
        published_at = page.published.at if page.published else None
        is_held = claimed.content_hash is not None  # what changed in it is wanted, however old it is
        if context.since and published_at and published_at < context.since and not is_held:
            too_old = Skipped(SkipReason.TOO_OLD, f"published {published_at.isoformat()}")
            self.skip(claimed, too_old, answer_of(response), published_at)
            return None
        return await self._arrive(page, response, claimed, hashed, now)

    def skip(
        self, claimed: ClaimedUrl, skipped: Skipped, answer: Answer, published_at: datetime | None = None
    ) -> None:
        """Note a page that was turned away or could not be fetched."""
        self._context.count(f"article/skipped/{skipped.reason.value}")
        logger.debug(
            "%(url)s skipped: %(reason)s (%(detail)s)",
            {"url": claimed.url, "reason": skipped.reason, "detail": skipped.detail},
        )
        event = refused(_event(claimed, FetchOutcome.NEW, answer), skipped)
        now = utc_now()
        settled = settled_refusal(
            claimed,
            skipped,
            now,
            retry_seconds=self._context.retry_seconds,
            revisit_at=self._next_visit(claimed, now),
        )
        self._context.ledger.note(event, replace(settled, published_at=published_at))

    async def _keep(self, response: Response, now: datetime) -> None:
        archive = self._context.archive
        if archive is None:
            return
        headers = {
            name.decode("latin-1"): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        try:
            await asyncio.to_thread(archive.add, response.url, response.status, headers, response.body, now)
        except OSError as error:
            self._context.count("page/not_kept")
            logger.warning("%(url)s could not be kept: %(error)s", {"url": response.url, "error": error})
        else:
            self._context.count("page/kept")

    async def _identity(self, url: str, page: Extracted, claimed: ClaimedUrl) -> str:
        """Under which identity a page is stored: by its own word, or its site's number for it."""
        own = await self._believed(article_identity(url, page.same_site_url), url, page)
        key = slug_key(url)
        if key is None:
            return own
        self._slugs.note(key, claimed.identity_url, own)
        evidence = await self._context.ledger.slug_evidence(key, own, self._slugs.identities(key))
        # A redirect from one slug to another is the site's word on this very number.
        known = article_of_slug(own, replace(evidence, led=(*evidence.led, *self._slugs.led(key))))
        self._context.count("article/renamed", int(known != own))
        return known

    async def _believed(self, declared: str, url: str, page: Extracted) -> str:
        """The identity that a page declares, or that of its address where another article has the declared one."""
        address = identity_url(url)
        here = Held(address, page.text)
        held = self._recent.holder(declared, here)
        if declared == address:
            return declared
        if held is here:
            stored = await self._context.ledger.article_of_identity(declared)
            # The page of that address may have come in the meantime.
            held = (
                Held(identity_url(stored.url), stored.text) if stored else self._recent.holder(declared, here)
            )
        if not is_another(here, held):
            return declared
        self._context.count("article/canonical_refused")
        return address

    async def _extract(self, response: Response, claimed: ClaimedUrl, now: datetime) -> Extracted | Skipped:
        context = self._context
        source = claimed.source or unknown_source(claimed.url)
        hints = replace(hints_from_json(claimed.hints), source_name=source.name)
        return await context.pool.extract(
            response.body,
            response.url,
            now=now,
            content_type=header(response, "Content-Type"),
            config=ExtractionConfig(context.min_words, hints=hints),
        )

    async def _arrive(
        self, page: Extracted, response: Response, claimed: ClaimedUrl, hashed: str, now: datetime
    ) -> Article:
        if _refuses_training(response):
            page = replace(page, refuses_ai_training=True)
        source = source_of_url(response.url, claimed.source or unknown_source(claimed.url))
        article = build_article(
            page,
            response.url,
            source=source,
            feed_url=claimed.feed_url,
            first_seen_at=claimed.discovered_at,
            fetched_at=now,
            content_hash=hashed,
            identity=await self._identity(response.url, page, claimed),
        )
        event = _event(claimed, FetchOutcome.NEW, answer_of(response))
        settled = replace(
            self._settled(claimed, response, hashed, now), article_identity_url=article.identity_url
        )
        self._context.arrivals.setdefault(storable_key(article.identity_url), []).append((event, settled))
        return article

    def _settled(
        self, claimed: ClaimedUrl, response: Response, hashed: str | None, now: datetime
    ) -> SettledUrl:
        return SettledUrl(
            identity_url=claimed.identity_url,
            state=CrawlUrlState.DONE,
            fetched_at=now,
            next_attempt_at=self._next_visit(claimed, now),
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
            content_hash=hashed,
        )

    def _next_visit(self, claimed: ClaimedUrl, now: datetime) -> datetime | None:
        return next_revisit(claimed.discovered_at, now) if self._context.keeps_revisiting else None


def _refuses_training(response: Response) -> bool:
    return is_refused_by_headers(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )


def _in_part(response: Response) -> Skipped | None:
    if response.status != _PARTIAL_CONTENT:
        return None
    return Skipped(SkipReason.TRUNCATED, "answered with a part, though the whole was asked for")


def _led_astray(url: str) -> Skipped | None:
    try:
        is_front = is_front_page(identity_url(url))
    except BadUrlError as error:  # redirects lead to addresses that no list could have named
        return Skipped(SkipReason.BAD_URL, str(error))
    # Where sites lead who asks for what they have removed.
    return Skipped(SkipReason.NOT_ARTICLE, "it leads to a front page") if is_front else None


def _event(claimed: ClaimedUrl, outcome: FetchOutcome, answer: Answer) -> FetchEvent:
    host = source_of_url(claimed.url, claimed.source or unknown_source(claimed.url)).host
    return fetch_event(claimed.url, FetchKind.ARTICLE, outcome, host, answer)
