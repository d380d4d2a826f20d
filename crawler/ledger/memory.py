"""The books of a dry run: kept in memory, thrown away at its end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.values import ClaimedUrl, FeedRecord, FetchOutcome, ResolveCounts, SlugEvidence, StoreCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from crawler.refusals import Skipped
    from storage.feeds import FeedPoll, KnownFeed
    from storage.values import (
        Article,
        FetchEvent,
        FoundUrl,
        JsonValue,
        RunState,
        SettledUrl,
        StoredArticle,
    )


class MemoryLedger:
    """Books that are thrown away: nothing is stored, every run begins anew."""

    def __init__(self) -> None:
        self.run_id: int | None = None
        self._known: set[str] = set()
        self._waiting: list[ClaimedUrl] = []
        self._feeds: dict[str, FeedRecord] = {}

    def has_javascript_sources(self) -> bool:
        """No source is remembered."""
        return False

    async def open(self, settings: Mapping[str, JsonValue]) -> None:
        """Nothing to open."""

    async def know_feeds(self, feeds: Sequence[KnownFeed]) -> Mapping[str, FeedRecord]:
        """Every feed as never polled."""
        records = {
            feed.url: FeedRecord(0, feed.url, feed.kind, feed.source, every=feed.every) for feed in feeds
        }
        self._feeds |= records
        return records

    async def due_feeds(self, source_hosts: Collection[str]) -> Sequence[FeedRecord]:
        """All of these sources: none was ever asked."""
        return tuple(feed for feed in self._feeds.values() if feed.source.host in source_hosts)

    async def take_sources(self, hosts: Collection[str]) -> frozenset[str]:
        """All of them: nothing is shared."""
        return frozenset(hosts)

    async def take_due_sources(
        self, limit: int, *, among: Collection[str] | None, without: Collection[str]
    ) -> tuple[str, ...]:
        """Nothing is remembered, so all that was asked for is due once."""
        return tuple(host for host in among or () if host not in without)[:limit]

    def give_back(self, source_hosts: Collection[str]) -> None:
        """Nothing is held."""

    def watch_hosts(self, busy_hosts: Callable[[], Collection[str]]) -> None:
        """No lease needs to be prolonged."""

    async def hold_host(self, host: str) -> Skipped | None:
        """Nobody else is there."""

    def leave_wait(self, host: str, seconds: float) -> None:
        """Nobody comes after."""

    async def wake_too_old(self, source_hosts: Collection[str], since: datetime | None) -> None:
        """Nothing was refused before."""

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

    async def slug_evidence(
        self,
        slug_key: str,  # noqa: ARG002  # as the books
        identity_url: str,  # noqa: ARG002  # as the books
        unwritten: Collection[str],  # noqa: ARG002  # as the books
    ) -> SlugEvidence:
        """Nothing is known."""
        return SlugEvidence()

    async def article_of_identity(self, identity_url: str) -> StoredArticle | None:  # noqa: ARG002  # as the books
        """None is stored."""
        return None

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

    def hurry(self) -> None:
        """Nothing takes long."""

    async def close(self, state: RunState, stats: Mapping[str, JsonValue], reason: str | None = None) -> None:
        """Nothing to close."""
