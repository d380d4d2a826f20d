"""Pairs are judged in an order that holds few texts, and every pair is judged."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.pair_order import reading_order

if TYPE_CHECKING:
    from random import Random

PAIRS = st.sets(st.tuples(st.integers(0, 30), st.integers(31, 60)), max_size=80)


def read_count(pairs: list[list[int]], held: int) -> int:
    """How often a text is read when the last ``held`` texts are remembered."""
    remembered: OrderedDict[int, None] = OrderedDict()
    count = 0
    for text in (text for pair in pairs for text in pair):
        if text not in remembered:
            count += 1
        remembered[text] = None
        remembered.move_to_end(text)
        if len(remembered) > held:
            remembered.popitem(last=False)
    return count


@given(PAIRS, st.randoms(use_true_random=False))
def test_every_pair_has_one_place_whatever_the_order_given(
    pairs: set[tuple[int, int]], random: Random
) -> None:
    given_pairs = sorted(pairs)
    orders = []
    for _ in range(2):
        random.shuffle(given_pairs)
        numbers = np.array(given_pairs, dtype=np.int64).reshape(-1, 2)
        order = reading_order(numbers[:, 0], numbers[:, 1])
        assert sorted(order.tolist()) == list(range(len(pairs)))
        orders.append(numbers[order].tolist())
    assert orders[0] == orders[1]


def test_texts_of_one_story_are_read_together() -> None:
    stories = np.random.default_rng(1).permutation(2_000).reshape(200, 10)
    pairs = np.array([sorted((story[i], story[j])) for story in stories for i in range(10) for j in range(i)])
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    in_order = pairs[reading_order(pairs[:, 0], pairs[:, 1])]
    assert read_count(in_order.tolist(), held=10) == 2_000
    assert read_count(pairs.tolist(), held=10) > 8_000
