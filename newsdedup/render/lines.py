"""Writes exports row by row as CSV or JSON Lines, complete and harmless.

Must not hold rows: memory does not grow with their number.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from newsdedup.render.machine import csv_value
from newsdedup.reports.exports import ExportCell, ExportColumn, ExportRow, Kind
from newsdedup.safe_text import csv_cell, json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from newsdedup.reports.values import Cell

_STRUCTURED = {Kind.SUBSTITUTIONS, Kind.ANCHOR_PAIRS, Kind.WORDS, Kind.COUNTS, Kind.NUMBERS}


def write_csv_rows(columns: Sequence[ExportColumn], rows: Iterable[ExportRow], stream: TextIO) -> int:
    """A header and a line a row; how many rows. What is more than one value stands in its cell as JSON."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([csv_cell(column.name) for column in columns])
    return sum(
        bool(writer.writerow([_csv(column, cell) for column, cell in zip(columns, row, strict=True)]))
        for row in rows
    )


def write_json_rows(columns: Sequence[ExportColumn], rows: Iterable[ExportRow], stream: TextIO) -> int:
    """One object a line; how many."""
    names = [column.name for column in columns]
    return sum(bool(stream.write(json_text(dict(zip(names, row, strict=True))) + "\n")) for row in rows)


def _csv(column: ExportColumn, cell: ExportCell) -> str | int | float:
    if column.kind in _STRUCTURED and cell is not None:
        return json_text(dict(cell) if isinstance(cell, Mapping) else cell)
    return csv_value(cast("Cell", cell))
