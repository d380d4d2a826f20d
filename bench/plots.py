"""The plots of ``RESULTS.md``. Must not compute a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from dedup import DedupConfig
from dedup.config import View
from dedup.views import PASSAGE_BUCKET_SAMPLING

if TYPE_CHECKING:
    from pathlib import Path

_GREYS = ["#7a869a", "#9aa5b5", "#b9c1cd", "#8d7f9e", "#a8997c", "#6f9a8d", "#c4a3a3"]
_ACCENT = "#b3261e"


def draw_recall(own: dict[str, Any], peers: list[dict[str, Any]], path: Path) -> None:
    """Recall of every detector, a row of dots for each row of copies."""
    rows = [row for row in own["rows"] if row["truth"] == "copy"]
    figure, axes = plt.subplots(figsize=(9, 0.27 * len(rows) + 1.6))
    places = np.arange(len(rows))[::-1]
    for number, peer in enumerate(peers):
        found = {row["row"]: row["found_count"] / max(1, row["pair_count"]) for row in peer["rows"]}
        values = [found.get(row["row"], float("nan")) for row in rows]
        axes.plot(values, places, "o", markersize=5, color=_GREYS[number % len(_GREYS)], label=peer["name"])
    values = [row["found_count"] / max(1, row["pair_count"]) for row in rows]
    axes.plot(values, places, "D", markersize=6, color=_ACCENT, label="newsdedup")
    axes.set_yticks(places, [row["row"] for row in rows], fontsize=8)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-1, len(rows))
    axes.set_xlabel("recall")
    axes.grid(visible=True, axis="both", linewidth=0.3)
    axes.legend(loc="lower center", bbox_to_anchor=(0.35, 1.0), ncol=4, fontsize=8, frameon=False)
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)


def draw_s_curves(path: Path) -> None:
    """Probability that two documents share a bucket, by similarity, for the bands of each view."""
    config = DedupConfig()
    similarity = np.linspace(0, 1, 201)
    figure, axes = plt.subplots(figsize=(6, 3.6))
    for view, line in zip(View, ("-", "-", "--"), strict=True):
        bands = config.bands_of(view)
        middle = (1 - 0.5 ** (1 / bands.bands)) ** (1 / bands.rows)
        axes.plot(
            similarity,
            1 - (1 - similarity**bands.rows) ** bands.bands,
            line,
            label=f"{view}: {bands.bands} bands of {bands.rows}, half at {middle:.2f}",
        )
    axes.set_xlabel("Jaccard similarity of the view's shingles")
    axes.set_ylabel("probability of a shared bucket")
    axes.grid(visible=True, linewidth=0.3)
    axes.legend(fontsize=8, frameon=False)
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)


def draw_candidate_curve(points: list[dict[str, float]], path: Path) -> None:
    """Candidate pairs a document, found and aligned, as the background grows."""
    sizes = [point["documents"] for point in points]
    figure, axes = plt.subplots(figsize=(6, 3.6))
    axes.plot(sizes, [point["candidates"] for point in points], "o-", color=_GREYS[0], label="share a bucket")
    axes.plot(sizes, [point["aligned"] for point in points], "D-", color=_ACCENT, label="reach alignment")
    for size, limit in ((20_000, 3), (200_000, 15)):
        axes.plot(size, limit, "v", color="black", markersize=7)
        axes.annotate(
            f"limit {limit}", (size, limit), xytext=(-34, 6), textcoords="offset points", fontsize=8
        )
    invented_from = max((point["real"] for point in points), default=0)
    if sizes and sizes[-1] > invented_from:
        axes.axvspan(invented_from, sizes[-1] * 1.2, color="#f2ede4", zorder=0)
        axes.annotate(
            "invented beyond", (invented_from, 0.3), xytext=(6, 0), textcoords="offset points", fontsize=8
        )
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize=7, rotation=30)
    axes.minorticks_off()
    axes.set_xlabel("background documents")
    axes.set_ylabel("candidate pairs a document")
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, linewidth=0.3)
    axes.legend(fontsize=8, frameon=False)
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)


def draw_bucket_choice(points: list[dict[str, Any]], path: Path) -> None:
    """Mean recall of the rows against buckets an article: every set of bands tried, and the one chosen."""
    if not points:
        return
    config = DedupConfig()
    chosen = [config.wording.bands, config.skeleton.bands, config.anchors.bands, PASSAGE_BUCKET_SAMPLING]
    figure, axes = plt.subplots(figsize=(6, 3.6))
    axes.plot(
        [p["buckets"] for p in points],
        [p["recall"] for p in points],
        ".",
        color=_GREYS[2],
        label="sets of bands",
    )
    for bands, mark, color, name in (
        (chosen, "D", _ACCENT, "now"),
        ([16, 32, 32, 8], "o", "black", "first release"),
    ):
        point = next(p for p in points if list(p["bands"]) == bands)
        axes.plot(
            point["buckets"],
            point["recall"],
            mark,
            color=color,
            label=f"{name}: {point['buckets']:.0f}, {point['recall']:.4f}",
        )
    axes.set_ylim(max(p["recall"] for p in points) - 0.02, max(p["recall"] for p in points) + 0.002)
    axes.set_xlabel("buckets an article (tuning half)")
    axes.set_ylabel("mean share of copies that reach alignment")
    axes.grid(visible=True, linewidth=0.3)
    axes.legend(fontsize=8, frameon=False, loc="lower right")
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)
