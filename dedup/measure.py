"""Two readings to the measures that a verdict rests on: shares, substitutions, names and numbers.

They travel with the pair as its evidence, with the numbers that the decision sees. Must not decide.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from dedup.align import Block, Passage, align
from dedup.features import features_of, is_substitution, ratio
from dedup.numbers import numbers_touching
from dedup.values import PairMeasures, Substitution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedup.reading import Reading

# Less than this share of the shorter text's content words in common, in order: not worth aligning.
MIN_COMMON_CONTENT_RATIO = 0.1
MAX_SUBSTITUTIONS = 200
SPELLED_ALIKE = 75.0


@dataclass(frozen=True, slots=True)
class AnchorComparison:
    """Names and numbers that stand against each other in an alignment."""

    agreeing: tuple[str, ...]
    conflicting: tuple[tuple[str, str], ...]


def measure_pair(a: Reading, b: Reading) -> PairMeasures:
    """What alignment finds between two texts; zeros where they share too little to align.

    The same whichever text is given first, but for its sides: names are matched from the shorter text.
    """
    if (len(b), b.tokens, b.is_name) < (len(a), a.tokens, a.is_name):
        return _measure_pair(b, a).turned()
    return _measure_pair(a, b)


def _measure_pair(a: Reading, b: Reading) -> PairMeasures:
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
    synonyms = sum(block.is_synonym for block in substituted)
    features = features_of(a, b, passages, len(anchors.agreeing), anchors.conflicting)
    return PairMeasures(
        similarity=ratio(aligned_a + aligned_b, len(a) + len(b)),
        containment_a=ratio(aligned_a, len(a)),
        containment_b=ratio(aligned_b, len(b)),
        replaced_ratio=features["replaced_ratio"],
        synonym_ratio=ratio(synonyms, len(substituted)),
        anchor_agreement_ratio=ratio(
            len(anchors.agreeing), len(anchors.agreeing) + len(anchors.conflicting), of_nothing=1.0
        ),
        aligned_word_count=aligned_a,
        word_count_a=len(a),
        word_count_b=len(b),
        agreeing_anchors=anchors.agreeing,
        conflicting_anchors=anchors.conflicting,
        substitutions=_substitutions(a, b, substituted),
        features=features,
    )


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
