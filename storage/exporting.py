"""Streams pairs, clusters and the articles that a deduplicated corpus leaves out; holds no table in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from dedup.values import Label
from storage.cluster_lists import cluster_summaries
from storage.models import Article, Cluster, DuplicatePair, Source
from storage.pair_lists import pair_summary, pairs_query
from storage.pairs import measures_of
from storage.values import ClusterState
from storage.views import CLUSTER_MEMBER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from dedup.values import PairMeasures
    from storage.values import ClusterSummary, PairSummary

_ROWS = 500


@dataclass(frozen=True, slots=True)
class PairRecord:
    """A duplicate pair with all its evidence, without the texts; in ``measures`` a is the lower number."""

    summary: PairSummary
    measures: PairMeasures
    reason: str
    credit: str | None
    likely_original_id: int | None
    direction_reason: str | None
    detector_fingerprint: str
    judged_at: datetime
    review_note: str | None
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An article that one-per-cluster leaves out, the one kept, and the evidence that it is a copy.

    ``compared_with_id`` is the kept article, else the most similar other member.
    """

    article_id: int
    url: str
    title: str | None
    source: str
    cluster_id: int
    kept_id: int
    kept_url: str
    kept_reason: str
    label: Label | None
    similarity: float | None
    compared_with_id: int | None


def stream_pairs(session: Session, *, since: datetime | None = None) -> Iterator[PairRecord]:
    """Duplicate pairs found since then, in order of their numbers."""
    query = pairs_query().order_by(DuplicatePair.low_id, DuplicatePair.high_id)
    if since is not None:
        query = query.where(DuplicatePair.found_at >= since)
    for row in session.execute(query, execution_options={"yield_per": _ROWS}):
        pair: DuplicatePair = row.DuplicatePair
        yield PairRecord(
            summary=pair_summary(row),
            measures=measures_of(pair),
            reason=pair.reason,
            credit=pair.credit,
            likely_original_id=pair.likely_original_id,
            direction_reason=pair.direction_reason,
            detector_fingerprint=pair.detector_fingerprint,
            judged_at=pair.judged_at,
            review_note=pair.review_note,
            reviewed_at=pair.reviewed_at,
        )


def stream_clusters(session: Session, *, since: datetime | None = None) -> Iterator[ClusterSummary]:
    """Clusters in order of their numbers; with ``since`` those that a member was first seen in since then."""
    after = 0
    while True:
        query = select(Cluster.id).where(Cluster.state == ClusterState.ACTIVE, Cluster.id > after)
        ids = session.scalars(query.order_by(Cluster.id).limit(_ROWS)).all()
        if not ids:
            return
        summaries = cluster_summaries(session, ids)
        yield from (
            summaries[number] for number in ids if since is None or summaries[number].last_seen_at >= since
        )
        after = ids[-1]


def stream_left_out(session: Session, *, since: datetime | None = None) -> Iterator[LeftOut]:
    """Members of clusters that are not the canonical article, first seen since then, in order of cluster."""
    kept = aliased(Article)
    query = (
        select(
            CLUSTER_MEMBER.c.cluster_id,
            CLUSTER_MEMBER.c.article_id,
            CLUSTER_MEMBER.c.label,
            CLUSTER_MEMBER.c.similarity,
            CLUSTER_MEMBER.c.compared_with_id,
            Article.url,
            Article.title,
            Source.name,
            Cluster.canonical_reason,
            kept.id.label("kept_id"),
            kept.url.label("kept_url"),
        )
        .join(Article, Article.id == CLUSTER_MEMBER.c.article_id)
        .join(Source, Source.id == Article.source_id)
        .join(Cluster, Cluster.id == CLUSTER_MEMBER.c.cluster_id)
        .join(kept, kept.id == Cluster.canonical_article_id)
        .where(CLUSTER_MEMBER.c.article_id != Cluster.canonical_article_id)
        .order_by(CLUSTER_MEMBER.c.cluster_id, CLUSTER_MEMBER.c.article_id)
    )
    if since is not None:
        query = query.where(Article.first_seen_at >= since)
    for row in session.execute(query, execution_options={"yield_per": _ROWS}):
        yield LeftOut(
            article_id=row.article_id,
            url=row.url,
            title=row.title,
            source=row.name,
            cluster_id=row.cluster_id,
            kept_id=row.kept_id,
            kept_url=row.kept_url,
            kept_reason=row.canonical_reason,
            label=None if row.label is None else Label(row.label),
            similarity=row.similarity,
            compared_with_id=row.compared_with_id,
        )
