"""Verdicts on pairs that the data does not label, each with its reason: ``adjudication.tsv``.

Must not be derived from a detector's answer: a pair is read, or judged by the rule that its reason names.
"""

from __future__ import annotations

from pathlib import Path

from bench.labels import Truth, pair_of

_PATH = Path(__file__).parent / "adjudication.tsv"


def read_adjudication() -> dict[tuple[str, str], Truth]:
    """The verdict on each pair of stories or documents, low id first."""
    if not _PATH.exists():
        return {}
    lines = _PATH.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {pair_of(row[0], row[1]): Truth(row[2]) for row in rows}
