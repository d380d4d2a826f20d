"""The books of a crawl: what to fetch next, and what became of it.

Must not decide anything; spiders, polling and pipelines do. ``database`` keeps the books, ``memory`` keeps them for a
dry run and throws them away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

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
        SlugEvidence,
        StoreCounts,
        StoredArticle,
    )


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
        """What is known of a site's number in addresses; ``unwritten`` as ``storage.frontier`` has it."""

    async def article_of_identity(self, identity_url: str) -> StoredArticle | None:
        """The article that is stored under an identity, with its text, or None."""

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
