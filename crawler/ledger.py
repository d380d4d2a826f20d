"""The books of a crawl: what to fetch next, what became of it, kept in the database off the reactor thread.

Must not decide anything; spiders, polling and pipelines do. ``MemoryLedger`` keeps the same books for a dry run.
"""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from crawler.failures import in_one_line
from dedup import DedupConfig
from storage.crawl_urls import (
    ClaimedUrl,
    add_found_urls,
    claim_urls,
    prolong_leases,
    release_urls,
    settle_urls,
)
from storage.engine import make_sessions, open_engine
from storage.errors import StorageError
from storage.feeds import due_feeds, read_feeds, save_polls, upsert_feeds
from storage.resolving import resolve_pending
from storage.runs import add_fetch_events, beat_run, finish_run, interrupt_dead_runs, start_run
from storage.schema import SchemaState, schema_state
from storage.storing import store_articles
from storage.values import FeedRecord, FetchOutcome, ResolveCounts, RunKind, RunState, StoreCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session

    from storage.crawl_urls import FoundUrl, SettledUrl
    from storage.feeds import FeedPoll, KnownFeed
    from storage.values import Article, FetchEvent, JsonValue

_Result = TypeVar("_Result")


class Ledger(Protocol):
    """What spiders and pipelines need of the books."""

    run_id: int | None

    async def open(self, settings: Mapping[str, JsonValue]) -> None:
        """Start the run, and take back what dead runs had claimed."""

    async def know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        """Store new feeds; the state of all of them by address."""

    async def due_feeds(self) -> Sequence[FeedRecord]:
        """All feeds whose time has come."""

    async def add_found(self, found: Sequence[FoundUrl]) -> int:
        """Note listed addresses; how many were new."""

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

    async def close(self, state: RunState, stats: Mapping[str, JsonValue]) -> None:
        """End the run, and give back what it had claimed."""


@dataclass(slots=True)
class _Notes:
    events: list[FetchEvent] = field(default_factory=list)
    settled: list[SettledUrl] = field(default_factory=list)
    polls: list[FeedPoll] = field(default_factory=list)


class DatabaseLedger:
    """The books in a database; one statement at a time, each in a thread of its own.

    Raises:
        StorageError: at ``open``, when the database cannot be used.
    """

    def __init__(self, url: str, *, lease_seconds: float, kind: RunKind = RunKind.CRAWL) -> None:
        self.run_id: int | None = None
        self._engine: Engine = open_engine(url)
        self._sessions = make_sessions(self._engine)
        self._config = DedupConfig()
        self._kind = kind
        self._lease_seconds = lease_seconds
        self._owner = owner_name()
        self._lock = asyncio.Lock()
        self._notes = _Notes()
        self._prolong_at = datetime.min.replace(tzinfo=UTC)

    async def open(self, settings: Mapping[str, JsonValue]) -> None:
        """Start the run, and take back what dead runs had claimed."""
        await self._work(lambda: self._open(settings))

    async def know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        """Store new feeds; the state of all of them by address."""
        return await self._work(lambda: self._know_feeds(feeds))

    async def due_feeds(self) -> Sequence[FeedRecord]:
        """All feeds whose time has come."""
        return await self._work(self._due_feeds)

    async def add_found(self, found: Sequence[FoundUrl]) -> int:
        """Note listed addresses; how many were new."""
        return await self._work(lambda: self._add_found(found)) if found else 0

    async def claim(self, limit: int) -> Sequence[ClaimedUrl]:
        """Addresses to fetch now, this run's alone."""
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
        return await self._work(lambda: store_articles(self._sessions, articles, self._config, self.run_id))

    async def flush(self) -> None:
        """Write what was noted, and prolong the run's lease."""
        await self._work(self._flush)

    async def resolve(self) -> ResolveCounts:
        """Look up the copies of all pending articles."""
        return await self._work(lambda: resolve_pending(self._sessions, self._config))

    async def close(self, state: RunState, stats: Mapping[str, JsonValue]) -> None:
        """End the run, and give back what it had claimed."""
        await self._work(lambda: self._close(state, stats))
        self._engine.dispose()

    async def _work(self, work: Callable[[], _Result]) -> _Result:
        async with self._lock:
            try:
                return await asyncio.to_thread(work)
            except StorageError:
                raise
            except Exception as error:  # whatever breaks the books must end the crawl, not one page
                raise StorageError(f"the books could not be written: {in_one_line(error)}") from error

    def _open(self, settings: Mapping[str, JsonValue]) -> None:
        if schema_state(self._engine) is not SchemaState.CURRENT:
            raise StorageError("the database has no tables of this version; run: newsdedup db upgrade")
        now = datetime.now(UTC)
        with self._sessions.begin() as session:
            dead = interrupt_dead_runs(session, now, is_dead_here)
            release_urls(session, dead)
            self.run_id = start_run(
                session,
                self._kind,
                now,
                owner=self._owner,
                lease_seconds=self._lease_seconds,
                settings=settings,
            )

    def _know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        with self._sessions.begin() as session:
            upsert_feeds(session, feeds, datetime.now(UTC))
            return read_feeds(session, [feed.url for feed in feeds])

    def _due_feeds(self) -> Sequence[FeedRecord]:
        with self._sessions() as session:
            return due_feeds(session, datetime.now(UTC))

    def _add_found(self, found: Sequence[FoundUrl]) -> int:
        with self._sessions.begin() as session:
            return add_found_urls(session, found, datetime.now(UTC))

    def _claim(self, limit: int) -> Sequence[ClaimedUrl]:
        self._flush()  # what was settled must not be claimed again
        now = datetime.now(UTC)
        with self._sessions.begin() as session:
            return claim_urls(session, self._owner, now, limit=limit, lease_seconds=self._lease_seconds)

    def _flush(self) -> None:
        notes, self._notes = self._notes, _Notes()
        with self._sessions.begin() as session:
            add_fetch_events(session, self.run_id, notes.events)
            settle_urls(session, notes.settled)
            save_polls(session, notes.polls)
            self._prolong(session, datetime.now(UTC))

    def _prolong(self, session: Session, now: datetime) -> None:
        if self.run_id is None or now < self._prolong_at:
            return
        beat_run(session, self.run_id, now, self._lease_seconds)
        prolong_leases(session, self._owner, now, self._lease_seconds)
        self._prolong_at = now + timedelta(seconds=self._lease_seconds / 4)

    def _close(self, state: RunState, stats: Mapping[str, JsonValue]) -> None:
        self._flush()
        with self._sessions.begin() as session:
            release_urls(session, [self._owner])
            if self.run_id is not None:
                finish_run(session, self.run_id, state, datetime.now(UTC), stats)


class MemoryLedger:
    """Books that are thrown away: nothing is stored, every run begins anew."""

    def __init__(self) -> None:
        self.run_id: int | None = None
        self._known: set[str] = set()
        self._waiting: list[ClaimedUrl] = []

    async def open(self, settings: Mapping[str, JsonValue]) -> None:
        """Nothing to open."""

    async def know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        """Every feed as never polled."""
        return {feed.url: FeedRecord(0, feed.url, feed.kind, feed.source) for feed in feeds}

    async def due_feeds(self) -> Sequence[FeedRecord]:
        """No feed is remembered."""
        return ()

    async def add_found(self, found: Sequence[FoundUrl]) -> int:
        """Queue what this run has not seen; how many were new."""
        new = {one.identity_url: one for one in found if one.identity_url not in self._known}
        self._known.update(new)
        now = datetime.now(UTC)
        self._waiting += [
            ClaimedUrl(0, one.url, key, one.source, one.feed_url, one.hints, 0, now, None, None, None, None)
            for key, one in new.items()
        ]
        return len(new)

    async def claim(self, limit: int) -> Sequence[ClaimedUrl]:
        """The next of the queue."""
        claimed, self._waiting = self._waiting[:limit], self._waiting[limit:]
        return claimed

    def note(self, event: FetchEvent, settled: SettledUrl | None = None) -> None:
        """Forgotten at once."""

    def note_poll(self, poll: FeedPoll) -> None:
        """Forgotten at once."""

    async def store(self, articles: Sequence[Article]) -> StoreCounts:
        """Stores nothing, and says what a store in an empty database would."""
        outcomes = tuple(sorted((article.identity_url, FetchOutcome.NEW) for article in articles))
        return StoreCounts(new_count=len(articles), outcomes=outcomes)

    async def flush(self) -> None:
        """Nothing to write."""

    async def resolve(self) -> ResolveCounts:
        """Nothing to look up."""
        return ResolveCounts()

    async def close(self, state: RunState, stats: Mapping[str, JsonValue]) -> None:
        """Nothing to close."""


def owner_name() -> str:
    """The name under which this process holds leases: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_dead_here(owner: str) -> bool:
    """Whether an owner was a process of this host that no longer runs; owners elsewhere are left to their lease."""
    host, _, process_id = owner.rpartition(":")
    if host != socket.gethostname() or not process_id.isdigit():
        return False
    if int(process_id) == os.getpid():
        return True  # an earlier process had the number that is now ours
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
