"""The list of new copies of one's own articles.

Must not query: it arranges what the job found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdedup.reports.values import Cell, Column, Listing, Ratio, Report, RoughTime, stated_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from dedup.values import Label
    from storage.values import StoredArticle

_COLUMNS = (
    Column("own_id"),
    Column("own_title", "own article", may_wrap=True),
    Column("own_url"),
    Column("copy_id"),
    Column("label", "label"),
    Column("containment_own", "of it copied", is_number=True),
    Column("replaced_ratio", "words replaced", is_number=True),
    Column("copy_source", "copied by"),
    Column("copy_published_at", "published"),
    Column("lag_seconds", "lag", is_number=True),
    Column("credit", "credit"),
    Column("copy_title"),
    Column("copy_url", "address", may_wrap=True),
    Column("found_at", "found"),
)


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """A copy of one's own article, and the pair that told of it, which may be of others with equal texts."""

    own: StoredArticle
    copy: StoredArticle
    label: Label
    containment_own: float
    replaced_ratio: float
    credit: str | None
    found_at: datetime
    pair: tuple[int, int]


def watch_report(copies: Sequence[OwnCopy]) -> Report:
    """New copies, in the order they were found."""
    rows = tuple(_row(copy) for copy in copies)
    return Report("watch", (Listing("copies", _COLUMNS, rows, when_empty="no new copies"),))


def _row(told: OwnCopy) -> tuple[Cell, ...]:
    own, copy = told.own, told.copy
    own_at, copy_at = (stated_time(one.published_at, one.published_precision) for one in (own, copy))
    lag: timedelta | None = None
    if own_at and copy_at and not isinstance(own_at, RoughTime) and not isinstance(copy_at, RoughTime):
        lag = copy_at - own_at
    return (
        own.id,
        own.title,
        own.url,
        copy.id,
        told.label,
        Ratio(told.containment_own),
        Ratio(told.replaced_ratio),
        copy.source.name,
        copy_at,
        lag,
        told.credit,
        copy.title,
        copy.url,
        told.found_at,
    )
