"""Arranges the schedule for reading: sources with their last and next time.

Must not query: it arranges what storage gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdedup.reports.values import Column, Listing, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.due import SourceSchedule

_COLUMNS = (
    Column("source", "source", may_wrap=True),
    Column("host"),
    Column("state", "state"),
    Column("every", "every"),
    Column("feed_count", "feeds", is_number=True),
    Column("last_at", "last asked"),
    Column("next_at", "next"),
    Column("owner", "held by"),
    Column("reason", "last failure", may_wrap=True),
)


def schedule_report(schedule: Sequence[SourceSchedule]) -> Report:
    """Sources in the order in which they come next."""
    rows = tuple(
        (
            one.name,
            one.host,
            one.state.value,
            one.every or "adaptive",
            one.feed_count,
            one.last_at,
            one.next_at,
            one.owner,
            one.reason,
        )
        for one in schedule
    )
    empty = "no feed is known; run: newsdedup crawl SEEDS.toml"
    return Report("schedule", (Listing("sources", _COLUMNS, rows, when_empty=empty),))
