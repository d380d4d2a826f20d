"""Polls lists (feeds, sitemaps, section pages) and puts what they name into the frontier.

Must not parse: that happens in a worker. Knows no pages.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.articles import body_hash
from crawler.clock import utc_now
from crawler.fetches import Answer, answer_of, fetch_event, header, refused
from crawler.lists.listings import FoundList, Listing, in_turn, listings_of, read_listing
from crawler.lists.polling import PollOutcome, next_poll
from crawler.refusals import Skipped
from storage.feeds import KnownFeed
from storage.sql import storable_key
from storage.values import FeedKind, FetchKind, FetchOutcome, SkipReason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from scrapy.http import Response

    from crawler.context import CrawlContext
    from storage.values import FeedRecord, FetchEvent

logger = logging.getLogger(__name__)

_MAX_DEPTH = 4
_ABSENT = (SkipReason.NOT_FOUND, SkipReason.GONE)
_FETCH_KINDS = {
    FeedKind.FEED: FetchKind.FEED,
    FeedKind.SITEMAP: FetchKind.SITEMAP,
    FeedKind.SECTION: FetchKind.SECTION,
}


class ListReader:
    """The lists of one run: which were asked for, and what came of them."""

    def __init__(self, context: CrawlContext) -> None:
        self._context = context
        self._sitemaps_by_source: Counter[str] = Counter()
        self._seen: set[str] = set()

    async def known(self, feeds: Sequence[KnownFeed], *, depth: int = 0) -> list[Listing]:
        """The lists with what is remembered of them; those not known before are remembered from now on."""
        records = await self._context.ledger.know_feeds(feeds)
        keys = dict.fromkeys(storable_key(feed.url) for feed in feeds)
        return listings_of([self._asked(records[key]) for key in keys if key in records], depth)

    async def due(self, source_hosts: Collection[str]) -> list[Listing]:
        """The lists of these sources whose time has come."""
        await self._context.ledger.wake_too_old(source_hosts, self._context.since)
        return self._within_limit(listings_of(await self._context.ledger.due_feeds(source_hosts)))

    async def taken(self, listings: Sequence[Listing]) -> list[Listing]:
        """Those of the lists whose sources this run may work on; the others are noted as left to another run."""
        hosts = dict.fromkeys(one.record.source.host for one in listings)
        taken = await self._context.ledger.take_sources(tuple(hosts))
        await self._context.ledger.wake_too_old(taken, self._context.since)
        self._context.count("source/taken", len(taken))
        self._context.count("source/skipped/source_leased", len(hosts.keys() - taken))
        for one in listings:
            if one.record.source.host not in taken:
                why = Skipped(SkipReason.SOURCE_LEASED, "another run works on this source")
                self._context.ledger.note(
                    refused(_event(one, FetchOutcome.READ, Answer(one.record.url)), why)
                )
        return [one for one in listings if one.record.source.host in taken]

    def admits(self, listing: Listing) -> bool:
        """Whether to ask for a list: once a run, not too deep in indexes, not too many of a source."""
        record = listing.record
        if record.url in self._seen:
            return False  # an index that names itself
        if listing.depth > _MAX_DEPTH:
            self._seen.add(record.url)
            why = Skipped(SkipReason.TOO_DEEP, "lists that name lists")
            self.skip(listing, why, Answer(record.url))
            return False
        if record.kind is FeedKind.SITEMAP:
            if self._sitemaps_by_source[record.source.host] >= self._context.sitemaps_per_source:
                why = Skipped(SkipReason.LIMIT_REACHED, "sitemaps per source and run")
                self.skip(listing, why, Answer(record.url))
                return False
            self._sitemaps_by_source[record.source.host] += 1
        self._seen.add(record.url)
        return True

    async def read(self, response: Response, listing: Listing) -> Iterable[Listing]:
        """Put what a list names into the frontier; gives the further lists that it names."""
        outcome = await self._outcome(response, listing)
        if outcome is None:
            return ()
        new_count = await self._context.ledger.add_found(outcome.found)
        self._note(listing, outcome, new_count, response)
        further = [KnownFeed(one.url, one.kind, listing.record.source) for one in outcome.lists]
        if not further:
            return ()
        return self._within_limit(in_turn(await self.known(further, depth=listing.depth + 1), outcome.lists))

    def skip(self, listing: Listing, skipped: Skipped, answer: Answer) -> None:
        """Note a list that was turned away or could not be fetched; most sites without robots.txt lack nothing."""
        if skipped.reason in _ABSENT and listing.record.url.endswith("/robots.txt"):
            self._poll(listing, PollOutcome(utc_now(), is_unchanged=True))
            return
        kind = listing.record.kind.value
        self._context.count(f"{kind}/skipped/{skipped.reason.value}")
        logger.warning(
            "%(kind)s %(url)s skipped: %(reason)s (%(detail)s)",
            {"kind": kind, "url": listing.record.url, "reason": skipped.reason, "detail": skipped.detail},
        )
        wait = skipped.retry_after_seconds
        self._poll(listing, PollOutcome(utc_now(), reason=skipped.reason, retry_after_seconds=wait))
        self._context.ledger.note(refused(_event(listing, FetchOutcome.READ, answer), skipped))

    def _within_limit(self, listings: Iterable[Listing]) -> list[Listing]:
        """The lists without those sitemaps for which this run has no time left; a later one begins with these."""
        counts = self._sitemaps_by_source.copy()
        kept: list[Listing] = []
        left_out: list[Listing] = []
        for one in listings:
            if one.record.kind is FeedKind.SITEMAP and one.record.url not in self._seen:
                counts[one.record.source.host] += 1
            is_kept = counts[one.record.source.host] <= self._context.sitemaps_per_source
            (kept if is_kept or one.record.kind is not FeedKind.SITEMAP else left_out).append(one)
        for one in left_out:
            self._poll(one, PollOutcome(utc_now(), reason=SkipReason.LIMIT_REACHED))
        if left_out:
            self._context.count(f"sitemap/skipped/{SkipReason.LIMIT_REACHED.value}", len(left_out))
            logger.warning("%(count)d sitemaps are left to later runs", {"count": len(left_out)})
        return kept

    def _asked(self, record: FeedRecord) -> FeedRecord:
        # What was read of a sitemap without a time of the user's were its last days.
        if record.kind is FeedKind.SITEMAP and self._context.since is not None:
            return replace(record, etag=None, last_modified=None, body_hash=None)
        return record

    async def _outcome(self, response: Response, listing: Listing) -> FoundList | None:
        context, record = self._context, listing.record
        if response.status == 304 and not (record.etag or record.last_modified or record.body_hash):
            never = Skipped(SkipReason.HTTP_ERROR, "answered as not modified, though it was never read")
            self.skip(listing, never, answer_of(response))
            return None
        if response.status == 304 or body_hash(response.body) == record.body_hash:
            outcome = FetchOutcome.NOT_MODIFIED if response.status == 304 else FetchOutcome.UNCHANGED
            context.count(f"{record.kind.value}/{outcome.value}")
            self._poll(listing, PollOutcome(utc_now(), is_unchanged=True))
            context.ledger.note(_event(listing, outcome, answer_of(response)))
            return None
        oldest = context.oldest_listed if record.kind is FeedKind.SITEMAP else context.since
        content_type = header(response, "Content-Type")
        found: FoundList | Skipped = await context.pool.run(
            read_listing, response.body, response.url, content_type, listing, oldest
        )
        if isinstance(found, Skipped):
            self.skip(listing, found, answer_of(response))
            return None
        return found

    def _note(self, listing: Listing, outcome: FoundList, new_count: int, response: Response) -> None:
        context, kind = self._context, listing.record.kind.value
        context.count(f"{kind}/read")
        context.count("url/listed", outcome.entry_count)
        context.count("url/new", new_count)
        for reason, count in outcome.refused:
            context.count(f"url/skipped/{reason.value}", count)
        if outcome.is_malformed and not outcome.is_truncated:
            context.count(f"{kind}/malformed")
            logger.warning("%(url)s is malformed; what could be read was read", {"url": listing.record.url})
        poll = PollOutcome(
            fetched_at=utc_now(),
            entry_count=outcome.entry_count,
            new_count=new_count,
            ttl_seconds=outcome.ttl_seconds,
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
            body_hash=body_hash(response.body),
        )
        is_cut = context.since is not None and any(why is SkipReason.TOO_OLD for why, _ in outcome.refused)
        # A list may stay as it is while those that it names change, or while an earlier time is asked for.
        if outcome.lists or is_cut or outcome.is_truncated:
            poll = replace(poll, etag=None, last_modified=None, body_hash=None)
        event = _event(listing, FetchOutcome.READ, answer_of(response))
        if outcome.is_truncated:
            context.count(f"{kind}/skipped/{SkipReason.TRUNCATED.value}")
            logger.warning("%(url)s breaks off; what came was read", {"url": listing.record.url})
            poll = replace(poll, reason=SkipReason.TRUNCATED)
            event = refused(event, Skipped(SkipReason.TRUNCATED, "what came was read"))
        self._poll(listing, poll)
        context.ledger.note(event)

    def _poll(self, listing: Listing, outcome: PollOutcome) -> None:
        self._context.ledger.note_poll(next_poll(listing.record, outcome))


def _event(listing: Listing, outcome: FetchOutcome, answer: Answer) -> FetchEvent:
    record = listing.record
    return fetch_event(record.url, _FETCH_KINDS[record.kind], outcome, record.source.host, answer)
