"""How well what was read out of a page agrees with what its publisher's own parser reads.

Pure: values in, ratios out. Must not know who did the reading.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A letter of a script written without spaces is a word of its own.
_TOKEN = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
_TYPOGRAPHY = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"',
    "\u00bb": '"', "\u2013": "-", "\u2014": "-", "\u2026": "...",
})  # fmt: skip
_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody reads out of a page; ``published`` as ISO-8601 text, None where nothing is said."""

    title: str | None
    published: str | None
    authors: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """Agreement of one reading with the truth, all in [0, 1]; ``date`` is None where the truth has none."""

    title: float
    title_letters: float
    date: float | None
    authors: float
    precision: float
    recall: float
    body: float


def score(reading: Reading, truth: Reading) -> Score:
    """How a reading agrees with the truth about one page."""
    precision, recall, body = body_agreement(reading.text, truth.text)
    return Score(
        title=float(plain(reading.title) == plain(truth.title)),
        title_letters=float(letters(reading.title) == letters(truth.title)),
        date=same_day(reading.published, truth.published),
        authors=author_agreement(reading.authors, truth.authors),
        precision=precision,
        recall=recall,
        body=body,
    )


def mean_score(scores: Sequence[Score]) -> Score:
    """The mean over pages; of dates over the pages that state one."""

    def mean(values: Iterable[float | None]) -> float:
        known = [value for value in values if value is not None]
        return sum(known) / max(1, len(known))

    return Score(*(mean(getattr(one, name) for one in scores) for name in Score.__slots__))


def plain(title: str | None) -> str:
    """A title as compared: entities, runs of white space and invisible characters are spelling, not title."""
    visible = "".join(c for c in html.unescape(title or "") if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFC", visible).split())


def letters(title: str | None) -> str:
    """A title apart from its typography: kinds of quotation marks and dashes, case."""
    return " ".join(unicodedata.normalize("NFKC", plain(title)).translate(_TYPOGRAPHY).casefold().split())


def same_day(stated: str | None, truth: str | None) -> float | None:
    """1 where both are of one day, in UTC or in the truth's own zone; a day without hour or zone is taken as it is.

    >>> same_day("2024-05-03", "2024-05-03 23:30:00-05:00")
    1.0
    """
    if not truth:
        return None
    if not stated:
        return 0.0
    try:
        at = datetime.fromisoformat(stated)
    except ValueError:
        return 0.0
    expected = datetime.fromisoformat(truth)
    if at.tzinfo is None or expected.tzinfo is None:
        return float(at.date() in {expected.date(), _utc(expected).date()})
    return float(_utc(at).date() == _utc(expected).date() or at.date() == expected.date())


def author_agreement(found: Iterable[str], truth: Iterable[str]) -> float:
    """F1 of two sets of names; 1 where both are empty."""
    here, there = {letters(name) for name in found}, {letters(name) for name in truth}
    if not here and not there:
        return 1.0
    return 2 * len(here & there) / (len(here) + len(there))


def body_agreement(text: str, truth: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the text's runs of four words, counted as often as they occur.

    >>> body_agreement("one two three four five", "one two three four")
    (0.5, 1.0, 0.6666666666666666)
    """
    here, there = _runs(text), _runs(truth)
    shared = sum((here & there).values())
    precision, recall = shared / max(1, here.total()), shared / max(1, there.total())
    return precision, recall, 2 * shared / max(1, here.total() + there.total())


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _TOKEN.findall(unicodedata.normalize("NFC", text).casefold())
    return Counter(tuple(words[at : at + _WIDTH]) for at in range(max(1, len(words) - _WIDTH + 1)) if words)


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC) if time.tzinfo else time
