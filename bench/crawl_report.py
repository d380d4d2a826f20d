"""Writes ``bench/CRAWL.md`` and the plot of the memory from the numbers of one run.

Must not compute a result beyond rates and ratios.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.report import PLOTS, table
from bench.sources import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    Values = dict[str, Any]

TARGET = ROOT / "bench" / "CRAWL.md"
PLOT = PLOTS / "crawl-memory.png"
_HEAD = """# How fast newsdedup crawls

Made by `make bench-crawl` on {day}; do not edit. One local site on loopback: real pages of 41 countries, their running
text replaced so that each is an article of its own, listed half by RSS feeds and half by sitemaps, served by a process of
its own on the same machine. Every crawler runs alone, in an environment of its own, from an empty database. newsdedup
reads the lists, keeps its books, signs every article and looks up its copies; the peers only fetch, extract and store.
newspaper4k and news-please are given the addresses. Seconds hold for this machine and this hour (the load when the run
ended was {load:.1f}); compare within the table, and by processor time where the machine was busy.
"""


def write_report(crawls: Sequence[Values], long_crawl: Values | None) -> None:
    """The table of everybody, and the memory of the longest crawl of newsdedup."""
    head = _HEAD.format(day=datetime.now(UTC).date().isoformat(), load=os.getloadavg()[0])
    columns = (
        "",
        "pages",
        "articles",
        "articles a second",
        "processor, ms an article",
        "peak memory, MB",
        "",
    )
    parts = [head, table(columns, [_row(one) for one in crawls])]
    own = long_crawl or next((one for one in crawls if one["name"] == "newsdedup"), None)
    if own and own["memory"]:
        _draw(own)
        parts.append(
            f"![Memory of newsdedup over {own['page_count']:,} pages](plots/{PLOT.name})\n\n"
            f"Memory of all processes of newsdedup over {own['page_count']:,} pages.\n"
        )
    TARGET.write_text("\n".join(parts), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")


def _row(one: Values) -> list[str]:
    count, peak = one["article_count"], max((size for _, size in one["memory"]), default=0.0)
    if not count:
        return [one["name"], str(one["page_count"]), "0", "", "", "", one["failure"] or "stored nothing"]
    rate, processor = count / one["seconds"], 1000 * one["processor_seconds"] / count
    numbers = [str(one["page_count"]), str(count), f"{rate:.1f}", f"{processor:.0f}", f"{peak:.0f}"]
    return [one["name"], *numbers, one["failure"] or ""]


def _draw(own: Values) -> None:
    import matplotlib as mpl  # noqa: PLC0415  as bench.extraction_report

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415  as above

    figure, axes = plt.subplots(figsize=(7, 3))
    axes.plot([at for at, _ in own["memory"]], [size for _, size in own["memory"]], color="#b3261e")
    axes.set_xlabel("seconds")
    axes.set_ylabel("MB, all processes")
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, linewidth=0.3)
    figure.savefig(PLOT, dpi=110, bbox_inches="tight")
    plt.close(figure)
