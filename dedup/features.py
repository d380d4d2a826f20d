"""How an alignment lies in two texts, as the numbers that the decision sees: shares, conflicts, texture, overlaps.

Every one of them is symmetric: it is the same whichever of the texts comes first. Must not decide.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from dedup.views import ANCHOR_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedup.align import Block, Passage
    from dedup.reading import Reading

    _Span: TypeAlias = tuple[int, int]

LONG_RUN_WORDS = 8


@dataclass(frozen=True, slots=True)
class _Side:
    """One text of a pair: counts of its words, of those inside passages, and of those that a synonym explains."""

    word_count: int
    content_count: int
    explained_count: int
    inside_count: int
    largest_inside_count: int
    function_inside_count: int


def ratio(part: float, whole: float, of_nothing: float = 0.0) -> float:
    """The part's share of the whole; ``of_nothing`` where there is no whole."""
    return part / whole if whole else of_nothing


def is_substitution(block: Block) -> bool:
    """Whether words stand for words: both sides hold some, of lengths that could mean the same."""
    shorter, longer = sorted((block.end_a - block.start_a, block.end_b - block.start_b))
    return not block.is_equal and shorter > 0 and longer <= 4 * shorter + 2


def features_of(
    a: Reading,
    b: Reading,
    passages: Sequence[Passage],
    agreeing_count: int,
    conflicting: Sequence[tuple[str, str]],
) -> dict[str, float]:
    """All numbers by name, of two texts, what aligns of them, and the names and numbers that agree or conflict."""
    blocks = [block for passage in passages for block in passage.blocks]
    equal = [block for block in blocks if block.is_equal]
    explained = [block for block in blocks if block.is_synonym]
    side_a = _side(a, [(p.start_a, p.end_a) for p in passages], [(e.start_a, e.end_a) for e in explained])
    side_b = _side(b, [(p.start_b, p.end_b) for p in passages], [(e.start_b, e.end_b) for e in explained])
    # sorted by more than length, so that texts of equal length do not depend on their order either
    is_a_shorter = (len(a), side_a.inside_count, a.tokens) <= (len(b), side_b.inside_count, b.tokens)
    shorter, longer = (side_a, side_b) if is_a_shorter else (side_b, side_a)
    equal_count = sum(block.end_a - block.start_a for block in equal)
    content_count = sum(sum(a.is_content[block.start_a : block.end_a]) for block in equal)
    inside_count = side_a.inside_count + side_b.inside_count
    return {
        **_shares(side_a, side_b, content_count),
        "log_words": math.log2(1 + shorter.word_count),
        "inside_short": ratio(shorter.inside_count, shorter.word_count),
        "inside_long": ratio(longer.inside_count, longer.word_count),
        "density": ratio(2 * equal_count, inside_count),
        "passage_count": float(len(passages)),
        "largest_passage_ratio": ratio(shorter.largest_inside_count, shorter.inside_count),
        "function_ratio": ratio(
            equal_count - content_count, min(side_a.function_inside_count, side_b.function_inside_count)
        ),
        **_conflicts(agreeing_count, conflicting, content_count),
        **_runs(equal),
        **_replacements(blocks, inside_count),
        "anchor_score": _anchor_score(a, b, equal),
        "log_anchors": math.log2(1 + _matched_weight(a, equal)),
        **_overlaps(a, b),
    }


def _side(reading: Reading, passages: Sequence[_Span], explained: Iterable[_Span]) -> _Side:
    lengths = [end - start for start, end in passages]
    return _Side(
        word_count=len(reading),
        content_count=len(reading.content),
        explained_count=sum(sum(reading.is_content[start:end]) for start, end in explained),
        inside_count=sum(lengths),
        largest_inside_count=max(lengths, default=0),
        function_inside_count=sum(
            end - start - sum(reading.is_content[start:end]) for start, end in passages
        ),
    )


def _shares(a: _Side, b: _Side, content_count: int) -> dict[str, float]:
    """Content words that are equal, or explained too, as shares of all content words of either text."""
    (shorter, explained_short), (longer, explained_long) = sorted(
        ((a.content_count, a.explained_count), (b.content_count, b.explained_count))
    )
    return {
        "score": ratio(content_count + explained_short, shorter),
        "score_long": ratio(content_count + explained_long, longer),
        "equal_score": ratio(content_count, shorter),
        "length_ratio": ratio(shorter, longer),
        "log_matched": math.log2(1 + content_count + min(a.explained_count, b.explained_count)),
    }


def _conflicts(
    agreeing_count: int, conflicting: Sequence[tuple[str, str]], content_count: int
) -> dict[str, float]:
    """Names and numbers that stand against others, beside those that agree and beside the words that are equal."""
    count = len(conflicting)
    number_count = sum(one[0].isdigit() and other[0].isdigit() for one, other in conflicting)
    return {
        "conflict_ratio": ratio(count, count + agreeing_count),
        "conflict_density": ratio(count, content_count + count),
        "number_conflict_density": ratio(number_count, content_count + count),
    }


def _runs(equal: Iterable[Block]) -> dict[str, float]:
    """In runs of which lengths the equal words lie."""
    runs = [block.end_a - block.start_a for block in equal]
    return {
        "mean_run": ratio(sum(runs), len(runs)),
        "long_run_ratio": ratio(sum(run for run in runs if run >= LONG_RUN_WORDS), sum(runs)),
        "longest_run_ratio": ratio(max(runs, default=0), sum(runs)),
    }


def _replacements(blocks: Sequence[Block], inside_count: int) -> dict[str, float]:
    """How much is replaced, by about as many words, and by synonyms."""
    lengths = [(block, block.end_a - block.start_a, block.end_b - block.start_b) for block in blocks]
    replaced = [(of_a, of_b) for block, of_a, of_b in lengths if is_substitution(block)]
    balanced = sum(min(both) for both in replaced if abs(both[0] - both[1]) <= 1)
    unmatched = sum(max(of_a, of_b) for block, of_a, of_b in lengths if not block.is_equal)
    return {
        "balanced_ratio": ratio(balanced, unmatched),
        "synonym_ratio": ratio(sum(block.is_synonym for block in blocks), len(replaced)),
        "replaced_ratio": ratio(sum(map(sum, replaced)), inside_count),
    }


def _anchor_score(a: Reading, b: Reading, equal: Iterable[Block]) -> float:
    # words weighed by rarity: what two texts of one subject share by chance is common
    return ratio(_matched_weight(a, equal), min(sum(a.weights), sum(b.weights)))


def _matched_weight(a: Reading, equal: Iterable[Block]) -> int:
    return sum(sum(a.weights[block.start_a : block.end_a]) for block in equal)


def _overlaps(a: Reading, b: Reading) -> dict[str, float]:
    # wherever the words stand: a rewriter keeps what is told and its order of telling less, and two reports on one
    # subject have each what the other has not, which the share of the larger set tells
    numbers_a, numbers_b = (Counter(number.value for number in each.numbers) for each in (a, b))
    sets: dict[str, tuple[Counter[float], Counter[float]]] = {
        "anchor": (_marked(a, a.weights), _marked(b, b.weights)),
        "rarest": (_marked(a, _rarest(a)), _marked(b, _rarest(b))),
        "name": (_marked(a, a.is_name), _marked(b, b.is_name)),
        "content": (_marked(a, a.is_content), _marked(b, b.is_content)),
        "number": (numbers_a, numbers_b),
    }
    overlaps: dict[str, float] = {}
    for name, (ours, theirs) in sets.items():
        of_nothing = 1.0 if name == "number" else 0.0
        fewer, more = sorted((ours.total(), theirs.total()))
        shared = (ours & theirs).total()
        overlaps[f"{name}_overlap"] = ratio(shared, fewer, of_nothing)
        overlaps[f"{name}_overlap_long"] = ratio(shared, more, of_nothing)
    return overlaps


def _rarest(reading: Reading) -> list[bool]:
    return [weight >= ANCHOR_WEIGHT for weight in reading.weights]


def _marked(reading: Reading, marks: Sequence[int]) -> Counter[float]:
    """The distinct words that are marked, each counted once."""
    return Counter({token for token, marked in zip(reading.tokens, marks, strict=True) if marked})
