"""Reports about runs: what each fetched, stored and refused, and how every source of one fared.

Must not query: it arranges what storage gave.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from newsdedup.reports.values import Cell, Column, Listing, Report
from storage.values import FETCH_FAILURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.crawl_reports import SourceTally
    from storage.values import JsonValue, RunRecord

_COUNTS = (
    Column("fetched_count", "fetched", is_number=True),
    Column("new_count", "new", is_number=True),
    Column("updated_count", "updated", is_number=True),
    Column("unchanged_count", "unchanged", is_number=True),
)
_RUN_COLUMNS = (
    Column("run_id", "run", is_number=True),
    Column("kind", "kind"),
    Column("state", "state"),
    Column("started_at", "started"),
    Column("finished_at", "finished"),
    *_COUNTS,
    Column("pair_count", "pairs", is_number=True),
    Column("failed", "failed", may_wrap=True),
    Column("skipped", "skipped", may_wrap=True),
    Column("stats"),
)
_SOURCE_COLUMNS = (
    Column("source", "source"),
    Column("host"),
    *_COUNTS,
    Column("duplicate_count", "copies", is_number=True),
    Column("failed_count", "failed", is_number=True),
    Column("skipped_count", "skipped", is_number=True),
    Column("reasons", "why", may_wrap=True),
    Column("last_new_at", "last new article"),
    Column("is_silent"),
    Column("has_collapsed"),
    Column("remark", "remark", may_wrap=True),
)
_PREFIX = "newsdedup/"
_SKIPPED = "/skipped/"


def runs_report(runs: Sequence[RunRecord]) -> Report:
    """Executions, the latest first."""
    rows = tuple(_run_row(run) for run in runs)
    return Report("runs", (Listing("runs", _RUN_COLUMNS, rows, when_empty="nothing has run yet"),))


def source_tallies_report(sources: Sequence[SourceTally]) -> Report:
    """The sources of one run, by name."""
    rows = tuple(_source_row(source) for source in sources)
    return Report(
        "run_sources", (Listing("sources", _SOURCE_COLUMNS, rows, when_empty="the run asked no source"),)
    )


def _run_row(run: RunRecord) -> tuple[Cell, ...]:
    stats = _counters(run.stats)
    failed, skipped = Counter[str](), Counter[str]()
    for key, count in stats.items():
        if _SKIPPED in key:
            reason = key.partition(_SKIPPED)[2]
            (failed if reason in FETCH_FAILURES else skipped)[reason] += count
    return (
        run.id,
        run.kind,
        run.state,
        run.started_at,
        run.finished_at,
        stats.get("article/fetched", 0),
        stats.get("article/new", 0),
        stats.get("article/updated", 0),
        stats.get("article/unchanged", 0) + stats.get("article/not_modified", 0),
        stats.get("pair/found", 0),
        dict(sorted(failed.items())),
        dict(sorted(skipped.items())),
        stats,
    )


def _counters(stats: Mapping[str, JsonValue]) -> dict[str, int]:
    return {
        key.removeprefix(_PREFIX): value
        for key, value in sorted(stats.items())
        if isinstance(value, int) and key.startswith(_PREFIX) and not key.startswith(f"{_PREFIX}run/")
    }


def _source_row(source: SourceTally) -> tuple[Cell, ...]:
    remarks = {
        "silent": source.is_silent,
        "extraction collapsed": source.has_collapsed,
    }
    return (
        source.name,
        source.host,
        source.fetched_count,
        source.new_count,
        source.updated_count,
        source.unchanged_count,
        source.duplicate_count,
        source.failed_count,
        source.skipped_count,
        source.reasons,
        source.last_new_at,
        source.is_silent,
        source.has_collapsed,
        tuple(remark for remark, holds in remarks.items() if holds),
    )
