"""Verdicts on pairs that the data does not label: by a stated rule, else read by hand in ``adjudication.tsv``.

The rule looks at the originals of the two stories, not at their copies, and never at what a detector says of
them: originals that share less than a twentieth of the shorter one's word 4-grams are different; those that
share three tenths are judged like known wire pairs, by time and numbers; what is between is read.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench.labels import Truth, pair_of
from bench.originals import number_overlap

if TYPE_CHECKING:
    from bench.labels import BenchDocument

SHARES_NOTHING = 0.05
SHARES_MUCH = 0.3

_PATH = Path(__file__).parent / "adjudication.tsv"


def read_adjudication() -> dict[tuple[str, str], Truth]:
    """The verdict on each pair of stories or documents, low id first."""
    if not _PATH.exists():
        return {}
    lines = _PATH.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {pair_of(row[0], row[1]): Truth(row[2]) for row in rows}


def judge_by_rule(a: BenchDocument, b: BenchDocument) -> Truth | None:
    """The verdict on two originals, None where they have to be read."""
    shared = shared_ratio(a.text, b.text)
    if shared < SHARES_NOTHING:
        return Truth.DIFFERENT
    if shared < SHARES_MUCH:
        return None
    days = _distance(a, b)
    overlap = number_overlap(a.text, b.text)
    if (days is None or days <= timedelta(days=2)) and overlap >= 0.7:
        return Truth.COPY
    return Truth.DIFFERENT if days is not None and days > timedelta(days=2) and overlap < 0.6 else None


def shared_ratio(text_a: str, text_b: str) -> float:
    """Word 4-grams that both texts hold, as a share of those of the text that has fewer."""
    a, b = _shingles(text_a), _shingles(text_b)
    return len(a & b) / max(1, min(len(a), len(b)))


@lru_cache(maxsize=20_000)
def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[at : at + 4]) for at in range(len(words) - 3))


def _distance(a: BenchDocument, b: BenchDocument) -> timedelta | None:
    if a.published_at is None or b.published_at is None:
        return None
    return abs(datetime.fromisoformat(a.published_at) - datetime.fromisoformat(b.published_at))
