"""Writes articles, pairs, clusters or edges row by row, complete and in a stable order.

Must not hold the corpus in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, assert_never

from newsdedup.files import open_binary_output, open_output
from newsdedup.jobs.errors import JobError
from newsdedup.render.lines import write_csv_rows, write_json_rows
from newsdedup.reports import exports
from newsdedup.reports.clusters import cluster_row
from newsdedup.reports.summary import edge_row
from storage.articles import stream_articles
from storage.engine import read_whole_tables
from storage.exporting import stream_clusters, stream_left_out, stream_pairs
from storage.reports import copy_edges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from newsdedup.render.progress import OnProgress
    from newsdedup.reports.exports import ExportColumn, ExportRow
    from storage.engine import Sessions

_Table: TypeAlias = "tuple[Sequence[ExportColumn], Iterable[ExportRow]]"
_PROGRESS_ROWS = 200


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
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to write where; ``-`` is standard output.

    ``is_one_per_cluster`` leaves out the articles of clusters that are not canonical; ``left_out`` names a file for
    them and the reasons.
    """

    what: Exportable
    output: str = "-"
    format: ExportFormat = ExportFormat.JSONL
    since: datetime | None = None
    is_one_per_cluster: bool = False
    left_out: str | None = None


@dataclass(frozen=True, slots=True)
class ExportCounts:
    """Rows written to the one file and to the other."""

    row_count: int
    left_out_count: int = 0


def export(sessions: Sessions, request: ExportRequest, on_progress: OnProgress) -> ExportCounts:
    """Write everything of a kind, as it is at one moment, whoever writes to the database meanwhile.

    Raises:
        JobError: Parquet is asked for without its library, or on standard output.
        OSError: a file cannot be written.
        StorageError: the database cannot be read.
    """
    with sessions() as session:
        read_whole_tables(session)
        count = _write(_table(session, request), request.format, request.output, on_progress)
        if request.left_out is None:
            return ExportCounts(count)
        rows = map(exports.left_out_export, stream_left_out(session, since=request.since))
        left_out = _write((exports.LEFT_OUT, rows), request.format, request.left_out, on_progress)
    return ExportCounts(count, left_out)


def _table(session: Session, request: ExportRequest) -> _Table:
    since = request.since
    match request.what:
        case Exportable.ARTICLES:
            articles = stream_articles(session, since=since, canonical_only=request.is_one_per_cluster)
            return exports.ARTICLES, map(exports.article_export, articles)
        case Exportable.PAIRS:
            return exports.PAIRS, map(exports.pair_export, stream_pairs(session, since=since))
        case Exportable.CLUSTERS:
            return exports.CLUSTERS, map(cluster_row, stream_clusters(session, since=since))
        case Exportable.EDGES:
            return exports.EDGES, map(edge_row, copy_edges(session))
        case _:
            assert_never(request.what)


def _write(table: _Table, fmt: ExportFormat, output: str, on_progress: OnProgress) -> int:
    columns, rows = table[0], _counted(table[1], on_progress)
    if fmt is ExportFormat.PARQUET:
        return _write_parquet(columns, rows, output)
    with open_output(output) as stream:
        write = write_csv_rows if fmt is ExportFormat.CSV else write_json_rows
        return write(columns, rows, stream)


def _write_parquet(columns: Sequence[ExportColumn], rows: Iterable[ExportRow], output: str) -> int:
    if output == "-":
        raise JobError("Parquet is no text for standard output; give --output FILE")
    try:
        from newsdedup.render.parquet import write_parquet  # noqa: PLC0415  an extra, and slow to load
    except ModuleNotFoundError as error:
        raise JobError(
            "Parquet needs pyarrow; run where newsdedup was cloned: pip install -e '.[parquet]'"
        ) from error
    with open_binary_output(output) as stream:
        return write_parquet(columns, rows, stream)


def _counted(rows: Iterable[ExportRow], on_progress: OnProgress) -> Iterator[ExportRow]:
    for done, row in enumerate(rows, start=1):
        yield row
        if done % _PROGRESS_ROWS == 1:
            on_progress(done, None)
