"""Clusters in SQL, derived again wherever a joining pair came or went; never edited by hand.

The stored clusters always equal the connected components of the stored joining pairs: ``check_clusters`` proves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from dedup import choose_canonical
from dedup.values import Document
from storage.cluster_plan import plan_clusters
from storage.index import document_id
from storage.models import Article, Cluster, ClusterEvent, ClusterMember, DuplicatePair, Source
from storage.pairs import is_joining, joining_edges
from storage.sources import publisher_name
from storage.sql import chunks, insert_into, lock_clusters
from storage.values import ClusterState, IntegrityProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from storage.cluster_plan import ClusterPlan, PlannedEvent


@dataclass(frozen=True, slots=True)
class ClusterCounts:
    """What an update of clusters did."""

    created_count: int = 0
    changed_count: int = 0


def update_clusters(session: Session, article_ids: Iterable[int], now: datetime) -> ClusterCounts:
    """Derive again the clusters of articles whose joining pairs, or whose own dates, have changed. Writes.

    Waits for its turn: clusters change in one transaction at a time. Cost grows with the sizes of the clusters
    concerned.
    """
    lock_clusters(session)
    members, before = _neighbourhood(session, set(article_ids))
    components = _components(members, joining_edges(session, members))
    plan = plan_clusters(before, components)
    numbers = _write_plan(session, plan, before, now)
    _choose_canonicals(
        session, {number: one.member_ids for number, one in zip(numbers, plan.clusters, strict=True)}, now
    )
    _retire(session, plan, numbers, now)
    _write_events(session, plan, numbers, now)
    created = sum(one.cluster_id is None for one in plan.clusters)
    touched = {event.position for event in plan.events} | {
        f"retired {one.cluster_id}" for one in plan.retired
    }
    return ClusterCounts(created, len(touched - {None}) - created)


def check_clusters(session: Session) -> list[IntegrityProblem]:
    """Where stored clusters differ from those recomputed from the stored joining pairs: nothing, if all is well.

    Reads all joining pairs: memory grows with their number.
    """
    edges = set(session.execute(select(DuplicatePair.low_id, DuplicatePair.high_id).where(is_joining())))
    expected = {frozenset(one) for one in _components({a for edge in edges for a in edge}, edges)}
    stored_members: dict[int, set[int]] = {}
    for article_id, cluster_id in session.execute(select(ClusterMember.article_id, ClusterMember.cluster_id)):
        stored_members.setdefault(cluster_id, set()).add(article_id)
    stored = {frozenset(members) for members in stored_members.values()}
    problems = [
        *(
            IntegrityProblem("cluster is not a component of its pairs", f"stored members {sorted(one)[:10]}")
            for one in sorted(stored - expected, key=min)
        ),
        *(
            IntegrityProblem("component of pairs is not a cluster", f"members {sorted(one)[:10]}")
            for one in sorted(expected - stored, key=min)
        ),
    ]
    for cluster in session.scalars(select(Cluster).order_by(Cluster.id)):
        members = stored_members.get(cluster.id, set())
        if len(members) != cluster.member_count:
            problems.append(
                IntegrityProblem(
                    "member count", f"cluster {cluster.id} says {cluster.member_count}, has {len(members)}"
                )
            )
        if cluster.canonical_article_id is not None and cluster.canonical_article_id not in members:
            problems.append(IntegrityProblem("canonical article is no member", f"cluster {cluster.id}"))
    return problems


def _neighbourhood(session: Session, touched: set[int]) -> tuple[set[int], dict[int, frozenset[int]]]:
    """All articles that the touched ones are or were in one cluster with, and the stored clusters among them."""
    seen: set[int] = set()
    clusters: dict[int, frozenset[int]] = {}
    frontier = _stored_ids(session, touched)
    while frontier:
        seen |= frontier
        reached = {article for edge in joining_edges(session, frontier) for article in edge}
        new_clusters = _clusters_of(session, frontier) - clusters.keys()
        for cluster_id, members in _members_of(session, new_clusters).items():
            clusters[cluster_id] = members
            reached |= members
        frontier = reached - seen
    return seen, clusters


def _stored_ids(session: Session, article_ids: set[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(sorted(article_ids)):
        found.update(session.scalars(select(Article.id).where(Article.id.in_(chunk))))
        found.update(
            session.scalars(select(ClusterMember.article_id).where(ClusterMember.article_id.in_(chunk)))
        )
    return found


def _clusters_of(session: Session, article_ids: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(sorted(article_ids)):
        query = select(ClusterMember.cluster_id).where(ClusterMember.article_id.in_(chunk)).distinct()
        found.update(session.scalars(query))
    return found


def _members_of(session: Session, cluster_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    members: dict[int, set[int]] = {}
    for chunk in chunks(sorted(cluster_ids)):
        query = select(ClusterMember.cluster_id, ClusterMember.article_id).where(
            ClusterMember.cluster_id.in_(chunk)
        )
        for cluster_id, article_id in session.execute(query):
            members.setdefault(cluster_id, set()).add(article_id)
    return {cluster_id: frozenset(articles) for cluster_id, articles in members.items()}


def _components(nodes: Iterable[int], edges: Iterable[tuple[int, int]]) -> list[frozenset[int]]:
    parent = {node: node for node in nodes}

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in edges:
        low, high = sorted((find(a), find(b)))
        parent[high] = low
    groups: dict[int, set[int]] = {}
    for node in parent:
        groups.setdefault(find(node), set()).add(node)
    return [frozenset(group) for group in groups.values() if len(group) >= 2]


def _write_plan(
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


def _choose_canonicals(session: Session, members: Mapping[int, frozenset[int]], now: datetime) -> None:
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


def _retire(session: Session, plan: ClusterPlan, numbers: list[int], now: datetime) -> None:
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


def _write_events(session: Session, plan: ClusterPlan, numbers: list[int], now: datetime) -> None:
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
