"""Sorted buckets to pairs, a batch at a time: what a worker does with its share of the index.

Must not hold more of a bucket than the cap, however many documents are in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dedup.candidates import pairs_in_buckets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.int64]


def walk_buckets(batches: Iterable[tuple[Numbers, Numbers]], cap: int) -> Iterator[tuple[Numbers, Numbers]]:
    """The pairs of owners that share a bucket, ``(lows, highs)``, as file mode pairs them.

    The batches of ``(buckets, owners)`` are sorted by bucket and owner, from the first to the last; a bucket may
    reach over any number of them. One with more than ``cap`` owners is a chain.
    """
    buckets = owners = np.zeros(0, dtype=np.int64)
    is_chained = False  # of the bucket that is still open the last owner alone is left, its pairs are given
    for more_buckets, more_owners in batches:
        buckets, owners = np.concatenate([buckets, more_buckets]), np.concatenate([owners, more_owners])
        if not len(buckets):
            continue
        if is_chained:
            end = int(np.searchsorted(buckets, buckets[0], side="right"))
            yield owners[: end - 1], owners[1:end]
            is_chained = end == len(buckets)
            kept = end - 1 if is_chained else end
            buckets, owners = buckets[kept:], owners[kept:]
            if is_chained:
                continue
        start = int(np.searchsorted(buckets, buckets[-1]))
        yield pairs_in_buckets(buckets[:start], owners[:start], cap)
        buckets, owners = buckets[start:], owners[start:]
        if len(owners) > cap:
            yield owners[:-1], owners[1:]
            buckets, owners = buckets[-1:], owners[-1:]
            is_chained = True
    if not is_chained:
        yield pairs_in_buckets(buckets, owners, cap)
