"""What is remembered of feeds, sitemaps and section pages between polls; the poll policy is the crawler's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from storage.models import Feed
from storage.models import Source as SourceRow
from storage.sources import as_source, upsert_sources
from storage.sql import chunks, insert_into, storable_key
from storage.values import FeedRecord, FeedState, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from storage.values import FeedKind, SkipReason


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A feed as seeds or a page announce it; ``every`` is the interval or cron expression that its seed asks for."""

    url: str
    kind: FeedKind
    source: Source
    every: str | None = None


@dataclass(frozen=True, slots=True)
class FeedPoll:
    """What one poll leaves behind: the feed's next state."""

    url: str
    fetched_at: datetime | None
    state: FeedState
    next_fetch_at: datetime | None
    poll_interval_seconds: int | None
    failure_count: int
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    last_changed_at: datetime | None = None
    reason: SkipReason | None = None


def upsert_feeds(session: Session, feeds: Iterable[KnownFeed], now: datetime) -> None:
    """Store feeds that are not known yet, with their sources; known ones keep their state. Writes.

    What the seeds say of a feed's interval holds from now on; a page that announces a feed says nothing of it.
    """
    for chunk in chunks(feeds):
        source_ids = upsert_sources(session, [feed.source for feed in chunk], now)
        rows = [
            {
                "url": storable_key(feed.url),
                "kind": feed.kind,
                "source_id": source_ids[feed.source.host.lower()],
                "state": FeedState.ACTIVE,
                "failure_count": 0,
                "every": feed.every,
            }
            for feed in {feed.url: feed for feed in chunk}.values()
        ]
        insert = insert_into(session, Feed)
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["url"],
                set_={"every": insert.excluded.every},
                where=insert.excluded.every.is_not(None) & Feed.every.is_distinct_from(insert.excluded.every),
            ),
            rows,
        )


def read_feeds(session: Session, urls: Iterable[str]) -> dict[str, FeedRecord]:
    """Known feeds by address."""
    found: dict[str, FeedRecord] = {}
    for chunk in chunks(storable_key(url) for url in urls):
        query = select(Feed, SourceRow).join(SourceRow, SourceRow.id == Feed.source_id)
        for feed, source in session.execute(query.where(Feed.url.in_(chunk))):
            found[feed.url] = _record(feed, source)
    return found


def due_feeds(
    session: Session, now: datetime, *, source_hosts: Collection[str] | None = None
) -> tuple[FeedRecord, ...]:
    """Feeds (of these sources) whose time has come, longest waiting first; those that are gone are left out."""
    query = (
        select(Feed, SourceRow)
        .join(SourceRow, SourceRow.id == Feed.source_id)
        .where(Feed.state != FeedState.GONE, or_(Feed.next_fetch_at.is_(None), Feed.next_fetch_at <= now))
        .order_by(Feed.next_fetch_at.asc().nulls_first(), Feed.id)
    )
    if source_hosts is not None:
        query = query.where(SourceRow.host.in_(source_hosts))
    return tuple(_record(feed, source) for feed, source in session.execute(query))


def save_polls(session: Session, polls: Iterable[FeedPoll]) -> None:
    """Store what polls left behind. Writes."""
    rows = [
        {
            "b_url": storable_key(poll.url),
            "state": poll.state,
            "etag": poll.etag,
            "last_modified": poll.last_modified,
            "body_hash": poll.body_hash,
            "poll_interval_seconds": poll.poll_interval_seconds,
            "next_fetch_at": poll.next_fetch_at,
            "last_fetched_at": poll.fetched_at,
            "last_changed_at": poll.last_changed_at,
            "failure_count": poll.failure_count,
            "last_reason": poll.reason.value if poll.reason else None,
        }
        for poll in polls
    ]
    if rows:
        statement = update(Feed.__table__).where(Feed.__table__.c.url == bindparam("b_url"))  # type: ignore[arg-type]
        session.connection().execute(statement, rows)


def _record(feed: Feed, source: SourceRow) -> FeedRecord:
    return FeedRecord(
        id=feed.id,
        url=feed.url,
        kind=feed.kind,
        source=as_source(source),
        state=feed.state,
        every=feed.every,
        etag=feed.etag,
        last_modified=feed.last_modified,
        body_hash=feed.body_hash,
        poll_interval_seconds=feed.poll_interval_seconds,
        next_fetch_at=feed.next_fetch_at,
        last_fetched_at=feed.last_fetched_at,
        last_changed_at=feed.last_changed_at,
        failure_count=feed.failure_count,
    )
