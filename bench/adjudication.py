"""Verdicts on pairs that the data does not label: by a stated rule, else read by hand in ``adjudication.tsv``.

The rule looks at the originals of the two stories, not at their copies, and never at what a detector says of them:

* the same words: a copy;
* less than a twentieth of the shorter one's word 4-grams in common: different;
* three numbers or more, and less than half of them in common: different, another report of the same kind;
* within two days, seven tenths of the numbers in common, and either three tenths of the 4-grams too or the same
  company or opening words in the title: a copy;
* else, the same company or opening words in the title, or three tenths of the 4-grams: a follow-up or a standing
  report whose figures hardly changed, which counts neither for nor against;
* what is left is read.

Articles of other outlets on one event: a copy where the longer holds six tenths of the shorter one's 4-grams, as
agency reports do; neither for nor against from a quarter on (quotations and agency passages); different below.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench.labels import Truth, pair_of
from bench.originals import fewer_numbers, number_overlap, subject

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
    if _words(a.text) == _words(b.text):
        return Truth.COPY
    if a.group == b.group == "events":
        return event_truth(a.text, b.text)
    shared = shared_ratio(a.text, b.text)
    if shared < SHARES_NOTHING:
        return Truth.DIFFERENT
    overlap, count = number_overlap(a.text, b.text), fewer_numbers(a.text, b.text)
    if overlap < 0.5 and count >= 3:
        return Truth.DIFFERENT
    is_alike = shared >= SHARES_MUCH or subject(a.title) == subject(b.title)
    if not is_alike:
        return None
    days = _distance(a, b)
    is_close = days is None or days <= timedelta(days=2)
    return Truth.COPY if is_close and overlap >= 0.7 else Truth.IGNORED


def event_truth(text_a: str, text_b: str) -> Truth:
    """The verdict on two articles about one event."""
    shared = shared_ratio(text_a, text_b)
    if shared >= 0.6:
        return Truth.COPY
    return Truth.IGNORED if shared >= 0.25 else Truth.DIFFERENT


def shared_ratio(text_a: str, text_b: str) -> float:
    """Word 4-grams that both texts hold, as a share of those of the text that has fewer."""
    a, b = _shingles(text_a), _shingles(text_b)
    return len(a & b) / max(1, min(len(a), len(b)))


@lru_cache(maxsize=20_000)
def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _words(text)
    return frozenset(tuple(words[at : at + 4]) for at in range(len(words) - 3))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _distance(a: BenchDocument, b: BenchDocument) -> timedelta | None:
    if a.published_at is None or b.published_at is None:
        return None
    return abs(datetime.fromisoformat(a.published_at) - datetime.fromisoformat(b.published_at))
