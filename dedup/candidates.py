"""Signatures to candidate pairs: documents that share a bucket, found for a whole corpus in memory.

The database does the same with one indexed join. Must not verify.

Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4 (banding).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.boosted_trees import estimate_model
from dedup.signatures import as_signed, estimate_pairs
from dedup.views import is_passage_bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from dedup.config import DedupConfig
    from dedup.signatures import SignedDocuments
    from dedup.values import Signature

_HIGH_BITS = np.int64(32)
_ESTIMATED_AT_ONCE = 16_384


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
        found = _keys(*pairs_in_buckets(signed.buckets[owners, band], owners, config.bucket_cap))
        keys = np.unique(np.concatenate([keys, found]))
    owners = np.repeat(np.arange(len(signed.word_counts)), np.diff(signed.passage_bounds))
    chosen = is_passage_bucket(signed.passages)
    passages = signed.passages[chosen].view(np.int64)
    found = _keys(*pairs_in_buckets(passages, owners[chosen], config.bucket_cap))
    keys = np.unique(np.concatenate([keys, found]))
    return keys >> _HIGH_BITS, keys & np.int64(2**32 - 1)


def pairs_in_buckets(
    buckets: NDArray[np.int64], owners: NDArray[np.int64], cap: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of owners with one bucket, ``(lows, highs)``: all of them, or a chain in the order given beyond the cap.

    A pair stands there once for every bucket that it shares.
    """
    found = [(owners[:0], owners[:0]), *_pairs_by_size(buckets, owners, cap)]
    return np.concatenate([lows for lows, _ in found]), np.concatenate([highs for _, highs in found])


def _pairs_by_size(
    buckets: NDArray[np.int64], owners: NDArray[np.int64], cap: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    order = np.argsort(buckets, kind="stable")
    buckets, owners = buckets[order], owners[order]
    edges = np.flatnonzero(np.diff(buckets)) + 1
    starts, ends = np.concatenate(([0], edges)), np.concatenate((edges, [len(buckets)]))
    sizes = ends - starts
    twos = starts[sizes == 2]
    yield owners[twos], owners[twos + 1]
    larger = sizes > 2
    for start, end in zip(starts[larger].tolist(), ends[larger].tolist(), strict=True):
        members = owners[start:end]
        if len(members) > cap:
            yield members[:-1], members[1:]
        else:
            i, j = np.triu_indices(len(members), k=1)
            yield members[i], members[j]


def _keys(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    return (low.astype(np.int64) << _HIGH_BITS) + high


def may_be_duplicates(
    signed: SignedDocuments, low: NDArray[np.int64], high: NDArray[np.int64], config: DedupConfig
) -> NDArray[np.bool_]:
    """``may_be_duplicate`` for many pairs of rows at once, ``(n_pairs,) bool``."""
    answers = [np.zeros(0, dtype=bool)]
    for start in range(0, len(low), _ESTIMATED_AT_ONCE):
        chunk = slice(start, start + _ESTIMATED_AT_ONCE)
        estimates = estimate_pairs(signed, low[chunk], high[chunk], config)
        answers.append(estimate_model().log_odds(estimates.as_features()) >= config.min_estimate)
    return np.concatenate(answers)


def likely_pairs(
    signatures: Mapping[int, Signature], pairs: Iterable[tuple[int, int]], config: DedupConfig
) -> list[tuple[int, int]]:
    """The pairs of numbers for whose signatures ``may_be_duplicate`` holds, in their order; many are estimated at once."""
    given = list(pairs)
    if not given:
        return []
    involved, rows = np.unique(np.array(given), return_inverse=True)
    rows = rows.reshape(-1, 2)
    signed = as_signed([signatures[number] for number in involved.tolist()])
    holds = may_be_duplicates(signed, rows[:, 0], rows[:, 1], config)
    return [pair for pair, is_likely in zip(given, holds.tolist(), strict=True) if is_likely]


def may_be_duplicate(a: Signature, b: Signature, config: DedupConfig) -> bool:
    """Whether the whole signatures of a candidate pair speak for alignment; cheap, and a little lossy."""
    return bool(may_be_duplicates(as_signed([a, b]), np.array([0]), np.array([1]), config)[0])
