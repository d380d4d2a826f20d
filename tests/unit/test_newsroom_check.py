from __future__ import annotations

from dataclasses import replace

import pytest

from dedup.values import Label, Relation
from newsdedup.demo import load_content, load_expectations
from newsdedup.demo.check import DifferenceKind, FoundCluster, FoundPair, find_differences

ARTICLES = load_content().articles
EXPECTED = load_expectations()
REFUSED = {skip.page for skip in EXPECTED.skips}
STORED = {article.url for key, article in ARTICLES.items() if key not in REFUSED}
PAIRS = [
    FoundPair(ARTICLES[p.b].url, ARTICLES[p.a].url, p.labels[0], p.relation, p.joins_cluster)
    for p in EXPECTED.pairs
]
CLUSTERS = [
    FoundCluster(
        tuple(ARTICLES[key].url for key in reversed(cluster.members)), ARTICLES[cluster.canonical].url
    )
    for cluster in EXPECTED.clusters
]


def pair_of(a: str, b: str) -> FoundPair:
    [pair] = [pair for pair in PAIRS if {pair.url_a, pair.url_b} == {ARTICLES[a].url, ARTICLES[b].url}]
    return pair


def without(pair: FoundPair) -> list[FoundPair]:
    return [other for other in PAIRS if other != pair]


def kinds(stored: set[str], pairs: list[FoundPair], clusters: list[FoundCluster]) -> list[DifferenceKind]:
    return [difference.kind for difference in find_differences(stored, pairs, clusters)]


def test_the_ground_truth_itself_shows_no_difference() -> None:
    assert find_differences(STORED, PAIRS, CLUSTERS) == ()


def test_addresses_from_elsewhere_are_ignored() -> None:
    foreign = FoundPair(
        "http://x.example/1", "http://x.example/2", Label.NEAR, Relation.COPY, joins_cluster=True
    )
    cluster = FoundCluster((foreign.url_a, foreign.url_b), foreign.url_a)
    assert find_differences(STORED | {foreign.url_a}, [*PAIRS, foreign], [*CLUSTERS, cluster]) == ()


def test_a_missing_article_and_a_forbidden_one_are_told() -> None:
    url = ARTICLES["courier/obituary-hallam"].url
    assert kinds(STORED - {url}, PAIRS, CLUSTERS) == [DifferenceKind.ARTICLE_MISSING]
    forbidden = ARTICLES["courier/embargoed-budget"].url
    assert kinds(STORED | {forbidden}, PAIRS, CLUSTERS) == [DifferenceKind.ARTICLE_FORBIDDEN]


def test_a_missed_pair_is_told_unless_it_is_implied() -> None:
    sure = pair_of("ledger/rate-decision", "buzzhub/rates-held")
    [difference] = find_differences(STORED, without(sure), CLUSTERS)
    assert difference.kind == DifferenceKind.PAIR_MISSED
    assert difference.articles == ("buzzhub/rates-held", "ledger/rate-decision")
    implied = pair_of("valley/harbour-strike-copy", "buzzhub/dock-stoppage")
    assert find_differences(STORED, without(implied), CLUSTERS) == ()


@pytest.mark.parametrize(
    ("joins_cluster", "kind"), [(True, DifferenceKind.PAIR_MERGES), (False, DifferenceKind.PAIR_FALSE)]
)
def test_a_false_pair_is_told_with_the_reason_why_it_is_none(
    joins_cluster: bool, kind: DifferenceKind
) -> None:
    a, b = ARTICLES["ledger/harwick-bond"].url, ARTICLES["ledger/penrose-bond"].url
    false = FoundPair(a, b, Label.NEAR, Relation.COPY, joins_cluster)
    [difference] = find_differences(STORED, [*PAIRS, false], CLUSTERS)
    assert difference.kind == kind
    assert "two bond issues" in difference.message


def test_wrong_label_relation_and_joining_are_told_one_by_one() -> None:
    pair = pair_of("courier/storm-first", "courier/storm-update")
    wrong = replace(pair, label=Label.SPUN, relation=Relation.COPY, joins_cluster=False)
    found = kinds(STORED, [*without(pair), wrong], CLUSTERS)
    assert set(found) == {DifferenceKind.LABEL, DifferenceKind.RELATION, DifferenceKind.JOINING}


def test_a_wrong_canonical_article_and_a_wrong_cluster_are_told() -> None:
    first, *others = CLUSTERS
    other_canonical = next(url for url in first.urls if url != first.canonical_url)
    assert kinds(STORED, PAIRS, [replace(first, canonical_url=other_canonical), *others]) == [
        DifferenceKind.CANONICAL
    ]
    smaller = replace(first, urls=first.urls[1:])
    assert kinds(STORED, PAIRS, [smaller, *others]) == [DifferenceKind.CLUSTER, DifferenceKind.CLUSTER]
