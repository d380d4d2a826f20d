"""Which of two copies is the likely original, and why; likely, never proven.

Must not decide whether they are copies.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from dedup.credit import find_credits
from dedup.hosts import host_of
from dedup.languages import common_words
from dedup.published import published_span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedup.credit import Credit
    from dedup.values import Document, Substitution

# Substitutions from which the mean is worth testing, and the standard errors that it must lie from zero.
MIN_SUBSTITUTIONS = 6
MIN_STANDARD_ERRORS = 2.5
# Spread of rarity between words that stand for each other, so that a handful of like ones proves nothing.
_LEAST_SPREAD = 1.0


def likely_original(
    a: Document, b: Document, substitutions: Iterable[Substitution] = (), language: str | None = None
) -> tuple[str | None, str]:
    """The likely original's id and the reason; None where nothing speaks for either.

    What a copy admits (a declared original, a named agency) outweighs all else. Then come the words: pass the
    ``substitutions`` of a spun pair, since an editor who simplifies also leaves rarer words. Then the times, which
    pages get wrong and spinners set at will. Symmetric but for the sides of ``substitutions``.
    """
    admitted = _admitted_original(a, b)
    if admitted:
        return admitted
    altered = altered_side(substitutions, language)
    by_words = None if altered is None else (b, a)[altered]
    by_time, time_reason = _earlier(a, b)
    if by_words is None:
        return (by_time.id if by_time else None), time_reason
    reason = "the other reads as the altered one: its substitutes are the rarer words"
    if by_time is by_words:
        return by_words.id, f"published earlier, and {reason}"
    return by_words.id, f"{reason}, though it is dated earlier" if by_time else reason


def altered_side(substitutions: Iterable[Substitution], language: str | None) -> int | None:
    """The side (0 is a, 1 is b) whose words in the substitutions are reliably the rarer ones.

    A spinner draws from a dictionary without regard to how common a word is, so its words are rarer than what they
    replace. One-sample t-test on the difference in log rank of each distinct substitution's rarest word.
    """
    ranks = _ranks(language) if language else {}
    if not ranks:
        return None
    differences = [
        _rarity(substitution.words_b, ranks) - _rarity(substitution.words_a, ranks)
        for substitution in substitutions
    ]
    count = len(differences)
    if count < MIN_SUBSTITUTIONS:
        return None
    mean = sum(differences) / count
    variance = sum((difference - mean) ** 2 for difference in differences) / (count - 1)
    errors = mean / math.sqrt(max(variance, _LEAST_SPREAD) / count)
    return None if abs(errors) < MIN_STANDARD_ERRORS else int(errors > 0)


def _rarity(phrase: str, ranks: dict[str, int]) -> float:
    return max(math.log2(2 + ranks.get(word, len(ranks))) for word in phrase.split())


@cache
def _ranks(language: str) -> dict[str, int]:
    return {word: rank for rank, word in enumerate(common_words(language))}


def _admitted_original(a: Document, b: Document) -> tuple[str, str] | None:
    admitted = [
        (other.id, f"the other names {credit.name} as its original")
        for document, other in ((a, b), (b, a))
        for credit in find_credits(document)
        if _is_credited(other, credit)
    ]
    # two that name each other, as two reports of one agency do, admit nothing
    return admitted[0] if len({original_id for original_id, _ in admitted}) == 1 else None


def _is_credited(document: Document, credit: Credit) -> bool:
    if credit.host:
        return host_of(document.url) == credit.host
    return bool(document.source) and (document.source or "").casefold() == credit.name.casefold()


def _earlier(a: Document, b: Document) -> tuple[Document | None, str]:
    span_a, span_b = published_span(a), published_span(b)
    if span_a is None or span_b is None:
        return None, "neither is known to be earlier: no publication time of one or both"
    if span_a.end <= span_b.start:
        return a, "published earlier"
    if span_b.end <= span_a.start:
        return b, "published earlier"
    if span_a == span_b:
        return None, "neither is known to be earlier: published at the same time, as far as it is stated"
    return None, "neither is known to be earlier: their times are not stated precisely enough"
