"""Which cluster number each connected component keeps, and what that means for each cluster; pure.

Knows no SQL. A published number still resolves: a cluster that loses its members to another points to it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.values import ClusterEventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class PlannedCluster:
    """A component with the number it keeps; ``cluster_id`` is None when it needs a new one.

    ``came_from`` are the clusters, other than its own, that members came from.
    """

    cluster_id: int | None
    member_ids: frozenset[int]
    came_from: tuple[int, ...] = ()
    has_newcomers: bool = False


@dataclass(frozen=True, slots=True)
class RetiredCluster:
    """A cluster without members of its own, and the position of the component that took most of them."""

    cluster_id: int
    heir: int | None


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """An event; ``cluster`` and ``other`` are positions of planned clusters, or numbers of retired ones."""

    kind: ClusterEventKind
    position: int | None = None
    retired_id: int | None = None
    other_position: int | None = None
    other_id: int | None = None


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """What is to be written."""

    clusters: tuple[PlannedCluster, ...]
    retired: tuple[RetiredCluster, ...]
    events: tuple[PlannedEvent, ...]


def plan_clusters(before: Mapping[int, frozenset[int]], components: Iterable[frozenset[int]]) -> ClusterPlan:
    """The plan that takes the clusters ``before`` to ``components`` of two or more articles each.

    A component keeps the number of the cluster that most of its members come from; a cluster's number goes to
    the component with most of its members. Ties go to the lower number, and to the lowest member.
    """
    ordered = sorted((component for component in components if len(component) >= 2), key=min)
    cluster_of = {article: cluster for cluster, members in before.items() for article in members}
    origins = [Counter(cluster_of[a] for a in component if a in cluster_of) for component in ordered]
    kept = _numbers(origins, ordered)
    clusters = tuple(
        PlannedCluster(
            cluster_id=number,
            member_ids=component,
            came_from=tuple(sorted(set(origin) - {number})),
            has_newcomers=sum(origin.values()) < len(component),
        )
        for component, origin, number in zip(ordered, origins, kept, strict=True)
    )
    retired = tuple(
        RetiredCluster(cluster, _heir(cluster, origins)) for cluster in sorted(set(before) - set(kept))
    )
    return ClusterPlan(clusters, retired, tuple(_events(before, clusters, retired, origins)))


def _numbers(origins: Sequence[Counter[int]], components: Sequence[frozenset[int]]) -> list[int | None]:
    claims = sorted(
        (-count, cluster, min(components[position]), position)
        for position, origin in enumerate(origins)
        for cluster, count in origin.items()
    )
    kept: list[int | None] = [None] * len(components)
    taken: set[int] = set()
    for _, cluster, _, position in claims:
        if kept[position] is None and cluster not in taken:
            kept[position] = cluster
            taken.add(cluster)
    return kept


def _heir(cluster: int, origins: Sequence[Counter[int]]) -> int | None:
    shares = [(-origin[cluster], position) for position, origin in enumerate(origins) if origin[cluster]]
    return min(shares)[1] if shares else None


def _events(
    before: Mapping[int, frozenset[int]],
    clusters: Sequence[PlannedCluster],
    retired: Sequence[RetiredCluster],
    origins: Sequence[Counter[int]],
) -> Iterable[PlannedEvent]:
    kept_at = {
        one.cluster_id: position for position, one in enumerate(clusters) if one.cluster_id is not None
    }
    for position, cluster in enumerate(clusters):
        if cluster.cluster_id is None:
            yield PlannedEvent(ClusterEventKind.CREATED, position)
        elif cluster.has_newcomers or any(other in kept_at for other in cluster.came_from):
            yield PlannedEvent(ClusterEventKind.GROWN, position)
        for other in cluster.came_from:
            if other in kept_at:
                yield PlannedEvent(ClusterEventKind.SPLIT, kept_at[other], other_position=position)
            else:
                yield PlannedEvent(ClusterEventKind.MERGED, position, other_id=other)
        if cluster.cluster_id is not None:
            stayed = sum(origin[cluster.cluster_id] for origin in origins)
            if stayed < len(before[cluster.cluster_id]):
                yield PlannedEvent(ClusterEventKind.SHRUNK, position)
    for gone in retired:
        kind = ClusterEventKind.RETIRED if gone.heir is None else ClusterEventKind.MERGED
        yield PlannedEvent(kind, retired_id=gone.cluster_id, other_position=gone.heir)
