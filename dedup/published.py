"""What is known of when a document was published: the span of time that its stated precision leaves open.

Must not choose between documents.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from dedup.values import TimePrecision

if TYPE_CHECKING:
    from dedup.values import Document

COARSE = frozenset({TimePrecision.MONTH, TimePrecision.YEAR})


class Span(NamedTuple):
    """The half-open span of time in which a document was published."""

    start: datetime
    end: datetime


def published_span(document: Document) -> Span | None:
    """When a document was published, as far as its publisher says; None where nothing is said.

    A time without a stated precision counts as given to the second, one without a time zone as UTC. A time at the
    end of the calendar, which pages do state, says nothing.
    """
    if document.published_at is None:
        return None
    try:
        return _span(document.published_at, document.published_precision)
    except OverflowError:
        return None


def _span(stated: datetime, precision: TimePrecision | None) -> Span:
    start = stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)
    match precision:
        case TimePrecision.MINUTE:
            start = start.replace(second=0, microsecond=0)
            return Span(start, start + timedelta(minutes=1))
        case TimePrecision.DAY:
            start = start.replace(hour=0, minute=0, second=0, microsecond=0)
            return Span(start, start + timedelta(days=1))
        case TimePrecision.MONTH:
            start = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            return Span(start, (start + timedelta(days=31)).replace(day=1))
        case TimePrecision.YEAR:
            start = start.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
            return Span(start, (start + timedelta(days=366)).replace(day=1))
        case TimePrecision.SECOND | None:
            return Span(start, start + timedelta(microseconds=1))
