"""Stored articles as values: by number, by address, by search, as a stream; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Text, exists, func, null, or_, select
from sqlalchemy.orm import defer

from storage.models import Article, Cluster, ClusterMember
from storage.models import Source as SourceRow
from storage.sources import as_source
from storage.sql import chunks, storable_key
from storage.values import StoredArticle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    _Query = Select[Article, SourceRow, int, str | None]

_STREAM_ROWS = 500


def get_article(session: Session, article_id: int) -> StoredArticle | None:
    """The article of that number with its text, or None."""
    return next(iter(_fetch(session, _query(with_text=True).where(Article.id == article_id))), None)


def find_article(session: Session, url: str) -> StoredArticle | None:
    """The article at that address, as fetched or normalised, or None."""
    query = _query(with_text=True).where(or_(Article.identity_url == storable_key(url), Article.url == url))
    return next(iter(_fetch(session, query.order_by(Article.id).limit(1))), None)


def article_of_identity(session: Session, identity_url: str) -> StoredArticle | None:
    """The article that is stored under an identity, with its text, or None."""
    query = _query(with_text=True).where(Article.identity_url == storable_key(identity_url))
    return next(iter(_fetch(session, query)), None)


def load_articles(
    session: Session, article_ids: Iterable[int], *, with_text: bool = False
) -> dict[int, StoredArticle]:
    """Articles by number; those that do not exist are left out."""
    found = {}
    for chunk in chunks(sorted(set(article_ids))):
        for article in _fetch(session, _query(with_text=with_text).where(Article.id.in_(chunk))):
            found[article.id] = article
    return found


@dataclass(frozen=True, slots=True)
class CapturedArticle:
    """Which fetched bytes an article was read from, and by what."""

    content_hash: str | None
    extractor: str


def captured_articles(session: Session, identity_urls: Iterable[str]) -> dict[str, CapturedArticle]:
    """What the articles of these identities were read from; those not stored are left out."""
    found = {}
    for chunk in chunks(sorted(set(identity_urls))):
        query = select(Article.identity_url, Article.content_hash, Article.extractor)
        for identity_url, content_hash, extractor in session.execute(
            query.where(Article.identity_url.in_(chunk))
        ):
            found[identity_url] = CapturedArticle(content_hash, extractor)
    return found


def stream_articles(
    session: Session, *, since: datetime | None = None, with_text: bool = True, canonical_only: bool = False
) -> Iterator[StoredArticle]:
    """All articles first seen since then, in order of number, without holding them in memory.

    ``canonical_only`` leaves out the members of clusters that are not their canonical article.
    """
    is_canonical = exists().where(Cluster.canonical_article_id == Article.id)
    after = 0
    while True:
        query = _query(with_text=with_text).where(Article.id > after).order_by(Article.id).limit(_STREAM_ROWS)
        if since is not None:
            query = query.where(Article.first_seen_at >= since)
        if canonical_only:
            query = query.where(or_(ClusterMember.article_id.is_(None), is_canonical))
        articles = list(_fetch(session, query))
        if not articles:
            return
        yield from articles
        after = articles[-1].id


def count_articles(session: Session, *, since: datetime | None = None) -> int:
    """Articles first seen since then."""
    query = select(func.count()).select_from(Article)
    if since is not None:
        query = query.where(Article.first_seen_at >= since)
    return session.scalar(query) or 0


def articles_with_texts(session: Session, text_hashes: Iterable[str]) -> set[int]:
    """Articles whose current text has one of these hashes; of equal texts the index holds only one."""
    found: set[int] = set()
    for chunk in chunks(sorted(text_hashes)):
        found.update(
            session.scalars(select(Article.id).where(Article.text_hash.in_(chunk), Article.word_count > 0))
        )
    return found


def text_hashes_of(session: Session, article_ids: Iterable[int]) -> dict[int, str]:
    """Hashes of the current texts, by article."""
    found: dict[int, str] = {}
    for chunk in chunks(sorted(article_ids)):
        query = select(Article.id, Article.text_hash).where(Article.id.in_(chunk))
        found.update(session.execute(query).all())
    return found


def contains(text: str) -> str:
    """A LIKE pattern for texts that hold this one, its wildcards taken literally; the escape is a backslash."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _query(*, with_text: bool) -> _Query:
    text = Article.text if with_text else null().cast(Text)
    return (
        select(Article, SourceRow, ClusterMember.cluster_id, text.label("loaded_text"))
        .join(SourceRow, SourceRow.id == Article.source_id)
        .outerjoin(ClusterMember, ClusterMember.article_id == Article.id)
        .options(defer(Article.text, raiseload=True))
    )


def _fetch(session: Session, query: _Query) -> Iterator[StoredArticle]:
    for row, source, cluster_id, text in session.execute(query):
        yield StoredArticle(
            id=row.id,
            url=row.url,
            identity_url=row.identity_url,
            source=as_source(source),
            title=row.title,
            text=text,
            byline=row.byline,
            language=row.language,
            published_at=row.published_at,
            published_precision=row.published_precision,
            published_origin=row.published_origin,
            modified_at=row.modified_at,
            first_seen_at=row.first_seen_at,
            fetched_at=row.fetched_at,
            section=row.section,
            image_url=row.image_url,
            is_paywalled=row.is_paywalled,
            declared_original_url=row.declared_original_url,
            credit=row.credit,
            extractor=row.extractor,
            word_count=row.word_count,
            text_hash=row.text_hash,
            version_number=row.version_number,
            dedup_state=row.dedup_state,
            cluster_id=cluster_id,
            declared_canonical_url=row.declared_canonical_url,
            refuses_ai_training=row.refuses_ai_training,
            content_hash=row.content_hash,
            run_id=row.run_id,
            modified_precision=row.modified_precision,
            modified_origin=row.modified_origin,
            keywords=tuple(str(word) for word in row.keywords or ()),
        )
