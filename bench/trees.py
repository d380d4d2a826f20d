"""Boosted trees: fitted with scikit-learn, written into the package as numbers.

Must not know what is fitted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATA = Path(__file__).parent.parent / "dedup" / "data"


class Shape(NamedTuple):
    """How many trees, how deep, and how slowly they learn."""

    trees: int
    depth: int
    learning_rate: float
    l2: float


def fit_trees(
    features: NDArray[np.float64],
    is_copy: NDArray[np.bool_],
    weights: NDArray[np.float64],
    signs: tuple[int, ...],
    shape: Shape,
) -> Any:
    """Boosted trees whose answer may only rise with a feature of sign 1, and only fall with one of sign -1."""
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


def write_model(name: str, model: Any, features: tuple[str, ...]) -> None:
    """Writes a model into the package as plain numbers."""
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
