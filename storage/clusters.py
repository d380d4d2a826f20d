"""Clusters in SQL, derived again wherever a joining pair came or went; never edited by hand.

The stored clusters always equal the connected components of the stored joining pairs: ``check_clusters`` proves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from dedup.clusters import connected_components
from storage.cluster_plan import plan_clusters
from storage.cluster_rows import choose_canonicals, retire_clusters, write_events, write_members
from storage.models import Article, Cluster, ClusterMember, DuplicatePair
from storage.pairs import is_joining, joining_edges
from storage.sql import chunks, lock_clusters
from storage.values import IntegrityProblem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session


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
    components = _components(joining_edges(session, members))
    plan = plan_clusters(before, components)
    numbers = write_members(session, plan, before, now)
    choose_canonicals(
        session, {number: one.member_ids for number, one in zip(numbers, plan.clusters, strict=True)}, now
    )
    retire_clusters(session, plan, numbers, now)
    write_events(session, plan, numbers, now)
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
    expected = {frozenset(one) for one in _components(edges)}
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


def _components(edges: Iterable[tuple[int, int]]) -> list[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for node, root in connected_components(edges).items():
        groups.setdefault(root, set()).add(node)
    return [frozenset(group) for group in groups.values()]
