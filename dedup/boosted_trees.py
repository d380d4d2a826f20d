"""Small fitted models: sums of decision trees, read from packaged numbers and evaluated with numpy alone.

The models are fitted by ``bench/fit.py`` on the tuning half of the benchmark. Must not be fitted here.

Source: Friedman 2001, Greedy Function Approximation: A Gradient Boosting Machine.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_LEAF = -1


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """A sum of trees; every array is ``(n_trees, max_nodes)``, node 0 being a tree's root.

    A node sends a row left where its feature's value is at most the threshold; ``features`` is -1 in a leaf.
    """

    feature_names: tuple[str, ...]
    baseline: float
    features: NDArray[np.intp]
    thresholds: NDArray[np.float64]
    lefts: NDArray[np.intp]
    rights: NDArray[np.intp]
    values: NDArray[np.float64]
    depth: int
    digest: str

    def log_odds(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The model's log odds for rows of features in the order of ``feature_names``: ``(n_rows,)``."""
        trees = np.arange(len(self.features))[None, :]
        nodes = np.zeros((len(rows), len(self.features)), dtype=np.intp)
        row_numbers = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            features = self.features[trees, nodes]
            goes_left = rows[row_numbers, np.maximum(features, 0)] <= self.thresholds[trees, nodes]
            following = np.where(goes_left, self.lefts[trees, nodes], self.rights[trees, nodes])
            nodes = np.where(features == _LEAF, nodes, following)
        sums: NDArray[np.float64] = self.baseline + self.values[trees, nodes].sum(axis=1)
        return sums


@cache
def estimate_model() -> BoostedTrees:
    """The model that says from two signatures whether a pair is worth aligning."""
    return _load("estimate-model.json")


@cache
def decision_model() -> BoostedTrees:
    """The model that says from an alignment's measures whether a pair is a duplicate."""
    return _load("decision-model.json")


def _load(name: str) -> BoostedTrees:
    text = files("dedup").joinpath("data", name).read_text(encoding="utf-8")
    model = json.loads(text)
    trees = model["trees"]
    return BoostedTrees(
        feature_names=tuple(model["features"]),
        baseline=model["baseline"],
        features=_padded(trees, "feature").astype(np.intp),
        thresholds=_padded(trees, "threshold"),
        lefts=_padded(trees, "left").astype(np.intp),
        rights=_padded(trees, "right").astype(np.intp),
        values=_padded(trees, "value"),
        depth=model["depth"],
        digest=hashlib.blake2b(text.encode(), digest_size=8).hexdigest(),
    )


def _padded(trees: Sequence[Mapping[str, Sequence[float]]], key: str) -> NDArray[np.float64]:
    widest = max(len(tree[key]) for tree in trees)
    return np.array([[*tree[key], *[0.0] * (widest - len(tree[key]))] for tree in trees], dtype=np.float64)
