"""Writes articles, pairs, clusters or edges line by line, complete and in a stable order.

Must not hold the corpus in memory.
"""

from __future__ import annotations

import csv
from enum import StrEnum
from typing import TYPE_CHECKING

from newsdedup.render.machine import csv_value
from newsdedup.reports.articles import ARTICLE_COLUMNS, article_row
from newsdedup.reports.clusters import clusters_listing, pairs_listing
from newsdedup.reports.summary import edges_listing
from newsdedup.reports.values import Column
from newsdedup.safe_text import csv_cell, json_text
from storage.articles import stream_articles
from storage.reports import cluster_detail, copy_edges, list_clusters, list_pairs
from storage.values import PairFilter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import TextIO

    from sqlalchemy.orm import Session

    from newsdedup.reports.values import Cell, Listing
    from storage.engine import Sessions

_DROPPED_COLUMNS = (
    Column("article_id"),
    Column("url"),
    Column("title"),
    Column("source"),
    Column("cluster_id"),
    Column("kept_article_id"),
    Column("kept_url"),
    Column("label"),
    Column("similarity"),
    Column("compared_with_id"),
    Column("reason"),
)


class Exportable(StrEnum):
    """What can be exported."""

    ARTICLES = "articles"
    PAIRS = "pairs"
    CLUSTERS = "clusters"
    EDGES = "edges"


class ExportFormat(StrEnum):
    """How it is written."""

    CSV = "csv"
    JSONL = "jsonl"


def export(
    sessions: Sessions,
    what: Exportable,
    fmt: ExportFormat,
    stream: TextIO,
    *,
    since: datetime | None = None,
    one_per_cluster: bool = False,
) -> int:
    """Write everything of a kind; how many rows. ``one_per_cluster`` leaves out articles that are not canonical."""
    with sessions() as session:
        if what is Exportable.ARTICLES:
            articles = stream_articles(session, since=since, canonical_only=one_per_cluster)
            rows = ((*article_row(article), article.text) for article in articles)
            return _write((*ARTICLE_COLUMNS, Column("text")), rows, fmt, stream)
        listing = _listing(session, what, since)
        return _write(listing.columns, listing.rows, fmt, stream)


def export_dropped(sessions: Sessions, fmt: ExportFormat, stream: TextIO) -> int:
    """Write every article that one-per-cluster leaves out, with the one kept and the reason; how many."""
    with sessions() as session:
        return _write(_DROPPED_COLUMNS, _dropped(session), fmt, stream)


def _listing(session: Session, what: Exportable, since: datetime | None) -> Listing:
    match what:
        case Exportable.PAIRS:
            return pairs_listing(list_pairs(session, PairFilter(since=since)))
        case Exportable.CLUSTERS:
            clusters = list_clusters(session)
            return clusters_listing([one for one in clusters if since is None or one.last_seen_at >= since])
        case _:
            return edges_listing(copy_edges(session))


def _dropped(session: Session) -> Iterator[tuple[Cell, ...]]:
    for summary in sorted(list_clusters(session), key=lambda cluster: cluster.id):
        detail = cluster_detail(session, summary.id)
        for member in () if detail is None else detail.members:
            if member.is_canonical:
                continue
            article, label = member.article, member.label or "member"
            compared = summary.canonical_id if member.compared_with_id is None else member.compared_with_id
            yield (
                article.id,
                article.url,
                article.title,
                article.source.name,
                summary.id,
                summary.canonical_id,
                summary.canonical_url,
                member.label,
                member.similarity,
                compared,
                f"{label} copy of article {compared}; kept is {summary.canonical_id}: {summary.canonical_reason}",
            )


def _write(
    columns: Sequence[Column], rows: Iterable[tuple[Cell, ...]], fmt: ExportFormat, stream: TextIO
) -> int:
    names = [column.name for column in columns]
    if fmt is ExportFormat.CSV:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([csv_cell(name) for name in names])
        return sum(bool(writer.writerow([csv_value(value) for value in row])) for row in rows)
    return sum(bool(stream.write(json_text(dict(zip(names, row, strict=True))) + "\n")) for row in rows)
