"""Writes ``bench/STORAGE.md`` and its plot from what ``bench.storage`` measured; measures nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt

from bench.storage import BULK, INCREMENTAL, RESULTS
from bench.storage_fill import COPY_SHARE, HOT_BUCKETS, HOT_SHARE
from bench.storage_texts import RESULTS as TEXTS

_FOLDER = Path(__file__).parent
PAGE, PLOT = _FOLDER / "STORAGE.md", _FOLDER / "plots" / "storage.png"
# Articles a second at a million that were asked for, by database.
_GOALS = {
    "bulk": ("bulk import", {"SQLite": 1000, "PostgreSQL": 2000}),
    "incremental": ("batches of 500", {"SQLite": 300, "PostgreSQL": 300}),
    "queries": ("candidate queries", {"SQLite": 3000, "PostgreSQL": 3000}),
}
_AT, _BEFORE = 1_000_000, 100_000
_MOST_GROWTH, _MOST_MEGABYTES, _MOST_SECONDS = 3, 1500, 1
_COLOURS = {"SQLite": "#b3261e", "PostgreSQL": "#33628f"}


def main() -> None:
    """Write the page and the plot."""
    results: list[dict[str, Any]] = json.loads(RESULTS.read_text())
    of_texts: list[dict[str, Any]] = json.loads(TEXTS.read_text()) if TEXTS.exists() else []
    draw(results, PLOT)
    PAGE.write_text("\n".join([*page(results), *_texts(of_texts)]) + "\n")


def page(results: list[dict[str, Any]]) -> list[str]:
    """The lines of the page."""
    return [
        "# The database at growing sizes",
        "",
        (
            f"Written by `make bench-storage`. Articles with {results[0]['bucket_count']} buckets each, made up: "
            f"{COPY_SHARE:.0%} share 30% of their buckets with an earlier one, {HOT_SHARE:.0%} of all buckets are among "
            f"{HOT_BUCKETS} hot ones. What is stored beforehand: rows without texts, put there by statements over whole "
            "ranges, and an index that was filled by the product's own code, settling and merging as it grew (*index*: "
            f"its mean rate from nothing to that size). On top of it: bulk import of {BULK:,} articles of 400 words, "
            f"5,000 a transaction; {INCREMENTAL} a transaction; candidates of {INCREMENTAL} documents at a time. "
            "Signatures are given. On SQLite the texts go into the search index as they are stored; on PostgreSQL the "
            "second step of ingest does that, at the rate of *words*. *v_cluster* is the time to read the clusters that "
            "changed in the last day of a year. *Peak MB* is the program's own memory."
        ),
        "",
        (
            "Articles a second: of wall clock, and in brackets a second of processor time, program and server together. "
            "The machine had two cores and other work at the same time, as *load* (runnable processes) tells; with a "
            "load far above two the wall clock measures the others."
        ),
        "",
        "| database | stored | index | bulk import | batches of 500 | candidate queries | words | v_cluster, rows | MB | peak MB | load |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *map(_row, results),
        "",
        *_verdicts(results),
        "",
        "![cost against size](plots/storage.png)",
    ]


def _row(one: dict[str, Any]) -> str:
    rates = [_shown(one[name]) for name in ("index", *_GOALS)]
    rates.append("" if one["database"] == "SQLite" else _shown(one["words"]))
    day = f"{one['last_day_seconds']:.3f} s, {one['last_day_rows']:,}"
    cells = [one["database"], f"{one['size']:,}", *rates, day]
    cells += [f"{one['megabytes']:,.0f}", f"{one['peak_megabytes']:,.0f}", f"{one['load']:.0f}"]
    return f"| {' | '.join(cells)} |"


def _shown(rate: dict[str, float]) -> str:
    return f"{rate['wall']:,.0f} ({rate['processor']:,.0f})"


def _verdicts(results: list[dict[str, Any]]) -> list[str]:
    by_size = {(one["database"], one["size"]): one for one in results}
    lines = ["| goal at 1,000,000 | asked | wall clock | processor |", "|---|---|---|---|"]
    for database in _COLOURS:
        large, smaller = by_size.get((database, _AT)), by_size.get((database, _BEFORE))
        for name, (title, goals) in _GOALS.items():
            goal = goals[database]
            rates = [None if large is None else large[name][clock] for clock in ("wall", "processor")]
            cells = ["not measured" if r is None else f"{r:,.0f}, {_verdict(r >= goal)}" for r in rates]
            lines.append(f"| {database}, {title} | {goal:,} a second | {' | '.join(cells)} |")
            if large is not None and smaller is not None:
                growth = [smaller[name][clock] / large[name][clock] for clock in ("wall", "processor")]
                cells = [f"{times:.1f}, {_verdict(times <= _MOST_GROWTH)}" for times in growth]
                lines.append(
                    f"| {database}, {title}, dearer than at {_BEFORE:,} | {_MOST_GROWTH} times | {' | '.join(cells)} |"
                )
        if large is not None:
            day, memory = large["last_day_seconds"], large["peak_megabytes"]
            cell = f"{day:.3f} s, {_verdict(day < _MOST_SECONDS)}"
            lines.append(f"| {database}, v_cluster of the last day | {_MOST_SECONDS} s | {cell} | |")
            cell = f"{memory:,.0f} MB, {_verdict(memory < _MOST_MEGABYTES)}"
            lines.append(f"| {database}, memory | {_MOST_MEGABYTES:,} MB | {cell} | |")
    return lines


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "missed"


def _texts(results: list[dict[str, Any]]) -> list[str]:
    if not results:
        return []
    return [
        "",
        "## Real texts",
        "",
        (
            f"Reuters' reports of 1987 into an empty database, {results[0]['article_count']:,} of them, 500 at a time: "
            "signed and stored, then their copies found (candidates looked up, pairs aligned, clusters derived), by one "
            "process. *Lines* is the part of storing that counts the lines of each source, to know its boilerplate, by "
            f"itself. Articles a second as above. Detector fingerprint `{results[0]['detector_fingerprint']}`."
        ),
        "",
        "| database | lines | signed and stored | copies found | candidate pairs | duplicate pairs | problems in `db check` |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {one['database']} | {_shown(one['lines'])} | {_shown(one['stored'])} | {_shown(one['resolved'])} "
            f"| {one['candidate_pair_count']:,} | {one['duplicate_pair_count']:,} | {one['problem_count']} |"
            for one in results
        ),
    ]


def draw(results: list[dict[str, Any]], path: Path) -> None:
    """Processor time an article against size, a panel for each kind of work."""
    figure, panels = plt.subplots(1, 3, figsize=(10, 3.4), sharex=True)
    for axes, (name, (title, _)) in zip(panels, _GOALS.items(), strict=True):
        for database, colour in _COLOURS.items():
            points = [
                (one["size"], 1000 / one[name]["processor"]) for one in results if one["database"] == database
            ]
            if points:
                axes.plot(*zip(*points, strict=True), "o-", color=colour, label=database, markersize=5)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_title(title, fontsize=10)
        axes.grid(visible=True, linewidth=0.3)
        axes.set_xlabel("articles stored")
    panels[0].set_ylabel("processor ms an article")
    panels[0].legend(frameon=False, fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
