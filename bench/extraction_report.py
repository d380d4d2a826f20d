"""Writes ``bench/EXTRACTION.md`` and its plot from the scores of one run.

Must not compute a result: it only lays out numbers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.report.kept import PLOTS, table
from bench.sources import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.extraction_scores import Score

    Result = dict[str, Any]

TARGET = ROOT / "bench" / "EXTRACTION.md"
PLOT = PLOTS / "extraction.png"
_COLUMNS = ("title", "title_letters", "date", "authors", "precision", "recall", "body")
_NAMES = (
    "title",
    "title apart from typography",
    "date",
    "authors F1",
    "body precision",
    "body recall",
    "body F1",
)
_HEAD = """# What newsdedup reads out of a page

Made by `make bench-extraction` on {day}; do not edit. {pages} real news pages of {countries} countries (the parser tests of
Fundus); the truth is what the publisher's own, hand-written parser reads. Everybody gets the same bytes and the page's
address. newsdedup has no rule for any site.

- *title*: the same text, apart from entities, runs of white space and invisible characters; *apart from typography*: kinds
  of quotation marks and dashes and case are set aside too.
- *date*: the same day, in UTC or in the zone that the truth states; over the pages whose truth has one (all of them).
- *authors*: F1 of the two sets of names, 1 where both are empty; mean over pages.
- *body*: precision, recall and F1 of runs of four words, counted as often as they occur (a letter of a script without
  spaces is a word); mean over pages.
- *ms a page*: processor time in one process; compare within this table only, and roughly where the machine was busy.
"""
_HALVES = """## Sites whose errors were looked at, and sites that were not

Rules for authors were made from the errors on one half of the sites (*study*) alone; those for titles and bodies were
chosen with the totals of both halves in sight, and one by a page of the other (*check*). Neither half is held out.
"""
_DIFFERENCES = ("typography", "another heading", "neither")
_TITLES = """## Titles that differ

Of newsdedup's titles that are not the expected ones, {another_heading} are one of several headings that the page itself
gives (JSON-LD headline, `og:title`, `h1`, `<title>`) where the publisher's parser takes another; {typography} differ in
typography alone; {neither} are neither. Which heading is the expected one was chosen publisher by publisher: on the 28 pages
whose JSON-LD headline, `h1` and `<title>` agree and whose `og:title` differs, it is the headline 9 times and `og:title` 18
times. On the {agree_count} pages where these headings agree (headline, `og:title` and `h1` each begin with the shortest of them)
the title is the expected one on {agree:.1%}; on the {differ_count} where they do not, on {differ:.1%}. The goal of .95 over all pages is
missed, and out of reach without rules for sites.
"""


def write_report(
    results: Sequence[Result], page_count: int, country_count: int, differences: Mapping[str, int]
) -> None:
    """The table of everybody, of newsdedup by half and language, and the plot."""
    day = datetime.now(UTC).date().isoformat()
    own = results[0]
    parts = [
        _HEAD.format(day=day, pages=page_count, countries=country_count),
        "## Beside the peers\n",
        table(
            ("", *_NAMES, "ms a page"),
            [[_name(one), *_numbers(one["all"]), f"{one['milliseconds']:.1f}"] for one in results],
        ),
        "![Agreement with the truth](plots/extraction.png)\n",
        _HALVES,
        table(
            ("newsdedup", "pages", *_NAMES),
            [[key, str(count), *_numbers(one)] for key, (count, one) in own["halves"].items()],
        ),
        _TITLES.format(
            **{key.replace(" ", "_"): differences.get(key, 0) for key in _DIFFERENCES}, **_by_headings(own)
        ),
        "## By language\n\nBody F1 of everybody, then newsdedup's other numbers.\n",
        table(
            ("", "pages", *(one["name"] for one in results), "title", "date", "authors F1"),
            [_language_row(key, results) for key in own["languages"]],
        ),
    ]
    TARGET.write_text("\n".join(parts), encoding="utf-8")
    _draw(results)
    print(f"wrote {TARGET.relative_to(ROOT)} and {PLOT.relative_to(ROOT)}")


def _by_headings(own: Result) -> dict[str, float]:
    groups = own["headings"]
    titles = {key: one.title for key, (_, one) in groups.items()}
    return titles | {f"{key}_count": count for key, (count, _) in groups.items()}


def _name(result: Result) -> str:
    return f"**{result['name']}**" if result["name"] == "newsdedup" else str(result["name"])


def _numbers(score: Score) -> list[str]:
    return [f"{getattr(score, column):.3f}" for column in _COLUMNS]


def _language_row(language: str, results: Sequence[Result]) -> list[str]:
    count, own = results[0]["languages"][language]
    bodies = [f"{result['languages'][language][1].body:.3f}" for result in results]
    rest = [f"{getattr(own, name):.3f}" for name in ("title", "date", "authors")]
    return [language, str(count), *bodies, *rest]


def _draw(results: Sequence[Result]) -> None:
    import matplotlib as mpl  # noqa: PLC0415  not needed to read the pages alone

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415  as above

    columns = ("title", "date", "authors", "body")
    figure, axes = plt.subplots(figsize=(8, 3.2))
    width = 0.8 / len(results)
    greys = ["#7a869a", "#9aa5b5", "#b9c1cd", "#8d7f9e", "#a8997c"]
    for number, result in enumerate(results):
        values = [getattr(result["all"], column) for column in columns]
        places = [at + (number - (len(results) - 1) / 2) * width for at in range(len(columns))]
        colour = "#b3261e" if number == 0 else greys[number % len(greys)]
        bars = axes.bar(places, values, width * 0.92, label=result["name"], color=colour)
        axes.bar_label(bars, fmt="%.2f", fontsize=6, padding=1)
    axes.set_xticks(range(len(columns)), ["title, exact", "date, same day", "authors, F1", "body, 4-gram F1"])
    axes.set_ylim(0, 1.05)
    axes.grid(visible=True, axis="y", linewidth=0.3)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=3, fontsize=8, frameon=False)
    figure.savefig(PLOT, dpi=110, bbox_inches="tight")
    plt.close(figure)
