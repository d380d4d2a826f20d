"""A cell's value as people read it, with nothing in it that could act on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import assert_never

from rich.text import Text

from newsdedup.reports.lag import spoken_duration
from newsdedup.reports.values import Cell, Ratio, RoughTime
from newsdedup.safe_text import iso_utc, terminal_line

_MOST_NAMES = 12


def cell_text(value: Cell) -> Text:
    """A cell as it is written."""
    return Text(terminal_line(cell_words(value)))


def cell_words(value: Cell) -> str:
    """A cell's words, as they came."""
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
