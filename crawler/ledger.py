"""The books of a crawl: what to fetch next, what became of it, kept in the database off the reactor thread.

Must not decide anything; spiders, polling and pipelines do. ``MemoryLedger`` keeps the same books for a dry run.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from crawler.clock import set_clock, utc_now
from crawler.failures import in_one_line
from crawler.holdings import Holdings
from crawler.owners import is_dead_here, owner_name
from crawler.slugs import slug_key as slug_key_of
from crawler.waiting import is_set_within
from dedup import DedupConfig
from storage.crawl_urls import (
    add_found_urls,
    claim_urls,
    known_slug_keys,
    prolong_leases,
    release_urls,
    settle_urls,
    slug_evidence,
    wake_too_old,
)
from storage.engine import make_sessions, open_engine, retrying
from storage.errors import StorageError
from storage.feeds import due_feeds, read_feeds, save_polls, upsert_feeds
from storage.leases import database_time, free_leases, require_held
from storage.resolving import resolve_pending
from storage.runs import add_fetch_events, beat_run, finish_run, interrupt_dead_runs, start_run
from storage.schema import SchemaState, schema_state
from storage.sources import has_javascript_sources
from storage.storing import store_articles
from storage.values import ResolveCounts, RunKind, RunState, SlugEvidence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session

    from crawler.refusals import Skipped
    from storage.feeds import FeedPoll, KnownFeed
    from storage.values import (
        Article,
        ClaimedUrl,
        FeedRecord,
        FetchEvent,
        FoundUrl,
        JsonValue,
        SettledUrl,
        StoreCounts,
    )

_Result = TypeVar("_Result")

logger = logging.getLogger(__name__)

# Articles whose copies are looked up before it is asked again whether there is time for more.
_RESOLVED_AT_ONCE = 100
_MAX_NEW_SLUGS = 2_000


class _HurriedError(Exception):
    """There is no time for more."""


class Ledger(Protocol):
    """What spiders and pipelines need of the books."""

    run_id: int | None

    def has_javascript_sources(self) -> bool:
        """Whether pages of any source remembered show their articles by script; may be asked before ``open``."""

    async def open(self, settings: Mapping[str, JsonValue]) -> None:
        """Start the run, and take back what dead runs had claimed."""

    async def know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        """Store new feeds; the state of all of them by address."""

    async def due_feeds(self, source_hosts: Collection[str]) -> Sequence[FeedRecord]:
        """The feeds of these sources whose time has come."""

    async def take_sources(self, hosts: Collection[str]) -> frozenset[str]:
        """Those of the sources that are this run's alone from now on; another run works on the rest."""

    async def take_due_sources(
        self, limit: int, *, among: Collection[str] | None, without: Collection[str]
    ) -> tuple[str, ...]:
        """Up to ``limit`` sources with something due, this run's alone from now on."""

    def give_back(self, source_hosts: Collection[str]) -> None:
        """Leave sources to others, once all that is noted has been written."""

    def watch_hosts(self, busy_hosts: Callable[[], Collection[str]]) -> None:
        """Where to ask for the hosts that requests are under way to; the leases of others lapse."""

    async def hold_host(self, host: str) -> Skipped | None:
        """Make sure that this run alone may fetch from a host now, or why it may not."""

    def leave_wait(self, host: str, seconds: float) -> None:
        """Let whoever fetches from the host next wait so long after this run's last fetch."""

    async def wake_too_old(self, source_hosts: Collection[str], since: datetime | None) -> None:
        """Make pages of these sources due that were refused as too old, and are not for who asks since then."""

    async def add_found(self, found: Sequence[FoundUrl]) -> int:
        """Note listed addresses; how many were new."""

    async def slug_evidence(
        self, slug_key: str, identity_url: str, unwritten: Collection[str]
    ) -> SlugEvidence:
        """What is known of a site's number in addresses; ``unwritten`` as ``storage.crawl_urls`` has it."""

    async def claim(self, limit: int) -> Sequence[ClaimedUrl]:
        """Addresses to fetch now, this run's alone."""

    def note(self, event: FetchEvent, settled: SettledUrl | None = None) -> None:
        """Remember a fetch and what became of its address; written with the next flush."""

    def note_poll(self, poll: FeedPoll) -> None:
        """Remember a feed's next state; written with the next flush."""

    async def store(self, articles: Sequence[Article]) -> StoreCounts:
        """Store articles as pending."""

    async def flush(self) -> None:
        """Write what was noted."""

    async def resolve(self) -> ResolveCounts:
        """Look up the copies of all pending articles."""

    def hurry(self) -> None:
        """Leave the looking up of copies to the next run, also when it has begun."""

    async def close(self, state: RunState, stats: Mapping[str, JsonValue], reason: str | None = None) -> None:
        """End the run, and give back what it had claimed."""


@dataclass(slots=True)
class _Notes:
    events: list[FetchEvent] = field(default_factory=list)
    settled: list[SettledUrl] = field(default_factory=list)
    polls: list[FeedPoll] = field(default_factory=list)


class DatabaseLedger:
    """The books in a database; one statement at a time, each in a thread of its own.

    Raises:
        StorageError: at ``open``, when the database cannot be used; later, when it is lost or a lease is.
    """

    def __init__(
        self,
        url: str,
        *,
        lease_seconds: float,
        window: timedelta | None = None,
        kind: RunKind = RunKind.CRAWL,
        pause_seconds: float = 0.0,
        max_wait_seconds: float = 60.0,
    ) -> None:
        self.run_id: int | None = None
        self._engine: Engine = open_engine(url)
        self._sessions = make_sessions(self._engine)
        self._config = DedupConfig()
        self._kind = kind
        self._window = window
        self._lease_seconds = lease_seconds
        self._owner = owner_name()
        self._lock = asyncio.Lock()
        self._notes = _Notes()
        # Of claimed addresses: no article was known of their number, and no page that has it was read since.
        self._new_slugs: set[str] = set()
        self._holdings = Holdings(self._sessions, self._owner, lease_seconds, pause_seconds, max_wait_seconds)
        self._heart: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._is_hurried = False

    def has_javascript_sources(self) -> bool:
        """Whether pages of any source remembered show their articles by script; may be asked before ``open``."""
        try:
            with self._sessions() as session:
                return has_javascript_sources(session)
        except StorageError:
            return False  # ``open`` tells what is wrong

    async def open(self, settings: Mapping[str, JsonValue]) -> None:
        """Start the run, and take back what dead runs had claimed."""
        await self._work(lambda: self._open(settings))
        self._heart = asyncio.create_task(self._beat_now_and_then())

    def watch_hosts(self, busy_hosts: Callable[[], Collection[str]]) -> None:
        """Where to ask for the hosts that requests are under way to; the leases of others lapse."""
        self._holdings.busy_hosts = busy_hosts

    async def know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        """Store new feeds; the state of all of them by address."""
        return await self._work(lambda: self._know_feeds(feeds))

    async def due_feeds(self, source_hosts: Collection[str]) -> Sequence[FeedRecord]:
        """The feeds of these sources whose time has come."""
        return await self._work(lambda: self._due_feeds(source_hosts))

    async def take_sources(self, hosts: Collection[str]) -> frozenset[str]:
        """Those of the sources that are this run's alone from now on; another run works on the rest."""
        return await self._work(lambda: self._holdings.take_sources(hosts))

    async def take_due_sources(
        self, limit: int, *, among: Collection[str] | None, without: Collection[str]
    ) -> tuple[str, ...]:
        """Up to ``limit`` sources with something due, this run's alone from now on."""
        return await self._work(lambda: self._holdings.take_due_sources(limit, among=among, without=without))

    def give_back(self, source_hosts: Collection[str]) -> None:
        """Leave sources to others, once all that is noted has been written."""
        self._holdings.returned.update(source_hosts)

    async def hold_host(self, host: str) -> Skipped | None:
        """Make sure that this run alone may fetch from a host now, or why it may not."""
        if self._holdings.holds_host(host):
            return None
        verdict = await self._work(lambda: self._holdings.take_host(host))
        if isinstance(verdict, float):
            await asyncio.sleep(verdict)
            return None
        return verdict

    def leave_wait(self, host: str, seconds: float) -> None:
        """Let whoever fetches from the host next wait so long after this run's last fetch."""
        self._holdings.waits[host] = max(self._holdings.waits.get(host, 0.0), seconds)

    async def wake_too_old(self, source_hosts: Collection[str], since: datetime | None) -> None:
        """Make pages of these sources due that were refused as too old, and are not for who asks since then."""
        await self._work(lambda: self._wake_too_old(source_hosts, since))

    async def add_found(self, found: Sequence[FoundUrl]) -> int:
        """Note listed addresses; how many were new."""
        return await self._work(lambda: self._add_found(found)) if found else 0

    async def slug_evidence(
        self, slug_key: str, identity_url: str, unwritten: Collection[str]
    ) -> SlugEvidence:
        """What is known of a site's number in addresses."""
        is_new = slug_key in self._new_slugs
        self._new_slugs.discard(slug_key)
        if is_new and not set(unwritten) - {identity_url}:
            return SlugEvidence(tuple(unwritten))
        return await self._work(lambda: self._slug_evidence(slug_key, identity_url, unwritten))

    async def claim(self, limit: int) -> Sequence[ClaimedUrl]:
        """Addresses of this run's sources to fetch now, this run's alone."""
        return await self._work(lambda: self._claim(limit))

    def note(self, event: FetchEvent, settled: SettledUrl | None = None) -> None:
        """Remember a fetch and what became of its address; written with the next flush."""
        self._notes.events.append(event)
        if settled is not None:
            self._notes.settled.append(settled)

    def note_poll(self, poll: FeedPoll) -> None:
        """Remember a feed's next state; written with the next flush."""
        self._notes.polls.append(poll)

    async def store(self, articles: Sequence[Article]) -> StoreCounts:
        """Store articles as pending."""
        return await self._work(
            lambda: store_articles(
                self._sessions, articles, self._config, self.run_id, fence=self._holdings.fence()
            )
        )

    async def flush(self) -> None:
        """Write what was noted, and give back what is not needed any more."""
        await self._work(self._flush)

    async def resolve(self) -> ResolveCounts:
        """Look up the copies of all pending articles."""
        return await self._work(self._resolve)

    def hurry(self) -> None:
        """Leave the looking up of copies to the next run, also when it has begun."""
        self._is_hurried = True

    async def close(self, state: RunState, stats: Mapping[str, JsonValue], reason: str | None = None) -> None:
        """End the run, and give back what it had claimed."""
        self._closing.set()
        if self._heart is not None:
            await self._heart
        await self._work(lambda: self._close(state, stats, reason))
        self._engine.dispose()

    async def _work(self, work: Callable[[], _Result]) -> _Result:
        async with self._lock:
            try:
                return await asyncio.to_thread(work)
            except StorageError:
                raise
            except Exception as error:  # whatever breaks the books must end the crawl, not one page
                raise StorageError(f"the books could not be written: {in_one_line(error)}") from error

    async def _beat_now_and_then(self) -> None:
        # Beside the lock: looking up copies may take longer than a lease lasts.
        while not await is_set_within(self._closing, self._lease_seconds / 4):
            try:
                await asyncio.to_thread(self._beat)
            except StorageError as error:  # the next write tells whether it matters
                logger.warning("no sign of life could be given: %(error)s", {"error": in_one_line(error)})

    def _beat(self) -> None:
        with self._sessions.begin() as session:
            now = database_time(session)
            set_clock(now)
            if self.run_id is not None:
                beat_run(session, self.run_id, now, self._lease_seconds)
            prolong_leases(session, self._owner, now, self._lease_seconds)
        self._holdings.renew()

    def _open(self, settings: Mapping[str, JsonValue]) -> None:
        if schema_state(self._engine) is not SchemaState.CURRENT:
            raise StorageError("the database has no tables of this version; run: newsdedup db upgrade")
        with self._sessions.begin() as session:
            now = database_time(session)
            set_clock(now)
            dead = interrupt_dead_runs(session, now, is_dead_here)
            release_urls(session, dead)
            free_leases(session, dead)
            self.run_id = start_run(
                session,
                self._kind,
                now,
                owner=self._owner,
                lease_seconds=self._lease_seconds,
                settings=settings,
            )
        self._holdings.run_id = self.run_id

    def _know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        with self._sessions.begin() as session:
            upsert_feeds(session, feeds, utc_now())
            return read_feeds(session, [feed.url for feed in feeds])

    def _due_feeds(self, source_hosts: Collection[str]) -> Sequence[FeedRecord]:
        with self._sessions() as session:
            return due_feeds(session, database_time(session), source_hosts=source_hosts)

    def _add_found(self, found: Sequence[FoundUrl]) -> int:
        with self._sessions.begin() as session:
            require_held(session, self._holdings.fence())
            return add_found_urls(session, found, utc_now())

    def _wake_too_old(self, source_hosts: Collection[str], since: datetime | None) -> None:
        with self._sessions.begin() as session:
            require_held(session, self._holdings.fence())
            wake_too_old(session, source_hosts, since, database_time(session))

    def _slug_evidence(self, slug_key: str, identity_url: str, unwritten: Collection[str]) -> SlugEvidence:
        with self._sessions() as session:
            return slug_evidence(session, slug_key, identity_url, unwritten)

    def _claim(self, limit: int) -> Sequence[ClaimedUrl]:
        self._flush()  # what was settled must not be claimed again
        with self._sessions.begin() as session:
            claimed = claim_urls(
                session,
                self._owner,
                database_time(session),
                limit=limit,
                lease_seconds=self._lease_seconds,
                source_hosts=tuple(self._holdings.tokens),
            )
            self._note_new_slugs(session, claimed)
        return claimed

    def _note_new_slugs(self, session: Session, claimed: Sequence[ClaimedUrl]) -> None:
        # Asked once a claim: to ask for every page whose address has a number took a tenth of the main process.
        keys = {key for one in claimed if (key := slug_key_of(one.url)) is not None}
        if len(self._new_slugs) > _MAX_NEW_SLUGS:  # of pages that could not be fetched
            self._new_slugs.clear()
        self._new_slugs |= keys - known_slug_keys(session, keys)

    def _flush(self) -> None:
        notes, self._notes = self._notes, _Notes()
        retrying(partial(self._write, notes))
        self._holdings.give_back()

    def _write(self, notes: _Notes) -> None:
        with self._sessions.begin() as session:
            require_held(session, self._holdings.fence())
            add_fetch_events(session, self.run_id, notes.events)
            settle_urls(session, self._owner, notes.settled)
            save_polls(session, notes.polls)

    def _resolve(self) -> ResolveCounts:
        self._holdings.give_back_all()  # nothing is fetched any more; looking up copies needs nobody to wait
        so_far = ResolveCounts()

        def note(counts: ResolveCounts, _left: int) -> None:
            nonlocal so_far
            so_far = counts
            if self._is_hurried:
                raise _HurriedError

        try:
            return resolve_pending(
                self._sessions,
                self._config,
                batch_size=_RESOLVED_AT_ONCE,
                on_progress=note,
                window=self._window,
            )
        except _HurriedError:
            return so_far

    def _close(self, state: RunState, stats: Mapping[str, JsonValue], reason: str | None) -> None:
        if state is not RunState.FAILED:
            self._flush()
        with self._sessions.begin() as session:
            release_urls(session, [self._owner])
            if self.run_id is not None:
                finish_run(session, self.run_id, state, database_time(session), stats, reason)
        self._holdings.give_back_all()
