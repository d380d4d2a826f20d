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
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.config import DedupConfig
    from dedup.values import Signature


def candidate_pairs(signatures: Sequence[Signature], config: DedupConfig) -> list[tuple[int, int]]:
    """Positions of all pairs that share a bucket, ``(low, high)``, sorted and distinct.

    The members of a bucket with more than ``bucket_cap`` documents are not all paired but linked in a chain, in
    the order given, which keeps a widely copied story together at linear cost.
    """
    counts = np.array([len(signature.buckets) for signature in signatures], dtype=np.int64)
    owners = np.repeat(np.arange(len(signatures)), counts)
    buckets = np.array([bucket for s in signatures for bucket in s.buckets], dtype=np.int64)
    order = np.lexsort((owners, buckets))
    owners, buckets = owners[order], buckets[order]
    edges = np.flatnonzero(np.diff(buckets)) + 1
    starts, ends = np.concatenate(([0], edges)), np.concatenate((edges, [len(buckets)]))
    shared = ends - starts >= 2
    found = [
        _pairs_within(owners[start:end], config.bucket_cap)
        for start, end in zip(starts[shared].tolist(), ends[shared].tolist(), strict=True)
    ]
    if not found:
        return []
    keys = np.unique(np.concatenate(found))
    low, high = np.divmod(keys, np.int64(1 << 32))
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _pairs_within(members: NDArray[np.int64], cap: int) -> NDArray[np.int64]:
    if len(members) == 2 or len(members) > cap:
        low, high = members[:-1], members[1:]
    else:
        i, j = np.triu_indices(len(members), k=1)
        low, high = members[i], members[j]
    return (low << np.int64(32)) + high


def may_be_duplicate(a: Signature, b: Signature, config: DedupConfig) -> bool:
    """Whether the whole signatures of a candidate pair speak for alignment; cheap, and a little lossy."""
    estimates = estimate_views(a, b, config)
    return any(estimates[view] >= config.min_estimate(view) for view in View)
