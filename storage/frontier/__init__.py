"""The frontier: addresses that are waiting, leased or settled; which of them to fetch when is the crawler's policy.

A killed crawl loses nothing: what it had leased becomes pending again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from storage.due import is_due
from storage.engine import is_sqlite
from storage.models import CrawlUrl, Feed, Lease
from storage.models import Source as SourceRow
from storage.sources import as_source
from storage.sql import chunks, storable_key
from storage.values import ClaimedUrl, CrawlUrlState, FrontierUrl, LeaseKind, SettledUrl, SkipReason, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session
    from sqlalchemy.sql.elements import ColumnElement

_PUBLISHED = "refused_published_at"


def claim_urls(
    session: Session,
    owner: str,
    now: datetime,
    *,
    limit: int,
    lease_seconds: float,
    source_hosts: Collection[str] | None = None,
) -> tuple[ClaimedUrl, ...]:
    """Lease up to ``limit`` addresses that are due to ``owner``, hosts taking turns. Writes.

    Settled addresses whose ``next_attempt_at`` has come (retries, revisits) are claimed like pending ones. Only
    addresses of these sources are claimed, or listed by their feeds; none of a host that another owner holds.
    """
    due = is_due(now) & CrawlUrl.host.not_in(
        select(Lease.name).where(Lease.kind == LeaseKind.HOST, Lease.owner != owner, Lease.expires_at >= now)
    )
    if source_hosts is not None:
        due &= _belongs_to(source_hosts)
    turn = func.row_number().over(partition_by=CrawlUrl.host, order_by=CrawlUrl.id)
    ranked = select(CrawlUrl.id, turn.label("turn")).where(due).subquery()
    wanted = list(session.scalars(select(ranked.c.id).order_by(ranked.c.turn, ranked.c.id).limit(limit)))
    query = (
        select(CrawlUrl, SourceRow)
        .outerjoin(SourceRow, SourceRow.id == CrawlUrl.source_id)
        .where(CrawlUrl.id.in_(wanted), due)
    )
    if not is_sqlite(session):  # another worker may have chosen the same ones
        query = query.with_for_update(of=CrawlUrl, skip_locked=True)
    claimed = []
    for row, source in session.execute(query.order_by(CrawlUrl.id)):
        claimed.append(_claimed(row, source))
        row.state = CrawlUrlState.LEASED
        row.lease_owner = owner
        row.lease_expires_at = now + timedelta(seconds=lease_seconds)
    return tuple(claimed)


def settle_urls(session: Session, owner: str, settled: Iterable[SettledUrl]) -> None:
    """Store what became of addresses that ``owner`` has claimed, and end their leases; others' are left. Writes."""
    for chunk in chunks({storable_key(one.identity_url): one for one in settled}.items()):
        by_identity = dict(chunk)
        query = select(CrawlUrl).where(CrawlUrl.identity_url.in_(by_identity), CrawlUrl.lease_owner == owner)
        for row in session.scalars(query):
            one = by_identity[row.identity_url]
            row.state = one.state
            row.reason = one.reason.value if one.reason else None
            row.next_attempt_at = one.next_attempt_at
            row.fetched_at = one.fetched_at
            row.attempt_count += one.reason is not SkipReason.HOST_LEASED  # which was no attempt
            row.etag = one.etag or row.etag
            row.last_modified = one.last_modified or row.last_modified
            row.content_hash = one.content_hash or row.content_hash
            if one.article_identity_url is not None:
                row.article_identity_url = storable_key(one.article_identity_url)
            if one.published_at is not None:
                row.hints = {**row.hints, _PUBLISHED: _comparable(one.published_at)}
            row.lease_owner = None
            row.lease_expires_at = None
        _visit_once(session, by_identity)


def wake_too_old(
    session: Session, source_hosts: Collection[str], since: datetime | None, now: datetime
) -> None:
    """Make pages due that an earlier run refused as too old and one that begins at ``since`` would not. Writes."""
    stated = CrawlUrl.hints[_PUBLISHED].as_string()
    statement = update(CrawlUrl).where(
        CrawlUrl.source_id.in_(select(SourceRow.id).where(SourceRow.host.in_(source_hosts))),
        CrawlUrl.state == CrawlUrlState.SKIPPED,
        CrawlUrl.reason == SkipReason.TOO_OLD,
    )
    if since is not None:
        statement = statement.where(stated.is_(None) | (stated >= _comparable(since)))
    session.execute(statement.values(next_attempt_at=now))


def _comparable(time: datetime) -> str:
    """A time as text that sorts as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _visit_once(session: Session, identity_urls: Iterable[str]) -> None:
    """Of several addresses of one article only its own, where that is listed too, is to be visited again."""
    article = aliased(CrawlUrl)
    is_visited = (
        select(article.id)
        .where(article.identity_url == CrawlUrl.article_identity_url, article.state == CrawlUrlState.DONE)
        .exists()
    )
    aliases = (CrawlUrl.article_identity_url != CrawlUrl.identity_url) & (
        CrawlUrl.state == CrawlUrlState.DONE
    )
    session.execute(
        update(CrawlUrl)
        .where(CrawlUrl.identity_url.in_(identity_urls), aliases, is_visited)
        .values(next_attempt_at=None)
    )


def prolong_leases(session: Session, owner: str, now: datetime, lease_seconds: float) -> None:
    """Let the owner keep what it has leased for another while. Writes."""
    statement = update(CrawlUrl).where(CrawlUrl.lease_owner == owner)
    session.execute(statement.values(lease_expires_at=now + timedelta(seconds=lease_seconds)))


def release_urls(session: Session, owners: Iterable[str]) -> int:
    """Make what these owners have leased pending again; how many there were. Writes."""
    released = 0
    for chunk in chunks(owners):
        statement = update(CrawlUrl).where(CrawlUrl.lease_owner.in_(chunk))
        result = session.connection().execute(
            statement.values(state=CrawlUrlState.PENDING, lease_owner=None, lease_expires_at=None)
        )
        released += result.rowcount
    return released


def read_frontier(session: Session, identity_urls: Iterable[str]) -> dict[str, FrontierUrl]:
    """What is remembered of these addresses; those never listed are left out."""
    found = {}
    for chunk in chunks(sorted(set(identity_urls))):
        query = select(CrawlUrl, SourceRow).outerjoin(SourceRow, SourceRow.id == CrawlUrl.source_id)
        for row, source in session.execute(query.where(CrawlUrl.identity_url.in_(chunk))):
            found[row.identity_url] = FrontierUrl(
                _publisher(source), row.feed_url, dict(row.hints), row.discovered_at, row.reason
            )
    return found


def accept_refused(session: Session, identity_urls: Iterable[str]) -> None:
    """Note that refused addresses hold articles after all. Writes."""
    for chunk in chunks(sorted(set(identity_urls))):
        statement = update(CrawlUrl).where(
            CrawlUrl.identity_url.in_(chunk), CrawlUrl.state == CrawlUrlState.SKIPPED
        )
        session.execute(statement.values(state=CrawlUrlState.DONE, reason=None))


def _belongs_to(source_hosts: Collection[str]) -> ColumnElement[bool]:
    ids = select(SourceRow.id).where(SourceRow.host.in_(source_hosts))
    feeds = select(Feed.url).where(Feed.source_id.in_(ids))
    return CrawlUrl.source_id.in_(ids) | CrawlUrl.feed_url.in_(feeds)


def _claimed(row: CrawlUrl, source: SourceRow | None) -> ClaimedUrl:
    return ClaimedUrl(
        id=row.id,
        url=row.url,
        identity_url=row.identity_url,
        source=_publisher(source),
        feed_url=row.feed_url,
        hints=dict(row.hints),
        attempt_count=row.attempt_count,
        discovered_at=row.discovered_at,
        fetched_at=row.fetched_at,
        etag=row.etag,
        last_modified=row.last_modified,
        content_hash=row.content_hash,
        reason=row.reason,
    )


def _publisher(row: SourceRow | None) -> Source | None:
    return as_source(row) if row else None
