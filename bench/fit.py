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
import json
import sys
from collections import Counter
from dataclasses import replace
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.corpus import documents_path, pairs_path
from bench.evaluation import BACKGROUND_GROUPS
from bench.labels import BenchDocument, Half, Truth, pair_of, read_documents, read_pairs
from dedup.boilerplate import mark_boilerplate, without_boilerplate
from dedup.candidates import candidate_pairs, may_be_duplicates
from dedup.config import DedupConfig
from dedup.decision import FEATURES
from dedup.measure import measure_pair
from dedup.reading import read_text
from dedup.signatures import estimate_pairs, sign_corpus
from dedup.values import Document

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATA = Path(__file__).parent.parent / "dedup" / "data"
KEPT = Path(__file__).parent / "fitted"
ESTIMATE_FEATURES = ("wording", "skeleton", "anchors", "passage_ratio", "length_ratio", "log_words")
ESTIMATE_SIGNS = (1, 1, 1, 1, 0, 0)
ROW_WEIGHT = 1000.0
NEGATIVE_WEIGHT = 1.0
UNLABELLED_COPY_WEIGHT = 0.05
# Rows whose copies keep the order of the original, so that both can be cut to briefs of one story.
BRIEF_ROWS = (
    "verbatim",
    "edited, 5-15%",
    "spun, ",
    "spun French",
    "spun German",
    "teacher",
    "machine rewrite",
)
BRIEFS_PER_ROW = 100
STUB_STEP = 3
# Unlabelled pairs that are measured: copies of one original, and pairs of texts that were made or dressed up.
COPIES_OF_COPIES = 3_000
OTHER_NEGATIVES = 5_000
KEPT_FEATURES = (*FEATURES, "replaced_ratio")


class Labelled:
    """The tuning half as candidate pairs with their truth: ``is_copy``, ``row``, ``weight``."""

    def __init__(self, config: DedupConfig) -> None:
        benched = read_documents(documents_path(Half.TUNING))
        self.documents = mark_boilerplate(sorted(map(as_document, benched), key=lambda d: d.id))
        position = {document.id: i for i, document in enumerate(self.documents)}
        by_id = {document.id: document for document in benched}
        stories = [frozenset(by_id[document.id].stories) for document in self.documents]
        self.signed = sign_corpus(self.documents, config)
        self.lows, self.highs = candidate_pairs(self.signed, config)
        known = {
            (position[low], position[high]): (pair.row, pair.truth)
            for pair in read_pairs(pairs_path(Half.TUNING))
            for low, high in [pair_of(pair.id_a, pair.id_b)]
        }
        keys = list(zip(self.lows.tolist(), self.highs.tolist(), strict=True))
        truths = [known.get(key, ("", None)) for key in keys]
        self.rows = np.array([row for row, _ in truths])
        shares_story = np.array([bool(stories[i] & stories[j]) for i, j in keys])
        stated = np.array([truth.value if truth else "" for _, truth in truths])
        self.is_copy = (stated == Truth.COPY) | (shares_story & (stated == ""))
        self.is_usable = stated != Truth.IGNORED
        groups = [by_id[document.id].group for document in self.documents]
        self.is_natural = np.array([{groups[i], groups[j]} <= BACKGROUND_GROUPS for i, j in keys])
        self.known_counts = Counter(row for row, truth in known.values() if truth is Truth.COPY)

    def weights(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Equal weight for every row of copies; one for each pair that is none."""
        weights = np.where(self.is_copy, UNLABELLED_COPY_WEIGHT, NEGATIVE_WEIGHT)
        for row in self.known_counts:
            members = chosen & self.is_copy & (self.rows == row)
            weights[members] = ROW_WEIGHT / max(1, members.sum())
        return weights


def as_document(document: BenchDocument) -> Document:
    return Document(document.id, document.text, title=document.title, source=document.source)


def fit_estimate() -> None:
    config = DedupConfig()
    labelled = Labelled(config)
    features = estimate_pairs(labelled.signed, labelled.lows, labelled.highs, config).as_features()
    chosen = labelled.is_usable
    model = _fit(
        features[chosen], labelled.is_copy[chosen], labelled.weights(chosen)[chosen], ESTIMATE_SIGNS, 60, 4
    )
    _write("estimate-model.json", model, ESTIMATE_FEATURES)
    odds = model.decision_function(features)
    is_row = labelled.is_copy & (labelled.rows != "")
    print(
        f"candidates that are no copies: {(~labelled.is_copy).sum() / len(labelled.documents):.2f} a document"
    )
    for kept in (0.999, 0.998, 0.995, 0.99):
        threshold = np.quantile(odds[is_row], 1 - kept)
        passing = (~labelled.is_copy & (odds >= threshold)).sum() / len(labelled.documents)
        print(
            f"threshold {threshold:6.2f} keeps {kept:.1%} of labelled copies, {passing:.2f} others a document"
        )


def measure_all() -> None:
    measure_candidates()
    measure_briefs()


def measure_candidates() -> None:
    """Keeps the features of the tuning half's candidate pairs; of unlabelled kinds that abound, a sample."""
    config = DedupConfig()
    labelled = Labelled(config)
    likely = may_be_duplicates(labelled.signed, labelled.lows, labelled.highs, config) & labelled.is_usable
    rng = np.random.default_rng(1)
    is_labelled = labelled.rows != ""
    chosen = likely & (is_labelled | (labelled.is_natural & ~labelled.is_copy))
    for kind, count in (
        (labelled.is_copy, COPIES_OF_COPIES),
        (~labelled.is_copy & ~labelled.is_natural, OTHER_NEGATIVES),
    ):
        members = np.flatnonzero(likely & ~is_labelled & kind)
        chosen[rng.choice(members, min(count, len(members)), replace=False)] = True
    places = np.flatnonzero(chosen)
    pairs = [
        (labelled.documents[labelled.lows[i]], labelled.documents[labelled.highs[i]]) for i in places.tolist()
    ]
    _keep("decision-features.npz", pairs, labelled, places, labelled.rows[places])


def measure_briefs() -> None:
    """Keeps the features of pairs cut to their first words, and of pairs of which one text is cut.

    The corpus has few short copies, and the web has many: briefs, teasers, stubs that grew.
    """
    labelled = Labelled(DedupConfig())
    rng = np.random.default_rng(1)
    in_place = np.array([row.startswith(BRIEF_ROWS) for row in labelled.rows.tolist()])
    chosen: list[int] = []
    for row in sorted({*labelled.rows[in_place & labelled.is_copy].tolist()}):
        members = np.flatnonzero((labelled.rows == row) & labelled.is_copy)
        chosen += rng.choice(members, min(BRIEFS_PER_ROW, len(members)), replace=False).tolist()
    others = np.flatnonzero(~labelled.is_copy & labelled.is_usable)
    chosen += rng.choice(others, 2 * len(chosen), replace=False).tolist()
    pairs, kinds = [], []
    for number, (i, words) in enumerate(
        zip(chosen, rng.integers(30, 140, len(chosen)).tolist(), strict=True)
    ):
        low, high = labelled.documents[labelled.lows[i]], labelled.documents[labelled.highs[i]]
        pairs.append((cut(low, words), cut(high, words)))
        kinds.append("brief")
        if number % STUB_STEP == 0:
            pairs.append((cut(low, words), high) if number % (2 * STUB_STEP) else (low, cut(high, words)))
            kinds.append("stub")
    places = np.repeat(chosen, [2 if n % STUB_STEP == 0 else 1 for n in range(len(chosen))])
    rows = np.array([f"{kind}: {row}" for kind, row in zip(kinds, labelled.rows[places], strict=True)])
    _keep("brief-features.npz", pairs, labelled, places, rows)


def _keep(
    name: str,
    pairs: list[tuple[Document, Document]],
    labelled: Labelled,
    places: NDArray[np.intp],
    rows: NDArray[np.str_],
) -> None:
    with Pool(2) as pool:
        measured = np.array(list(pool.imap(_features, pairs, chunksize=100)))
    is_copy = labelled.is_copy[places]
    np.savez_compressed(
        KEPT / name,
        features=measured.astype(np.float32),
        names=np.array(KEPT_FEATURES),
        is_copy=is_copy,
        is_natural=labelled.is_natural[places],
        rows=rows,
        id_low=np.array([a.id for a, _ in pairs]),
        id_high=np.array([b.id for _, b in pairs]),
    )
    print(f"{name}: {len(pairs)} pairs measured, {is_copy.sum()} of them copies", flush=True)


def cut(document: Document, words: int) -> Document:
    """The document's first words."""
    return replace(document, text=" ".join(document.text.split()[:words]), boilerplate=frozenset())


def refit_decision() -> None:
    parts = [np.load(KEPT / name) for name in ("decision-features.npz", "brief-features.npz")]
    kept = {
        key: np.concatenate([part[key] for part in parts])
        for key in ("features", "is_copy", "rows", "weights")
    }
    kept["names"] = parts[0]["names"]
    signs = tuple(FEATURES[str(name)] for name in kept["names"])
    features, is_copy = kept["features"].astype(np.float64), kept["is_copy"]
    known = is_copy | (kept["rows"] != "") | ~_looks_copied(features, list(map(str, kept["names"])))
    print(
        f"{(~known).sum()} unlabelled pairs with a long passage in common left out: their truth is not known"
    )
    model = _fit(features[known], is_copy[known], kept["weights"][known], signs, 120, 5)
    _write("decision-model.json", model, tuple(str(name) for name in kept["names"]))


def _looks_copied(features: NDArray[np.float64], names: list[str]) -> NDArray[np.bool_]:
    """Unlabelled pairs that share a long verbatim passage and no conflict: real copies, by reading a sample."""
    column = {name: features[:, i] for i, name in enumerate(names)}
    long_words = column["equal_score"] * 2 ** column["log_words"] * column["long_run_ratio"]
    looks: NDArray[np.bool_] = (
        (long_words >= 60) & (column["score"] >= 0.35) & (column["conflict_ratio"] <= 0.05)
    )
    return looks


def _features(pair: tuple[Document, Document]) -> list[float]:
    features = measure_pair(*(read_text(without_boilerplate(d), d.language) for d in pair)).features
    return [features[name] for name in KEPT_FEATURES]


def _fit(
    features: NDArray[np.float64],
    is_copy: NDArray[np.bool_],
    weights: NDArray[np.float64],
    signs: tuple[int, ...],
    tree_count: int,
    depth: int,
) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - only a fit needs it

    return HistGradientBoostingClassifier(
        max_iter=tree_count,
        max_depth=depth,
        learning_rate=0.15,
        min_samples_leaf=100,
        l2_regularization=5.0,
        monotonic_cst=list(signs),
        random_state=1,
    ).fit(features, is_copy, sample_weight=weights)


def _write(name: str, model: Any, features: tuple[str, ...]) -> None:
    trees, depth = [], 0
    for (predictor,) in model._predictors:
        nodes = predictor.nodes
        depth = max(depth, int(nodes["depth"].max()))
        is_leaf = nodes["is_leaf"].astype(bool)
        trees.append(
            {
                "feature": np.where(is_leaf, -1, nodes["feature_idx"].astype(int)).tolist(),
                "threshold": [round(float(t), 6) if np.isfinite(t) else 0.0 for t in nodes["num_threshold"]],
                "left": np.where(is_leaf, 0, nodes["left"].astype(int)).tolist(),
                "right": np.where(is_leaf, 0, nodes["right"].astype(int)).tolist(),
                "value": [round(float(v), 6) for v in nodes["value"]],
            }
        )
    written = {
        "features": list(features),
        "baseline": round(float(model._baseline_prediction.ravel()[0]), 6),
        "depth": depth,
        "trees": trees,
    }
    (DATA / name).write_text(json.dumps(written, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{name}: {len(trees)} trees")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=["estimate", "measure", "decision"])
    KEPT.mkdir(exist_ok=True)
    {"estimate": fit_estimate, "measure": measure_all, "decision": refit_decision}[
        parser.parse_args().model
    ]()


if __name__ == "__main__":
    sys.exit(main())
