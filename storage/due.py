"""Says what is due: which sources have something to fetch now, and when the next one has; fetches nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import case, func, or_, select

from storage.leases import database_time, read_leases
from storage.models import CrawlUrl, Feed, Lease
from storage.models import Source as SourceRow
from storage.values import CrawlUrlState, FeedState, LeaseKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session
    from sqlalchemy.sql.elements import ColumnElement


_BEGINNING = datetime.min.replace(tzinfo=UTC)


class SourceState(StrEnum):
    """How a source's crawling stands."""

    RUNNING = "running"
    DUE = "due"
    WAITING = "waiting"
    FAILING = "failing"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class SourceSchedule:
    """When a source was and will be asked; ``owner`` is the run that works on it, ``reason`` its last failure."""

    name: str
    host: str
    every: str | None
    feed_count: int
    last_at: datetime | None
    next_at: datetime | None
    state: SourceState
    owner: str | None
    reason: str | None


def due_sources(
    session: Session, now: datetime, *, limit: int, among: Collection[str] | None, without: Collection[str]
) -> tuple[str, ...]:
    """Hosts of sources with a feed or an address that is due, longest waiting first; leased ones are left out.

    An address is its source's, and its feed's source's: a page elsewhere is fetched for whoever listed it.
    """
    feeds = select(
        Feed.source_id, func.coalesce(Feed.next_fetch_at, SourceRow.created_at).label("since")
    ).join(SourceRow, SourceRow.id == Feed.source_id)
    feeds = feeds.where(
        Feed.state != FeedState.GONE, or_(Feed.next_fetch_at.is_(None), Feed.next_fetch_at <= now)
    )
    since = func.coalesce(CrawlUrl.next_attempt_at, CrawlUrl.discovered_at).label("since")
    own = select(CrawlUrl.source_id, since).where(is_due(now))
    listed = select(Feed.source_id, since).join(Feed, Feed.url == CrawlUrl.feed_url).where(is_due(now))
    waiting = feeds.union_all(own, listed).subquery()
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


def list_schedule(session: Session, now: datetime) -> tuple[SourceSchedule, ...]:
    """Every source with feeds: when it was asked last, when it is asked next, and how it stands; next one first."""
    query = (
        select(
            SourceRow.name,
            SourceRow.host,
            func.min(Feed.every),
            func.count(),
            func.max(Feed.last_fetched_at),
            func.min(Feed.next_fetch_at).filter(Feed.state != FeedState.GONE),
            func.sum(case((Feed.state == FeedState.FAILING, 1), else_=0)),
            func.sum(case((Feed.state == FeedState.GONE, 1), else_=0)),
            func.sum(case((Feed.last_fetched_at.is_(None), 1), else_=0)),
            func.max(Feed.last_reason),
        )
        .join(SourceRow, SourceRow.id == Feed.source_id)
        .group_by(SourceRow.name, SourceRow.host)
    )
    holders = {lease.name: lease.owner for lease in read_leases(session, LeaseKind.SOURCE)}
    found = []
    for name, host, every, feeds, last, following, failing, gone, unasked, reason in session.execute(query):
        state = _state(
            is_held=host in holders,
            is_due=bool(unasked) or (following is not None and following <= now),
            feeds=feeds,
            failing=failing,
            gone=gone,
        )
        found.append(
            SourceSchedule(name, host, every, feeds, last, following, state, holders.get(host), reason)
        )
    return tuple(sorted(found, key=lambda one: (one.next_at or _BEGINNING, one.host)))


def _state(*, is_held: bool, is_due: bool, feeds: int, failing: int, gone: int) -> SourceState:
    if is_held:
        return SourceState.RUNNING
    if gone == feeds:
        return SourceState.GONE
    if failing + gone == feeds:
        return SourceState.FAILING
    return SourceState.DUE if is_due else SourceState.WAITING
