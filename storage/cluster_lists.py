"""Lists clusters that pass a filter, as summaries; changes nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from dedup.values import Label, TimePrecision
from storage.models import Article, Cluster, ClusterMember, DuplicatePair, Source
from storage.pairs import is_joining
from storage.search import matching_articles
from storage.sources import is_source
from storage.sql import chunks
from storage.values import ClusterFilter, ClusterOrder, ClusterState, ClusterSummary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

_EVERYTHING = ClusterFilter()


class _Times(NamedTuple):
    """When a cluster's articles appeared."""

    first_seen_at: datetime
    last_seen_at: datetime
    first_published_at: datetime | None
    first_published_precision: TimePrecision | None

    def __or__(self, other: _Times) -> _Times:
        first = min(self, other, key=_publication)
        return _Times(
            min(self.first_seen_at, other.first_seen_at),
            max(self.last_seen_at, other.last_seen_at),
            first.first_published_at,
            first.first_published_precision,
        )


def _publication(times: _Times) -> tuple[bool, datetime, int]:
    at, precision = times.first_published_at, times.first_published_precision
    roughness = 0 if precision is None else tuple(TimePrecision).index(precision)
    return (at is None, at or times.first_seen_at, roughness)


def list_clusters(session: Session, wanted: ClusterFilter = _EVERYTHING) -> tuple[ClusterSummary, ...]:
    """Clusters that pass the filter, in the order that it names."""
    ids = list(session.scalars(_cluster_query(session, wanted).limit(wanted.limit).offset(wanted.offset)))
    summaries = cluster_summaries(session, ids)
    return tuple(summaries[cluster_id] for cluster_id in ids)


def count_clusters(session: Session, wanted: ClusterFilter = _EVERYTHING) -> int:
    """How many clusters pass the filter, its limit and offset aside."""
    query = _cluster_query(session, wanted).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(query)) or 0


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
        .where(*_cluster_conditions(session, wanted))
        .order_by(seen.c.last_seen_at.desc() if is_latest else Cluster.member_count.desc(), Cluster.id)
    )
    if wanted.since is not None:
        query = query.where(seen.c.first_seen_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(seen.c.first_seen_at < wanted.until)
    return query


def _cluster_conditions(session: Session, wanted: ClusterFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    of_cluster = ClusterMember.cluster_id == Cluster.id
    if wanted.source is not None:
        conditions.append(
            exists()
            .where(of_cluster, ClusterMember.article_id == Article.id)
            .where(Article.source_id == Source.id, is_source(wanted.source))
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
        sources, times = _sources(session, chunk), _times(session, chunk)
        query = (
            select(Cluster, Article.id, Article.title, Article.url, Source.name)
            .join(Article, Article.id == Cluster.canonical_article_id)
            .join(Source, Source.id == Article.source_id)
            .where(Cluster.id.in_(chunk))
        )
        for cluster, canonical_id, title, url, source in session.execute(query):
            seen = times[cluster.id]
            found[cluster.id] = ClusterSummary(
                id=cluster.id,
                member_count=cluster.member_count,
                source_count=len(sources[cluster.id]),
                sources=tuple(sorted(sources[cluster.id])),
                labels=dict(sorted(labels.get(cluster.id, Counter()).items())),
                first_seen_at=seen.first_seen_at,
                first_published_at=seen.first_published_at,
                first_published_precision=seen.first_published_precision,
                last_seen_at=seen.last_seen_at,
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


def _sources(session: Session, cluster_ids: Sequence[int]) -> dict[int, set[str]]:
    query = _members(cluster_ids).join(Source, Source.id == Article.source_id)
    names: dict[int, set[str]] = {}
    for cluster_id, name in session.execute(query.add_columns(Source.name).distinct()):
        names.setdefault(cluster_id, set()).add(name)
    return names


def _times(session: Session, cluster_ids: Sequence[int]) -> dict[int, _Times]:
    spans = _members(cluster_ids).add_columns(
        Article.published_precision,
        func.min(Article.first_seen_at),
        func.max(Article.first_seen_at),
        func.min(Article.published_at),
    )
    times: dict[int, _Times] = {}
    for cluster_id, precision, first, last, published in session.execute(
        spans.group_by(ClusterMember.cluster_id, Article.published_precision)
    ):
        one = _Times(first, last, published, precision)
        times[cluster_id] = times[cluster_id] | one if cluster_id in times else one
    return times


def _members(cluster_ids: Sequence[int]) -> Select[int]:
    members = select(ClusterMember.cluster_id).join(Article, Article.id == ClusterMember.article_id)
    return members.where(ClusterMember.cluster_id.in_(cluster_ids))
