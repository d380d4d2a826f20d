"""The formats for programs: JSON, JSON Lines and CSV, complete and harmless.

Must not shorten or round: a reader gets back what the report held.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO, assert_never

from newsdedup.reports.values import Cell, Facts, Listing, Report, Section, SideBySide
from newsdedup.safe_text import csv_cell, iso_utc, json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.values import AlignedSpan

SCHEMA_VERSION = 1


class FormatUnfitError(ValueError):
    """The report cannot be said in this format; the message tells which can."""


def write_json(report: Report, stream: TextIO) -> None:
    """One object: ``schema_version``, ``kind`` and a key a section."""
    body = {section.name: _section_json(section) for section in report.sections}
    stream.write(json_text({"schema_version": SCHEMA_VERSION, "kind": report.kind, **body}, indent=2) + "\n")


def write_jsonl(report: Report, stream: TextIO) -> None:
    """One object a row; where a report has several sections, each object names its own."""
    stream.writelines(json_text(line) + "\n" for line in _lines(report))


def write_csv(report: Report, stream: TextIO) -> None:
    """A header of column names, then the rows.

    Raises:
        FormatUnfitError: the report is not one list.
    """
    if len(report.sections) != 1 or len(report.listings) != 1:
        raise FormatUnfitError(f"{report.kind!r} is more than one list: use --format table, json or jsonl")
    listing = report.listings[0]
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([csv_cell(column.name) for column in listing.columns])
    writer.writerows([csv_value(value) for value in row] for row in listing.rows)


def csv_value(value: Cell) -> str | int | float:
    """A cell for the csv module: numbers stay numbers, text is defused."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case str():
            return csv_cell(value)
        case datetime():
            return iso_utc(value)
        case timedelta():
            return value.total_seconds()
        case tuple():
            return csv_cell(" ".join(value))
        case Mapping():
            return csv_cell(" ".join(f"{name}={count}" for name, count in sorted(value.items())))
        case _:
            assert_never(value)


def _section_json(section: Section) -> dict[str, Any] | list[dict[str, Any]]:
    match section:
        case Listing():
            return [_row_json(section, row) for row in section.rows]
        case Facts():
            return {fact.name: fact.value for fact in section.facts}
        case SideBySide():
            spans = [_span_json(span) for span in section.spans]
            return {"text_a": section.text_a, "text_b": section.text_b, "spans": spans}
        case _:
            assert_never(section)


def _row_json(listing: Listing, row: tuple[Cell, ...]) -> dict[str, Any]:
    return {column.name: value for column, value in zip(listing.columns, row, strict=True)}


def _span_json(span: AlignedSpan) -> dict[str, Any]:
    return {
        "kind": span.kind,
        "start_a": span.start_a,
        "end_a": span.end_a,
        "start_b": span.start_b,
        "end_b": span.end_b,
        "is_synonym": span.is_synonym,
    }


def _lines(report: Report) -> Iterator[dict[str, Any]]:
    if len(report.sections) == 1 and len(report.listings) == 1:
        yield from (_row_json(report.listings[0], row) for row in report.listings[0].rows)
        return
    for section in report.sections:
        content = _section_json(section)
        for entry in content if isinstance(content, list) else [content]:
            yield {"section": section.name, **entry}
