"""An alignment finds what two texts share, moved or spun, and gives no word away twice."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.align import Passage, align, maximal_stretches
from dedup.reading import Reading, read_text
from tests.support.stories import edit_story, make_story, spin_story, swap_halves

STORY = make_story(1)
SCRAPS = [*STORY.replace("\n", " ").split(".")[:6], *make_story(2).split(".")[:4], "said the", "big plan", ""]
texts = st.lists(st.sampled_from(SCRAPS), max_size=10).map(". ".join)


def read(text: str) -> Reading:
    return read_text(text, "en")


def aligned(a: str, b: str) -> tuple[Passage, ...]:
    return align(read(a), read(b))


def equal_words(passages: tuple[Passage, ...]) -> int:
    return sum(b.end_a - b.start_a for p in passages for b in p.blocks if b.is_equal)


@given(texts, texts)
def test_no_word_is_in_two_blocks_and_equal_blocks_are_equal(a: str, b: str) -> None:
    reading_a, reading_b = read(a), read(b)
    passages = align(reading_a, reading_b)
    blocks = [block for passage in passages for block in passage.blocks]
    words_a = [i for block in blocks for i in range(block.start_a, block.end_a)]
    words_b = [j for block in blocks for j in range(block.start_b, block.end_b)]
    assert len(words_a) == len(set(words_a))
    assert len(words_b) == len(set(words_b))
    assert set(words_a) <= set(range(len(reading_a)))
    assert set(words_b) <= set(range(len(reading_b)))
    for block in blocks:
        tokens_a = reading_a.tokens[block.start_a : block.end_a]
        assert (tokens_a == reading_b.tokens[block.start_b : block.end_b]) or not block.is_equal


@given(texts, texts)
def test_blocks_of_a_passage_follow_each_other_without_a_hole(a: str, b: str) -> None:
    for passage in aligned(a, b):
        for one, other in pairwise(passage.blocks):
            assert (one.end_a, one.end_b) == (other.start_a, other.start_b)
            assert not (one.is_equal and other.is_equal), "neighbouring equal blocks are one"


@given(texts, texts)
def test_passages_come_in_the_order_of_the_first_text(a: str, b: str) -> None:
    assert all(one.end_a <= other.start_a for one, other in pairwise(aligned(a, b)))


@given(texts)
def test_a_text_aligns_with_itself_in_one_equal_passage(text: str) -> None:
    reading = read(text)
    passages = align(reading, reading)
    if len(reading.content) >= 4:
        assert equal_words(passages) == len(reading)
        assert len(passages) == 1


def test_swapped_halves_are_found_in_two_passages() -> None:
    passages = aligned(STORY, swap_halves(STORY))
    assert equal_words(passages) >= 0.97 * len(read(STORY))
    assert len(passages) >= 2
    assert passages[0].start_b > passages[-1].start_b


def test_every_paragraph_in_another_order_is_found() -> None:
    lines = STORY.split("\n")
    mixed = "\n".join(lines[1::2] + lines[::2])
    assert equal_words(aligned(STORY, mixed)) >= 0.9 * len(read(STORY))


def test_every_paragraph_of_a_reversed_text_is_found() -> None:
    lines = [line for seed in range(6) for line in make_story(seed).split("\n")]
    assert len(lines) >= 30
    text = "\n".join(lines)
    assert equal_words(aligned(text, "\n".join(lines[::-1]))) >= 0.97 * len(read(text))


def test_replaced_words_stand_against_what_they_replace() -> None:
    spun = spin_story(STORY)
    passages = aligned(STORY, spun)
    a, b = read(STORY), read(spun)
    replaced = {
        (a.words[block.start_a].text, b.words[block.start_b].text)
        for passage in passages
        for block in passage.blocks
        if block.is_synonym
    }
    assert {("buy", "purchase"), ("doctors", "physicians"), ("cars", "automobiles")} <= replaced
    assert sum(p.end_a - p.start_a for p in passages) >= 0.97 * len(a)


def test_a_text_set_into_another_is_found_whole() -> None:
    host = f"{make_story(5)}\n{STORY}\n{make_story(6)}"
    passages = aligned(host, STORY)
    assert equal_words(passages) >= 0.97 * len(read(STORY))


def test_unrelated_texts_share_next_to_nothing() -> None:
    shares = [equal_words(aligned(make_story(s), make_story(s + 50))) / 300 for s in range(5)]
    assert max(shares) < 0.35
    assert aligned("The river rose on Monday.", "Shares of Nokia fell sharply in Helsinki.") == ()


@pytest.mark.parametrize("change", [spin_story, swap_halves, lambda text: edit_story(text, 3)])
def test_turning_the_pair_around_finds_as_much(change: object) -> None:
    assert callable(change)
    other = change(STORY)
    forth, back = equal_words(aligned(STORY, other)), equal_words(aligned(other, STORY))
    assert abs(forth - back) <= 0.03 * forth


def test_the_worst_texts_cost_little() -> None:
    # a few words over and over: everything matches everything
    dull = "bank river " * 1500
    duller = "river bank bank " * 1000
    assert equal_words(aligned(dull, duller)) > 1000


def brute_force_stretches(scores: list[int]) -> list[tuple[int, int]]:
    # by definition: largest first, leftmost and shortest among equals, then on both sides of it
    if not any(score > 0 for score in scores):
        return []
    spans = [(i, j) for i in range(len(scores)) for j in range(i + 1, len(scores) + 1)]
    start, end = max(spans, key=lambda s: (sum(scores[s[0] : s[1]]), -(s[1] - s[0]), -s[0]))
    left = brute_force_stretches(scores[:start])
    right = [(i + end, j + end) for i, j in brute_force_stretches(scores[end:])]
    return [*left, (start, end), *right]


@given(st.lists(st.integers(-5, 5).filter(bool), max_size=14))
def test_maximal_stretches_are_those_of_the_definition(scores: list[int]) -> None:
    found = maximal_stretches(scores)
    assert [total for _, _, total in found] == [sum(scores[start:end]) for start, end, _ in found]
    expected = brute_force_stretches(scores)
    assert sum(total for *_, total in found) == sum(sum(scores[i:j]) for i, j in expected)
    assert all(one[1] <= other[0] for one, other in pairwise(found))


def test_no_stretch_crosses_a_barrier() -> None:
    assert maximal_stretches([3, -float("inf"), 2, -1, 4]) == [(0, 1, 3.0), (2, 5, 5.0)]
