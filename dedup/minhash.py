"""Min-hash values of shingle sets, bit for bit those of datasketch's scheme ``affine32``.

The only module that imports datasketch, for the objects of those who compare or index our values with it.
The values are computed here because hashing whole arrays is several times faster than handing shingles over one by
one; a test compares them with datasketch's.

Source: Broder 1997 for min-wise hashing; datasketch 2.0, ``MinHash`` scheme ``affine32``, for the permutations.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datasketch import LeanMinHash as LeanMinHash  # noqa: PLC0414  for the annotations of others, too
    from numpy.typing import NDArray

SCHEME = "affine32"
EMPTY = np.uint32(0xFFFFFFFF)
# Shingles permuted at once: with 64 permutations the values just fit a processor's second cache.
_CHUNK = 2048


@lru_cache(maxsize=16)
def _permutations(num_perm: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    # Drawn as datasketch draws them, out of a stream that numpy has promised not to change; asking datasketch itself
    # would load scipy first, two seconds of processor time in every program that signs.
    stream = np.random.RandomState(seed)
    a = stream.randint(0, 2**31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = stream.randint(0, 2**32, num_perm, dtype=np.uint32)
    return a.reshape(-1, 1), b.reshape(-1, 1)


def min_hash(shingles: NDArray[np.uint64], num_perm: int, seed: int) -> NDArray[np.uint32]:
    """Min-hash values of a set of shingle hashes (repeats do no harm): ``(num_perm,) uint32``.

    An empty set gives ``EMPTY`` in every place. Cost ``O(n_shingles * num_perm)``.
    """
    starts, ends = np.array([0]), np.array([len(shingles)])
    values: NDArray[np.uint32] = min_hash_sets(shingles, starts, ends, num_perm, seed)[0]
    return values


def min_hash_sets(
    shingles: NDArray[np.uint64],
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
    num_perm: int,
    seed: int,
) -> NDArray[np.uint32]:
    """``min_hash`` of every set ``shingles[start:end]``: ``(n_sets, num_perm) uint32``.

    Memory beside the answer: ``num_perm`` times 2,048 values, however large a set is.
    """
    a, b = _permutations(num_perm, seed)
    hashed = _fmix32((shingles >> np.uint64(32)).astype(np.uint32))
    values = np.full((len(starts), num_perm), EMPTY, dtype=np.uint32)
    scratch = np.empty(num_perm * _CHUNK, dtype=np.uint32)
    for row, start, end in zip(values, starts.tolist(), ends.tolist(), strict=True):
        for at in range(start, end, _CHUNK):
            chunk = hashed[at : min(at + _CHUNK, end)]
            permuted = scratch[: num_perm * len(chunk)].reshape(num_perm, -1)
            np.multiply(a, chunk, out=permuted)
            permuted += b
            np.minimum(row, permuted.min(axis=1), out=row)
    return values


def lean_min_hash(values: NDArray[np.uint32], seed: int) -> LeanMinHash:
    """The values as datasketch's own object."""
    from datasketch import LeanMinHash  # noqa: PLC0415  imports scipy, which nobody else need wait for

    return LeanMinHash(seed=seed, hashvalues=values, scheme=SCHEME)


def _fmix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    values ^= values >> np.uint32(16)
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values
