"""The books in the database: methods that block, called in a thread; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from crawler.clock import set_clock, utc_now
from crawler.ledger.holdings import Holdings
from crawler.owners import is_dead_here, owner_name
from crawler.slugs import slug_key as slug_key_of
from dedup import DedupConfig, sign_documents
from storage.articles import article_of_identity
from storage.engine import make_sessions, open_engine, retrying
from storage.errors import StorageError
from storage.feeds import due_feeds, read_feeds, save_polls, upsert_feeds
from storage.frontier import claim_urls, prolong_leases, release_urls, settle_urls, wake_too_old
from storage.frontier.found import add_found_urls
from storage.frontier.slugs import known_slug_keys, slug_evidence
from storage.leases import database_time, free_leases, require_held
from storage.resolving import resolve_pending
from storage.runs import add_fetch_events, beat_run, finish_run, interrupt_dead_runs, start_run
from storage.schema import SchemaState, schema_state
from storage.sources import has_javascript_sources
from storage.storing import store_articles
from storage.values import ResolveCounts, RunKind, RunState, SlugEvidence

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session

    from dedup.corpus import PairMap
    from storage.feeds import FeedPoll, KnownFeed
    from storage.storing import Signer
    from storage.values import (
        Article,
        ClaimedUrl,
        FeedRecord,
        FetchEvent,
        FoundUrl,
        JsonValue,
        SettledUrl,
        StoreCounts,
        StoredArticle,
    )

# Articles whose copies are looked up before it is asked again whether there is time for more.
_RESOLVED_AT_ONCE = 100
_MAX_NEW_SLUGS = 2_000


class _HurriedError(Exception):
    """There is no time for more."""


@dataclass(slots=True)
class Notes:
    """What is to be written with the next flush."""

    events: list[FetchEvent] = field(default_factory=list)
    settled: list[SettledUrl] = field(default_factory=list)
    polls: list[FeedPoll] = field(default_factory=list)


class Books:
    """The books of one run; ``notes`` and ``is_hurried`` may be changed from another thread.

    Raises:
        StorageError: the URL is malformed; by any method, when the database or a lease is lost.
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
        sign: Signer = sign_documents,
        pair_map: PairMap = map,
    ) -> None:
        self.run_id: int | None = None
        self.lease_seconds = lease_seconds
        self.notes = Notes()
        self.is_hurried = False
        self._engine: Engine = open_engine(url)
        self._sessions = make_sessions(self._engine)
        self._config = DedupConfig()
        self._sign = sign
        self._pair_map = pair_map
        self._kind = kind
        self._window = window
        self._owner = owner_name()
        # Of claimed addresses: no article was known of their number, and no page that has it was read since.
        self._new_slugs: set[str] = set()
        self.holdings = Holdings(self._sessions, self._owner, lease_seconds, pause_seconds, max_wait_seconds)

    def has_javascript_sources(self) -> bool:
        """Whether pages of any source remembered show their articles by script; may be asked before ``open``."""
        try:
            with self._sessions() as session:
                return has_javascript_sources(session)
        except StorageError:
            return False  # ``open`` tells what is wrong

    def check(self) -> None:
        """Raise where ``open`` could not begin a run; may be called before there is an event loop."""
        if schema_state(self._engine) is not SchemaState.CURRENT:
            raise StorageError("the database has no tables of this version; run: newsdedup db upgrade")

    def open(self, settings: Mapping[str, JsonValue]) -> int:
        """Start the run, whose number it gives, and take back what dead runs had claimed."""
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
                lease_seconds=self.lease_seconds,
                version=version("newsdedup"),
                settings=settings,
            )
        self.holdings.run_id = self.run_id
        return self.run_id

    def beat(self) -> None:
        """Give a sign of life: prolong all that the run holds."""
        with self._sessions.begin() as session:
            now = database_time(session)
            set_clock(now)
            if self.run_id is not None:
                beat_run(session, self.run_id, now, self.lease_seconds)
            prolong_leases(session, self._owner, now, self.lease_seconds)
        self.holdings.renew()

    def know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        """Store new feeds; the state of all of them by address."""
        with self._sessions.begin() as session:
            upsert_feeds(session, feeds, utc_now())
            return read_feeds(session, [feed.url for feed in feeds])

    def due_feeds(self, source_hosts: Collection[str]) -> Sequence[FeedRecord]:
        """The feeds of these sources whose time has come."""
        with self._sessions() as session:
            return due_feeds(session, database_time(session), source_hosts=source_hosts)

    def add_found(self, found: Sequence[FoundUrl]) -> int:
        """Note listed addresses; how many were new."""
        with self._sessions.begin() as session:
            require_held(session, self.holdings.fence())
            return add_found_urls(session, found, utc_now())

    def wake_too_old(self, source_hosts: Collection[str], since: datetime | None) -> None:
        """Make pages of these sources due that were refused as too old, and are not for who asks since then."""
        with self._sessions.begin() as session:
            require_held(session, self.holdings.fence())
            wake_too_old(session, source_hosts, since, database_time(session))

    def is_new_slug(self, slug_key: str) -> bool:
        """Whether no article was known of a site's number when its address was claimed; says so once."""
        is_new = slug_key in self._new_slugs
        self._new_slugs.discard(slug_key)
        return is_new

    def slug_evidence(self, slug_key: str, identity_url: str, unwritten: Collection[str]) -> SlugEvidence:
        """What is known of a site's number in addresses."""
        with self._sessions() as session:
            return slug_evidence(session, slug_key, identity_url, unwritten)

    def article_of_identity(self, identity_url: str) -> StoredArticle | None:
        """The article that is stored under an identity, with its text, or None."""
        with self._sessions() as session:
            return article_of_identity(session, identity_url)

    def claim(self, limit: int) -> Sequence[ClaimedUrl]:
        """Addresses of this run's sources to fetch now, this run's alone."""
        self.flush()  # what was settled must not be claimed again
        with self._sessions.begin() as session:
            claimed = claim_urls(
                session,
                self._owner,
                database_time(session),
                limit=limit,
                lease_seconds=self.lease_seconds,
                source_hosts=tuple(self.holdings.tokens),
            )
            self._note_new_slugs(session, claimed)
        return claimed

    def _note_new_slugs(self, session: Session, claimed: Sequence[ClaimedUrl]) -> None:
        # Asked once a claim: to ask for every page whose address has a number took a tenth of the main process.
        keys = {key for one in claimed if (key := slug_key_of(one.url)) is not None}
        if len(self._new_slugs) > _MAX_NEW_SLUGS:  # of pages that could not be fetched
            self._new_slugs.clear()
        self._new_slugs |= keys - known_slug_keys(session, keys)

    def store(self, articles: Sequence[Article]) -> StoreCounts:
        """Store articles as pending."""
        fence = self.holdings.fence()
        return store_articles(
            self._sessions, articles, self._config, self.run_id, fence=fence, sign=self._sign
        )

    def flush(self) -> None:
        """Write what was noted, and give back what is not needed any more."""
        notes, self.notes = self.notes, Notes()
        retrying(partial(self._write, notes))
        self.holdings.give_back()

    def _write(self, notes: Notes) -> None:
        with self._sessions.begin() as session:
            require_held(session, self.holdings.fence())
            add_fetch_events(session, self.run_id, notes.events)
            settle_urls(session, self._owner, notes.settled)
            save_polls(session, notes.polls)

    def resolve(self) -> ResolveCounts:
        """Look up the copies of all pending articles; ends early once it is to hurry."""
        self.holdings.give_back_all()  # nothing is fetched any more; looking up copies needs nobody to wait
        so_far = ResolveCounts()

        def note(counts: ResolveCounts, _left: int) -> None:
            nonlocal so_far
            so_far = counts
            if self.is_hurried:
                raise _HurriedError

        try:
            return resolve_pending(
                self._sessions,
                self._config,
                batch_size=_RESOLVED_AT_ONCE,
                on_progress=note,
                window=self._window,
                pair_map=self._pair_map,
            )
        except _HurriedError:
            return so_far

    def close(self, state: RunState, stats: Mapping[str, JsonValue], reason: str | None) -> None:
        """End the run, and give back what it had claimed."""
        if state is not RunState.FAILED:
            self.flush()
        with self._sessions.begin() as session:
            release_urls(session, [self._owner])
            if self.run_id is not None:
                finish_run(session, self.run_id, state, database_time(session), stats, reason)
        self.holdings.give_back_all()

    def dispose(self) -> None:
        """Let the database go."""
        self._engine.dispose()
