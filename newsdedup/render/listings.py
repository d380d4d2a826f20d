"""A listing as a table that fits its width: columns wrapped, then left out; else as records.

Must not leave out anything without saying so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from newsdedup.render.cells import cell_text, cell_words
from newsdedup.reports.values import Fact, Facts, Listing, WhenNarrow
from newsdedup.safe_text import terminal_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import JustifyMethod, RenderableType

_WRAPPED_WIDTH = 14
_BETWEEN_COLUMNS = 3


def fitting_table(listing: Listing, width: int) -> RenderableType:
    """The listing as it is where it fits; else with columns wrapped, then left out; else as records."""
    if _fits([_least_width(listing, place, heading) for place, heading in _shown(listing)], width):
        return _listing_table(listing)
    left_out: list[str] = []
    narrow = listing
    while not _fits([least for least, _ in _narrow_widths(narrow)], width):
        spare = [
            place for place, _ in _shown(narrow) if narrow.columns[place].when_narrow is WhenNarrow.LEFT_OUT
        ]
        if not spare:
            return _records(listing)
        left_out.insert(0, narrow.columns[spare[-1]].heading or "")
        narrow = _without(narrow, spare[-1])
    table = _narrow_table(narrow, width)
    said = Text(f"left out for want of room: {', '.join(left_out)}", style="dim")
    return Group(table, said) if left_out else table


def _shown(listing: Listing) -> list[tuple[int, str]]:
    return [(place, one.heading) for place, one in enumerate(listing.columns) if one.heading is not None]


def _without(listing: Listing, place: int) -> Listing:
    columns = list(listing.columns)
    columns[place] = replace(columns[place], heading=None)
    return replace(listing, columns=tuple(columns))


def _listing_table(listing: Listing) -> Table:
    table = _empty_table()
    for place, heading in _shown(listing):
        column = listing.columns[place]
        table.add_column(
            Text(terminal_line(heading)),
            justify="right" if column.is_number else "left",
            overflow="fold" if column.may_wrap else "ellipsis",
            no_wrap=not column.may_wrap,
            min_width=_least_width(listing, place, heading) if column.may_wrap else None,
        )
    return _filled(table, listing)


def _narrow_table(listing: Listing, width: int) -> Table:
    """Every column as wide as it needs, and a share of the room that is left."""
    widths = _narrow_widths(listing)
    room = width - _BETWEEN_COLUMNS * (len(widths) - 1) - sum(least for least, _ in widths)
    wanted = sum(most - least for least, most in widths)
    part = min(room / wanted, 1.0) if wanted else 0.0
    table = _empty_table()
    for (place, heading), (least, most) in zip(_shown(listing), widths, strict=True):
        justify: JustifyMethod = "right" if listing.columns[place].is_number else "left"
        given = least + int(part * (most - least))
        table.add_column(Text(terminal_line(heading)), justify=justify, overflow="fold", width=given)
    return _filled(table, listing)


def _empty_table() -> Table:
    return Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")


def _filled(table: Table, listing: Listing) -> Table:
    for row in listing.rows[: listing.table_rows]:
        table.add_row(*(cell_text(row[place]) for place, _ in _shown(listing)))
    return table


def _fits(least_widths: Sequence[int], width: int) -> bool:
    return sum(least_widths) + _BETWEEN_COLUMNS * (len(least_widths) - 1) <= width


def _cells(listing: Listing, place: int) -> list[str]:
    return [cell_words(row[place]) for row in listing.rows[: listing.table_rows]]


def _least_width(listing: Listing, place: int, heading: str) -> int:
    """Columns: a cell's whole length, or where it may wrap, the width below which words would be torn apart."""
    longest = max(map(len, _cells(listing, place)), default=0)
    if listing.columns[place].may_wrap:
        return max(min(longest, _WRAPPED_WIDTH), *map(len, heading.split()))
    return max(longest, len(heading))


def _narrow_widths(listing: Listing) -> list[tuple[int, int]]:
    """The least and the most that each column can use, where headings and some columns' cells break after every word."""
    widths = []
    for place, heading in _shown(listing):
        column, cells = listing.columns[place], _cells(listing, place)
        longest = max(map(len, cells), default=0)
        longest_word = max((len(word) for cell in cells for word in cell.split()), default=0)
        least = longest_word if column.when_narrow is WhenNarrow.WRAPPED else longest
        if column.may_wrap or column.when_narrow is WhenNarrow.WRAPPED:
            least = min(least, _WRAPPED_WIDTH)
        heading_words = max(map(len, heading.split()), default=0)
        widths.append((max(least, heading_words), max(longest, heading_words)))
    return widths


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
        blocks.append(facts_table(Facts(listing.name, facts)))
    return Group(*blocks)


def facts_table(section: Facts) -> Table:
    """Named values, one a row."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for fact in section.facts:
        if fact.heading is not None and fact.value is not None:
            table.add_row(Text(terminal_line(fact.heading)), cell_text(fact.value))
    return table
