"""Writes the tables of docs/scale.md from bench/scale.json: measured rates, and what they come to at two sizes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dedup import DedupConfig, View

RESULTS = Path(__file__).parents[1] / "bench" / "scale.json"
WORDS = 400
CORES = 16
SIZES = (("a day: 300,000", 300_000), ("CC-NEWS: 1,500,000,000", 1_500_000_000))
_ALONE = (
    ("extract_a_second", "read a real page of HTML", "pages"),
    ("sign_a_second", "text to signature, all views", "documents"),
    ("estimate_a_second", "estimate a candidate pair", "pairs"),
    ("judge_a_second", "align and judge a pair", "pairs"),
    ("file_mode_a_second", "file mode, all steps", "documents"),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """What was measured; a document of the sample is reckoned up to one of 400 words where cost goes with words."""

    alone: dict[str, float]
    small: dict[str, Any]
    large: dict[str, Any]
    when: str

    @property
    def longer(self) -> float:
        """How many times as long an article is as a document of the sample."""
        return WORDS / self.alone["words_a_document"]

    @property
    def spark_seconds(self) -> float:
        """Processor seconds of Spark for each further document, all steps from JSON Lines to clusters."""
        more: int = self.large["document_count"] - self.small["document_count"]
        seconds: float = self.large["processor_seconds"] - self.small["processor_seconds"]
        return seconds / more * self.longer

    @property
    def table_bytes(self) -> dict[str, float]:
        """Bytes of each table a document."""
        count = self.large["document_count"]
        return {name: size / count * self.longer for name, size in self.large["bytes"].items() if size}

    @property
    def buckets(self) -> float:
        """Buckets a document; passages, not bands, go with words."""
        config = DedupConfig()
        bands = sum(config.bands_of(view).bands for view in View)
        return bands + max(self.alone["buckets_a_document"] - bands, 0) * self.longer


def load_scale() -> Scale:
    """The committed measurement."""
    stored = json.loads(RESULTS.read_text(encoding="utf-8"))
    small, large = stored["spark"]
    return Scale(stored["alone"], small, large, stored["when"])


def rates_markdown() -> str:
    """What one processor does."""
    scale = load_scale()
    rows = [f"| {what} | {scale.alone[key]:,.0f} {unit} |" for key, what, unit in _ALONE]
    rows.append(
        f"| Spark, each further document, all steps | {1 / scale.spark_seconds:,.0f} documents of {WORDS} words |"
    )
    rows.append(
        f"| store in SQLite with signature, index and words | {scale.small['store_a_second']:,.0f} articles |"
    )
    head = (
        f"Measured {scale.when} in processor seconds, on documents of {scale.alone['words_a_document']:.0f} words (BBC and "
        f"Reuters); Spark on {scale.small['document_count']:,} and {scale.large['document_count']:,} of them, the difference counts."
    )
    return "\n".join([head, "", "| one processor, a second | |", "|---|---|", *rows])


def bytes_markdown() -> str:
    """What an article takes."""
    scale = load_scale()
    rows = [f"| Parquet table `{name}` | {size:,.0f} |" for name, size in sorted(scale.table_bytes.items())]
    rows.append(
        f"| buckets while they are sorted, {scale.buckets:.0f} of 16 bytes | {16 * scale.buckets:,.0f} |"
    )
    stored = scale.small["database_bytes"] / scale.small["document_count"] * scale.longer
    rows.append(f"| SQLite, everything | {stored:,.0f} |")
    return "\n".join([f"| an article of {WORDS} words | bytes |", "|---|---|", *rows])


def arithmetic_markdown() -> str:
    """Bytes, hours and machines at both sizes."""
    scale = load_scale()
    parquet = sum(scale.table_bytes.values())
    lines = ["| | " + " | ".join(name for name, _ in SIZES) + " |", "|---|" + "---|" * len(SIZES)]

    def row(what: str, cells: list[str]) -> None:
        lines.append(f"| {what} | " + " | ".join(cells) + " |")

    counts = [count for _, count in SIZES]
    row("tables as Parquet", [_size(count * parquet) for count in counts])
    row("buckets sorted in one shuffle, at most", [_size(count * 16 * scale.buckets) for count in counts])
    row(
        "reading pages, processor hours",
        [_hours(count / scale.alone["extract_a_second"]) for count in counts],
    )
    row(
        "Spark from texts to clusters, processor hours",
        [_hours(count * scale.spark_seconds) for count in counts],
    )
    more = max(scale.buckets - scale.large["candidate_pair_count"] / scale.large["document_count"], 0)
    worst = [count * more / scale.alone["estimate_a_second"] for count in counts]
    row("more if every bucket were hot, processor hours", [_hours(seconds) for seconds in worst])
    total = [
        count * (1 / scale.alone["extract_a_second"] + scale.spark_seconds) + extra
        for count, extra in zip(counts, worst, strict=True)
    ]
    row(f"all of it on machines of {CORES} processors", [_machines(seconds) for seconds in total])
    return "\n".join(lines)


def _size(count: float) -> str:
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            return f"{count:,.1f} {unit}" if count < 10 else f"{count:,.0f} {unit}"
        count /= 1000
    raise AssertionError("unreachable")


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:,.1f}" if seconds < 36_000 else f"{seconds / 3600:,.0f}"


def _machines(seconds: float) -> str:
    hours = seconds / 3600 / CORES
    if hours < 24:
        return f"1 machine, {hours:.1f} hours"
    return f"{hours / 24:,.0f} machine days; 50 machines, {hours / 24 / 50:,.1f} days"
