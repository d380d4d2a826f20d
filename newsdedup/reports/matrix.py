"""Who copies whom as a matrix: a row for each source that copied, a column for each that was copied.

Must not query: it arranges what storage gave.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from newsdedup.plural import counted
from newsdedup.reports.values import Cell, Column, Listing, Ratio, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.values import CopyEdge

_TITLES = {
    "copies": "Copies that the source of the row took from that of the column",
    "spun": "Share of them that is spun",
    "lag": "Median time after the original",
}


class Told(StrEnum):
    """What a cell of the matrix tells."""

    COPIES = "copies"
    SPUN = "spun"
    LAG = "lag"


def busiest_sources(edges: Sequence[CopyEdge], most: int) -> tuple[str, ...]:
    """The sources with the most copies taken and given, at most so many."""
    weights: Counter[str] = Counter()
    for edge in edges:
        weights[edge.from_source] += edge.copy_count
        weights[edge.to_source] += edge.copy_count
    return tuple(sorted(weights, key=lambda name: (-weights[name], name))[:most])


def matrix_report(edges: Sequence[CopyEdge], told: Told, most: int) -> Report:
    """The busiest sources against each other.

    Where there is room for columns, the number of a row is the heading of its source's column.
    """
    shown = busiest_sources(edges, most)
    by_names = {(edge.to_source, edge.from_source): edge for edge in edges}
    columns = (
        Column("number", "", is_number=True),
        Column("source", "source"),
        *(_column(number, name) for number, name in enumerate(shown, start=1)),
    )
    rows = tuple(
        (number, taker, *(_cell(by_names.get((taker, giver)), told) for giver in shown))
        for number, taker in enumerate(shown, start=1)
    )
    inside = sum(edge.copy_count for edge in edges if {edge.from_source, edge.to_source} <= set(shown))
    left_out = sum(edge.copy_count for edge in edges) - inside
    notes = (f"{counted(left_out, 'copy')} of or by other sources: --limit shows more",) if left_out else ()
    listing = Listing("matrix", columns, rows, _TITLES[told], when_empty="no copies between sources")
    return Report("source_matrix", (listing,), notes)


def _column(number: int, giver: str) -> Column:
    name = f"from {giver}"
    return Column(name, str(number), is_number=True, record_heading=name)


def _cell(edge: CopyEdge | None, told: Told) -> Cell:
    if edge is None:
        return None
    match told:
        case Told.COPIES:
            return edge.copy_count
        case Told.SPUN:
            return Ratio(edge.spun_ratio)
        case Told.LAG:
            seconds = edge.median_lag_seconds
            return None if seconds is None else timedelta(seconds=seconds)
        case _:
            assert_never(told)
