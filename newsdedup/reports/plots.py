"""What the plots show: points in time, a matrix of sources, counts by label.

Must not query or draw: it arranges what storage gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from dedup.values import Label, Relation
from newsdedup.reports.matrix import busiest_sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.daily import DayCounts, LabelCount
    from storage.values import CopyEdge

_MOST_BARS = 120
_STRAGGLER_SHARE = 0.02


class Step(StrEnum):
    """How much time a bar stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_LONGEST_SPANS = {Step.DAY: _MOST_BARS, Step.WEEK: 7 * _MOST_BARS, Step.MONTH: 4 * 31 * _MOST_BARS}


@dataclass(frozen=True, slots=True)
class TimelinePlot:
    """Bars of equal steps without a gap: articles, copies among them, spun ones among these."""

    step: Step
    starts: tuple[date, ...]
    article_counts: tuple[int, ...]
    copy_counts: tuple[int, ...]
    spun_counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SourcesPlot:
    """Copies from each source (row) to each source (column); ``left_out_count`` copies ran between others."""

    sources: tuple[str, ...]
    copy_counts: tuple[tuple[int, ...], ...]
    spun_counts: tuple[tuple[int, ...], ...]
    left_out_count: int = 0


@dataclass(frozen=True, slots=True)
class LabelsPlot:
    """Duplicate pairs of every label: copies of others, and revisions of one's own."""

    labels: tuple[Label, ...]
    copy_counts: tuple[int, ...]
    revision_counts: tuple[int, ...]


Plot: TypeAlias = TimelinePlot | SourcesPlot | LabelsPlot


def timeline_plot(days: Sequence[DayCounts]) -> TimelinePlot:
    """Days, or weeks, months or years where days would be too many bars."""
    span_days = (days[-1].day - days[0].day).days + 1 if days else 0
    step = next((step for step, longest in _LONGEST_SPANS.items() if span_days <= longest), Step.YEAR)
    starts = _starts(days[0].day, days[-1].day, step) if days else ()
    counts = {start: [0, 0, 0] for start in starts}
    for day in days:
        bar = counts[_start_of(day.day, step)]
        for place, count in enumerate((day.article_count, day.copy_count, day.spun_count)):
            bar[place] += count
    bars = tuple(counts.values())
    return TimelinePlot(
        step,
        tuple(counts),
        tuple(bar[0] for bar in bars),
        tuple(bar[1] for bar in bars),
        tuple(bar[2] for bar in bars),
    )


def without_stragglers(days: Sequence[DayCounts]) -> tuple[tuple[DayCounts, ...], int]:
    """The days without the few articles that lie far off in time, where leaving them halves the span; how many they are.

    A page without a stated time, or with a wrong one, would squeeze all others into one bar.
    """
    total = sum(day.article_count for day in days)
    allowed = total * _STRAGGLER_SHARE
    first, last = _first_kept(days, allowed), len(days) - 1 - _first_kept(days[::-1], allowed)
    kept = tuple(days[first : last + 1])
    if not kept or (kept[-1].day - kept[0].day).days * 2 >= (days[-1].day - days[0].day).days:
        return tuple(days), 0
    return kept, total - sum(day.article_count for day in kept)


def _first_kept(days: Sequence[DayCounts], allowed: float) -> int:
    """Place of the first day that cannot be left out."""
    left_out = 0
    for place, day in enumerate(days):
        left_out += day.article_count
        if left_out > allowed:
            return place
    return 0


def sources_plot(edges: Sequence[CopyEdge], most: int) -> SourcesPlot:
    """The sources with the most copies taken and given, at most so many."""
    shown = busiest_sources(edges, most)
    places = {name: place for place, name in enumerate(shown)}
    copies = [[0] * len(shown) for _ in shown]
    spun = [[0] * len(shown) for _ in shown]
    left_out = 0
    for edge in edges:
        row, column = places.get(edge.from_source), places.get(edge.to_source)
        if row is None or column is None:
            left_out += edge.copy_count
            continue
        copies[row][column] += edge.copy_count
        spun[row][column] += edge.spun_count
    return SourcesPlot(shown, tuple(map(tuple, copies)), tuple(map(tuple, spun)), left_out)


def labels_plot(counts: Sequence[LabelCount]) -> LabelsPlot:
    """All labels, those that nothing has too."""
    found = {(count.label, count.relation): count.pair_count for count in counts}
    labels = tuple(Label)
    return LabelsPlot(
        labels,
        tuple(found.get((label, Relation.COPY), 0) for label in labels),
        tuple(found.get((label, Relation.REVISION), 0) for label in labels),
    )


def _start_of(day: date, step: Step) -> date:
    match step:
        case Step.DAY:
            return day
        case Step.WEEK:
            return day - timedelta(days=day.weekday())
        case Step.MONTH:
            return day.replace(day=1)
        case Step.YEAR:
            return day.replace(month=1, day=1)


def _starts(first: date, last: date, step: Step) -> Iterator[date]:
    """The starts of all steps that hold a day between these; no day after the last of the calendar is computed."""
    match step:
        case Step.DAY | Step.WEEK:
            stride = 1 if step is Step.DAY else 7
            ordinals = range(_start_of(first, step).toordinal(), last.toordinal() + 1, stride)
            yield from map(date.fromordinal, ordinals)
        case Step.MONTH:
            for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
                yield date(month // 12, month % 12 + 1, 1)
        case Step.YEAR:
            yield from (date(year, 1, 1) for year in range(first.year, last.year + 1))
