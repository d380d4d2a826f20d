"""What the reports ask: summaries, lists and details of clusters, pairs and sources, as values; changes nothing.

The rules live in the views (``v_cluster_member``, ``v_copy_edge``, ``v_source``); this module reads them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import (
    Float,
    Integer,
    String,
    and_,
    column,
    exists,
    func,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.orm import aliased

from dedup.values import Label
from storage.engine import is_sqlite
from storage.models import (
    Article,
    Base,
    Cluster,
    ClusterMember,
    DuplicatePair,
    Source,
    UtcDateTime,
)
from storage.pairs import is_joining
from storage.searching import matching_articles
from storage.sources import as_source
from storage.sql import chunks
from storage.values import (
    ClusterFilter,
    ClusterOrder,
    ClusterState,
    ClusterSummary,
    CopyEdge,
    CorpusSummary,
    DedupState,
    PairFilter,
    PairSummary,
    SourceSummary,
    TableSize,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

_EDGE = table(
    "v_copy_edge",
    column("from_source", String),
    column("to_source", String),
    column("copy_count", Integer),
    column("spun_count", Integer),
    column("median_lag_seconds", Float),
)
_SOURCE = table(
    "v_source",
    column("source_id", Integer),
    column("article_count", Integer),
    column("copied_count", Integer),
    column("copying_count", Integer),
    column("spun_count", Integer),
    column("first_seen_at", UtcDateTime),
    column("last_seen_at", UtcDateTime),
)
_EVERYTHING = ClusterFilter()
_EVERY_PAIR = PairFilter()


def corpus_summary(session: Session) -> CorpusSummary:
    """How much the database holds."""
    article_count, first_seen_at, last_seen_at = session.execute(
        select(func.count(), func.min(Article.first_seen_at), func.max(Article.first_seen_at))
    ).one()
    labels = session.execute(select(DuplicatePair.label, func.count()).group_by(DuplicatePair.label))
    by_label = {Label(label): count for label, count in labels}
    active = Cluster.state == ClusterState.ACTIVE
    cluster_count, largest = session.execute(
        select(func.count(), func.max(Cluster.member_count)).where(active)
    ).one()
    return CorpusSummary(
        article_count=article_count,
        source_count=_count(session, select(func.count()).select_from(Source)),
        cluster_count=cluster_count,
        clustered_article_count=_count(session, select(func.count()).select_from(ClusterMember)),
        pending_count=_count(
            session,
            select(func.count()).select_from(Article).where(Article.dedup_state != DedupState.DONE),
        ),
        pair_count=sum(by_label.values()),
        labels=dict(sorted(by_label.items())),
        first_seen_at=first_seen_at,
        last_seen_at=last_seen_at,
        largest_cluster_size=largest or 0,
    )


def list_clusters(session: Session, wanted: ClusterFilter = _EVERYTHING) -> tuple[ClusterSummary, ...]:
    """Clusters that pass the filter, in the order that it names."""
    ids = list(session.scalars(_cluster_query(session, wanted).limit(wanted.limit).offset(wanted.offset)))
    summaries = cluster_summaries(session, ids)
    return tuple(summaries[cluster_id] for cluster_id in ids)


def count_clusters(session: Session, wanted: ClusterFilter = _EVERYTHING) -> int:
    """How many clusters pass the filter, its limit and offset aside."""
    return _count(
        session, select(func.count()).select_from(_cluster_query(session, wanted).order_by(None).subquery())
    )


def list_pairs(session: Session, wanted: PairFilter = _EVERY_PAIR) -> tuple[PairSummary, ...]:
    """Duplicate pairs that pass the filter, those found last first."""
    return _pair_summaries(
        session, _pair_conditions(session, wanted), limit=wanted.limit, offset=wanted.offset
    )


def count_pairs(session: Session, wanted: PairFilter = _EVERY_PAIR) -> int:
    """How many duplicate pairs pass the filter, its limit and offset aside."""
    return _count(
        session,
        select(func.count()).select_from(DuplicatePair).where(and_(True, *_pair_conditions(session, wanted))),
    )


def copy_edges(session: Session) -> tuple[CopyEdge, ...]:
    """Who copies whom, most copies first."""
    query = select(_EDGE).order_by(_EDGE.c.copy_count.desc(), _EDGE.c.from_source, _EDGE.c.to_source)
    return tuple(
        CopyEdge(row.from_source, row.to_source, row.copy_count, row.spun_count or 0, row.median_lag_seconds)
        for row in session.execute(query)
    )


def source_summaries(session: Session, *, silent_since: datetime | None = None) -> tuple[SourceSummary, ...]:
    """All sources by name; with ``silent_since`` those alone that brought no new article since then."""
    query = select(Source, _SOURCE).join(_SOURCE, _SOURCE.c.source_id == Source.id)
    if silent_since is not None:
        query = query.where(or_(_SOURCE.c.last_seen_at.is_(None), _SOURCE.c.last_seen_at < silent_since))
    return tuple(
        SourceSummary(
            source=as_source(row.Source),
            article_count=row.article_count,
            copied_count=row.copied_count,
            copying_count=row.copying_count,
            spun_count=row.spun_count,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
        )
        for row in session.execute(query.order_by(Source.name, Source.host))
    )


def table_sizes(session: Session) -> tuple[TableSize, ...]:
    """Rows of every table, largest first, and its bytes with indexes where the database tells."""
    byte_counts = _byte_counts(session)
    sizes = [
        TableSize(name, _count(session, select(func.count()).select_from(one)), byte_counts.get(name))
        for name, one in Base.metadata.tables.items()
    ]
    return tuple(sorted(sizes, key=lambda size: (-(size.byte_count or 0), -size.row_count, size.table)))


def _byte_counts(session: Session) -> dict[str, int]:
    names = list(Base.metadata.tables)
    if not is_sqlite(session):
        query = text("SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relname = ANY(:names)")
        return dict(session.execute(query, {"names": names}).all())
    has_statistics = session.scalar(
        text("SELECT count(*) FROM pragma_compile_options WHERE compile_options = 'ENABLE_DBSTAT_VTAB'")
    )
    if not has_statistics:
        return {}
    query = text(
        "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat AS s JOIN sqlite_master AS m ON m.name = s.name GROUP BY m.tbl_name"
    )
    return dict(session.execute(query).all())


def _count(session: Session, query: Select[int]) -> int:
    return session.scalar(query) or 0


def _is_source(source: str) -> ColumnElement[bool]:
    return or_(func.lower(Source.name) == source.lower(), Source.host == source.lower())


def _cluster_query(session: Session, wanted: ClusterFilter) -> Select[int]:
    member = aliased(ClusterMember)
    article = aliased(Article)
    seen = (
        select(
            member.cluster_id.label("cluster_id"),
            func.min(article.first_seen_at).label("first_seen_at"),
            func.max(article.first_seen_at).label("last_seen_at"),
        )
        .join(article, article.id == member.article_id)
        .group_by(member.cluster_id)
        .subquery()
    )
    is_latest = wanted.order is ClusterOrder.LATEST
    query = (
        select(Cluster.id)
        .join(seen, seen.c.cluster_id == Cluster.id)
        .where(Cluster.state == ClusterState.ACTIVE, Cluster.member_count >= wanted.min_size)
        .where(*_conditions(session, wanted))
        .order_by(seen.c.last_seen_at.desc() if is_latest else Cluster.member_count.desc(), Cluster.id)
    )
    if wanted.since is not None:
        query = query.where(seen.c.first_seen_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(seen.c.first_seen_at < wanted.until)
    return query


def _pair_conditions(session: Session, wanted: PairFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.label is not None:
        conditions.append(DuplicatePair.label == wanted.label)
    if wanted.review is not None:
        conditions.append(DuplicatePair.review == wanted.review)
    if wanted.is_reviewed:
        conditions.append(DuplicatePair.review.is_not(None))
    if wanted.since is not None:
        conditions.append(DuplicatePair.found_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(DuplicatePair.found_at < wanted.until)
    if wanted.source is not None:
        conditions.append(_either_in(select(Article.id).join(Source).where(_is_source(wanted.source))))
    if wanted.text:
        conditions.append(_either_in(matching_articles(session, wanted.text)))
    return conditions


def _either_in(articles: Select[int]) -> ColumnElement[bool]:
    return or_(DuplicatePair.low_id.in_(articles), DuplicatePair.high_id.in_(articles))


def _conditions(session: Session, wanted: ClusterFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    of_cluster = ClusterMember.cluster_id == Cluster.id
    if wanted.source is not None:
        conditions.append(
            exists()
            .where(of_cluster, ClusterMember.article_id == Article.id)
            .where(Article.source_id == Source.id, _is_source(wanted.source))
        )
    if wanted.label is not None:
        # all at once: asked cluster by cluster, SQLite reads every pair of the label for each
        labelled = (
            select(ClusterMember.cluster_id)
            .join(DuplicatePair, DuplicatePair.low_id == ClusterMember.article_id)
            .where(DuplicatePair.label == wanted.label, is_joining())
        )
        conditions.append(Cluster.id.in_(labelled))
    if wanted.text:
        conditions.append(
            exists().where(of_cluster, ClusterMember.article_id.in_(matching_articles(session, wanted.text)))
        )
    return conditions


def cluster_summaries(session: Session, cluster_ids: Sequence[int]) -> dict[int, ClusterSummary]:
    """The active ones of these clusters by number."""
    found = {}
    for chunk in chunks(cluster_ids):
        labels = _labels(session, chunk)
        sources, times = _sources_and_times(session, chunk)
        query = (
            select(Cluster, Article.id, Article.title, Article.url, Source.name)
            .join(Article, Article.id == Cluster.canonical_article_id)
            .join(Source, Source.id == Article.source_id)
            .where(Cluster.id.in_(chunk))
        )
        for cluster, canonical_id, title, url, source in session.execute(query):
            first_seen_at, last_seen_at, first_published_at = times[cluster.id]
            found[cluster.id] = ClusterSummary(
                id=cluster.id,
                member_count=cluster.member_count,
                source_count=len(sources[cluster.id]),
                sources=tuple(sorted(sources[cluster.id])),
                labels=dict(sorted(labels.get(cluster.id, Counter()).items())),
                first_seen_at=first_seen_at,
                first_published_at=first_published_at,
                last_seen_at=last_seen_at,
                canonical_id=canonical_id,
                canonical_title=title,
                canonical_url=url,
                canonical_source=source,
                canonical_reason=cluster.canonical_reason,
            )
    return found


def _labels(session: Session, cluster_ids: Sequence[int]) -> dict[int, Counter[Label]]:
    found: dict[int, Counter[Label]] = {}
    query = (
        select(ClusterMember.cluster_id, DuplicatePair.label, func.count())
        .join(DuplicatePair, DuplicatePair.low_id == ClusterMember.article_id)
        .where(ClusterMember.cluster_id.in_(cluster_ids), is_joining())
        .group_by(ClusterMember.cluster_id, DuplicatePair.label)
    )
    for cluster_id, label, count in session.execute(query):
        found.setdefault(cluster_id, Counter())[Label(label)] = count
    return found


def _sources_and_times(
    session: Session, cluster_ids: Sequence[int]
) -> tuple[dict[int, set[str]], dict[int, tuple[datetime, datetime, datetime | None]]]:
    member = select(ClusterMember.cluster_id).join(Article, Article.id == ClusterMember.article_id)
    member = member.where(ClusterMember.cluster_id.in_(cluster_ids))
    names = member.join(Source, Source.id == Article.source_id).add_columns(Source.name).distinct()
    sources: dict[int, set[str]] = {}
    for cluster_id, name in session.execute(names):
        sources.setdefault(cluster_id, set()).add(name)
    spans = member.add_columns(
        func.min(Article.first_seen_at), func.max(Article.first_seen_at), func.min(Article.published_at)
    ).group_by(ClusterMember.cluster_id)
    return sources, {row[0]: (row[1], row[2], row[3]) for row in session.execute(spans)}


def _pair_summaries(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    *,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[PairSummary, ...]:
    return tuple(
        pair_summary(row)
        for row in session.execute(
            pairs_query()
            .where(and_(True, *conditions))
            .order_by(DuplicatePair.found_at.desc(), DuplicatePair.low_id, DuplicatePair.high_id)
            .limit(limit)
            .offset(offset)
        )
    )


def pairs_query() -> Select[DuplicatePair, str | None, str | None, str, str, str, str]:
    """Duplicate pairs with titles, addresses and sources, in no order: the rows of ``pair_summary``."""
    low, high = aliased(Article), aliased(Article)
    low_source, high_source = aliased(Source), aliased(Source)
    return (
        select(
            DuplicatePair,
            low.title.label("title_low"),
            high.title.label("title_high"),
            low.url.label("url_low"),
            high.url.label("url_high"),
            low_source.name.label("source_low"),
            high_source.name.label("source_high"),
        )
        .join(low, low.id == DuplicatePair.low_id)
        .join(high, high.id == DuplicatePair.high_id)
        .join(low_source, low_source.id == low.source_id)
        .join(high_source, high_source.id == high.source_id)
    )


def pair_summary(row: Row[DuplicatePair, str | None, str | None, str, str, str, str]) -> PairSummary:
    """A row of ``pairs_query`` as a value."""
    pair: DuplicatePair = row.DuplicatePair
    return PairSummary(
        low_id=pair.low_id,
        high_id=pair.high_id,
        label=pair.label,
        relation=pair.relation,
        joins_cluster=pair.joins_cluster,
        similarity=pair.similarity,
        containment_low=pair.containment_low,
        containment_high=pair.containment_high,
        replaced_ratio=pair.replaced_ratio,
        synonym_ratio=pair.synonym_ratio,
        anchor_agreement_ratio=pair.anchor_agreement_ratio,
        title_low=row.title_low,
        title_high=row.title_high,
        url_low=row.url_low,
        url_high=row.url_high,
        source_low=row.source_low,
        source_high=row.source_high,
        review=pair.review,
        found_at=pair.found_at,
        review_note=pair.review_note,
        reviewed_at=pair.reviewed_at,
    )
