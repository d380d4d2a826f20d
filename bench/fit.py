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
from collections import Counter
from dataclasses import replace
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from collections.abc import Mapping

    from numpy.typing import NDArray

DATA = Path(__file__).parent.parent / "dedup" / "data"
KEPT = Path(__file__).parent / "fitted"
ESTIMATE_FEATURES = ("wording", "skeleton", "anchors", "passage_ratio", "length_ratio", "log_words")
ESTIMATE_SIGNS = (1, 1, 1, 1, 0, 0)


class Shape(NamedTuple):
    """How many trees, how deep, and how slowly they learn."""

    trees: int
    depth: int
    learning_rate: float
    l2: float


ESTIMATE_SHAPE = Shape(60, 4, 0.15, 5.0)
DECISION_SHAPE = Shape(200, 4, 0.1, 15.0)
ROW_WEIGHT = 1000.0
NEGATIVE_WEIGHT = 1.0
NATURAL_NEGATIVE_WEIGHT = 5.0
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
BRIEFS_PER_ROW = 60
BRIEF_ROW_WEIGHT = 300.0
STUB_STEP = 3
# So many pairs of a row are measured, more where a row has many kinds of pairs; "copies" are copies of one original,
# "others" pairs of texts that were made or dressed up.
PAIRS_PER_ROW = 150
PAIRS_MEASURED = {
    "Wikipedia, adjacent revisions": 600,
    "natural wire copies": 400,
    "templated reports, all pairs of a template": 600,
    "templated reports, 500 best aligned": 500,
    "copies": 1_500,
    "others": 2_500,
}
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
        features[chosen],
        labelled.is_copy[chosen],
        labelled.weights(chosen)[chosen],
        ESTIMATE_SIGNS,
        ESTIMATE_SHAPE,
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
    labelled = Labelled(DedupConfig())
    measure_candidates(labelled)
    measure_briefs(labelled)


def measure_candidates(labelled: Labelled) -> None:
    """Keeps the features of the tuning half's candidate pairs: all of natural articles, a sample of each other kind."""
    config = DedupConfig()
    likely = may_be_duplicates(labelled.signed, labelled.lows, labelled.highs, config) & labelled.is_usable
    rng = np.random.default_rng(1)
    chosen = likely & labelled.is_natural & ~labelled.is_copy
    kinds = np.where(labelled.rows != "", labelled.rows, np.where(labelled.is_copy, "copies", "others"))
    for kind in np.unique(kinds).tolist():
        members = np.flatnonzero(likely & (kinds == kind) & ~chosen)
        count = PAIRS_MEASURED.get(kind, PAIRS_PER_ROW)
        chosen[rng.choice(members, min(count, len(members)), replace=False)] = True
    places = np.flatnonzero(chosen)
    pairs = [
        (labelled.documents[labelled.lows[i]], labelled.documents[labelled.highs[i]]) for i in places.tolist()
    ]
    _keep("decision-features.npz", pairs, labelled, places, labelled.rows[places])


def measure_briefs(labelled: Labelled) -> None:
    """Keeps the features of pairs cut to their first words, and of pairs of which one text is cut.

    The corpus has few short copies, and the web has many: briefs, teasers, stubs that grew.
    """
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
    kept = Kept.read()
    print(
        f"{(~kept.is_known).sum()} unlabelled pairs with a long passage in common left out: their truth is not known"
    )
    model = fit_decision(kept, kept.is_known)
    _write("decision-model.json", model, tuple(FEATURES))


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
            total = BRIEF_ROW_WEIGHT if row.startswith(("brief: ", "stub: ")) else ROW_WEIGHT
            weights[members] = total / max(1, members.sum())
        return weights


def fit_decision(kept: Kept, chosen: NDArray[np.bool_]) -> Any:
    """The decision fitted on some of the measured pairs."""
    signs = tuple(FEATURES.values())
    return _fit(
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


def _fit(
    features: NDArray[np.float64],
    is_copy: NDArray[np.bool_],
    weights: NDArray[np.float64],
    signs: tuple[int, ...],
    shape: Shape,
) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - only a fit needs it

    return HistGradientBoostingClassifier(
        max_iter=shape.trees,
        max_depth=shape.depth,
        learning_rate=shape.learning_rate,
        min_samples_leaf=100,
        l2_regularization=shape.l2,
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
    main()
