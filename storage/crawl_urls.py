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
from storage.sources import as_source, upsert_sources
from storage.sql import chunks, insert_into, storable_key
from storage.values import (
    ClaimedUrl,
    CrawlUrlState,
    FoundUrl,
    FrontierUrl,
    JsonValue,
    LeaseKind,
    SettledUrl,
    SkipReason,
    SlugEvidence,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session
    from sqlalchemy.sql.elements import ColumnElement

_CHANGED = "listed_changed_at"
_PUBLISHED = "refused_published_at"
_EVIDENCE = 200
_FETCHED = (CrawlUrlState.DONE, CrawlUrlState.FAILED)
# Refused for what the page held or the server said then; what the rules forbid stays forbidden.
_MAY_HOLD_MORE_NOW = frozenset({
    SkipReason.TOO_SHORT, SkipReason.NO_TEXT, SkipReason.NO_TITLE, SkipReason.NOT_HTML, SkipReason.NOT_ARTICLE,
    SkipReason.TOO_LARGE, SkipReason.EXTRACTION_FAILED, SkipReason.EXTRACTION_TIMEOUT,
    SkipReason.NOT_FOUND, SkipReason.GONE, SkipReason.REDIRECT_LOOP, SkipReason.TOO_OLD,
})  # fmt: skip


def add_found_urls(session: Session, found: Sequence[FoundUrl], now: datetime) -> int:
    """Store addresses not known yet as pending, and wake those that the listing says have changed. Writes.

    Returns how many were new.
    """
    new_count = 0
    for chunk in chunks({storable_key(one.identity_url): one for one in found}.items()):
        by_identity = dict(chunk)
        source_ids = upsert_sources(session, [one.source for one in by_identity.values()], now)
        insert = insert_into(session, CrawlUrl).on_conflict_do_nothing(index_elements=["identity_url"])
        rows = [_new_row(key, one, source_ids, now) for key, one in by_identity.items()]
        new = set(session.scalars(insert.returning(CrawlUrl.identity_url), rows))
        new_count += len(new)
        _wake_changed(session, {key: one for key, one in by_identity.items() if key not in new}, now)
    return new_count


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


def slug_evidence(
    session: Session, slug_key: str, identity_url: str, unwritten: Collection[str] = ()
) -> SlugEvidence:
    """What the frontier knows of a site's number, and, where it led to another article, of the site's numbers.

    ``unwritten`` are articles that addresses with this number have led to since the frontier was last written.
    """
    article = CrawlUrl.article_identity_url
    query = select(article).where(CrawlUrl.slug_key == slug_key, article.is_not(None)).order_by(CrawlUrl.id)
    stored = [one for one in session.scalars(query) if one is not None]
    identities = tuple(dict.fromkeys((*stored, *map(storable_key, unwritten))))
    if not set(identities) - {identity_url}:
        return SlugEvidence(identities)
    site = slug_key.rpartition("/")[0]
    led = (
        select(CrawlUrl.identity_url, article)
        .where(
            CrawlUrl.host.in_([site, f"www.{site}"]),
            CrawlUrl.slug_key.is_not(None),
            article != CrawlUrl.identity_url,
        )
        .order_by(CrawlUrl.id.desc())
        .limit(_EVIDENCE)
    )
    return SlugEvidence(identities, tuple((row[0], row[1] or "") for row in session.execute(led)))


def known_slug_keys(session: Session, slug_keys: Iterable[str]) -> frozenset[str]:
    """Those of the sites' numbers of which the frontier knows an article."""
    known: set[str] = set()
    for chunk in chunks(sorted(slug_keys)):
        query = select(CrawlUrl.slug_key).where(
            CrawlUrl.slug_key.in_(chunk), CrawlUrl.article_identity_url.is_not(None)
        )
        known.update(key for key in session.scalars(query) if key is not None)
    return frozenset(known)


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


def _new_row(key: str, one: FoundUrl, source_ids: Mapping[str, int], now: datetime) -> dict[str, object]:
    return {
        "identity_url": key,
        "url": storable_key(one.url),
        "host": one.host,
        "source_id": source_ids[one.source.host.lower()],
        "feed_url": storable_key(one.feed_url) if one.feed_url else None,
        "state": CrawlUrlState.PENDING,
        "attempt_count": 0,
        "discovered_at": now,
        "hints": _hints(one, None),
        "slug_key": storable_key(one.slug_key) if one.slug_key else None,
    }


def _wake_changed(session: Session, known: Mapping[str, FoundUrl], now: datetime) -> None:
    changed = {key: one.changed_at for key, one in known.items() if one.changed_at is not None}
    if not changed:
        return
    for row in session.scalars(select(CrawlUrl).where(CrawlUrl.identity_url.in_(changed))):
        listed, said_before = changed[row.identity_url], _listed_change(row)
        # By our clock where the listing never gave a time before; else by its own, which may be slow.
        is_news = (row.fetched_at is not None and listed > row.fetched_at) or (
            said_before is not None and listed > said_before
        )
        if is_news and (row.state in _FETCHED or row.reason in _MAY_HOLD_MORE_NOW):
            row.next_attempt_at = now
        if said_before is None or listed > said_before:
            row.hints = _hints(known[row.identity_url], row.hints)


def _hints(one: FoundUrl, before: Mapping[str, JsonValue] | None) -> dict[str, JsonValue]:
    """What the listing says of an address, or what one said before, with the change it tells of now."""
    stated = {_CHANGED: one.changed_at.isoformat()} if one.changed_at is not None else {}
    return {**(one.hints if before is None else before), **stated}


def _listed_change(row: CrawlUrl) -> datetime | None:
    stated = row.hints.get(_CHANGED)
    return datetime.fromisoformat(stated) if isinstance(stated, str) else None


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
