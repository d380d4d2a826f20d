"""Sums over the whole database: what it holds, who copies whom, each source, each table's size; changes nothing.

The rules live in the views (``v_copy_edge``, ``v_source``); this module reads them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, text

from dedup.values import Label
from storage.engine import is_sqlite
from storage.models import Article, Base, Cluster, ClusterMember, DuplicatePair, Source
from storage.search import count_indexed
from storage.sources import as_source
from storage.values import ClusterState, CopyEdge, CorpusSummary, DedupState, SourceSummary, TableSize
from storage.views import COPY_EDGE, SOURCE

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

_SEARCH = "article_search"


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


def copy_edges(session: Session) -> tuple[CopyEdge, ...]:
    """Who copies whom, most copies first."""
    query = select(COPY_EDGE).order_by(
        COPY_EDGE.c.copy_count.desc(), COPY_EDGE.c.from_source, COPY_EDGE.c.to_source
    )
    return tuple(
        CopyEdge(row.from_source, row.to_source, row.copy_count, row.spun_count or 0, row.median_lag_seconds)
        for row in session.execute(query)
    )


def source_summaries(session: Session, *, silent_since: datetime | None = None) -> tuple[SourceSummary, ...]:
    """All sources by name; with ``silent_since`` those alone that brought no new article since then."""
    query = select(Source, SOURCE).join(SOURCE, SOURCE.c.source_id == Source.id)
    if silent_since is not None:
        query = query.where(or_(SOURCE.c.last_seen_at.is_(None), SOURCE.c.last_seen_at < silent_since))
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
    counts = {
        name: _count(session, select(func.count()).select_from(one))
        for name, one in Base.metadata.tables.items()
    }
    counts[_SEARCH] = count_indexed(session)
    sizes = [TableSize(name, count, byte_counts.get(name)) for name, count in counts.items()]
    return tuple(sorted(sizes, key=lambda size: (-(size.byte_count or 0), -size.row_count, size.table)))


def _byte_counts(session: Session) -> dict[str, int]:
    names = [*Base.metadata.tables, _SEARCH]
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
    found = Counter[str]()
    for name, byte_count in session.execute(query):
        # FTS5 keeps its index in tables of its own, named after it.
        found[_SEARCH if name.startswith(_SEARCH) else name] += byte_count
    return dict(found)


def _count(session: Session, query: Select[int]) -> int:
    return session.scalar(query) or 0
