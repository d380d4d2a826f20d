"""Fits the two models of the detector on the tuning half and writes them into the package.

    python -m bench.fit estimate     from two signatures: is the pair worth aligning?
    python -m bench.fit measure      align the tuning half's candidate pairs, and briefs cut from some of them
    python -m bench.fit decision     from an alignment's measures: is the pair a duplicate?

Both are gradient-boosted trees with monotone constraints, so that more agreement never speaks against a copy. Every
row of the benchmark has the same say, however many pairs it has. The features that the models were fitted on are
kept beside this file (numbers only, no text), so that a fit can be repeated and examined. Must not see the
reporting half.
"""

from __future__ import annotations

import argparse
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.trees import Shape, fit_trees, write_model
from bench.tuning import (
    NEGATIVE_WEIGHT,
    UNLABELLED_COPY_WEIGHT,
    Candidates,
    TuningHalf,
    cut_candidates,
    row_weight,
    whole_candidates,
)
from dedup.boilerplate import without_boilerplate
from dedup.candidates import may_be_duplicates
from dedup.config import DedupConfig
from dedup.decision import FEATURES
from dedup.measure import measure_pair
from dedup.reading import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dedup.values import Document

KEPT = Path(__file__).parent / "fitted"
ESTIMATE_FEATURES = ("wording", "skeleton", "anchors", "passage_ratio", "length_ratio", "log_words")
ESTIMATE_SIGNS = (1, 1, 1, 1, 0, 0)
ESTIMATE_SHAPE = Shape(60, 4, 0.15, 5.0)
DECISION_SHAPE = Shape(200, 4, 0.1, 15.0)
NATURAL_NEGATIVE_WEIGHT = 8.0
# So many pairs of a row are measured, more where a row has many kinds of pairs; "copies" are copies of one original,
# "natural others" are pairs of articles as published, "others" of texts that were made or dressed up.
PAIRS_PER_WHOLE_ROW = 150
PAIRS_PER_ROW = {"brief": 60, "stub": 30}
PAIRS_MEASURED = {
    "Wikipedia, adjacent revisions": 600,
    "natural wire copies": 400,
    "templated reports, all pairs of a template": 600,
    "templated reports, 500 best aligned": 500,
    "copies": 1_500,
    "others": 2_500,
}
NATURAL_OTHERS = {"decision-features.npz": 20_000, "brief-features.npz": 5_000}
KEPT_FEATURES = (*FEATURES, "replaced_ratio")


def fit_estimate() -> None:
    config, half = DedupConfig(), TuningHalf()
    parts = (whole_candidates(half, config), cut_candidates(half, config))
    usable = np.concatenate([part.is_usable for part in parts])
    features = np.concatenate([part.estimates(config) for part in parts])
    is_copy = np.concatenate([part.is_copy for part in parts])
    weights = np.concatenate([part.weights() for part in parts])
    model = fit_trees(features[usable], is_copy[usable], weights[usable], ESTIMATE_SIGNS, ESTIMATE_SHAPE)
    write_model("estimate-model.json", model, ESTIMATE_FEATURES)
    for name, part in zip(("whole texts", "cut texts"), parts, strict=True):
        _print_estimate(name, part, model.decision_function(part.estimates(config)))


def _print_estimate(name: str, part: Candidates, odds: NDArray[np.float64]) -> None:
    is_row, is_other = part.is_usable & part.is_copy & (part.rows != ""), part.is_usable & ~part.is_copy
    print(f"{name}: {is_row.sum()} labelled copies, {is_other.sum()} candidates that are none")
    for kept in (0.999, 0.998, 0.995, 0.99):
        threshold = np.quantile(odds[is_row], 1 - kept)
        passing = (is_other & (odds >= threshold)).sum()
        print(f"  threshold {threshold:6.2f} keeps {kept:.1%} of the copies and {passing} of the others")


def measure_all() -> None:
    """Keeps the features of candidate pairs that pass the estimate: a sample of each row, and of each other kind."""
    config, half = DedupConfig(), TuningHalf()
    _measure("decision-features.npz", half, whole_candidates(half, config), config)
    _measure("brief-features.npz", half, cut_candidates(half, config), config)


def _measure(name: str, half: TuningHalf, candidates: Candidates, config: DedupConfig) -> None:
    chosen = _sample(candidates, config, {**PAIRS_MEASURED, "natural others": NATURAL_OTHERS[name]})
    chosen = np.array([i for i in chosen.tolist() if not _is_unlabelled_copy(half, candidates, i)])
    pairs = [
        (candidates.documents[i], candidates.documents[j])
        for i, j in zip(candidates.lows[chosen].tolist(), candidates.highs[chosen].tolist(), strict=True)
    ]
    with Pool(2) as pool:
        measured = np.array(list(pool.imap(_features, pairs, chunksize=100)))
    is_copy = candidates.is_copy[chosen]
    np.savez_compressed(
        KEPT / name,
        features=measured.astype(np.float32),
        names=np.array(KEPT_FEATURES),
        is_copy=is_copy,
        is_natural=candidates.is_natural[chosen],
        rows=candidates.rows[chosen],
        id_low=np.array([a.id for a, _ in pairs]),
        id_high=np.array([b.id for _, b in pairs]),
    )
    print(f"{name}: {len(pairs)} pairs measured, {is_copy.sum()} of them copies", flush=True)


def _is_unlabelled_copy(half: TuningHalf, candidates: Candidates, i: int) -> bool:
    # a copy or a follow-up that nobody labelled must not teach that such pairs are none
    ids = (candidates.documents[candidates.lows[i]].id, candidates.documents[candidates.highs[i]].id)
    return not candidates.is_copy[i] and half.is_copied(*ids)


def _sample(candidates: Candidates, config: DedupConfig, counts: Mapping[str, int]) -> NDArray[np.intp]:
    likely = may_be_duplicates(candidates.signed, candidates.lows, candidates.highs, config)
    kinds = np.where(candidates.is_copy, "copies", "others")
    kinds = np.where(candidates.rows != "", candidates.rows, kinds)
    kinds = np.where(candidates.is_natural & ~candidates.is_copy, "natural others", kinds)
    rng = np.random.default_rng(1)
    sampled = []
    for kind in np.unique(kinds).tolist():
        members = np.flatnonzero(likely & candidates.is_usable & (kinds == kind))
        count = counts.get(kind, PAIRS_PER_ROW.get(kind.partition(":")[0], PAIRS_PER_WHOLE_ROW))
        sampled.append(rng.choice(members, min(count, len(members)), replace=False))
    return np.sort(np.concatenate(sampled))


def refit_decision() -> None:
    kept = Kept.read()
    print(
        f"{(~kept.is_known).sum()} unlabelled pairs with a long passage in common left out: their truth is not known"
    )
    model = fit_decision(kept, kept.is_known)
    write_model("decision-model.json", model, tuple(FEATURES))


class Kept:
    """The measured pairs of the tuning half, as the decision is fitted on them."""

    def __init__(self, values: dict[str, NDArray[Any]]) -> None:
        self.columns = dict(zip(KEPT_FEATURES, values["features"].astype(np.float64).T, strict=True))
        self.features = np.stack([self.columns[name] for name in FEATURES], axis=1)
        self.is_copy, self.is_natural, self.rows = values["is_copy"], values["is_natural"], values["rows"]
        self.id_low, self.id_high = values["id_low"], values["id_high"]
        self.is_known = self.is_copy | (self.rows != "") | ~_looks_copied(self.columns)

    @classmethod
    def read(cls) -> Kept:
        """Both kept files, one after the other."""
        parts = [np.load(KEPT / name) for name in ("decision-features.npz", "brief-features.npz")]
        names = ("features", "is_copy", "is_natural", "rows", "id_low", "id_high")
        return cls({name: np.concatenate([part[name] for part in parts]) for name in names})

    def weights(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Equal weight for every row of copies; more for natural pairs that are none, for they abound."""
        weights = np.where(self.is_copy, UNLABELLED_COPY_WEIGHT, NEGATIVE_WEIGHT)
        weights[~self.is_copy & self.is_natural] = NATURAL_NEGATIVE_WEIGHT
        for row in np.unique(self.rows[self.is_copy & (self.rows != "")]).tolist():
            members = chosen & self.is_copy & (self.rows == row)
            weights[members] = row_weight(row) / max(1, members.sum())
        return weights


def fit_decision(kept: Kept, chosen: NDArray[np.bool_]) -> Any:
    """The decision fitted on some of the measured pairs."""
    signs = tuple(FEATURES.values())
    return fit_trees(
        kept.features[chosen], kept.is_copy[chosen], kept.weights(chosen)[chosen], signs, DECISION_SHAPE
    )


def _looks_copied(column: Mapping[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Unlabelled pairs that share a long verbatim passage and no conflict: real copies, by reading a sample."""
    long_words = column["equal_score"] * 2 ** column["log_words"] * column["long_run_ratio"]
    looks: NDArray[np.bool_] = (
        (long_words >= 60) & (column["score"] >= 0.35) & (column["conflict_ratio"] <= 0.05)
    )
    return looks


def _features(pair: tuple[Document, Document]) -> list[float]:
    features = measure_pair(*(read_text(without_boilerplate(d), d.language) for d in pair)).features
    return [features[name] for name in KEPT_FEATURES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=["estimate", "measure", "decision"])
    KEPT.mkdir(exist_ok=True)
    {"estimate": fit_estimate, "measure": measure_all, "decision": refit_decision}[
        parser.parse_args().model
    ]()


if __name__ == "__main__":
    main()
