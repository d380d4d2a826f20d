"""The order in which to judge pairs so that few texts must be held, or read twice.

Must not look at a text, nor leave out a pair.

Source: Cuthill and McKee 1969, Reducing the bandwidth of sparse symmetric matrices.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def reading_order(lows: NDArray[np.int64], highs: NDArray[np.int64]) -> NDArray[np.intp]:
    """Positions of the pairs, ``(n_pairs,)``, so that pairs with a text in common stand close together.

    ``lows`` and ``highs`` number the texts of each pair. A function of the set of pairs, not of their order.
    """
    numbers, rows = np.unique(np.concatenate([lows, highs]), return_inverse=True)
    ours, theirs = np.split(rows.reshape(-1), 2)
    ranks = _ranks(ours, theirs, len(numbers))
    first, last = np.minimum(ranks[ours], ranks[theirs]), np.maximum(ranks[ours], ranks[theirs])
    return np.lexsort((first, last))


def _ranks(ours: NDArray[np.intp], theirs: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """The place of each text in a walk through all, breadth first, from texts with few pairs."""
    sources, targets = np.concatenate([ours, theirs]), np.concatenate([theirs, ours])
    degrees = np.bincount(sources, minlength=count)
    order = np.lexsort((targets, degrees[targets], sources))
    neighbours = np.split(targets[order], np.cumsum(degrees)[:-1])
    ranks = np.full(count, -1, dtype=np.intp)
    place = 0
    for start in np.argsort(degrees, kind="stable").tolist():
        waiting = deque([start] if ranks[start] < 0 else [])
        while waiting:
            text = waiting.popleft()
            if ranks[text] < 0:
                ranks[text] = place
                place += 1
                waiting.extend(other for other in neighbours[text].tolist() if ranks[other] < 0)
    return ranks
