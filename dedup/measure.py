"""Two readings to the measures that a verdict rests on: shares, substitutions, names and numbers, texture.

Every number that the decision sees is computed here and travels with the pair as its evidence. Must not decide.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from dedup.align import Block, Passage, align
from dedup.numbers import numbers_touching
from dedup.values import PairMeasures, Substitution
from dedup.views import ANCHOR_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedup.reading import Reading

# Less than this share of the shorter text's content words in common, in order: not worth aligning.
MIN_COMMON_CONTENT_RATIO = 0.1
LONG_RUN_WORDS = 8
MAX_SUBSTITUTIONS = 200
SPELLED_ALIKE = 75.0


@dataclass(frozen=True, slots=True)
class AnchorComparison:
    """Names and numbers that stand against each other in an alignment."""

    agreeing: tuple[str, ...]
    conflicting: tuple[tuple[str, str], ...]


def measure_pair(a: Reading, b: Reading) -> PairMeasures:
    """What alignment finds between two texts; zeros where they share too little to align."""
    shorter = min(len(a.content), len(b.content))
    cutoff = max(3, math.ceil(shorter * MIN_COMMON_CONTENT_RATIO))
    contents = [a.tokens[i] for i in a.content], [b.tokens[j] for j in b.content]
    common = LCSseq.similarity(*contents, score_cutoff=cutoff)
    passages = align(a, b) if common else ()
    return _measure(a, b, passages)


def _measure(a: Reading, b: Reading, passages: Sequence[Passage]) -> PairMeasures:
    blocks = [block for passage in passages for block in passage.blocks]
    aligned = [block for block in blocks if block.is_equal or block.is_synonym]
    aligned_a = sum(block.end_a - block.start_a for block in aligned)
    aligned_b = sum(block.end_b - block.start_b for block in aligned)
    substituted = [block for block in blocks if is_substitution(block)]
    anchors = compare_anchors(a, b, blocks)
    replaced = sum(block.end_a - block.start_a for block in substituted)
    inside = sum(passage.end_a - passage.start_a for passage in passages)
    synonyms = sum(block.is_synonym for block in substituted)
    return PairMeasures(
        similarity=_ratio(aligned_a + aligned_b, len(a) + len(b)),
        containment_a=_ratio(aligned_a, len(a)),
        containment_b=_ratio(aligned_b, len(b)),
        replaced_ratio=_ratio(replaced, inside),
        synonym_ratio=_ratio(synonyms, len(substituted)),
        anchor_agreement_ratio=_ratio(
            len(anchors.agreeing), len(anchors.agreeing) + len(anchors.conflicting), of_nothing=1.0
        ),
        aligned_word_count=aligned_a,
        word_count_a=len(a),
        word_count_b=len(b),
        agreeing_anchors=anchors.agreeing,
        conflicting_anchors=anchors.conflicting,
        substitutions=_substitutions(a, b, substituted),
        features=_features(a, b, passages, anchors),
    )


def _ratio(part: float, whole: float, of_nothing: float = 0.0) -> float:
    return part / whole if whole else of_nothing


def is_substitution(block: Block) -> bool:
    """Whether words stand for words: both sides hold some, of lengths that could mean the same."""
    shorter, longer = sorted((block.end_a - block.start_a, block.end_b - block.start_b))
    return not block.is_equal and shorter > 0 and longer <= 4 * shorter + 2


def _substitutions(a: Reading, b: Reading, blocks: Iterable[Block]) -> tuple[Substitution, ...]:
    counts = Counter(
        (_phrase(a, block.start_a, block.end_a), _phrase(b, block.start_b, block.end_b), block.is_synonym)
        for block in blocks
    )
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_SUBSTITUTIONS]
    return tuple(
        Substitution(words_a, words_b, is_synonym, count) for (words_a, words_b, is_synonym), count in ranked
    )


def _phrase(reading: Reading, start: int, end: int) -> str:
    return " ".join(word.text for word in reading.words[start:end])


def compare_anchors(a: Reading, b: Reading, blocks: Iterable[Block]) -> AnchorComparison:
    """Names and numbers that agree (equal, same value, spelled alike) or conflict in the aligned blocks."""
    agreeing: list[str] = []
    conflicting: list[tuple[str, str]] = []
    for block in blocks:
        if block.is_equal:
            agreeing += [_phrase(a, i, i + 1) for i in range(block.start_a, block.end_a) if _names(a, i)]
        elif not block.is_synonym and is_substitution(block):
            same, different = _compare_gap_anchors(a, b, block)
            agreeing += same
            conflicting += different
    return AnchorComparison(tuple(agreeing), tuple(conflicting))


def _names(reading: Reading, i: int) -> bool:
    return reading.is_name[i] or reading.words[i].text[0].isdigit()


def _compare_gap_anchors(a: Reading, b: Reading, block: Block) -> tuple[list[str], list[tuple[str, str]]]:
    numbers_a = numbers_touching(a.numbers, block.start_a, block.end_a)
    numbers_b = numbers_touching(b.numbers, block.start_b, block.end_b)
    values_a, values_b = [n.value for n in numbers_a], [n.value for n in numbers_b]
    same = [f"{value:g}" for value in sorted((Counter(values_a) & Counter(values_b)).elements())]
    left_a = [f"{v:g}" for v in sorted((Counter(values_a) - Counter(values_b)).elements())]
    left_b = [f"{v:g}" for v in sorted((Counter(values_b) - Counter(values_a)).elements())]
    different = list(zip(left_a, left_b, strict=False))
    in_number_a = {i for n in numbers_a for i in range(n.start, n.end)}
    in_number_b = {j for n in numbers_b for j in range(n.start, n.end)}
    names_a = [i for i in range(block.start_a, block.end_a) if a.is_name[i] and i not in in_number_a]
    names_b = [j for j in range(block.start_b, block.end_b) if b.is_name[j] and j not in in_number_b]
    for i in list(names_a):
        twin = next((j for j in names_b if _spelled_alike(a.words[i].text, b.words[j].text)), None)
        if twin is not None:
            same.append(a.words[i].text)
            names_a.remove(i)
            names_b.remove(twin)
    different += [(a.words[i].text, b.words[j].text) for i, j in zip(names_a, names_b, strict=False)]
    return same, different


def _spelled_alike(name_a: str, name_b: str) -> bool:
    return name_a == name_b or fuzz.ratio(name_a, name_b) >= SPELLED_ALIKE


def _features(
    a: Reading, b: Reading, passages: Sequence[Passage], anchors: AnchorComparison
) -> dict[str, float]:
    blocks = [block for passage in passages for block in passage.blocks]
    equal = [block for block in blocks if block.is_equal]
    runs = [block.end_a - block.start_a for block in equal]
    equal_words = sum(runs)
    content_equal = sum(sum(a.is_content[block.start_a : block.end_a]) for block in equal)
    explained = [block for block in blocks if block.is_synonym]
    content_explained_a = sum(sum(a.is_content[block.start_a : block.end_a]) for block in explained)
    content_explained_b = sum(sum(b.is_content[block.start_b : block.end_b]) for block in explained)
    replaced = [block for block in blocks if is_substitution(block)]
    balanced = sum(
        min(block.end_a - block.start_a, block.end_b - block.start_b)
        for block in replaced
        if abs((block.end_a - block.start_a) - (block.end_b - block.start_b)) <= 1
    )
    unmatched = sum(
        max(block.end_a - block.start_a, block.end_b - block.start_b)
        for block in blocks
        if not block.is_equal
    )
    inside_a = sum(passage.end_a - passage.start_a for passage in passages)
    inside_b = sum(passage.end_b - passage.start_b for passage in passages)
    content_a, content_b = len(a.content), len(b.content)
    # sorted by more than length, so that texts of equal length do not depend on their order either
    (shorter, explained_short), (longer, explained_long) = sorted(
        ((content_a, content_explained_a), (content_b, content_explained_b))
    )
    is_a_shorter = (len(a), inside_a, a.tokens) <= (len(b), inside_b, b.tokens)
    function_inside = min(
        sum(not a.is_content[i] for p in passages for i in range(p.start_a, p.end_a)),
        sum(not b.is_content[j] for p in passages for j in range(p.start_b, p.end_b)),
    )
    conflicts, agreements = len(anchors.conflicting), len(anchors.agreeing)
    number_conflicts = sum(x[0].isdigit() and y[0].isdigit() for x, y in anchors.conflicting)
    return {
        "score": _ratio(content_equal + explained_short, shorter),
        "score_long": _ratio(content_equal + explained_long, longer),
        "equal_score": _ratio(content_equal, shorter),
        "length_ratio": _ratio(shorter, longer),
        "log_words": math.log2(1 + min(len(a), len(b))),
        "inside_short": _ratio(inside_a if is_a_shorter else inside_b, min(len(a), len(b))),
        "inside_long": _ratio(inside_b if is_a_shorter else inside_a, max(len(a), len(b))),
        "density": _ratio(2 * equal_words, inside_a + inside_b),
        "conflict_ratio": _ratio(conflicts, conflicts + agreements),
        "conflict_density": _ratio(conflicts, content_equal + conflicts),
        "number_conflict_density": _ratio(number_conflicts, content_equal + conflicts),
        "mean_run": _ratio(equal_words, len(runs)),
        "long_run_ratio": _ratio(sum(run for run in runs if run >= LONG_RUN_WORDS), equal_words),
        "longest_run_ratio": _ratio(max(runs, default=0), equal_words),
        "balanced_ratio": _ratio(balanced, unmatched),
        "synonym_ratio": _ratio(len(explained), len(replaced)),
        "replaced_ratio": _ratio(
            sum(each.end_a - each.start_a + each.end_b - each.start_b for each in replaced),
            inside_a + inside_b,
        ),
        "passage_count": float(len(passages)),
        "largest_passage_ratio": _ratio(
            max((_passage_words(p, of_a=is_a_shorter) for p in passages), default=0),
            inside_a if is_a_shorter else inside_b,
        ),
        "function_ratio": _ratio(equal_words - content_equal, function_inside),
        "log_matched": math.log2(1 + content_equal + min(content_explained_a, content_explained_b)),
        "anchor_score": _anchor_score(a, b, equal),
        "log_anchors": math.log2(1 + _matched_weight(a, equal)),
        **_overlaps(a, b),
    }


def _passage_words(passage: Passage, *, of_a: bool) -> int:
    return passage.end_a - passage.start_a if of_a else passage.end_b - passage.start_b


def _anchor_score(a: Reading, b: Reading, equal: Iterable[Block]) -> float:
    # words weighed by rarity: what two texts of one subject share by chance is common
    return _ratio(_matched_weight(a, equal), min(sum(a.weights), sum(b.weights)))


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
        overlaps[f"{name}_overlap"] = _ratio(shared, fewer, of_nothing)
        overlaps[f"{name}_overlap_long"] = _ratio(shared, more, of_nothing)
    return overlaps


def _rarest(reading: Reading) -> list[bool]:
    return [weight >= ANCHOR_WEIGHT for weight in reading.weights]


def _marked(reading: Reading, marks: Sequence[int]) -> Counter[float]:
    """The distinct words that are marked, each counted once."""
    return Counter({token for token, marked in zip(reading.tokens, marks, strict=True) if marked})
