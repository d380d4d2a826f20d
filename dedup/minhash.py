"""Min-hash values of shingle sets, bit for bit those of datasketch's scheme ``affine32``.

The only module that imports datasketch: it supplies the permutations, and the objects for those who want to
compare or index our values with it. The values are computed here because hashing whole arrays is several times
faster than handing shingles over one by one.

Source: Broder 1997 for min-wise hashing; datasketch 2.0, ``MinHash`` scheme ``affine32``, for the permutations.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from datasketch import LeanMinHash, MinHash

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEME = "affine32"
EMPTY = np.uint32(0xFFFFFFFF)


@lru_cache(maxsize=16)
def _permutations(num_perm: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    a, b = MinHash(num_perm=num_perm, seed=seed, scheme=SCHEME).permutations
    return a.reshape(-1, 1).copy(), b.reshape(-1, 1).copy()


def min_hash(shingles: NDArray[np.uint64], num_perm: int, seed: int) -> NDArray[np.uint32]:
    """Min-hash values of a set of shingle hashes (repeats do no harm): ``(num_perm,) uint32``.

    An empty set gives ``EMPTY`` in every place. Cost ``O(n_shingles * num_perm)``.
    """
    if len(shingles) == 0:
        return np.full(num_perm, EMPTY, dtype=np.uint32)
    a, b = _permutations(num_perm, seed)
    hashed = _fmix32((shingles >> np.uint64(32)).astype(np.uint32))
    permuted = a * hashed
    permuted += b
    values: NDArray[np.uint32] = permuted.min(axis=1)
    return values


def as_datasketch(values: NDArray[np.uint32], seed: int) -> LeanMinHash:
    """The values as datasketch's own object, for its ``jaccard`` and its indexes."""
    return LeanMinHash(seed=seed, hashvalues=values, scheme=SCHEME)


def _fmix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    values = values ^ (values >> np.uint32(16))
    values = values * np.uint32(0x85EBCA6B)
    values = values ^ (values >> np.uint32(13))
    values = values * np.uint32(0xC2B2AE35)
    return values ^ (values >> np.uint32(16))
