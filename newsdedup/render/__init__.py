"""Shows a report as table, JSON, JSON Lines or CSV, and progress on a terminal; the only user of rich.

Must not query, count or decide: a report comes complete.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TextIO, assert_never

from newsdedup.render.machine import FormatUnfitError, write_csv, write_json, write_jsonl

if TYPE_CHECKING:
    from newsdedup.reports.values import Report

__all__ = ["Format", "FormatUnfitError", "render"]


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


def render(report: Report, fmt: Format, stream: TextIO) -> None:
    """Write a report to a stream.

    Raises:
        FormatUnfitError: CSV was asked of a report that is not one list.
    """
    match fmt:
        case Format.TABLE:
            from newsdedup.render.tables import write_tables  # noqa: PLC0415  rich costs 0.1 s that pipes need not pay

            write_tables(report, stream)
        case Format.JSON:
            write_json(report, stream)
        case Format.JSONL:
            write_jsonl(report, stream)
        case Format.CSV:
            write_csv(report, stream)
        case _:
            assert_never(fmt)
