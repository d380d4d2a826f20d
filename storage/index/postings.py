"""Postings, packed: which article has which bucket, as sorted bytes with pages and filters; knows no database.

A posting is 12 bytes: the bucket's *key*, 64 bits, and the article's number, 32 bits. A key is the bucket times an
odd number, so that keys are spread evenly whatever the buckets' bits are, and the bucket can be had back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Int64s: TypeAlias = NDArray[np.int64]
    Keys: TypeAlias = NDArray[np.uint64]
    Postings: TypeAlias = NDArray[np.void]
    Bits: TypeAlias = NDArray[np.uint8]

_Number = TypeVar("_Number", np.int64, np.uint64)

POSTING = np.dtype([("key", "<u8"), ("article", "<u4")])
SLICE_BITS = 7
SLICE_COUNT = 1 << SLICE_BITS
# In place of an article: the bucket is hot, and its articles are rows of their own.
HOT_MARK = 0

# Golden ratio of 64 bits, and its inverse modulo 2**64.
_STEP = 0x9E3779B97F4A7C15
_INVERSE = pow(_STEP, -1, 1 << 64)
_FILTER_STEPS = np.array([0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93], dtype=np.uint64)
# 12 bits a posting and 3 probes let 1.1% of absent buckets pass.
_FILTER_BITS = 12
_PAGE_POSTINGS = 96
_MAX_PAGE_BITS = 20
PAGE_NUMBERS = 1 << _MAX_PAGE_BITS
"""Numbers that are set aside for the pages of a segment."""
_HALF = np.uint64(32)


def keys_of(buckets: Int64s) -> Keys:
    """The keys under which buckets are filed, in the order given."""
    return np.asarray(buckets, dtype=np.int64).view(np.uint64) * np.uint64(_STEP)


def buckets_of(keys: Keys) -> Int64s:
    """The buckets of keys: the inverse of ``keys_of``."""
    return (np.ascontiguousarray(keys) * np.uint64(_INVERSE)).view(np.int64)


def as_postings(entries: Mapping[int, Int64s]) -> Postings:
    """The postings of articles, sorted by key.

    Raises:
        StorageError: an article's number does not fit in 32 bits, or is 0.
    """
    if not entries:
        return no_postings()
    if min(entries) <= HOT_MARK or max(entries) >= 1 << 32:
        raise StorageError(f"article numbers must lie in [1, 2**32), got {min(entries)} to {max(entries)}")
    owners = np.fromiter(entries, dtype=np.uint32, count=len(entries))
    return make_postings(
        keys_of(np.concatenate(list(entries.values()))),
        np.repeat(owners, [len(one) for one in entries.values()]),
    )


def make_postings(keys: Keys, articles: NDArray[Any]) -> Postings:
    """Postings of parallel arrays, sorted by key."""
    postings = np.empty(len(keys), dtype=POSTING)
    order = np.argsort(keys)
    postings["key"], postings["article"] = keys[order], articles[order]
    return postings


def distinct(values: NDArray[_Number]) -> NDArray[_Number]:
    """The values sorted, each once; faster than ``numpy.unique``, which builds a hash table first."""
    ordered = np.sort(values)
    is_first = np.ones(len(ordered), dtype=np.bool_)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


def no_postings() -> Postings:
    """An array without postings."""
    return np.empty(0, dtype=POSTING)


def merged(parts: Iterable[Postings]) -> Postings:
    """All postings of the parts, sorted by key."""
    together = np.concatenate([no_postings(), *parts])
    return together[np.argsort(_keys(together))]


def unpack(packed: bytes) -> Postings:
    """Postings from their bytes."""
    return np.frombuffer(packed, dtype=POSTING)


def slice_bounds(keys: Keys) -> list[int]:
    """Where each slice of the sorted keys begins, and behind the last its end: ``SLICE_COUNT + 1`` positions."""
    firsts = np.arange(SLICE_COUNT, dtype=np.uint64) << np.uint64(64 - SLICE_BITS)
    return [*np.searchsorted(keys, firsts).tolist(), len(keys)]


def page_bits(posting_count: int) -> int:
    """How many bits of a key number the pages of a segment with so many postings."""
    return min(max(posting_count // _PAGE_POSTINGS, 1).bit_length() - 1, _MAX_PAGE_BITS)


def page_ids(keys: Keys, segment_id: int, bits: int) -> Int64s:
    """The pages in which a segment keeps keys; ascending if the keys are."""
    first = segment_id << _MAX_PAGE_BITS
    if not bits:
        return np.full(len(keys), first, dtype=np.int64)
    numbers = (keys << np.uint64(SLICE_BITS)) >> np.uint64(64 - bits)
    return numbers.astype(np.int64) + first


def page_range(segment_id: int) -> tuple[int, int]:
    """The first and the last number that a page of the segment can have."""
    first = segment_id << _MAX_PAGE_BITS
    return first, first + PAGE_NUMBERS - 1


def split_pages(postings: Postings, segment_id: int) -> list[tuple[int, bytes]]:
    """A segment's sorted postings as numbered pages."""
    ids = page_ids(_keys(postings), segment_id, page_bits(len(postings)))
    numbers, starts = np.unique(ids, return_index=True)
    ends = [*starts[1:].tolist(), len(postings)]
    packed, size = postings.tobytes(), POSTING.itemsize
    return [
        (number, packed[start * size : end * size])
        for number, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True)
    ]


def filter_hashes(keys: Keys) -> Keys:
    """What a filter asks of keys: ``(3, n)`` numbers of 32 bits."""
    return (keys[np.newaxis, :] * _FILTER_STEPS[:, np.newaxis]) >> _HALF


def build_filter(postings: Postings) -> bytes:
    """Bits that say of every key whether it may be among the postings (never wrongly no)."""
    count = max(len(postings), 1) * _FILTER_BITS
    size = -(-count // 8)
    bits = np.zeros(size * 8, dtype=np.bool_)
    bits[_places(filter_hashes(_keys(postings)), size * 8)] = True
    return np.packbits(bits, bitorder="little").tobytes()


def may_hold(bits: Bits, hashes: Keys) -> NDArray[np.bool_]:
    """Which of the keys with these hashes the postings behind a filter may hold."""
    places = _places(hashes, len(bits) * 8)
    answers = (bits[places >> np.uint64(3)] >> (places & np.uint64(7)).astype(np.uint8)) & np.uint8(1)
    found: NDArray[np.bool_] = answers.all(axis=0)
    return found


def _places(hashes: Keys, bit_count: int) -> Keys:
    return (hashes * np.uint64(bit_count)) >> _HALF


def _keys(postings: Postings) -> Keys:
    return np.ascontiguousarray(postings["key"])
