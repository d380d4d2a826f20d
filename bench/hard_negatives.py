"""Picks the reports that look most alike and are not copies, by alignment and a stated rule, before any detector.

The rule for wire reports: words align best, yet less than half of the numbers agree, and the companies in the
titles differ or two days or more lie between them. Must not look at any detector's answer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq

from bench.labels import pair_of
from bench.originals import number_overlap, subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.labels import BenchDocument
    from bench.originals import Original

_MAX_PER_DOCUMENT = 4
_MIN_WORDS = 40
_MAX_POSTINGS = 60
_FAMILIES = re.compile(
    r"(QTR|YEAR|MTHS|HALF) (NET|LOSS|RESULTS|JAN|DEC)|\b(NET|LOSS)$|BOND|DEBENTURE|CONVERTIBLE|BALANCES|DIVIDEND|PAYOUT"
    r"|FED |BUNDESBANK|SPLIT|TENDER|USDA|RAINFALL|EXPORT|MONEY MARKET|T-BILL|BILLS|RESERVES|ACQUI|STAKE|PRIME"
)


def best_aligned_reports(groups: Sequence[Sequence[BenchDocument]], count: int) -> list[tuple[str, str]]:
    """The best aligned pairs of generated reports, no document in more than a few."""
    words = {document.id: _words(document.text) for group in groups for document in group}
    pairs = ((a.id, b.id) for group in groups for a, b in combinations(group, 2))
    return _best(pairs, words, count)


def best_aligned_wire(
    articles: Sequence[Original], known: frozenset[tuple[str, str]], count: int
) -> list[tuple[str, str]]:
    """The best aligned pairs of wire reports that the rule calls different, none of them in ``known``."""
    by_id = {article.id: article for article in articles}
    words = {article.id: _words(article.text) for article in articles}
    fitting = [a for a in articles if len(words[a.id]) >= _MIN_WORDS]
    candidates = _family_pairs(fitting) | _shingle_pairs([a.id for a in fitting], words)
    unknown = sorted(candidates - known)
    return _best((pair for pair in unknown if _differ(by_id[pair[0]], by_id[pair[1]])), words, count)


def _differ(a: Original, b: Original) -> bool:
    if a.story == b.story or number_overlap(a.text, b.text) >= 0.5:
        return False
    far = a.published_at and b.published_at and abs(a.published_at - b.published_at) >= timedelta(days=2)
    return bool(far) or subject(a.title) != subject(b.title)


def _family_pairs(articles: Iterable[Original]) -> set[tuple[str, str]]:
    families: defaultdict[str, list[str]] = defaultdict(list)
    for article in articles:
        match = _FAMILIES.search(article.title or "")
        if match:
            families[match.group()].append(article.id)
    return {pair_of(a, b) for members in families.values() for a, b in combinations(members, 2)}


def _shingle_pairs(ids: Sequence[str], words: dict[str, list[str]]) -> set[tuple[str, str]]:
    holders: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for key in ids:
        for shingle in {tuple(words[key][at : at + 4]) for at in range(len(words[key]) - 3)}:
            holders[shingle].append(key)
    shared: Counter[tuple[str, str]] = Counter()
    for members in holders.values():
        if len(members) <= _MAX_POSTINGS:
            shared.update(pair_of(a, b) for a, b in combinations(members, 2))
    return {pair for pair, count in shared.items() if count >= 5}


def _best(pairs: Iterable[tuple[str, str]], words: dict[str, list[str]], count: int) -> list[tuple[str, str]]:
    scored = sorted(((-_alignment(words[a], words[b]), a, b) for a, b in pairs))
    used: Counter[str] = Counter()
    chosen: list[tuple[str, str]] = []
    for _, a, b in scored:
        if len(chosen) < count and max(used[a], used[b]) < _MAX_PER_DOCUMENT:
            used.update((a, b))
            chosen.append(pair_of(a, b))
    return chosen


def _alignment(a: list[str], b: list[str]) -> float:
    if min(len(a), len(b)) < _MIN_WORDS or min(len(a), len(b)) < 0.5 * max(len(a), len(b)):
        return 0.0
    return LCSseq.similarity(a, b) / min(len(a), len(b))


def _words(text: str) -> list[str]:
    return re.findall(r"[\w.,/-]*\w", text.lower())
