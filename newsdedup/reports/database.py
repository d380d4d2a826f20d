"""Reports about the database itself: its size, its index, what a copy moved.

Must not query: it arranges what storage gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.config import View
from newsdedup.reports.summary import corpus_facts, table_sizes_listing
from newsdedup.reports.values import Column, Fact, Facts, Listing, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup import DedupConfig
    from storage.boilerplate import BoilerplateCounts
    from storage.copying import CopiedTable
    from storage.values import CorpusSummary, TableSize

_VIEW_COLUMNS = (
    Column("view", "view"),
    Column("bands", "bands", is_number=True),
    Column("rows", "rows", is_number=True),
    Column("num_perm", "values", is_number=True),
    Column("threshold", "found half the time at", is_number=True),
)
_COPY_COLUMNS = (
    Column("table", "table"),
    Column("row_count", "rows", is_number=True),
    Column("checksum", "checksum, equal on both sides"),
)


def stats_report(
    corpus: CorpusSummary,
    sizes: Sequence[TableSize],
    boilerplate: BoilerplateCounts,
    config: DedupConfig,
    outdated_pair_count: int,
) -> Report:
    """What the database holds, its tables, the lines it leaves out, and the index with its fingerprints."""
    left_out = (
        Fact("line_count", "lines that their source repeats", boilerplate.line_count),
        Fact(
            "late_article_count",
            "still in a signature, until a re-index",
            boilerplate.late_article_count,
        ),
    )
    fingerprints = (
        Fact("signature_fingerprint", "signature fingerprint", config.signature_fingerprint),
        Fact("detector_fingerprint", "detector fingerprint", config.detector_fingerprint),
        Fact("outdated_pair_count", "pairs of another detector", outdated_pair_count),
        Fact("bucket_cap", "bucket cap", config.bucket_cap),
    )
    views = tuple(
        (view.value, bands.bands, bands.rows, bands.num_perm, bands.threshold)
        for view in View
        for bands in (config.bands_of(view),)
    )
    return Report(
        "database",
        (
            Facts("corpus", corpus_facts(corpus)),
            table_sizes_listing(sizes),
            Facts("boilerplate", left_out),
            Listing(
                "views", _VIEW_COLUMNS, views, "Bands of each view (similarity estimated from signatures)"
            ),
            Facts("index", fingerprints),
        ),
    )


def copy_report(tables: Sequence[CopiedTable]) -> Report:
    """What a copy moved."""
    rows = tuple((one.table, one.row_count, one.checksum) for one in tables)
    return Report("copy", (Listing("tables", _COPY_COLUMNS, rows),))
