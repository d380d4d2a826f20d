"""Tables for people: coloured and fitted on a terminal, plain and complete on a pipe.

Must not let text from the web act: no markup is read, control characters are replaced.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, TextIO, assert_never

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dedup.values import SpanKind
from newsdedup.render.listings import facts_table, fitting_table
from newsdedup.reports.aligned import Passage, break_rows, cut_passages
from newsdedup.reports.values import (
    Facts,
    Listing,
    Report,
    Section,
    SideBySide,
)
from newsdedup.safe_text import terminal_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNLIMITED_WIDTH = 10_000
_SIDE_BY_SIDE_WIDTH = 110
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
            return fitting_table(section, console.width)
        case Facts():
            return facts_table(section)
        case SideBySide() if not (section.text_a and section.text_b):
            return Padding(Text("a text is not stored any more", style="dim"), (0, 0, 0, 2))
        case SideBySide():
            return _side_by_side_table(section, min(console.width, _SIDE_BY_SIDE_WIDTH))
        case _:
            assert_never(section)


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
