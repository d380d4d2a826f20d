"""Charts as inline SVG: articles and copies in time, the length of a bar, a place on a time line.

Must not query, and must not rely on a script or a remote asset.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from newsdedup.plural import counted
from newsdedup.reports.html.svg import circle, line, percent, picture, rect, text, titled, track
from newsdedup.reports.plots import Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsdedup.reports.plots import TimelinePlot

_HEIGHT, _TOP, _FOOT = 210, 20, 26
_DATES = {Step.DAY: "%d %b", Step.WEEK: "%d %b", Step.MONTH: "%b %Y", Step.YEAR: "%Y"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One ranked bar, beside its words."""

    name: str
    value: int
    drawing: Markup
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Where on a story's time line an article stands."""

    drawing: Markup
    at: datetime


def timeline_chart(plot: TimelinePlot) -> Markup:
    """Articles as bars; their lower part the copies among them, the lowest the spun ones."""
    if not plot.starts:
        return Markup("")
    step, top = 1 / len(plot.starts), _nice_ceiling(max(plot.article_counts))
    room = _HEIGHT - _TOP - _FOOT
    parts = _grid(room)
    counts = zip(plot.starts, plot.article_counts, plot.copy_counts, plot.spun_counts, strict=True)
    for place, (start, articles, copies, spun) in enumerate(counts):
        shapes = [rect(percent(place * step), _TOP, percent(step), room, "hover")]
        for count, name in ((articles, "bar"), (copies, "bar near"), (spun, "bar spun")):
            size = room * count / top
            if count:
                shapes.append(
                    rect(
                        percent((place + 0.08) * step),
                        _HEIGHT - _FOOT - size,
                        percent(step * 0.84),
                        size,
                        name,
                    )
                )
        when = f"{plot.step} of {start}" if plot.step is not Step.DAY else f"{start}"
        parts.append(
            titled(
                Markup("").join(shapes),
                f"{when}: {counted(articles, 'article')}, {counted(copies, 'copy')}, {spun} spun",
            )
        )
    parts += [*_scale(top, room), *_dates(plot)]
    totals = sum(plot.article_counts), sum(plot.copy_counts), sum(plot.spun_counts)
    told = f"Articles a {plot.step}, {plot.starts[0]} to {plot.starts[-1]}: {totals[0]}, {counted(totals[1], 'copy')}, {totals[2]} spun"
    return picture(told, parts, height=_HEIGHT)


def ranked_bars(entries: Sequence[tuple[str, int, str, str | None]]) -> tuple[Bar, ...]:
    """A bar for each (name, value, class of colour, address), as long as its share of the largest."""
    largest = max((value for _, value, _, _ in entries), default=1) or 1
    return tuple(
        Bar(name, value, track([rect(0, 0, percent(value / largest), 10, f"bar {kind}")], height=10), href)
        for name, value, kind, href in entries
    )


def spread(moments: Sequence[tuple[datetime, str]]) -> tuple[Moment, ...]:
    """A strip for each (time, class of colour): a line from the first to the last of them with a dot at its place."""
    first, last = min(at for at, _ in moments), max(at for at, _ in moments)
    span = max((last - first).total_seconds(), 1.0)
    drawn = []
    for at, kind in moments:
        # the dot keeps its radius from both ends
        place = percent(0.015 + 0.97 * (at - first).total_seconds() / span)
        strip = [line("1.5%", 11, "98.5%", 11, "grid"), line("1.5%", 11, place, 11, f"run {kind}")]
        drawn.append(Moment(track([*strip, circle(place, 11, 6, f"dot {kind}")], height=22), at))
    return tuple(drawn)


def meter(ratio: float, kind: str = "") -> Markup:
    """A ratio as the filled part of a strip."""
    return _meter(percent(min(max(ratio, 0.0), 1.0)), kind)


@lru_cache(maxsize=4096)
def _meter(length: str, kind: str) -> Markup:
    whole = rect(0, 0, "100%", 5, "meter-whole")
    return track([whole, rect(0, 0, length, 5, f"bar {kind}")], height=5)


def _grid(room: float) -> list[Markup]:
    heights = (_HEIGHT - _FOOT - room * share for share in (0.5, 1.0))
    axis = line(0, _HEIGHT - _FOOT, "100%", _HEIGHT - _FOOT, "axis")
    return [*(line(0, y, "100%", y, "grid") for y in heights), axis]


def _scale(top: int, room: float) -> list[Markup]:
    """Numbers at the lines, above the bars."""
    whole = (share for share in (0.5, 1.0) if top * share == int(top * share))
    return [
        text(0, _HEIGHT - _FOOT - room * share - 4, f"{int(top * share):,}", "start", "scale")
        for share in whole
    ]


def _dates(plot: TimelinePlot) -> list[Markup]:
    """The first, the middle and the last date, or each where there are few."""
    count = len(plot.starts)
    shown = range(count) if count <= 5 else (0, count // 2, count - 1)
    parts = []
    for place in shown:
        x, anchor = (place + 0.5) / count, "middle"
        if count > 5 and place in {0, count - 1}:
            x, anchor = (0.0, "start") if place == 0 else (1.0, "end")
        parts.append(
            text(percent(x), _HEIGHT - 8, f"{plot.starts[place]:{_DATES[plot.step]}}", anchor, "faint")
        )
    return parts


def _nice_ceiling(value: int) -> int:
    """The next number that a scale ends on well.

    >>> [_nice_ceiling(value) for value in (1, 7, 24, 130)]
    [1, 8, 30, 200]
    """
    unit = int(10 ** math.floor(math.log10(max(value, 1))))
    return next(unit * digit for digit in (1, 2, 3, 4, 6, 8, 10) if unit * digit >= value)
