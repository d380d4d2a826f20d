"""A read-only set of 64-bit hashes that answers for whole arrays at once.

Must not know what the hashes stand for.

Source: Knuth, The Art of Computer Programming, volume 3, section 6.4 (linear probing, ordered tables).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGEST_HASH = np.uint64(2**64 - 1)


class HashSet:
    """Hashes in linear probing, laid out in ascending order: ten times faster than a binary search.

    A hash stands at its slot or after it, the next larger one later still; so a probe may stop at the first value
    that is not smaller.
    """

    def __init__(self, sorted_hashes: NDArray[np.uint64]) -> None:
        bits = max(4, len(sorted_hashes).bit_length() + 1)
        self._shift = np.uint64(64 - bits)
        order = np.arange(len(sorted_hashes))
        slots = (sorted_hashes >> self._shift).astype(np.int64)
        self.places = np.maximum.accumulate(slots - order) + order
        self.table = np.full((1 << bits) + len(sorted_hashes) + 1, _LARGEST_HASH, dtype=np.uint64)
        self.table[self.places] = sorted_hashes

    def contains(self, wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which hashes are in the set, elementwise; ``2**64 - 1`` always seems to be."""
        return self.find(wanted)[0]

    def find(self, wanted: NDArray[np.uint64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """``contains``, and the place in the table where each hash stands or would stand."""
        places = (wanted >> self._shift).astype(np.int64)
        values = self.table[places]
        found: NDArray[np.bool_] = values == wanted
        undecided = np.flatnonzero(values < wanted)
        while len(undecided):
            places[undecided] += 1
            values = self.table[places[undecided]]
            found[undecided] = values == wanted[undecided]
            undecided = undecided[values < wanted[undecided]]
        return found, places


class HashMap:
    """Small numbers by hash, looked up for whole arrays at once."""

    def __init__(self, sorted_hashes: NDArray[np.uint64], values: NDArray[np.int8], missing: int) -> None:
        self._keys = HashSet(sorted_hashes)
        self._values = np.full(len(self._keys.table), missing, dtype=np.int8)
        self._values[self._keys.places] = values
        self._missing = np.int8(missing)

    def look_up(self, wanted: NDArray[np.uint64]) -> NDArray[np.int8]:
        """The number of each hash, ``missing`` where it has none."""
        found, places = self._keys.find(wanted)
        numbers: NDArray[np.int8] = np.where(found, self._values[places], self._missing)
        return numbers
