"""Measures to a verdict: duplicate or not, which label, and whether the pair joins a cluster.

The one place where thresholds live. Must not read texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup.values import Label

if TYPE_CHECKING:
    from dedup.config import DedupConfig
    from dedup.values import PairMeasures

# What the model reads, in its order, and which way each may count: +1 for a copy, -1 against, 0 either way.
FEATURES = {
    "score": 1,
    "score_long": 1,
    "equal_score": 1,
    "length_ratio": 0,
    "log_words": 0,
    "inside_short": 0,
    "inside_long": 0,
    "density": 0,
    "conflict_ratio": -1,
    "conflict_density": -1,
    "number_conflict_density": -1,
    "mean_run": 0,
    "long_run_ratio": 0,
    "longest_run_ratio": 0,
    "balanced_ratio": 0,
    "synonym_ratio": 1,
    "passage_count": 0,
    "largest_passage_ratio": 0,
    "function_ratio": 1,
    "anchor_score": 1,
    "anchor_overlap": 1,
    "name_overlap": 1,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the decision says of one pair; ``label`` is None where it is not a duplicate."""

    label: Label | None
    joins_cluster: bool
    reason: str


def decide(measures: PairMeasures, config: DedupConfig) -> Verdict:
    """The verdict on an aligned pair whose texts are not the same; a function of its measures alone."""
    shorter = min(measures.word_count_a, measures.word_count_b)
    if shorter < config.exact_only_below_words:
        return Verdict(None, False, f"only {shorter} words: too short for anything but an exact copy")
    if not measures.aligned_word_count:
        return Verdict(None, False, "the texts share too few words in the same order")
    f = measures.features
    strength = f["score"] - 0.9 * f["conflict_ratio"] * (1 - f["density"] / 4)
    threshold = 0.7 if shorter < config.strict_below_words else 0.45
    if strength < threshold or f["density"] < 0.3:
        return Verdict(None, False, _why_not(measures, strength, threshold))
    label = _label(measures)
    return Verdict(label, _joins(measures), _why(measures, label))


def _label(measures: PairMeasures) -> Label:
    f = measures.features
    contained = max(measures.containment_a, measures.containment_b)
    if measures.replaced_ratio >= 0.08 and f["balanced_ratio"] >= 0.4:
        return Label.SPUN
    if f["length_ratio"] < 0.75 and contained >= 0.75:
        return Label.EXCERPT
    if contained >= 0.75:
        return Label.NEAR
    return Label.EXCERPT if f["density"] > 0.85 else Label.REWRITTEN


def _joins(measures: PairMeasures) -> bool:
    low, high = sorted((measures.containment_a, measures.containment_b))
    return high >= 0.5 and low >= 0.35


def _why(measures: PairMeasures, label: Label) -> str:
    percent = (
        f"{max(measures.containment_a, measures.containment_b):.0%} of the shorter text stands in the other"
    )
    match label:
        case Label.SPUN:
            return f"{percent}, with {measures.replaced_ratio:.0%} of its words replaced, {measures.synonym_ratio:.0%} of these by dictionary synonyms"
        case _:
            return f"{percent}; {_anchors(measures)}"


def _anchors(measures: PairMeasures) -> str:
    agreeing, conflicting = len(measures.agreeing_anchors), len(measures.conflicting_anchors)
    return f"{agreeing} names and numbers agree, {conflicting} conflict"


def _why_not(measures: PairMeasures, strength: float, threshold: float) -> str:
    return f"aligned strength {strength:.2f} is below {threshold:.2f}; {_anchors(measures)}"
