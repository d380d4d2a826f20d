"""Min-hash values are datasketch's own, bit for bit, however the sets are cut into chunks and batches."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from dedup.minhash import EMPTY, lean_min_hash, min_hash, min_hash_sets

hash_lists = st.lists(st.integers(0, 2**64 - 1), max_size=60)


def datasketch_values(shingles: list[int], num_perm: int, seed: int) -> list[int]:
    theirs = MinHash(
        num_perm=num_perm,
        seed=seed,
        scheme="affine32",
        hashfunc=lambda eight_bytes: int.from_bytes(eight_bytes, "little") >> 32,
    )
    theirs.update_batch([shingle.to_bytes(8, "little") for shingle in shingles])
    return [int(value) for value in theirs.hashvalues]


@given(hash_lists, st.sampled_from([1, 64, 96]), st.integers(0, 3))
def test_values_are_those_of_datasketch(shingles: list[int], num_perm: int, seed: int) -> None:
    ours = min_hash(np.array(shingles, dtype=np.uint64), num_perm, seed)
    assert ours.dtype == np.uint32
    assert ours.tolist() == datasketch_values(shingles, num_perm, seed)


@pytest.mark.parametrize("count", [2047, 2048, 2049, 5000])
def test_a_set_larger_than_a_chunk_gives_the_same_values(count: int) -> None:
    shingles = np.random.default_rng(count).integers(0, 2**64, count, dtype=np.uint64)
    assert min_hash(shingles, 16, 1).tolist() == datasketch_values(shingles.tolist(), 16, 1)


@given(st.lists(hash_lists, min_size=1, max_size=6))
def test_sets_of_a_batch_do_not_touch_each_other(sets: list[list[int]]) -> None:
    ends = np.cumsum([len(one) for one in sets])
    starts = ends - [len(one) for one in sets]
    flat = np.array([shingle for one in sets for shingle in one], dtype=np.uint64)
    together = min_hash_sets(flat, starts, ends, 8, 5)
    alone = [min_hash(np.array(one, dtype=np.uint64), 8, 5).tolist() for one in sets]
    assert together.tolist() == alone


@given(hash_lists.filter(bool))
def test_order_and_repeats_do_not_matter(shingles: list[int]) -> None:
    once = min_hash(np.array(sorted(set(shingles)), dtype=np.uint64), 32, 1)
    again = min_hash(np.array([*shingles[::-1], *shingles], dtype=np.uint64), 32, 1)
    assert once.tolist() == again.tolist()


def test_an_empty_set_is_marked_everywhere() -> None:
    assert min_hash(np.zeros(0, dtype=np.uint64), 4, 1).tolist() == [int(EMPTY)] * 4


@pytest.mark.parametrize("shared", [0, 30, 60, 90, 120])
def test_the_estimate_lies_within_four_standard_errors(shared: int) -> None:
    values = np.random.default_rng(7).integers(0, 2**64, 240 - shared, dtype=np.uint64)
    a, b = values[:120], values[120 - shared :]
    exact = shared / (240 - shared)
    estimate = lean_min_hash(min_hash(a, 512, 1), 1).jaccard(lean_min_hash(min_hash(b, 512, 1), 1))
    assert abs(estimate - exact) <= 4 * (exact * (1 - exact) / 512) ** 0.5
