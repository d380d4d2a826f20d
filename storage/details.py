"""Clusters and duplicate pairs with everything that is known of them, one or many at a time; changes nothing.

Many are read a chunk at a time: the view of members reads every member whatever cluster is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, tuple_

from dedup.values import Label, Relation
from storage.articles import load_articles
from storage.cluster_lists import cluster_summaries
from storage.models import Cluster, ClusterEvent, DuplicatePair
from storage.pair_lists import pair_summary, pairs_query
from storage.pairs import measures_of
from storage.sql import chunks
from storage.values import ClusterDetail, StoredPair
from storage.values import ClusterEvent as EventValue
from storage.values import ClusterMember as MemberValue
from storage.views import CLUSTER_MEMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from storage.values import PairSummary, StoredArticle

_PAIRS_AT_A_TIME = 100


def cluster_detail(session: Session, cluster_id: int) -> ClusterDetail | None:
    """A cluster by its number, or by the number of one merged into it; None when it has no members any more."""
    current_id = _resolve_cluster_id(session, cluster_id)
    if current_id is None:
        return None
    return next(_details(session, {current_id: cluster_id}), None)


def cluster_details(session: Session, cluster_ids: Iterable[int]) -> Iterator[ClusterDetail]:
    """Active clusters by their numbers, in that order; those that are none are left out."""
    for chunk in chunks(cluster_ids):
        yield from _details(session, {cluster_id: cluster_id for cluster_id in chunk})


def pair_detail(session: Session, article_a: int, article_b: int) -> StoredPair | None:
    """The duplicate pair of two articles with texts and evidence, in whatever order they are given."""
    key = (min(article_a, article_b), max(article_a, article_b))
    return next(pair_details(session, [key]), None)


def pair_details(session: Session, keys: Iterable[tuple[int, int]]) -> Iterator[StoredPair]:
    """Duplicate pairs by (low id, high id), in that order; those that are none are left out."""
    columns = tuple_(DuplicatePair.low_id, DuplicatePair.high_id)
    for chunk in chunks(keys, _PAIRS_AT_A_TIME):
        query = select(DuplicatePair).where(columns.in_(chunk)).execution_options(populate_existing=True)
        rows = {(row.low_id, row.high_id): row for row in session.scalars(query)}
        articles = load_articles(session, {number for key in rows for number in key}, with_text=True)
        for key in chunk:
            if (row := rows.get(key)) is not None:
                yield _stored_pair(row, articles)


def _resolve_cluster_id(session: Session, cluster_id: int) -> int | None:
    """The number under which a cluster's members are found today; None for a number never given.

    A retired cluster that nothing inherited gives its own number.
    """
    while True:
        row = session.execute(select(Cluster.merged_into_id).where(Cluster.id == cluster_id)).one_or_none()
        if row is None:
            return None
        if row.merged_into_id is None:
            return cluster_id
        cluster_id = row.merged_into_id


def _details(session: Session, asked_ids: Mapping[int, int]) -> Iterator[ClusterDetail]:
    """Clusters by the number each is asked for by; all members at once."""
    ids = list(asked_ids)
    summaries = cluster_summaries(session, ids)
    members = _members(session, ids)
    pairs = _pairs_within(session, members)
    events = _events(session, {*ids, *asked_ids.values()})
    for cluster_id, asked_id in asked_ids.items():
        if cluster_id in summaries:
            yield ClusterDetail(
                asked_id=asked_id,
                summary=summaries[cluster_id],
                members=tuple(members.get(cluster_id, ())),
                pairs=tuple(pairs.get(cluster_id, ())),
                events=tuple(event for event in events if event.cluster_id in {cluster_id, asked_id}),
            )


def _members(session: Session, cluster_ids: Sequence[int]) -> dict[int, list[MemberValue]]:
    query = select(CLUSTER_MEMBER).where(CLUSTER_MEMBER.c.cluster_id.in_(cluster_ids))
    rows = session.execute(query.order_by(CLUSTER_MEMBER.c.appeared_at, CLUSTER_MEMBER.c.article_id)).all()
    articles = load_articles(session, [row.article_id for row in rows])
    found: dict[int, list[MemberValue]] = {}
    for row in rows:
        member = MemberValue(
            article=articles[row.article_id],
            is_canonical=bool(row.is_canonical),
            label=None if row.label is None else Label(row.label),
            relation=None if row.relation is None else Relation(row.relation),
            similarity=row.similarity,
            compared_with_id=row.compared_with_id,
            lag_seconds=row.lag_seconds,
        )
        found.setdefault(row.cluster_id, []).append(member)
    return found


def _pairs_within(
    session: Session, members: Mapping[int, Sequence[MemberValue]]
) -> dict[int, list[PairSummary]]:
    clusters = {member.article.id: cluster for cluster, inside in members.items() for member in inside}
    found: dict[int, list[PairSummary]] = {}
    for chunk in chunks(sorted(clusters)):
        query = pairs_query().where(DuplicatePair.low_id.in_(chunk))
        for row in session.execute(query.order_by(DuplicatePair.low_id, DuplicatePair.high_id)):
            pair = pair_summary(row)
            cluster = clusters[pair.low_id]
            if clusters.get(pair.high_id) == cluster:
                found.setdefault(cluster, []).append(pair)
    return found


def _events(session: Session, cluster_ids: Iterable[int]) -> tuple[EventValue, ...]:
    """What happened to the clusters, in order."""
    query = (
        select(ClusterEvent).where(ClusterEvent.cluster_id.in_(set(cluster_ids))).order_by(ClusterEvent.id)
    )
    return tuple(
        EventValue(row.cluster_id, row.kind, row.happened_at, row.member_count, row.other_cluster_id)
        for row in session.scalars(query)
    )


def _stored_pair(row: DuplicatePair, articles: Mapping[int, StoredArticle]) -> StoredPair:
    return StoredPair(
        article_a=articles[row.low_id],
        article_b=articles[row.high_id],
        label=row.label,
        relation=row.relation,
        joins_cluster=row.joins_cluster,
        measures=measures_of(row),
        reason=row.reason,
        credit=row.credit,
        likely_original_id=row.likely_original_id,
        direction_reason=row.direction_reason,
        detector_fingerprint=row.detector_fingerprint,
        found_at=row.found_at,
        review=row.review,
        review_note=row.review_note,
        reviewed_at=row.reviewed_at,
    )
