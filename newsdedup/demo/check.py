"""Compares what was found in the demo newsroom with its ground truth.

Must not crawl, compare texts or read a database: the caller says what was found, by address.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from newsdedup.demo.content import load_content
from newsdedup.demo.expected import load_expectations

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from dedup.values import Label, Relation
    from newsdedup.demo.expected import ExpectedPair


class DifferenceKind(StrEnum):
    """How what was found departs from what is there."""

    ARTICLE_MISSING = "article_missing"
    ARTICLE_FORBIDDEN = "article_forbidden"
    PAIR_MISSED = "pair_missed"
    PAIR_FALSE = "pair_false"
    PAIR_MERGES = "pair_merges"
    LABEL = "label"
    RELATION = "relation"
    JOINING = "joining"
    CLUSTER = "cluster"
    CANONICAL = "canonical"


@dataclass(frozen=True, slots=True)
class FoundPair:
    """A duplicate pair, by address; the order of the two does not matter."""

    url_a: str
    url_b: str
    label: Label
    relation: Relation
    joins_cluster: bool


@dataclass(frozen=True, slots=True)
class FoundCluster:
    """A cluster, by address."""

    urls: tuple[str, ...]
    canonical_url: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One departure from the ground truth; articles are named by key."""

    kind: DifferenceKind
    articles: tuple[str, ...]
    message: str


def find_differences(
    urls: Collection[str], pairs: Collection[FoundPair], clusters: Collection[FoundCluster]
) -> tuple[Difference, ...]:
    """Everything in which stored addresses, pairs and clusters depart from the ground truth, sorted; empty is right.

    Addresses outside the newsroom are ignored.
    """
    keys = {article.url: key for key, article in load_content().articles.items()}
    found = {
        _ordered(keys[pair.url_a], keys[pair.url_b]): pair
        for pair in pairs
        if pair.url_a in keys and pair.url_b in keys
    }
    named = {
        tuple(sorted(keys[url] for url in cluster.urls)): keys.get(
            cluster.canonical_url, cluster.canonical_url
        )
        for cluster in clusters
        if all(url in keys for url in cluster.urls)
    }
    differences = [*_articles(urls), *_pairs(found), *_clusters(named)]
    return tuple(sorted(differences, key=lambda difference: (difference.kind, difference.articles)))


def _articles(urls: Collection[str]) -> Iterator[Difference]:
    refused = {skip.page for skip in load_expectations().skips}
    for key, article in load_content().articles.items():
        is_stored = article.url in urls
        if key in refused and is_stored:
            yield Difference(DifferenceKind.ARTICLE_FORBIDDEN, (key,), "stored, and should have been refused")
        if key not in refused and not is_stored:
            yield Difference(DifferenceKind.ARTICLE_MISSING, (key,), "not stored")


def _pairs(found: Mapping[tuple[str, str], FoundPair]) -> Iterator[Difference]:
    expectations = load_expectations()
    expected = {(pair.a, pair.b): pair for pair in expectations.pairs}
    apart = {(pair.a, pair.b): pair.why for pair in expectations.apart}
    for names, pair in expected.items():
        if names in found:
            yield from _pair(pair, found[names])
        elif not pair.is_implied:
            yield Difference(DifferenceKind.PAIR_MISSED, names, f"not found, is {pair.labels[0]}")
    for names, extra in found.items():
        if names not in expected:
            why = apart.get(names, "not copies")
            kind = DifferenceKind.PAIR_MERGES if extra.joins_cluster else DifferenceKind.PAIR_FALSE
            yield Difference(kind, names, f"found as {extra.label}, but: {why}")


def _pair(expected: ExpectedPair, found: FoundPair) -> Iterator[Difference]:
    names = (expected.a, expected.b)
    if found.label not in expected.labels:
        message = f"labelled {found.label}, is {' or '.join(expected.labels)}"
        yield Difference(DifferenceKind.LABEL, names, message)
    if found.relation != expected.relation:
        yield Difference(DifferenceKind.RELATION, names, f"called {found.relation}, is {expected.relation}")
    if found.joins_cluster != expected.joins_cluster:
        message = "joins a cluster, must not" if found.joins_cluster else "does not join a cluster, must"
        yield Difference(DifferenceKind.JOINING, names, message)


def _clusters(found: Mapping[tuple[str, ...], str]) -> Iterator[Difference]:
    expected = {cluster.members: cluster.canonical for cluster in load_expectations().clusters}
    for members, canonical in expected.items():
        if members not in found:
            yield Difference(
                DifferenceKind.CLUSTER, members, "these are one story, and were not found as one"
            )
        elif found[members] != canonical:
            message = f"canonical article is {found[members]}, should be {canonical}"
            yield Difference(DifferenceKind.CANONICAL, members, message)
    for members in found:
        if members not in expected:
            yield Difference(
                DifferenceKind.CLUSTER, members, "these were found as one story, and are not exactly one"
            )


def _ordered(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)
