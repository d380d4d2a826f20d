"""Tables for people: coloured and fitted on a terminal, plain and complete on a pipe.

Must not let text from the web act: no markup is read, control characters are replaced.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TextIO, assert_never

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dedup.values import SpanKind
from newsdedup.reports.aligned import Passage, break_rows, cut_passages
from newsdedup.reports.lag import spoken_duration
from newsdedup.reports.values import (
    Cell,
    Column,
    Fact,
    Facts,
    Listing,
    Ratio,
    Report,
    RoughTime,
    Section,
    SideBySide,
)
from newsdedup.safe_text import iso_utc, terminal_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNLIMITED_WIDTH = 10_000
_SIDE_BY_SIDE_WIDTH = 110
_WRAPPED_WIDTH = 14
_BETWEEN_COLUMNS = 3
_MOST_NAMES = 12
_LEGEND = "[-replaced or left out-]  {+put in its place or added+}  everything else stands in both texts"


def write_tables(report: Report, stream: TextIO) -> None:
    """Every section as a table, with its title above and the report's notes below."""
    buffer = io.StringIO()
    console = _console(buffer, is_terminal=stream.isatty())
    for number, section in enumerate(report.sections):
        if number:
            console.print()
        if section.title:
            console.print(Text(terminal_line(section.title), style="bold"))
        console.print(_table(section, console))
    for note in report.notes:
        console.print()
        console.print(Text(terminal_line(note)))
    stream.write("\n".join(line.rstrip(" ") for line in buffer.getvalue().split("\n")))


def _console(buffer: io.StringIO, *, is_terminal: bool) -> Console:
    """As wide as the terminal where somebody looks; wide enough for every cell where nobody does."""
    is_measured = is_terminal or "COLUMNS" in os.environ
    return Console(
        file=buffer,
        width=None if is_measured else _UNLIMITED_WIDTH,
        force_terminal=is_terminal,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _table(section: Section, console: Console) -> RenderableType:
    match section:
        case Listing() if not section.rows:
            return Padding(Text(section.when_empty, style="dim"), (0, 0, 0, 2))
        case Listing():
            return _listing_table(section) if _fits(section, console.width) else _records(section)
        case Facts():
            return _facts_table(section)
        case SideBySide() if not (section.text_a and section.text_b):
            return Padding(Text("a text is not stored any more", style="dim"), (0, 0, 0, 2))
        case SideBySide():
            return _side_by_side_table(section, min(console.width, _SIDE_BY_SIDE_WIDTH))
        case _:
            assert_never(section)


def _listing_table(listing: Listing) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    shown = [place for place, column in enumerate(listing.columns) if column.heading is not None]
    for column in (listing.columns[place] for place in shown):
        table.add_column(
            Text(terminal_line(column.heading or "")),
            justify="right" if column.is_number else "left",
            overflow="fold" if column.may_wrap else "ellipsis",
            no_wrap=not column.may_wrap,
            min_width=_least_width(listing, column) if column.may_wrap else None,
        )
    for row in listing.rows[: listing.table_rows]:
        table.add_row(*(_cell(row[place]) for place in shown))
    return table


def _fits(listing: Listing, width: int) -> bool:
    """Whether every column gets as much room as it needs to stay readable."""
    needed = [_least_width(listing, column) for column in listing.columns if column.heading is not None]
    return sum(needed) + _BETWEEN_COLUMNS * (len(needed) - 1) <= width


def _least_width(listing: Listing, column: Column) -> int:
    """Columns: a cell's whole length, or where it may wrap, the width below which words would be torn apart."""
    place = listing.columns.index(column)
    heading = column.heading or ""
    longest = max((len(_words(row[place])) for row in listing.rows[: listing.table_rows]), default=0)
    if column.may_wrap:
        return max(min(longest, _WRAPPED_WIDTH), *map(len, heading.split()))
    return max(longest, len(heading))


def _records(listing: Listing) -> Group:
    """One row below the other, each cell beside its heading: for a terminal that is too narrow for the columns."""
    blocks: list[RenderableType] = []
    for number, row in enumerate(listing.rows[: listing.table_rows]):
        if number:
            blocks.append(Text(""))
        facts = tuple(
            Fact(column.name, column.record_heading or column.heading, cell)
            for column, cell in zip(listing.columns, row, strict=True)
            if cell is not None
            and cell not in ("", (), {})
            and (column.record_heading or column.heading != "")
        )
        blocks.append(_facts_table(Facts(listing.name, facts)))
    return Group(*blocks)


def _facts_table(section: Facts) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for fact in section.facts:
        if fact.heading is not None and fact.value is not None:
            table.add_row(Text(terminal_line(fact.heading)), _cell(fact.value))
    return table


def _side_by_side_table(section: SideBySide, width: int) -> Group:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", width=width)
    for heading in (section.heading_a, section.heading_b):
        table.add_column(Text(terminal_line(heading)), ratio=1, overflow="fold")
    for row in break_rows(cut_passages(section.text_a, section.text_b, section.spans)):
        table.add_row(_marked_a(row), _marked_b(row))
    return Group(table, Text(_LEGEND, style="dim"))


def _marked_a(row: Sequence[Passage]) -> Text:
    return _marked([(one.kind, one.words_a, one.tail_a) for one in row], ("[-", "-]"), "red")


def _marked_b(row: Sequence[Passage]) -> Text:
    return _marked([(one.kind, one.words_b, one.tail_b) for one in row], ("{+", "+}"), "green")


def _marked(side: Sequence[tuple[SpanKind, str, str]], marks: tuple[str, str], colour: str) -> Text:
    """One side of a row; changed words that are neighbours share one pair of marks."""
    text, is_open, blank = Text(), False, ""
    for kind, words, tail in side:
        is_changed = kind is not SpanKind.EQUAL and bool(words)
        if not words and not tail:
            continue
        if is_open and not is_changed:
            text.append(marks[1], colour)
        text.append(terminal_line(blank), colour if is_open and is_changed else "")
        if is_changed and not is_open:
            text.append(marks[0], colour)
        text.append(terminal_line(words), colour if is_changed else "")
        is_open, blank = is_changed, ""
        if is_changed and tail.isspace():
            blank = tail
            continue
        if is_open:
            text.append(marks[1], colour)
            is_open = False
        text.append(terminal_line(tail))
    if is_open:
        text.append(marks[1], colour)
    text.append(terminal_line(blank))
    return text


def _cell(value: Cell) -> Text:
    return Text(terminal_line(_words(value)))


def _words(value: Cell) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool() | int() | float():
            return _number(value)
        case timedelta():
            return spoken_duration(value.total_seconds())
        case RoughTime():
            return value.stated
        case datetime():
            return iso_utc(value)[:16].replace("T", " ")
        case tuple():
            return _names(value)
        case Mapping():
            return ", ".join(f"{count} {name}" for name, count in value.items())
        case _:
            assert_never(value)


def _names(names: tuple[str, ...]) -> str:
    """All where they are few; machine formats give all of many."""
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMES])} and {len(names) - _MOST_NAMES} more"


def _number(value: float) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case Ratio():
            return value.shown
        case _:
            return f"{value:.3f}"
