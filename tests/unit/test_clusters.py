"""Clusters are the connected components of joining pairs, and the kept article is chosen by a table of rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import choose_canonical
from dedup.clusters import connected_components, derive_clusters
from dedup.values import Document, DuplicatePair, Label, PairMeasures, Relation, TimePrecision

NOTHING = PairMeasures(0, 0, 0, 0, 0, 0, 0, 0, 0)
DAY, MONTH, MINUTE, YEAR = TimePrecision.DAY, TimePrecision.MONTH, TimePrecision.MINUTE, TimePrecision.YEAR


@dataclass(frozen=True)
class Edge:
    a: int
    b: int
    joins: bool = True
    label: Label = Label.NEAR


def pair(edge: Edge) -> DuplicatePair:
    low, high = sorted((f"d{edge.a:02d}", f"d{edge.b:02d}"))
    return DuplicatePair(low, high, edge.label, Relation.COPY, edge.joins, NOTHING, "because")


DOCUMENTS = [Document(f"d{i:02d}", "text " * i) for i in range(12)]
numbers = st.integers(0, 11)
edges = st.lists(
    st.builds(Edge, numbers, numbers, st.booleans(), st.sampled_from(Label)).filter(lambda e: e.a != e.b),
    max_size=20,
    unique_by=lambda e: frozenset((e.a, e.b)),
)


def reference_components(joined: list[Edge]) -> set[frozenset[str]]:
    components = [{i} for i in range(12)]
    for edge in joined:
        one = next(c for c in components if edge.a in c)
        other = next(c for c in components if edge.b in c)
        if one is not other:
            components.remove(other)
            one |= other
    return {frozenset(f"d{i:02d}" for i in c) for c in components if len(c) > 1}


@given(edges)
def test_clusters_are_the_components_of_joining_pairs_alone(found: list[Edge]) -> None:
    clusters = derive_clusters(DOCUMENTS, map(pair, found))
    assert {frozenset(c.member_ids) for c in clusters} == reference_components([e for e in found if e.joins])


@given(edges)
def test_clusters_are_a_partition_with_their_smallest_member_as_id(found: list[Edge]) -> None:
    clusters = derive_clusters(DOCUMENTS, map(pair, found))
    members = [member for cluster in clusters for member in cluster.member_ids]
    assert len(members) == len(set(members))
    assert [c.cluster_id for c in clusters] == sorted(c.member_ids[0] for c in clusters)
    for cluster in clusters:
        assert cluster.member_ids == tuple(sorted(cluster.member_ids))
        assert cluster.canonical_id in cluster.member_ids


@given(edges, st.randoms(use_true_random=False))
def test_the_order_of_pairs_and_documents_does_not_matter(found: list[Edge], chance: st.DataObject) -> None:
    usual = derive_clusters(DOCUMENTS, map(pair, found))
    shuffled, documents = list(found), list(DOCUMENTS)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a seeded random.Random
    chance.shuffle(documents)  # type: ignore[attr-defined]  # a seeded random.Random
    again = derive_clusters(documents, map(pair, shuffled))
    assert again == usual
    assert [list(c.label_counts.items()) for c in again] == [list(c.label_counts.items()) for c in usual]


@given(edges)
def test_labels_of_joining_pairs_are_counted_where_they_belong(found: list[Edge]) -> None:
    clusters = derive_clusters(DOCUMENTS, map(pair, found))
    total: Counter[Label] = Counter()
    for cluster in clusters:
        total.update(cluster.label_counts)
    assert total == Counter(edge.label for edge in found if edge.joins)


def test_a_long_chain_is_one_cluster() -> None:
    components = connected_components((f"{i:06d}", f"{i + 1:06d}") for i in reversed(range(50_000)))
    assert set(components.values()) == {"000000"}


T0 = datetime(2021, 2, 9, 12, 0, tzinfo=UTC)


def dated(id_: str, hours: float | None, precision: TimePrecision | None = None, words: int = 10) -> Document:
    time = None if hours is None else T0 + timedelta(hours=hours)
    return Document(id_, "word " * words, published_at=time, published_precision=precision)


FIRST, TIED = "published first", "who was first is not known: the longest of the earliest"


@pytest.mark.parametrize(
    ("documents", "kept", "reason"),
    [
        ([dated("b", 0), dated("a", 1)], "b", FIRST),
        ([dated("b", 0, MINUTE), dated("a", 0.01, MINUTE)], "a", TIED),
        ([dated("a", 1), dated("b", 1, words=20)], "b", TIED),
        ([dated("b", 1), dated("a", 1)], "a", TIED),
        ([dated("a", 3, DAY), dated("b", 1, words=20)], "b", TIED),
        ([dated("a", -3, DAY, words=20), dated("b", 1)], "a", TIED),
        ([dated("a", 24, DAY, words=20), dated("b", 1)], "b", FIRST),
        ([dated("a", -200, MONTH), dated("b", 1)], "b", FIRST),
        ([dated("a", None, words=50), dated("b", 1)], "b", FIRST),
        (
            [dated("a", -9999, YEAR), dated("b", None, words=50)],
            "b",
            "no publication time is known: the longest",
        ),
        ([dated("b", None), dated("a", None)], "a", "no publication time is known: the longest"),
    ],
)
def test_the_kept_article_is_the_earliest_that_can_be_trusted(
    documents: list[Document], kept: str, reason: str
) -> None:
    assert choose_canonical(documents) == (kept, reason)
    assert choose_canonical(documents[::-1]) == (kept, reason)


def test_without_a_publication_time_the_first_seen_is_kept() -> None:
    early = Document("z", "short", first_seen_at=T0)
    late = Document("a", "a longer text", first_seen_at=T0 + timedelta(hours=1))
    never = Document("b", "the longest text of them all")
    assert choose_canonical([late, never, early]) == ("z", "no publication time is known: seen first")


def test_of_equal_texts_seen_at_one_time_the_first_address_is_kept() -> None:
    one = Document("2", "the same words", url="https://a.test/1", first_seen_at=T0)
    other = Document("1", "the same words", url="https://b.test/1", first_seen_at=T0)
    assert choose_canonical([other, one])[0] == choose_canonical([one, other])[0] == "2"
