"""Reports about clusters: the list, and one with its members, pairs and history.

Must not query: it arranges what storage gave.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from newsdedup.reports.values import (
    Cell,
    Column,
    Fact,
    Facts,
    Listing,
    Ratio,
    Report,
    WhenNarrow,
    stated_time,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.values import ClusterDetail, ClusterEvent, ClusterMember, ClusterSummary, PairSummary

CLUSTER_COLUMNS = (
    Column("cluster_id", "id", is_number=True),
    Column("labels", "labels", may_wrap=True),
    Column("member_count", "articles", is_number=True),
    Column("source_count"),
    Column("sources", "sources", may_wrap=True),
    Column("first_seen_at", "first seen", when_narrow=WhenNarrow.WRAPPED),
    Column("last_seen_at"),
    Column("first_published_at"),
    Column("canonical_id"),
    Column("canonical_source", "canonical source", when_narrow=WhenNarrow.LEFT_OUT),
    Column("canonical_title", "canonical article", may_wrap=True),
    Column("canonical_url"),
    Column("canonical_reason"),
)
_MEMBER_COLUMNS = (
    Column("article_id", "id", is_number=True),
    Column("is_canonical", "canonical"),
    Column("label", "label"),
    Column("relation"),
    Column("similarity", "similarity", is_number=True),
    Column("compared_with_id"),
    Column("source", "source"),
    Column("published_at", "published"),
    Column("lag_seconds", "lag", is_number=True),
    Column("title", "title", may_wrap=True),
    Column("url", "address", may_wrap=True),
)
PAIR_COLUMNS = (
    Column("id_a", "a", is_number=True),
    Column("id_b", "b", is_number=True),
    Column("label", "label"),
    Column("relation", "relation", when_narrow=WhenNarrow.LEFT_OUT),
    Column("joins_cluster", "joins", when_narrow=WhenNarrow.LEFT_OUT),
    Column("similarity", "similarity", is_number=True),
    Column("containment_a", "of a", is_number=True, when_narrow=WhenNarrow.LEFT_OUT),
    Column("containment_b", "of b", is_number=True, when_narrow=WhenNarrow.LEFT_OUT),
    Column("replaced_ratio", "replaced", is_number=True),
    Column("synonym_ratio"),
    Column("anchor_agreement_ratio", "names agree", is_number=True, when_narrow=WhenNarrow.LEFT_OUT),
    Column("source_a", "source a", when_narrow=WhenNarrow.WRAPPED),
    Column("source_b", "source b", when_narrow=WhenNarrow.WRAPPED),
    Column("title_a"),
    Column("title_b"),
    Column("url_a"),
    Column("url_b"),
    Column("review", "review"),
    Column("found_at"),
)
_SPUN_IN_TABLES = {"id_a", "id_b", "similarity", "replaced_ratio", "source_a", "source_b", "review"}
_SPUN_COLUMNS = (
    *(column if column.name in _SPUN_IN_TABLES else replace(column, heading=None) for column in PAIR_COLUMNS),
    Column("likely_original_id", "likely original", is_number=True),
    Column("also_at", "same spun text at", may_wrap=True),
)
_REVIEW_COLUMNS = (
    *(column for column in PAIR_COLUMNS if column.name in {"id_a", "id_b", "label", "source_a", "source_b"}),
    Column("review", "review"),
    Column("review_note", "its reason", may_wrap=True),
    Column("reviewed_at", "when"),
    Column("title_a"),
    Column("title_b"),
    Column("url_a"),
    Column("url_b"),
)
_EVENT_COLUMNS = (
    Column("happened_at", "when"),
    Column("event", "event"),
    Column("member_count", "articles", is_number=True),
    Column("other_cluster_id", "other cluster", is_number=True),
)


def clusters_report(clusters: Sequence[ClusterSummary]) -> Report:
    """The list of clusters."""
    return Report("clusters", (clusters_listing(clusters),))


def clusters_listing(clusters: Sequence[ClusterSummary], title: str | None = None) -> Listing:
    """Clusters as a section of some report."""
    rows = tuple(cluster_row(cluster) for cluster in clusters)
    return Listing("clusters", CLUSTER_COLUMNS, rows, title, when_empty="no clusters")


def cluster_report(detail: ClusterDetail) -> Report:
    """One cluster: which article is canonical and why, who carried it when, how altered, and its history."""
    summary = detail.summary
    merged = (
        (f"cluster {detail.asked_id} was merged into {summary.id}",) if detail.asked_id != summary.id else ()
    )
    facts = (
        Fact("cluster_id", "cluster", summary.id),
        Fact("labels", "labels", _label_counts(summary)),
        Fact("member_count", "articles", summary.member_count),
        Fact("sources", "sources", summary.sources),
        Fact("first_seen_at", "first seen", summary.first_seen_at),
        Fact("last_seen_at", "last seen", summary.last_seen_at),
        Fact("canonical_id", "canonical article", summary.canonical_id),
        Fact("canonical_title", "its title", summary.canonical_title),
        Fact("canonical_url", "its address", summary.canonical_url),
        Fact("canonical_reason", "chosen because", summary.canonical_reason),
    )
    members = tuple(_member_row(member) for member in detail.members)
    events = tuple(_event_row(event) for event in detail.events)
    return Report(
        "cluster",
        (
            Facts("cluster", facts),
            Listing("members", _MEMBER_COLUMNS, members, "Articles, earliest first"),
            pairs_listing(detail.pairs, "Duplicate pairs"),
            Listing("events", _EVENT_COLUMNS, events, "History"),
        ),
        notes=merged,
    )


def spun_report(pairs: Sequence[PairSummary], carriers: Mapping[tuple[int, int], tuple[str, ...]]) -> Report:
    """The list of spun pairs, with the other sources that carry the spun text, by numbers of the pair."""
    rows = tuple(
        (*pair_row(pair), pair.likely_original_id, carriers.get((pair.low_id, pair.high_id), ()))
        for pair in pairs
    )
    return Report("pairs", (Listing("pairs", _SPUN_COLUMNS, rows, when_empty="no duplicate pairs"),))


def reviews_report(pairs: Sequence[PairSummary]) -> Report:
    """The list of duplicate pairs that an analyst has reviewed."""
    rows = tuple(
        (
            pair.low_id,
            pair.high_id,
            pair.label,
            pair.source_low,
            pair.source_high,
            pair.review,
            pair.review_note,
            pair.reviewed_at,
            pair.title_low,
            pair.title_high,
            pair.url_low,
            pair.url_high,
        )
        for pair in pairs
    )
    return Report("reviews", (Listing("reviews", _REVIEW_COLUMNS, rows, when_empty="no reviewed pairs"),))


def pairs_listing(pairs: Sequence[PairSummary], title: str | None = None) -> Listing:
    """Duplicate pairs as a section of some report."""
    rows = tuple(pair_row(pair) for pair in pairs)
    return Listing("pairs", PAIR_COLUMNS, rows, title, when_empty="no duplicate pairs")


def _label_counts(cluster: ClusterSummary) -> dict[str, int]:
    return {label.value: count for label, count in cluster.labels.items()}


def cluster_row(cluster: ClusterSummary) -> tuple[Cell, ...]:
    """A cluster's cells under `CLUSTER_COLUMNS`."""
    return (
        cluster.id,
        _label_counts(cluster),
        cluster.member_count,
        cluster.source_count,
        cluster.sources,
        cluster.first_seen_at,
        cluster.last_seen_at,
        stated_time(cluster.first_published_at, cluster.first_published_precision),
        cluster.canonical_id,
        cluster.canonical_source,
        cluster.canonical_title,
        cluster.canonical_url,
        cluster.canonical_reason,
    )


def _member_row(member: ClusterMember) -> tuple[Cell, ...]:
    article = member.article
    return (
        article.id,
        member.is_canonical,
        member.label,
        member.relation,
        None if member.similarity is None else Ratio(member.similarity),
        member.compared_with_id,
        article.source.name,
        stated_time(article.published_at, article.published_precision),
        None if member.lag_seconds is None else timedelta(seconds=member.lag_seconds),
        article.title,
        article.url,
    )


def pair_row(pair: PairSummary) -> tuple[Cell, ...]:
    """A pair's cells under `PAIR_COLUMNS`."""
    return (
        pair.low_id,
        pair.high_id,
        pair.label,
        pair.relation,
        pair.joins_cluster,
        Ratio(pair.similarity),
        Ratio(pair.containment_low),
        Ratio(pair.containment_high),
        Ratio(pair.replaced_ratio),
        Ratio(pair.synonym_ratio),
        Ratio(pair.anchor_agreement_ratio),
        pair.source_low,
        pair.source_high,
        pair.title_low,
        pair.title_high,
        pair.url_low,
        pair.url_high,
        pair.review,
        pair.found_at,
    )


def _event_row(event: ClusterEvent) -> tuple[Cell, ...]:
    return (event.happened_at, event.kind, event.member_count, event.other_cluster_id)
