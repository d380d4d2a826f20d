"""Verified pairs to clusters, and the choice of the canonical article in each.

Clusters are connected components of duplicate pairs that join, never of candidate pairs. Must not judge a pair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from dedup.published import COARSE, published_span
from dedup.values import Cluster, Document, DuplicatePair

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Node = TypeVar("Node", str, int)
_FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


def derive_clusters(documents: Iterable[Document], pairs: Iterable[DuplicatePair]) -> tuple[Cluster, ...]:
    """The clusters of two or more documents, sorted by id; a cluster's id is its smallest member id."""
    by_id = {document.id: document for document in documents}
    joining = [pair for pair in pairs if pair.joins_cluster]
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    root = connected_components((pair.id_a, pair.id_b) for pair in joining)
    for pair in joining:
        labels[root[pair.id_a]][pair.label] += 1
    members: dict[str, list[str]] = defaultdict(list)
    for document_id, cluster_id in root.items():
        members[cluster_id].append(document_id)
    clusters = []
    for cluster_id in sorted(members):
        member_ids = tuple(sorted(members[cluster_id]))
        canonical_id, reason = choose_canonical([by_id[member_id] for member_id in member_ids])
        counts = {
            pair.label: labels[cluster_id][pair.label] for pair in joining if labels[cluster_id][pair.label]
        }
        clusters.append(Cluster(cluster_id, canonical_id, reason, member_ids, dict(sorted(counts.items()))))
    return tuple(clusters)


def connected_components(edges: Iterable[tuple[Node, Node]]) -> dict[Node, Node]:
    """Each node of a graph to the smallest node of its component.

    >>> connected_components([("b", "c"), ("c", "a"), ("x", "y")])
    {'b': 'a', 'c': 'a', 'a': 'a', 'x': 'x', 'y': 'x'}
    """
    parent: dict[Node, Node] = {}

    def find(node: Node) -> Node:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in edges:
        low, high = sorted((find(a), find(b)))
        parent[high] = low
    return {node: find(node) for node in parent}


def choose_canonical(documents: Sequence[Document]) -> tuple[str, str]:
    """The document to keep of one story, and why: the earliest with a publication time that can be trusted.

    A time known to the month only does not count. Where several could be the earliest at the precision that is
    known, the longest of them is kept and the reason says that it is not known who was first; of equally long ones that
    with the first address in order, which a database keeps whatever order its articles came in.
    """
    spans = {
        d.id: span for d in documents if d.published_precision not in COARSE and (span := published_span(d))
    }
    if not spans:
        kept = min(documents, key=lambda d: (d.first_seen_at or _FAR_FUTURE, -len(d.text), d.url or "", d.id))
        return (
            kept.id,
            f"no publication time is known: {'seen first' if kept.first_seen_at else 'the longest'}",
        )
    first_end = min(span.end for span in spans.values())
    could_be_first = [d for d in documents if d.id in spans and spans[d.id].start < first_end]
    if len(could_be_first) == 1:
        return could_be_first[0].id, "published first"
    kept = min(could_be_first, key=lambda d: (-len(d.text), d.url or "", d.id))
    return kept.id, "who was first is not known: the longest of the earliest"
