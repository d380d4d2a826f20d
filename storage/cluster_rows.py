"""Writes what was planned for clusters: members, canonical articles, heirs, events; plans nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from dedup import choose_canonical
from dedup.values import Document
from storage.index import document_id
from storage.models import Article, Cluster, ClusterEvent, ClusterMember, Source
from storage.sources import publisher_name
from storage.sql import chunks, insert_into
from storage.values import ClusterState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from storage.cluster_plan import ClusterPlan, PlannedEvent


def write_members(
    session: Session, plan: ClusterPlan, before: Mapping[int, frozenset[int]], now: datetime
) -> list[int]:
    """Write members of changed clusters; the number of each planned cluster."""
    numbers = [
        _new_cluster(session, one.member_ids, now) if one.cluster_id is None else one.cluster_id
        for one in plan.clusters
    ]
    kept = {article for one in plan.clusters for article in one.member_ids}
    gone = {article for members in before.values() for article in members} - kept
    for chunk in chunks(sorted(gone)):
        session.execute(delete(ClusterMember).where(ClusterMember.article_id.in_(chunk)))
    rows = [
        {"article_id": article, "cluster_id": number, "joined_at": now}
        for number, one in zip(numbers, plan.clusters, strict=True)
        for article in sorted(one.member_ids - before.get(number, frozenset()))
    ]
    if rows:
        upsert = insert_into(session, ClusterMember)
        replaced = {"cluster_id": upsert.excluded.cluster_id, "joined_at": upsert.excluded.joined_at}
        session.execute(upsert.on_conflict_do_update(index_elements=["article_id"], set_=replaced), rows)
    changed = [
        number
        for number, one in zip(numbers, plan.clusters, strict=True)
        if one.member_ids != before.get(number)
    ]
    for chunk in chunks(changed):
        session.execute(update(Cluster).where(Cluster.id.in_(chunk)).values(updated_at=now))
    return numbers


def _new_cluster(session: Session, member_ids: frozenset[int], now: datetime) -> int:
    row = Cluster(
        state=ClusterState.ACTIVE,
        canonical_article_id=min(member_ids),
        canonical_reason="",
        member_count=len(member_ids),
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def choose_canonicals(session: Session, members: Mapping[int, frozenset[int]], now: datetime) -> None:
    """Choose the canonical article of each of these clusters anew, and note how many members they have. Writes."""
    documents = _dated_documents(session, {article for ids in members.values() for article in ids})
    rows = {row.id: row for chunk in chunks(sorted(members)) for row in _cluster_rows(session, chunk)}
    for cluster_id, member_ids in members.items():
        canonical, reason = choose_canonical([documents[article] for article in sorted(member_ids)])
        row = rows[cluster_id]
        row.member_count = len(member_ids)
        if (row.canonical_article_id, row.canonical_reason) != (int(canonical), reason):
            row.canonical_article_id, row.canonical_reason = int(canonical), reason
            row.updated_at = now
    session.flush()


def _cluster_rows(session: Session, cluster_ids: list[int]) -> Iterable[Cluster]:
    return session.scalars(select(Cluster).where(Cluster.id.in_(cluster_ids)))


def _dated_documents(session: Session, article_ids: set[int]) -> dict[int, Document]:
    """What the choice of a canonical article looks at; of a text that is its length, so blanks stand for it."""
    documents = {}
    for chunk in chunks(sorted(article_ids)):
        query = (
            select(
                Article.id,
                func.length(Article.text),
                Article.url,
                publisher_name(),
                Article.published_at,
                Article.published_precision,
                Article.first_seen_at,
                Article.declared_original_url,
            )
            .join(Source, Source.id == Article.source_id)
            .where(Article.id.in_(chunk))
        )
        for (
            article_id,
            length,
            url,
            publisher,
            published_at,
            precision,
            first_seen_at,
            original,
        ) in session.execute(query):
            documents[article_id] = Document(
                id=document_id(article_id),
                text=" " * (length or 0),
                url=None if publisher is None else url,
                source=publisher,
                published_at=published_at,
                published_precision=precision,
                first_seen_at=first_seen_at,
                declared_original_url=original,
            )
    return documents


def retire_clusters(session: Session, plan: ClusterPlan, numbers: list[int], now: datetime) -> None:
    """Retire the clusters that have no members any more; they point to their heirs. Writes."""
    for gone in plan.retired:
        session.execute(
            update(Cluster)
            .where(Cluster.id == gone.cluster_id)
            .values(
                state=ClusterState.RETIRED,
                merged_into_id=None if gone.heir is None else numbers[gone.heir],
                canonical_article_id=None,
                member_count=0,
                updated_at=now,
            )
        )


def write_events(session: Session, plan: ClusterPlan, numbers: list[int], now: datetime) -> None:
    """Record what happened to the clusters. Writes."""

    def row(event: PlannedEvent) -> dict[str, object]:
        other = event.other_id if event.other_position is None else numbers[event.other_position]
        position = event.position
        return {
            "cluster_id": event.retired_id if position is None else numbers[position],
            "kind": event.kind,
            "member_count": 0 if position is None else len(plan.clusters[position].member_ids),
            "other_cluster_id": other,
            "happened_at": now,
        }

    if plan.events:
        session.execute(insert(ClusterEvent), [row(event) for event in plan.events])
