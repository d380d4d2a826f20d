"""Measures to a verdict: duplicate or not, which label, and whether the pair joins a cluster.

Whether a pair is a duplicate is decided by boosted trees, fitted by ``bench/fit.py`` on the tuning half of the
benchmark; labels and joining follow from stated rules. Every threshold of the detector lives here or in
``DedupConfig``. Must not read texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup.boosted_trees import decision_model
from dedup.values import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "log_matched": 1,
    "log_anchors": 1,
    "number_overlap": 1,
    "anchor_overlap_long": 1,
    "rarest_overlap": 1,
    "rarest_overlap_long": 1,
    "name_overlap_long": 1,
    "content_overlap": 1,
    "content_overlap_long": 1,
    "number_overlap_long": 1,
}


# A spinner puts words for words; an editor or a rewriter adds, drops and turns sentences around.
_SPUN_BALANCED_RATIO = 0.45
_SPUN_REPLACED_RATIO = 0.05
_SPUN_SYNONYM_RATIO = 0.5
_SPUN_DENSITY = 0.85
_REWRITTEN_DENSITY = 0.85
_REWRITTEN_LONG_RUN_RATIO = 0.6
# Share of a text inside shared passages from which the whole of it counts as carried.
_WHOLE = 0.75
# A pair joins one story where nearly all of one text and enough of the other is shared; a rewritten text shows less.
_JOIN_ONE = 0.7
_JOIN_OTHER = 0.2
_JOIN_REWRITTEN = 0.3
# Below ``DedupConfig.strict_below_words`` words chance agrees more easily.
_STRICT_SCORE = 0.6
# Nearly the same words on both sides are a near copy, whatever the odds, unless their names and numbers conflict.
_SAME_SCORE = 0.9
_SAME_DENSITY = 0.85
_SAME_INSIDE = 0.8
_SAME_CONFLICT = 0.2
# So is a text that stands in the other as a whole, word for word with all its numbers, where nothing conflicts: a
# stub that grew.
_CARRIED_SCORE = 0.95
_CARRIED_DENSITY = 0.95
_CARRIED_INSIDE = 0.9
# Texts of few words that agree here and there, not in runs, are most often two reports on one subject.
_LOOSE_BELOW_WORDS = 100
_LOOSE_DENSITY = 0.85
_LOOSE_ODDS = 0.7


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
    features = measures.features
    odds = float(decision_model().log_odds(np.array([[features[name] for name in FEATURES]]))[0])
    if not is_accepted(odds, shorter, features, config):
        return Verdict(None, False, _why_not(measures))
    label = _label(measures)
    return Verdict(label, _joins(measures, label), _why(measures, label))


def is_accepted(odds: float, shorter: int, features: Mapping[str, float], config: DedupConfig) -> bool:
    """Whether the model's odds suffice for texts of which the shorter has so many words."""
    if shorter < config.exact_only_below_words:
        return False
    if _is_nearly_same(features) or _is_carried_whole(features):
        return True
    if shorter < config.strict_below_words and features["score"] < _STRICT_SCORE:
        return False
    is_loose = shorter < _LOOSE_BELOW_WORDS and features["density"] < _LOOSE_DENSITY
    return odds >= config.min_odds + (_LOOSE_ODDS if is_loose else 0.0)


def _is_nearly_same(features: Mapping[str, float]) -> bool:
    return (
        features["score"] >= _SAME_SCORE
        and features["density"] >= _SAME_DENSITY
        and min(features["inside_short"], features["inside_long"]) >= _SAME_INSIDE
        and features["conflict_ratio"] <= _SAME_CONFLICT
    )


def _is_carried_whole(features: Mapping[str, float]) -> bool:
    return (
        features["score"] >= _CARRIED_SCORE
        and features["density"] >= _CARRIED_DENSITY
        and features["inside_short"] >= _CARRIED_INSIDE
        and features["conflict_ratio"] == 0.0
        and features["number_overlap"] == 1.0
    )


def _label(measures: PairMeasures) -> Label:
    features = measures.features
    density = features["density"]
    by_dictionary = features["synonym_ratio"] >= _SPUN_SYNONYM_RATIO or density < _SPUN_DENSITY
    stands_for = features["balanced_ratio"] >= _SPUN_BALANCED_RATIO
    if stands_for and by_dictionary and features["replaced_ratio"] >= _SPUN_REPLACED_RATIO:
        return Label.SPUN
    if density < _REWRITTEN_DENSITY and features["long_run_ratio"] < _REWRITTEN_LONG_RUN_RATIO:
        return Label.REWRITTEN
    inside = min(features["inside_short"], features["inside_long"])
    return Label.NEAR if inside >= _WHOLE else Label.EXCERPT


def _joins(measures: PairMeasures, label: Label) -> bool:
    other, one = sorted((measures.features["inside_short"], measures.features["inside_long"]))
    if one >= _JOIN_ONE and other >= _JOIN_OTHER:
        return True
    return label is Label.REWRITTEN and other >= _JOIN_REWRITTEN


def _why(measures: PairMeasures, label: Label) -> str:
    contained = max(measures.containment_a, measures.containment_b)
    features = measures.features
    match label:
        case Label.SPUN:
            what = (
                f"{measures.replaced_ratio:.0%} of the words are replaced in place, "
                f"{measures.synonym_ratio:.0%} of the substitutions by dictionary synonyms"
            )
        case Label.REWRITTEN:
            what = f"{contained:.0%} of one text's words stand in the other in the same order, in short runs"
        case Label.EXCERPT:
            share = max(features["inside_short"], features["inside_long"])
            what = f"{share:.0%} of one text is a passage of the other"
        case _:
            what = f"{contained:.0%} of one text's words stand in the other in the same order"
    return f"{what}; {_anchors(measures)}"


def _why_not(measures: PairMeasures) -> str:
    contained = max(measures.containment_a, measures.containment_b)
    if measures.anchor_agreement_ratio < 0.75:
        return f"same wording around other facts: {_anchors(measures)}"
    return (
        f"only {contained:.0%} of one text's words stand in the other in the same order; {_anchors(measures)}"
    )


def _anchors(measures: PairMeasures) -> str:
    agreeing, conflicting = len(measures.agreeing_anchors), len(measures.conflicting_anchors)
    return f"{agreeing} names and numbers agree, {conflicting} conflict"
