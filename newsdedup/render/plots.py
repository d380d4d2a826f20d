"""Draws plots as PNG or SVG for people who paste into documents; the only user of matplotlib.

Must not count: a plot comes with its numbers. Equal numbers give equal bytes.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from newsdedup.reports.plots import LabelsPlot, SourcesPlot, Step, TimelinePlot
from newsdedup.safe_text import terminal_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from newsdedup.reports.plots import Plot

_INK, _FAINT, _GRID = "#1f2933", "#66727f", "#dde3e9"
_ARTICLE, _COPY, _SPUN = "#c9d3de", "#3d6fa5", "#c2410c"
_MAX_NAME = 28
_TICKS = 10
_DATES = {Step.DAY: "%d %b", Step.WEEK: "%d %b", Step.MONTH: "%b %Y", Step.YEAR: "%Y"}
# Fonts for scripts that matplotlib's own lacks; those that are installed are asked in this order.
_MORE_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
)


def draw(plot: Plot, file_format: str, stream: IO[bytes]) -> tuple[str, ...]:
    """Write a plot as ``png`` or ``svg`` on white; what a person should know about it (letters without a font)."""
    with _style(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure = _figure(plot)
        figure.savefig(
            stream,
            format=file_format,
            dpi=160,
            bbox_inches="tight",
            pad_inches=0.15,
            metadata=_no_date(file_format),
        )
    has_missing = any("missing from" in str(one.message) for one in caught)
    return (
        ("some letters have no font on this machine; install one, as Noto Sans CJK",) if has_missing else ()
    )


def _no_date(file_format: str) -> dict[str, Any]:
    return {"Date": None} if file_format == "svg" else {"Software": None}


@contextmanager
def _style() -> Iterator[None]:
    installed = set(font_manager.get_font_names())
    with mpl.rc_context(
        {
            "font.family": ["DejaVu Sans", *(name for name in _MORE_FONTS if name in installed)],
            "font.size": 9,
            "text.color": _INK,
            "text.parse_math": False,  # a dollar sign in a name is a dollar sign
            "axes.edgecolor": _GRID,
            "axes.labelcolor": _FAINT,
            "axes.titlelocation": "left",
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "xtick.color": _FAINT,
            "ytick.color": _FAINT,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "svg.hashsalt": "newsdedup",
        }
    ):
        yield


def _figure(plot: Plot) -> Figure:
    match plot:
        case TimelinePlot():
            return _timeline(plot)
        case SourcesPlot():
            return _sources(plot)
        case LabelsPlot():
            return _labels(plot)


def _timeline(plot: TimelinePlot) -> Figure:
    figure = Figure(figsize=(8.5, 3.6))
    axes = figure.subplots()
    places = range(len(plot.starts))
    originals = [whole - part for whole, part in zip(plot.article_counts, plot.copy_counts, strict=True)]
    plain = [whole - part for whole, part in zip(plot.copy_counts, plot.spun_counts, strict=True)]
    layers = (
        (plot.spun_counts, _SPUN, "spun copies"),
        (plain, _COPY, "other copies"),
        (originals, _ARTICLE, "other articles"),
    )
    below = [0] * len(plot.starts)
    for counts, colour, label in layers:
        axes.bar(places, counts, bottom=below, width=0.86, color=colour, label=f"{label}  {sum(counts)}")
        below = [low + count for low, count in zip(below, counts, strict=True)]
    axes.set_title(f"Articles a {plot.step}, and the copies among them")
    _name_times(axes, plot)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _finish(axes, grid="y")
    _legend(axes)
    return figure


def _name_times(axes: Axes, plot: TimelinePlot) -> None:
    every = max(1, -(-len(plot.starts) // _TICKS))
    shown = range(0, len(plot.starts), every)
    pattern = _DATES[plot.step]
    axes.set_xticks(list(shown), [plot.starts[place].strftime(pattern) for place in shown])
    axes.set_xlim(-0.7, max(len(plot.starts), 6) - 0.3)
    years = sorted({start.year for start in plot.starts})
    span = "" if not years else f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
    axes.set_xlabel(f"{span}, by publication (else first seen), UTC".removeprefix(", "))


def _sources(plot: SourcesPlot) -> Figure:
    size = len(plot.sources)
    figure = Figure(figsize=(3.2 + 0.62 * size, 1.6 + 0.5 * size))
    axes = figure.subplots()
    names = [_short(name) for name in plot.sources]
    largest = max((max(row) for row in plot.copy_counts), default=0)
    image = axes.imshow(
        plot.copy_counts or [[0]], cmap="Blues", vmin=0, vmax=max(largest, 1) * 1.25, aspect="auto"
    )
    image.cmap.set_under("white")
    image.set_clim(0.5, max(largest, 1) * 1.25)
    for row, counts in enumerate(plot.copy_counts):
        for column, count in enumerate(counts):
            if count:
                _cell(axes, row, column, count, plot.spun_counts[row][column], is_dark=count > 0.65 * largest)
    axes.set_xticks(range(size), names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(size), names)
    axes.set_xticks([place - 0.5 for place in range(1, size)], minor=True)
    axes.set_yticks([place - 0.5 for place in range(1, size)], minor=True)
    axes.tick_params(which="minor", length=0)
    axes.grid(which="minor", color=_GRID, linewidth=0.6)
    axes.set_ylabel("copied from")
    axes.set_xlabel("copied by")
    rest = f"; {plot.left_out_count} more between others" if plot.left_out_count else ""
    axes.set_title(f"Who copies whom: copies, and in orange the spun among them{rest}")
    _finish(axes, grid=None)
    return figure


def _cell(axes: Axes, row: int, column: int, count: int, spun_count: int, *, is_dark: bool) -> None:
    axes.text(
        column,
        row - (0.14 if spun_count else 0),
        str(count),
        ha="center",
        va="center",
        color="white" if is_dark else _INK,
    )
    if spun_count:
        colour = "#ffd9c2" if is_dark else _SPUN
        axes.text(
            column, row + 0.24, f"{spun_count} spun", ha="center", va="center", fontsize=6.5, color=colour
        )


def _labels(plot: LabelsPlot) -> Figure:
    figure = Figure(figsize=(7, 2.9))
    axes = figure.subplots()
    places = list(range(len(plot.labels)))[::-1]
    axes.barh(places, plot.copy_counts, height=0.66, color=_COPY, label="copies of another source")
    axes.barh(
        places,
        plot.revision_counts,
        left=plot.copy_counts,
        height=0.66,
        color=_ARTICLE,
        label="revisions by one source",
    )
    totals = [sum(both) for both in zip(plot.copy_counts, plot.revision_counts, strict=True)]
    everything = sum(totals)
    for place, total in zip(places, totals, strict=True):
        share = f"  ({total / everything:.0%})" if everything and total else ""
        axes.annotate(
            f"{total}{share}", (total, place), xytext=(5, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(places, [label.value for label in plot.labels])
    axes.set_xlim(0, max(totals, default=0) * 1.16 or 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(f"Duplicate pairs by label: {everything}")
    _finish(axes, grid="x")
    _legend(axes)
    return figure


def _finish(axes: Axes, *, grid: str | None) -> None:
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    axes.tick_params(axis="both", labelcolor=_INK)
    axes.set_axisbelow(True)
    if grid == "x":
        axes.grid(axis="x", color=_GRID, linewidth=0.6)
    if grid == "y":
        axes.grid(axis="y", color=_GRID, linewidth=0.6)


def _legend(axes: Axes) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncol=3, frameon=False)


def _short(name: str) -> str:
    line = terminal_line(name)
    return line if len(line) <= _MAX_NAME else line[: _MAX_NAME - 1] + "…"
