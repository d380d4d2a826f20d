"""What people do to a database over the years: review pairs, forget articles, drop old texts.

Every change of pairs derives the clusters concerned again, in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, or_, select, text, update

from storage.boilerplate import count_anew, drop_lines_of
from storage.clusters import update_clusters
from storage.engine import is_sqlite, retrying
from storage.errors import StorageError
from storage.index import remove_bands, unpack_buckets
from storage.models import Article, ArticleVersion, CrawlUrl, DuplicatePair, FetchEvent, Signature, Source
from storage.pairs import pairs_of, review_pair
from storage.search import rewrite_index
from storage.signatures import promote_representatives
from storage.sources import is_source
from storage.sql import chunks, insert_into, lock_clusters, storable_key
from storage.values import CrawlUrlState, DedupState, SkipReason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from storage.engine import Sessions
    from storage.values import Review


@dataclass(frozen=True, slots=True)
class ForgetCounts:
    """What forgetting removed."""

    article_count: int = 0
    pair_count: int = 0
    source_ids: frozenset[int] = frozenset()

    def __add__(self, other: ForgetCounts) -> ForgetCounts:
        return ForgetCounts(
            self.article_count + other.article_count,
            self.pair_count + other.pair_count,
            self.source_ids | other.source_ids,
        )


@dataclass(frozen=True, slots=True)
class PruneCounts:
    """Texts that pruning dropped, or would drop."""

    article_count: int
    version_count: int


def set_review(
    sessions: Sessions, article_a: int, article_b: int, review: Review | None, note: str | None, now: datetime
) -> None:
    """Record an analyst's verdict on a duplicate pair, or take it back with None; clusters follow.

    It outranks the detector, and outlives re-indexing.

    Raises:
        StorageError: the articles are not a duplicate pair.
    """

    def work() -> None:
        with sessions.begin() as session:
            lock_clusters(session)
            review_pair(session, article_a, article_b, review, note, now)
            update_clusters(session, (article_a, article_b), now)

    retrying(work)


def find_forgettable(session: Session, url_or_source: str) -> tuple[int, ...]:
    """Numbers of the articles at that address, or of that source (its host or its name)."""
    wanted = url_or_source.strip()
    by_url = select(Article.id).where(
        or_(Article.url == wanted, Article.identity_url == storable_key(wanted))
    )
    ids = session.scalars(by_url.order_by(Article.id)).all()
    if ids:
        return tuple(ids)
    of_source = select(Article.id).join(Source).where(is_source(wanted))
    return tuple(session.scalars(of_source.order_by(Article.id)))


def forget_articles(sessions: Sessions, article_ids: Sequence[int], now: datetime) -> ForgetCounts:
    """Remove articles with every trace of their texts; their clusters shrink, split or retire.

    Their addresses stay noted as skipped, without title or text, so that no crawl brings them back. The lines of
    their sources are counted again from the texts that are left. Afterwards the freed space of an SQLite file is
    overwritten.
    """
    counts = ForgetCounts()
    for chunk in chunks(article_ids):
        counts += retrying(partial(_forget, sessions, chunk, now))
    for source_id in sorted(counts.source_ids):
        retrying(partial(_count_source, sessions, source_id))
    with sessions.begin() as session:
        if is_sqlite(session):
            session.execute(text("PRAGMA secure_delete = ON"))
        rewrite_index(session)
    _overwrite_freed_space(sessions)
    return counts


def prune_texts(sessions: Sessions, older_than: datetime, *, dry_run: bool = False) -> PruneCounts:
    """Drop the texts of articles first seen before then; signatures, pairs, clusters and line counts stay.

    Articles whose copies have not been looked up yet keep their text.
    """
    old_article = and_(
        Article.first_seen_at < older_than, Article.text.is_not(None), Article.dedup_state == DedupState.DONE
    )
    old_version = and_(ArticleVersion.fetched_at < older_than, ArticleVersion.text.is_not(None))
    with sessions() as session:
        counts = PruneCounts(
            session.scalar(select(func.count()).select_from(Article).where(old_article)) or 0,
            session.scalar(select(func.count()).select_from(ArticleVersion).where(old_version)) or 0,
        )
    if dry_run:
        return counts
    with sessions.begin() as session:
        session.execute(update(ArticleVersion).where(old_version).values(text=None))
    while True:
        with sessions.begin() as session:
            ids = session.scalars(select(Article.id).where(old_article).limit(5000)).all()
            for chunk in chunks(ids):
                session.execute(update(Article).where(Article.id.in_(chunk)).values(text=None))
        if not ids:
            break
    with sessions.begin() as session:
        rewrite_index(session)
    return counts


def _count_source(sessions: Sessions, source_id: int) -> None:
    with sessions.begin() as session:
        if is_sqlite(session):
            session.execute(text("PRAGMA secure_delete = ON"))
        count_anew(session, source_id, keeps_late=True)


def _forget(sessions: Sessions, article_ids: Sequence[int], now: datetime) -> ForgetCounts:
    with sessions.begin() as session:
        if is_sqlite(session):
            session.execute(text("PRAGMA secure_delete = ON"))
        lock_clusters(session)
        articles = session.execute(
            select(Article.id, Article.url, Article.identity_url, Article.source_id, Article.text_hash).where(
                Article.id.in_(article_ids)
            )
        ).all()
        edges = pairs_of(session, article_ids)
        for low_id, high_id in sorted(edges):
            session.execute(
                delete(DuplicatePair).where(DuplicatePair.low_id == low_id, DuplicatePair.high_id == high_id)
            )
        neighbours = {article_id for edge in edges for article_id in edge}
        update_clusters(session, neighbours | set(article_ids), now)
        signatures = session.scalars(select(Signature).where(Signature.article_id.in_(article_ids))).all()
        indexed = {one.article_id: unpack_buckets(one.buckets) for one in signatures if one.is_indexed}
        remove_bands(session, indexed)
        # A line's hash is a trace of the text: gone with it, whether or not the counting afterwards is reached.
        source_ids = drop_lines_of(session, article_ids)
        session.execute(delete(Signature).where(Signature.article_id.in_(article_ids)))
        session.execute(delete(Article).where(Article.id.in_(article_ids)))
        promote_representatives(session, {row.text_hash for row in articles if row.id in indexed})
        for row in articles:
            _forget_address(session, row.url, row.identity_url, row.source_id, now)
    return ForgetCounts(len(articles), len(edges), frozenset(source_ids))


def _forget_address(session: Session, url: str, identity_url: str, source_id: int, now: datetime) -> None:
    session.execute(delete(FetchEvent).where(FetchEvent.url.in_((url, identity_url))))
    forgotten: dict[str, Any] = {
        "state": CrawlUrlState.SKIPPED,
        "reason": SkipReason.FORGOTTEN,
        "hints": {},
        "next_attempt_at": None,
        "lease_owner": None,
        "lease_expires_at": None,
        "content_hash": None,
    }
    host = identity_url.split("://", 1)[-1].split("/", 1)[0].lower()
    row = {
        **forgotten,
        "identity_url": identity_url,
        "url": identity_url,
        "host": host,
        "source_id": source_id,
        "discovered_at": now,
    }
    insert = insert_into(session, CrawlUrl).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=["identity_url"], set_=forgotten))


def _overwrite_freed_space(sessions: Sessions) -> None:
    """The log of an SQLite database still holds the pages as they were: fold it in and cut it."""
    engine = sessions.kw["bind"]
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        if driver is None:
            raise StorageError("the connection was closed meanwhile")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
