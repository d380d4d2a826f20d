"""Says what is due: which sources have something to fetch now, and when the next one has; fetches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from storage.leases import database_time
from storage.models import CrawlUrl, Feed, Lease
from storage.models import Source as SourceRow
from storage.values import CrawlUrlState, FeedState, LeaseKind

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql.elements import ColumnElement


def due_sources(
    session: Session, now: datetime, *, limit: int, among: Collection[str] | None, without: Collection[str]
) -> tuple[str, ...]:
    """Hosts of sources with a feed or an address that is due, longest waiting first; leased ones are left out."""
    feeds = select(
        Feed.source_id, func.coalesce(Feed.next_fetch_at, SourceRow.created_at).label("since")
    ).join(SourceRow, SourceRow.id == Feed.source_id)
    feeds = feeds.where(
        Feed.state != FeedState.GONE, or_(Feed.next_fetch_at.is_(None), Feed.next_fetch_at <= now)
    )
    urls = select(
        CrawlUrl.source_id, func.coalesce(CrawlUrl.next_attempt_at, CrawlUrl.discovered_at).label("since")
    ).where(is_due(now))
    waiting = feeds.union_all(urls).subquery()
    taken = select(Lease.name).where(
        Lease.kind == LeaseKind.SOURCE, Lease.expires_at >= database_time(session)
    )
    query = (
        select(SourceRow.host)
        .join(waiting, waiting.c.source_id == SourceRow.id)
        .where(SourceRow.host.not_in(taken))
        .group_by(SourceRow.host)
        .order_by(func.min(waiting.c.since), SourceRow.host)
    )
    wanted = None if among is None else frozenset(among)
    found = []
    for host in session.scalars(query):
        if host not in without and (wanted is None or host in wanted):
            found.append(host)
            if len(found) >= limit:
                break
    return tuple(found)


def is_due(now: datetime) -> ColumnElement[bool]:
    """Whether an address is to be fetched now: new, to be tried again or revisited, or left by a dead owner."""
    come = CrawlUrl.next_attempt_at <= now
    settled = CrawlUrl.state.in_([CrawlUrlState.DONE, CrawlUrlState.SKIPPED, CrawlUrlState.FAILED])
    return or_(
        (CrawlUrl.state == CrawlUrlState.PENDING) & or_(CrawlUrl.next_attempt_at.is_(None), come),
        settled & come,
        (CrawlUrl.state == CrawlUrlState.LEASED) & (CrawlUrl.lease_expires_at < now),
    )


def next_due_at(session: Session) -> datetime | None:
    """When the next feed or address becomes due, None where nothing waits; feeds never asked are due since ever."""
    feeds = select(func.min(func.coalesce(Feed.next_fetch_at, SourceRow.created_at))).join(
        SourceRow, SourceRow.id == Feed.source_id
    )
    urls = select(func.min(func.coalesce(CrawlUrl.next_attempt_at, CrawlUrl.discovered_at)))
    times = [
        session.scalar(feeds.where(Feed.state != FeedState.GONE)),
        session.scalar(urls.where(CrawlUrl.state == CrawlUrlState.PENDING)),
        session.scalar(
            urls.where(CrawlUrl.state != CrawlUrlState.LEASED, CrawlUrl.next_attempt_at.is_not(None))
        ),
        session.scalar(
            select(func.min(CrawlUrl.lease_expires_at)).where(CrawlUrl.state == CrawlUrlState.LEASED)
        ),
    ]
    return min((time for time in times if time is not None), default=None)
