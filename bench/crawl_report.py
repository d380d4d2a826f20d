"""Writes ``bench/CRAWL.md`` and the plot of the memory from the numbers of one run, and appends the notes written by hand.

Must not compute a result beyond rates and ratios.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.report.kept import PLOTS, table
from bench.sources import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Values = dict[str, Any]

TARGET = ROOT / "bench" / "CRAWL.md"
NOTES = ROOT / "bench" / "crawl_notes.md"
PLOT = PLOTS / "crawl-memory.png"
_HEAD = """# How fast newsdedup crawls

Made by `make bench-crawl`, last on {day}; do not edit. One local site on loopback: real pages of 41 countries, their running
text replaced so that each is an article of its own, listed half by RSS feeds and half by sitemaps, served by a process of
its own on the same machine. Every crawler runs alone, in an environment of its own, from an empty database. newsdedup
reads the lists, keeps its books, signs every article and looks up its copies; the peers only fetch, extract and store.
newspaper4k and news-please are given the addresses. Seconds hold for this machine ({cores} cores) and the hour of each
crawl: its load when the crawl ended is in the table, and where it is above {cores} others were at work on it too and
processor time is what to compare. That is of all processes of a crawler; the server's is not in it.
"""
_OWN = "newsdedup"
FETCHING_ALONE = "Scrapy alone, no page read"
# Of the crawl's issue: times as fast as the best peer, and as slow as extraction alone on the same cores.
_PEER_GOAL, _BARE_GOAL = 2.0, 1.3


def write_report(crawls: Sequence[Values], long_crawl: Values | None, bare: Values | None) -> None:
    """The table of everybody, the memory of the longest crawl of newsdedup, and the notes."""
    own = _drawn(crawls, long_crawl)
    if own:
        _draw(own)
    TARGET.write_text(compose(crawls, long_crawl, bare), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")


def compose(crawls: Sequence[Values], long_crawl: Values | None, bare: Values | None) -> str:
    """The report as text."""
    head = _HEAD.format(day=datetime.now(UTC).date().isoformat(), cores=os.cpu_count())
    columns = (
        "",
        "pages",
        "articles",
        "articles a second",
        "processor, ms an article",
        "peak memory, MB",
        "load",
        "",
    )
    parts = [head, table(columns, [_row(one) for one in crawls])]
    if short_crawl := _own_crawl(crawls):
        parts.append("\n".join(_verdicts(short_crawl, crawls, bare)) + "\n")
    if own := _drawn(crawls, long_crawl):
        parts.append(
            f"![Memory of newsdedup over {own['page_count']:,} pages](plots/{PLOT.name})\n\n"
            f"Memory of all processes of newsdedup over {own['page_count']:,} pages.\n"
        )
    parts.append(NOTES.read_text(encoding="utf-8"))
    return "\n".join(parts)


def _own_crawl(crawls: Sequence[Values]) -> Values | None:
    return next((one for one in crawls if one["name"] == _OWN and one["article_count"]), None)


def _drawn(crawls: Sequence[Values], long_crawl: Values | None) -> Values | None:
    own = long_crawl or _own_crawl(crawls)
    return own if own and own["memory"] else None


def _verdicts(own: Values, crawls: Sequence[Values], bare: Values | None) -> Iterator[str]:
    """What was aimed at, and what came of it."""
    peers = [
        one for one in crawls if one is not own and one["article_count"] and one["name"] != FETCHING_ALONE
    ]
    if peers:
        best = max(peers, key=_rate)
        ratio = _rate(own) / _rate(best)
        yield (
            f"- At least {_PEER_GOAL:g} times the articles a second of the best peer ({best['name']}): "
            f"{ratio:.2f} times, **{'reached' if ratio >= _PEER_GOAL else 'missed'}**."
        )
        for alone in (one for one in crawls if one["name"] == FETCHING_ALONE):
            yield (
                f"- What could be reached: a Scrapy spider that reads no page, and stores it as it came, is "
                f"{_rate(alone) / _rate(best):.2f} times as fast as {best['name']}."
            )
    if bare:
        seconds = own["seconds"] / own["page_count"] / (bare["seconds"] / bare["page_count"])
        processor = (
            own["processor_seconds"] / own["page_count"] / (bare["processor_seconds"] / bare["page_count"])
        )
        yield (
            f"- Within {_BARE_GOAL:g} times the time of trafilatura alone on all cores "
            f"({1000 * bare['seconds'] / bare['page_count']:.0f} ms a page on the clock, "
            f"{1000 * bare['processor_seconds'] / bare['page_count']:.0f} ms of processor, over {bare['page_count']:,} pages): "
            f"{seconds:.2f} times on the clock, {processor:.2f} times of processor, "
            f"**{'reached' if max(seconds, processor) <= _BARE_GOAL else 'missed'}**."
        )


def _rate(one: Values) -> float:
    return float(one["article_count"] / one["seconds"])


def _row(one: Values) -> list[str]:
    count, peak = one["article_count"], max((size for _, size in one["memory"]), default=0.0)
    if not count:
        return [one["name"], str(one["page_count"]), "0", "", "", "", "", one["failure"] or "stored nothing"]
    rate, processor = count / one["seconds"], 1000 * one["processor_seconds"] / count
    numbers = [
        str(one["page_count"]),
        str(count),
        f"{rate:.1f}",
        f"{processor:.0f}",
        f"{peak:.0f}",
        f"{one['load']:.1f}",
    ]
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
