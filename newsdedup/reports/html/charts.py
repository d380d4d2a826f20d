"""Charts as inline SVG: bars a day, ranked bars, the spread of a story, the graph of who copies whom.

Must not query, and must not rely on a script or a remote asset; colours come from the page's style sheet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from newsdedup.safe_text import terminal_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

_WIDTH = 720
_LABEL_WIDTH = 190


@dataclass(frozen=True, slots=True)
class DayCount:
    """Articles published, or else first seen, on a day, and how many of them are copies."""

    day: date
    article_count: int
    copy_count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One ranked bar."""

    label: str
    value: int
    css_class: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """Copies that ran from one source to another."""

    from_label: str
    to_label: str
    count: int
    spun_count: int


@dataclass(frozen=True, slots=True)
class Moment:
    """An article's place on a story's time line."""

    label: str
    at: datetime
    css_class: str
    href: str | None = None


def day_bars(days: Sequence[DayCount]) -> Markup:
    """Articles a day as bars, the copies among them as their dark lower part."""
    if not days:
        return Markup("")
    height, foot, top = 190, 26, 14
    tallest = max(1, *(day.article_count for day in days))
    step = (_WIDTH - 40) / len(days)
    parts = [_text(34, top + 4, str(tallest), "end"), _text(34, height - foot, "0", "end")]
    for place, day in enumerate(days):
        x, width = 40 + place * step, max(step - 2, 1)
        for count, name in ((day.article_count, "bar"), (day.copy_count, "bar-copy")):
            size = (height - foot - top) * count / tallest
            parts.append(_rect(x, height - foot - size, width, size, name))
        title = f"{day.day}: {day.article_count} articles, {day.copy_count} of them copies"
        parts.append(_hover(_rect(x, top, width, height - foot - top, "hover"), title))
        if place % max(1, math.ceil(len(days) / 8)) == 0:
            parts.append(_text(x + width / 2, height - 8, f"{day.day:%d %b}", "middle"))
    total = sum(day.article_count for day in days)
    copies = sum(day.copy_count for day in days)
    return _svg(
        _WIDTH, height, f"Articles a day: {total} in {len(days)} days, {copies} of them copies", parts
    )


def ranked_bars(bars: Sequence[Bar], what: str) -> Markup:
    """Bars from the largest down, each with its number."""
    if not bars:
        return Markup("")
    row, largest = 26, max(1, *(bar.value for bar in bars))
    room = _WIDTH - _LABEL_WIDTH - 70
    parts: list[Markup] = []
    for place, bar in enumerate(bars):
        y, size = place * row, room * bar.value / largest
        parts += [
            _text(_LABEL_WIDTH - 8, y + 17, _short(bar.label, 26), "end"),
            _hover(
                _rect(_LABEL_WIDTH, y + 4, max(size, 2), row - 8, f"bar {bar.css_class}"),
                f"{bar.label}: {bar.value}",
            ),
            _text(_LABEL_WIDTH + max(size, 2) + 6, y + 17, str(bar.value), "start"),
        ]
    told = ", ".join(f"{bar.label} {bar.value}" for bar in bars[:5])
    return _svg(_WIDTH, row * len(bars), f"{what}: {told}", parts)


def spread_line(moments: Sequence[Moment]) -> Markup:
    """Who carried the story when, one row an article, earliest first."""
    if not moments:
        return Markup("")
    ordered = sorted(moments, key=lambda moment: (moment.at, moment.label))
    first, last = ordered[0].at, ordered[-1].at
    span = max((last - first).total_seconds(), 1.0)
    row, top, room = 26, 24, _WIDTH - _LABEL_WIDTH - 40
    height = top + row * len(ordered) + 6
    parts = [
        _text(_LABEL_WIDTH, 14, f"{first:%Y-%m-%d %H:%M}", "start"),
        _text(_LABEL_WIDTH + room, 14, f"{last:%Y-%m-%d %H:%M}" if last > first else "", "end"),
    ]
    for place, moment in enumerate(ordered):
        x = _LABEL_WIDTH + room * (moment.at - first).total_seconds() / span
        y = top + row * place + row / 2
        line = Markup('<line class="grid" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/>')
        dot = Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="6"/>')
        parts += [
            line.format(_LABEL_WIDTH, _LABEL_WIDTH + room, y),
            _text(_LABEL_WIDTH - 8, y + 4, _short(moment.label, 26), "end"),
            _hover(dot.format(moment.css_class, x, y), f"{moment.label}: {moment.at:%Y-%m-%d %H:%M} UTC"),
        ]
    told = ", then ".join(f"{moment.label} {moment.at:%d %b %H:%M}" for moment in ordered[:6])
    return _svg(_WIDTH, height, f"Spread of the story: {told}", parts)


def copy_graph(arrows: Sequence[Arrow]) -> Markup:
    """Sources on a circle; an arrow runs from the copied to the copying source, as thick as the copies are many."""
    names = sorted({name for arrow in arrows for name in (arrow.from_label, arrow.to_label)})
    if not names:
        return Markup("")
    width, height, radius = 620, 470, 185.0
    centre, middle = width / 2, height / 2
    places = {
        name: (
            centre + radius * math.sin(2 * math.pi * place / len(names)),
            middle - radius * math.cos(2 * math.pi * place / len(names)),
        )
        for place, name in enumerate(names)
    }
    most = max(arrow.count for arrow in arrows)
    parts = [_ARROW_HEADS]
    parts += [
        _arrow(arrow, places, most, (centre, middle))
        for arrow in sorted(arrows, key=lambda arrow: arrow.count)
    ]
    for name, (x, y) in places.items():
        side = "middle" if abs(x - centre) < radius / 4 else ("start" if x > centre else "end")
        dx = {"start": 12, "end": -12, "middle": 0}[side]
        dy = 5 if side != "middle" else (24 if y > middle else -14)
        parts.append(Markup('<circle class="node" cx="{:.1f}" cy="{:.1f}" r="7"/>').format(x, y))
        parts.append(_text(x + dx, y + dy, _short(name, 24), side))
    strongest = sorted(arrows, key=lambda arrow: (-arrow.count, arrow.from_label, arrow.to_label))[:5]
    told = ", ".join(f"{arrow.from_label} to {arrow.to_label} {arrow.count}" for arrow in strongest)
    return _svg(width, height, f"Who copies whom: {told}", parts)


_ARROW_HEAD = Markup(
    '<defs><marker id="{0}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="13" markerHeight="13" '
    'markerUnits="userSpaceOnUse" orient="auto"><path class="{0}" d="M0 1 10 5 0 9z"/></marker></defs>'
)
_ARROW_HEADS = Markup("").join(_ARROW_HEAD.format(name) for name in ("head", "head-spun"))
_ARROW = Markup(
    '<path class="{}" d="M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}" stroke-width="{:.1f}" marker-end="url(#{})"/>'
)


def _arrow(
    arrow: Arrow, places: dict[str, tuple[float, float]], most: int, centre: tuple[float, float]
) -> Markup:
    (x1, y1), (x2, y2) = places[arrow.from_label], places[arrow.to_label]
    # bent towards the centre, to its right: arrows of both directions stay apart
    bend_x = (x1 + x2) / 2 + (centre[0] - (x1 + x2) / 2) * 0.35 + (y2 - y1) * 0.08
    bend_y = (y1 + y2) / 2 + (centre[1] - (y1 + y2) / 2) * 0.35 - (x2 - x1) * 0.08
    length = math.hypot(x2 - bend_x, y2 - bend_y) or 1.0
    end_x, end_y = x2 - (x2 - bend_x) / length * 11, y2 - (y2 - bend_y) / length * 11
    kind, head = ("edge edge-spun", "head-spun") if arrow.spun_count else ("edge", "head")
    thickness = 1.2 + 5 * arrow.count / most
    path = _ARROW.format(kind, x1, y1, bend_x, bend_y, end_x, end_y, thickness, head)
    title = f"{arrow.from_label} to {arrow.to_label}: {arrow.count} copies, {arrow.spun_count} spun"
    return _hover(path, title)


def _svg(width: float, height: float, description: str, parts: Iterable[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        f"{width:g}", f"{height:g}", terminal_line(description), Markup("").join(parts)
    )


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
        f"{x:.1f}", f"{y:.1f}", anchor, terminal_line(text)
    )


def _rect(x: float, y: float, width: float, height: float, css_class: str) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        css_class.strip(), f"{x:.1f}", f"{y:.1f}", f"{width:.1f}", f"{height:.1f}"
    )


def _hover(shape: Markup, title: str) -> Markup:
    return Markup("<g><title>{}</title>{}</g>").format(terminal_line(title), shape)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
