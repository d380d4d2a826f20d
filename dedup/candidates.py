"""Signatures to candidate pairs: documents that share a bucket, found for a whole corpus in memory.

The database does the same with one indexed join. Must not verify.

Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4 (banding).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.config import View
from dedup.signatures import estimate_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dedup.config import DedupConfig
    from dedup.signatures import SignedDocuments
    from dedup.values import Signature

_HIGH_BITS = np.int64(32)
_ESTIMATED_AT_ONCE = 4096


def candidate_pairs(
    signed: SignedDocuments, config: DedupConfig
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of all pairs that share a bucket, ``(lows, highs)``, sorted and distinct.

    The members of a bucket with more than ``bucket_cap`` documents are not all paired but linked in a chain, in
    the order given, which keeps a widely copied story together at linear cost. Memory beside the answer grows
    with documents and distinct pairs, not with bands: one band is sorted at a time.
    """
    keys = np.zeros(0, dtype=np.int64)
    for band in range(signed.buckets.shape[1]):
        owners = np.flatnonzero(signed.has_bucket[:, band])
        found = list(_pairs_in_band(signed.buckets[owners, band], owners, config.bucket_cap))
        keys = np.unique(np.concatenate([keys, *found]))
    return keys >> _HIGH_BITS, keys & np.int64(2**32 - 1)


def _pairs_in_band(
    buckets: NDArray[np.int64], owners: NDArray[np.intp], cap: int
) -> Iterator[NDArray[np.int64]]:
    order = np.argsort(buckets, kind="stable")
    buckets, owners = buckets[order], owners[order]
    edges = np.flatnonzero(np.diff(buckets)) + 1
    starts, ends = np.concatenate(([0], edges)), np.concatenate((edges, [len(buckets)]))
    sizes = ends - starts
    twos = starts[sizes == 2]
    yield _keys(owners[twos], owners[twos + 1])
    larger = sizes > 2
    for start, end in zip(starts[larger].tolist(), ends[larger].tolist(), strict=True):
        members = owners[start:end]
        if len(members) > cap:
            yield _keys(members[:-1], members[1:])
        else:
            i, j = np.triu_indices(len(members), k=1)
            yield _keys(members[i], members[j])


def _keys(low: NDArray[np.intp], high: NDArray[np.intp]) -> NDArray[np.int64]:
    return (low.astype(np.int64) << _HIGH_BITS) + high


def may_be_duplicates(
    signed: SignedDocuments, low: NDArray[np.int64], high: NDArray[np.int64], config: DedupConfig
) -> NDArray[np.bool_]:
    """``may_be_duplicate`` for many pairs of rows at once, ``(n_pairs,) bool``."""
    answers = [
        _may_be_duplicates(
            signed.minhash[low[start : start + _ESTIMATED_AT_ONCE]],
            signed.minhash[high[start : start + _ESTIMATED_AT_ONCE]],
            config,
        )
        for start in range(0, len(low), _ESTIMATED_AT_ONCE)
    ]
    return np.concatenate([np.zeros(0, dtype=bool), *answers])


def may_be_duplicate(a: Signature, b: Signature, config: DedupConfig) -> bool:
    """Whether the whole signatures of a candidate pair speak for alignment; cheap, and a little lossy."""
    return bool(_may_be_duplicates(a.minhash[None, :], b.minhash[None, :], config)[0])


def _may_be_duplicates(
    ours: NDArray[np.uint32], theirs: NDArray[np.uint32], config: DedupConfig
) -> NDArray[np.bool_]:
    estimates = estimate_views(ours, theirs, config)
    enough = [estimates[view] >= config.min_estimate(view) for view in View]
    answer: NDArray[np.bool_] = np.logical_or.reduce(enough)
    return answer
