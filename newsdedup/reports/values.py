"""The shape of every report: sections of rows and facts that any format can show.

Must not know a format, a database or the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeAlias

from dedup.values import TimePrecision

if TYPE_CHECKING:
    from dedup.values import AlignedSpan


class Ratio(float):
    """A number in [0, 1] that tables show as a percentage."""

    @property
    def shown(self) -> str:
        """The percentage; what is not quite all or nothing is not rounded to it.

        >>> [Ratio(value).shown for value in (0.0, 0.001, 0.446, 0.998, 1.0)]
        ['0%', '<1%', '45%', '>99%', '100%']
        """
        rounded = f"{self:.0%}"
        if rounded == "100%" and self < 1:
            return ">99%"
        return "<1%" if rounded == "0%" and self > 0 else rounded


class RoughTime(datetime):
    """A time of which no more than the day, month or year was stated; tables show that much of it."""

    precision: TimePrecision

    @property
    def stated(self) -> str:
        """So much of it as was stated: ``2026-05-04``, ``2026-05`` or ``2026``."""
        return self.date().isoformat()[: _STATED_CHARACTERS[self.precision]]


_STATED_CHARACTERS = {TimePrecision.DAY: 10, TimePrecision.MONTH: 7, TimePrecision.YEAR: 4}


def stated_time(at: datetime | None, precision: TimePrecision | None) -> datetime | None:
    """A publication time that shows no more than its publisher stated."""
    if at is None or precision not in _STATED_CHARACTERS:
        return at
    rough = RoughTime.combine(at.date(), at.timetz())
    rough.precision = precision
    return rough


Cell: TypeAlias = str | int | float | bool | datetime | timedelta | tuple[str, ...] | Mapping[str, int] | None


class WhenNarrow(Enum):
    """What becomes of a column where the terminal is too narrow for all as they are."""

    KEPT = auto()
    WRAPPED = auto()
    LEFT_OUT = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its machine name, and its heading in tables (``None``: machine formats only).

    ``record_heading`` stands beside a cell that is shown without its table, where the heading says too little.
    """

    name: str
    heading: str | None = None
    is_number: bool = False
    may_wrap: bool = False
    record_heading: str | None = None
    when_narrow: WhenNarrow = WhenNarrow.KEPT


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows under columns; every row has one cell a column.

    A table shows the first ``table_rows`` of them where that is given; machine formats give all.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str | None = None
    when_empty: str = "nothing to show"
    table_rows: int | None = None

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.name}: {len(row)} cells under {len(self.columns)} columns")


@dataclass(frozen=True, slots=True)
class Fact:
    """One named value; ``heading`` is what tables print (``None``: machine formats only)."""

    name: str
    heading: str | None
    value: Cell


@dataclass(frozen=True, slots=True)
class Facts:
    """A few named values about one thing."""

    name: str
    facts: tuple[Fact, ...]
    title: str | None = None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two texts and how their words lie against each other."""

    name: str
    heading_a: str
    heading_b: str
    text_a: str
    text_b: str
    spans: tuple[AlignedSpan, ...]
    title: str | None = None


Section: TypeAlias = Listing | Facts | SideBySide


@dataclass(frozen=True, slots=True)
class Report:
    """What a command answers: a kind, which names the schema, and sections in reading order."""

    kind: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()

    @property
    def listings(self) -> tuple[Listing, ...]:
        """The sections that are lists."""
        return tuple(section for section in self.sections if isinstance(section, Listing))
