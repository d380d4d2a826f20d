"""The books in the database, kept off the reactor's thread; decides nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from crawler.failures import in_one_line
from crawler.waiting import is_set_within
from storage.errors import StorageError
from storage.values import SlugEvidence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from crawler.ledger.books import Books
    from crawler.refusals import Skipped
    from storage.feeds import FeedPoll, KnownFeed
    from storage.values import (
        Article,
        ClaimedUrl,
        FeedRecord,
        FetchEvent,
        FoundUrl,
        JsonValue,
        ResolveCounts,
        RunState,
        SettledUrl,
        StoreCounts,
        StoredArticle,
    )

_Result = TypeVar("_Result")

logger = logging.getLogger(__name__)


class DatabaseLedger:
    """The books in a database; one statement at a time, each in a thread of its own.

    Raises:
        StorageError: at ``open``, when the database cannot be used; later, when it is lost or a lease is.
    """

    def __init__(self, books: Books) -> None:
        self.run_id: int | None = None
        self._books = books
        self._lock = asyncio.Lock()
        self._heart: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._wanted_hosts: set[str] = set()

    def has_javascript_sources(self) -> bool:
        """Whether pages of any source remembered show their articles by script; may be asked before ``open``."""
        return self._books.has_javascript_sources()

    async def open(self, settings: Mapping[str, JsonValue]) -> None:
        """Start the run, and take back what dead runs had claimed."""
        self.run_id = await self._work(lambda: self._books.open(settings))
        self._heart = asyncio.create_task(self._beat_now_and_then())

    def watch_hosts(self, busy_hosts: Callable[[], Collection[str]]) -> None:
        """Where to ask for the hosts that requests are under way to; the leases of others lapse."""
        self._books.holdings.busy_hosts = busy_hosts

    async def know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        """Store new feeds; the state of all of them by address."""
        return await self._work(lambda: self._books.know_feeds(feeds))

    async def due_feeds(self, source_hosts: Collection[str]) -> Sequence[FeedRecord]:
        """The feeds of these sources whose time has come."""
        return await self._work(lambda: self._books.due_feeds(source_hosts))

    async def take_sources(self, hosts: Collection[str]) -> frozenset[str]:
        """Those of the sources that are this run's alone from now on; another run works on the rest."""
        return await self._work(lambda: self._books.holdings.take_sources(hosts))

    async def take_due_sources(
        self, limit: int, *, among: Collection[str] | None, without: Collection[str]
    ) -> tuple[str, ...]:
        """Up to ``limit`` sources with something due, this run's alone from now on."""
        return await self._work(
            lambda: self._books.holdings.take_due_sources(limit, among=among, without=without)
        )

    def give_back(self, source_hosts: Collection[str]) -> None:
        """Leave sources to others, once all that is noted has been written."""
        self._books.holdings.returned.update(source_hosts)

    async def hold_host(self, host: str) -> Skipped | None:
        """Make sure that this run alone may fetch from a host now, or why it may not."""
        if self._books.holdings.holds_host(host):
            return None
        self._wanted_hosts.add(host)
        async with self._lock:
            verdict = await self._verdict_on(host)
        if isinstance(verdict, float):
            await asyncio.sleep(verdict)
            return None
        return verdict

    async def _verdict_on(self, host: str) -> float | Skipped | None:
        holdings = self._books.holdings
        verdict = holdings.verdict_on(host)
        if verdict is None:
            # All that wait are asked for at once: the first lists of a run are those of hundreds of hosts.
            wanted, self._wanted_hosts = self._wanted_hosts | {host}, set()
            await self._in_thread(lambda: holdings.take_hosts(wanted))
            verdict = holdings.verdict_on(host)
        self._wanted_hosts.discard(host)
        return verdict

    def leave_wait(self, host: str, seconds: float) -> None:
        """Let whoever fetches from the host next wait so long after this run's last fetch."""
        self._books.holdings.waits[host] = max(self._books.holdings.waits.get(host, 0.0), seconds)

    async def wake_too_old(self, source_hosts: Collection[str], since: datetime | None) -> None:
        """Make pages of these sources due that were refused as too old, and are not for who asks since then."""
        await self._work(lambda: self._books.wake_too_old(source_hosts, since))

    async def add_found(self, found: Sequence[FoundUrl]) -> int:
        """Note listed addresses; how many were new."""
        return await self._work(lambda: self._books.add_found(found)) if found else 0

    async def slug_evidence(
        self, slug_key: str, identity_url: str, unwritten: Collection[str]
    ) -> SlugEvidence:
        """What is known of a site's number in addresses."""
        if self._books.is_new_slug(slug_key) and not set(unwritten) - {identity_url}:
            return SlugEvidence(tuple(unwritten))
        return await self._work(lambda: self._books.slug_evidence(slug_key, identity_url, unwritten))

    async def article_of_identity(self, identity_url: str) -> StoredArticle | None:
        """The article that is stored under an identity, with its text, or None."""
        return await self._work(lambda: self._books.article_of_identity(identity_url))

    async def claim(self, limit: int) -> Sequence[ClaimedUrl]:
        """Addresses of this run's sources to fetch now, this run's alone."""
        return await self._work(lambda: self._books.claim(limit))

    def note(self, event: FetchEvent, settled: SettledUrl | None = None) -> None:
        """Remember a fetch and what became of its address; written with the next flush."""
        self._books.notes.events.append(event)
        if settled is not None:
            self._books.notes.settled.append(settled)

    def note_poll(self, poll: FeedPoll) -> None:
        """Remember a feed's next state; written with the next flush."""
        self._books.notes.polls.append(poll)

    async def store(self, articles: Sequence[Article]) -> StoreCounts:
        """Store articles as pending."""
        return await self._work(lambda: self._books.store(articles))

    async def flush(self) -> None:
        """Write what was noted, and give back what is not needed any more."""
        await self._work(self._books.flush)

    async def resolve(self) -> ResolveCounts:
        """Look up the copies of all pending articles."""
        return await self._work(self._books.resolve)

    def hurry(self) -> None:
        """Leave the looking up of copies to the next run, also when it has begun."""
        self._books.is_hurried = True

    async def close(self, state: RunState, stats: Mapping[str, JsonValue], reason: str | None = None) -> None:
        """End the run, and give back what it had claimed."""
        self._closing.set()
        if self._heart is not None:
            await self._heart
        await self._work(lambda: self._books.close(state, stats, reason))
        self._books.dispose()

    async def _work(self, work: Callable[[], _Result]) -> _Result:
        async with self._lock:
            return await self._in_thread(work)

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        try:
            return await asyncio.to_thread(work)
        except StorageError:
            raise
        except Exception as error:  # whatever breaks the books must end the crawl, not one page
            raise StorageError(f"the books could not be written: {in_one_line(error)}") from error

    async def _beat_now_and_then(self) -> None:
        # Beside the lock: looking up copies may take longer than a lease lasts.
        while not await is_set_within(self._closing, self._books.lease_seconds / 4):
            try:
                await asyncio.to_thread(self._books.beat)
            except StorageError as error:  # the next write tells whether it matters
                logger.warning("no sign of life could be given: %(error)s", {"error": in_one_line(error)})
