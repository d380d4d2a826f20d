"""A hash set holds what was put in and nothing else, however its hashes crowd."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.hash_set import HashMap, HashSet

crowded = st.integers(0, 40) | st.integers(2**64 - 40, 2**64 - 2) | st.integers(0, 2**64 - 2)


@given(st.sets(crowded, max_size=60), st.lists(crowded, max_size=60))
@example(set(), [0, 1, 2**64 - 2])
@example(set(range(50)), list(range(60)))
@example({2**64 - 2 - i for i in range(50)}, [2**64 - 2 - i for i in range(60)])
def test_it_contains_exactly_its_members(members: set[int], asked: list[int]) -> None:
    table = HashSet(np.array(sorted(members), dtype=np.uint64))
    asked = [*asked, *members]
    found = table.contains(np.array(asked, dtype=np.uint64))
    assert found.tolist() == [one in members for one in asked]


@given(
    st.dictionaries(crowded, st.integers(-128, 127), max_size=40), st.lists(crowded), st.integers(-128, 127)
)
def test_a_map_gives_the_number_of_each_hash(numbers: dict[int, int], asked: list[int], missing: int) -> None:
    keys = sorted(numbers)
    table = HashMap(
        np.array(keys, dtype=np.uint64), np.array([numbers[key] for key in keys], dtype=np.int8), missing
    )
    asked = [*asked, *keys]
    found = table.look_up(np.array(asked, dtype=np.uint64))
    assert found.tolist() == [numbers.get(one, missing) for one in asked]
