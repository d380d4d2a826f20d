"""Reports about the whole: what came in, who copies whom, which sources fell silent.

Must not query: it arranges what storage gave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from newsdedup.reports.clusters import clusters_listing, pairs_listing
from newsdedup.reports.values import Cell, Column, Fact, Facts, Listing, Ratio, Report, WhenNarrow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.values import (
        ClusterSummary,
        CopyEdge,
        CorpusSummary,
        IntegrityProblem,
        PairSummary,
        SourceSummary,
        TableSize,
    )

_SOURCE_COLUMNS = (
    Column("source", "source", when_narrow=WhenNarrow.WRAPPED),
    Column("host", "host", when_narrow=WhenNarrow.LEFT_OUT),
    Column("country"),
    Column("language"),
    Column("article_count", "articles", is_number=True),
    Column("copied_count", "copied by others", is_number=True),
    Column("copying_count", "copies of others", is_number=True),
    Column("spun_count", "of these spun", is_number=True),
    Column("first_seen_at"),
    Column("last_seen_at", "last article seen", when_narrow=WhenNarrow.WRAPPED),
)
EDGE_COLUMNS = (
    Column("from_source", "from", when_narrow=WhenNarrow.WRAPPED),
    Column("to_source", "to", when_narrow=WhenNarrow.WRAPPED),
    Column("copy_count", "copies", is_number=True),
    Column("spun_count", "spun", is_number=True),
    Column("spun_ratio", "share spun", is_number=True),
    Column("median_lag_seconds", "median lag", is_number=True),
)
_TABLE_COLUMNS = (
    Column("table", "table"),
    Column("row_count", "rows", is_number=True),
    Column("byte_count", "bytes", is_number=True),
)
_ROWS_SHOWN = 30
_PROBLEM_COLUMNS = (Column("rule", "rule"), Column("detail", "detail", may_wrap=True))


@dataclass(frozen=True, slots=True)
class Morning:
    """What the morning summary tells; ``since`` bounds new clusters and spun copies."""

    since: datetime
    corpus: CorpusSummary
    new_article_count: int
    new_clusters: tuple[ClusterSummary, ...]
    biggest_clusters: tuple[ClusterSummary, ...]
    spun_pairs: tuple[PairSummary, ...]
    silent_sources: tuple[SourceSummary, ...]


def morning_report(morning: Morning) -> Report:
    """New articles, new clusters, biggest stories, spun copies, silent sources."""
    since = f"since {morning.since:%Y-%m-%d %H:%M}"
    return Report(
        "report",
        (
            Facts("corpus", (*corpus_facts(morning.corpus), _new_articles(morning, since))),
            _first_of(clusters_listing(morning.new_clusters, f"New clusters {since}"), "new_clusters"),
            replace(clusters_listing(morning.biggest_clusters, "Biggest stories"), name="biggest_clusters"),
            _first_of(pairs_listing(morning.spun_pairs, f"Spun copies found {since}"), "spun_pairs"),
            _sources_listing(morning.silent_sources, "silent_sources", f"Sources silent {since}"),
        ),
    )


def corpus_facts(corpus: CorpusSummary) -> tuple[Fact, ...]:
    """How much the database holds."""
    return (
        Fact("article_count", "articles", corpus.article_count),
        Fact("source_count", "sources", corpus.source_count),
        Fact("cluster_count", "clusters", corpus.cluster_count),
        Fact("clustered_article_count", "articles in clusters", corpus.clustered_article_count),
        Fact("largest_cluster_size", "largest cluster", corpus.largest_cluster_size),
        Fact("pair_count", "duplicate pairs", corpus.pair_count),
        Fact("labels", "their labels", {label.value: count for label, count in corpus.labels.items()}),
        Fact(
            "pending_count", "waiting to be compared" if corpus.pending_count else None, corpus.pending_count
        ),
        Fact("first_seen_at", "first article seen", corpus.first_seen_at),
        Fact("last_seen_at", "last article seen", corpus.last_seen_at),
    )


def sources_report(sources: Sequence[SourceSummary], edges: Sequence[CopyEdge]) -> Report:
    """Every source with what it took and gave, then who copies whom."""
    return Report(
        "sources", (_sources_listing(sources, "sources", "Sources"), edges_listing(edges, "Who copies whom"))
    )


def edges_listing(edges: Sequence[CopyEdge], title: str | None = None) -> Listing:
    """Copies from source to source, with lag and share spun."""
    rows = tuple(edge_row(edge) for edge in edges)
    return Listing("edges", EDGE_COLUMNS, rows, title, when_empty="no copies between sources")


def table_sizes_listing(sizes: Sequence[TableSize]) -> Listing:
    """Rows and bytes a table."""
    return Listing(
        "tables", _TABLE_COLUMNS, tuple((size.table, size.row_count, size.byte_count) for size in sizes)
    )


def problems_report(problems: Sequence[IntegrityProblem]) -> Report:
    """What an integrity check found."""
    rows = tuple((problem.rule, problem.detail) for problem in problems)
    return Report("problems", (Listing("problems", _PROBLEM_COLUMNS, rows, when_empty="nothing is wrong"),))


def _new_articles(morning: Morning, since: str) -> Fact:
    return Fact("new_article_count", f"new {since}", morning.new_article_count)


def _first_of(listing: Listing, name: str) -> Listing:
    """The listing under another name, of which a table shows the first rows: a morning's page, not a night's log."""
    count = len(listing.rows)
    title = listing.title if count <= _ROWS_SHOWN else f"{listing.title}, {_ROWS_SHOWN} of {count}"
    return replace(listing, name=name, title=title, table_rows=_ROWS_SHOWN)


def _sources_listing(sources: Sequence[SourceSummary], name: str, title: str) -> Listing:
    return Listing(
        name, _SOURCE_COLUMNS, tuple(_source_row(source) for source in sources), title, when_empty="none"
    )


def _source_row(summary: SourceSummary) -> tuple[Cell, ...]:
    source = summary.source
    return (
        source.name,
        source.host,
        source.country,
        source.language,
        summary.article_count,
        summary.copied_count,
        summary.copying_count,
        summary.spun_count,
        summary.first_seen_at,
        summary.last_seen_at,
    )


def edge_row(edge: CopyEdge) -> tuple[Cell, ...]:
    """An edge's cells under `EDGE_COLUMNS`."""
    lag = None if edge.median_lag_seconds is None else timedelta(seconds=edge.median_lag_seconds)
    return (edge.from_source, edge.to_source, edge.copy_count, edge.spun_count, Ratio(edge.spun_ratio), lag)
