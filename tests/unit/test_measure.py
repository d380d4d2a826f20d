"""Measures are what their names say, whatever the texts, and turn around with the pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.measure import measure_pair
from dedup.reading import read_text
from tests.support.stories import SYNONYMS, edit_story, make_story, spin_story

if TYPE_CHECKING:
    from dedup.values import PairMeasures

STORY = make_story(1)
SCRAPS = [
    *STORY.replace("\n", " ").split(".")[:6],
    *make_story(2).split(".")[:4],
    "said the",
    "In 2021, 45 of them",
    "",
]
texts = st.lists(st.sampled_from(SCRAPS), max_size=10).map(". ".join)


def measure(a: str, b: str) -> PairMeasures:
    return measure_pair(read_text(a, "en"), read_text(b, "en"))


@given(texts, texts)
def test_ratios_lie_between_nothing_and_all(a: str, b: str) -> None:
    m = measure(a, b)
    for ratio in (
        m.similarity,
        m.containment_a,
        m.containment_b,
        m.replaced_ratio,
        m.synonym_ratio,
        m.anchor_agreement_ratio,
    ):
        assert 0 <= ratio <= 1
    assert m.aligned_word_count <= m.word_count_a
    assert m.similarity <= max(m.containment_a, m.containment_b)
    assert m.similarity >= min(m.containment_a, m.containment_b) or not m.aligned_word_count


@given(texts)
def test_a_text_is_wholly_in_itself(text: str) -> None:
    m = measure(text, text)
    if len(read_text(text, "en").content) >= 4:
        assert (m.similarity, m.containment_a, m.containment_b, m.replaced_ratio) == (1, 1, 1, 0)
        assert m.conflicting_anchors == ()
        assert m.substitutions == ()


def test_nothing_measures_as_nothing() -> None:
    m = measure("", STORY)
    assert (m.similarity, m.containment_a, m.containment_b, m.aligned_word_count) == (0, 0, 0, 0)
    assert (m.word_count_a, m.word_count_b) == (0, len(read_text(STORY, "en")))


def test_a_third_of_a_text_is_a_third_of_it() -> None:
    lines = STORY.split("\n")
    part = "\n".join(lines[: len(lines) // 4 + 1])
    m = measure(part, STORY)
    assert m.containment_a > 0.98
    assert m.containment_b == pytest.approx(m.word_count_a / m.word_count_b, abs=0.05)


def test_a_spun_copy_tells_what_was_replaced_by_what() -> None:
    m = measure(STORY, spin_story(STORY))
    replaced = {(s.words_a, s.words_b) for s in m.substitutions}
    assert {("buy", "purchase"), ("doctors", "physicians")} <= replaced
    # words that stand side by side are one substitution, so there may be fewer
    assert sum(s.count for s in m.substitutions) <= sum(word in SYNONYMS for word in STORY.split())
    assert m.synonym_ratio > 0.9
    assert m.containment_a > 0.95, "what the lexicon explains is aligned"
    assert 0.1 < m.replaced_ratio < 0.5


def test_changed_names_and_numbers_conflict_and_kept_ones_agree() -> None:
    text = "The company said on Monday that profit at the Zukaka plant in Vilnius rose to 45 million from 38 million."
    other = "The company said on Monday that profit at the Zukaka plant in Bergen rose to 91 million from 38 million."
    m = measure(text * 3, other * 3)
    assert ("vilnius", "bergen") in m.conflicting_anchors
    assert "zukaka" in m.agreeing_anchors
    assert 0 < m.anchor_agreement_ratio < 1
    assert measure(text * 3, text * 3).anchor_agreement_ratio == 1


def test_a_misspelt_name_and_a_written_number_agree() -> None:
    text = "The agency told Karoline Leavitt on Monday that 16 of the boats had left the harbour before the storm came. "
    other = "The agency told Karoline Lewitt on Monday that sixteen of the boats had left the harbour before the storm came. "
    m = measure(text * 2, other * 2)
    assert m.conflicting_anchors == ()


@pytest.mark.parametrize(
    "other",
    [spin_story(STORY), edit_story(STORY, 2), make_story(9), f"{make_story(8)} {STORY}", STORY.lower()],
)
def test_turning_the_pair_around_turns_the_measures(other: str) -> None:
    assert measure(STORY, other) == measure(other, STORY).turned()


@given(texts, texts)
def test_turning_any_pair_around_turns_the_measures(a: str, b: str) -> None:
    assert measure(a, b) == measure(b, a).turned()


def test_names_spelled_alike_agree_as_often_from_either_side() -> None:
    # two of one text are like one of the other: which of them is paired must not hang on the side
    text = "On Monday the agency told that Larsson and Larssen and Larsen of the board had left the harbour early. "
    other = "On Monday the agency told that Larsen and Karsson and Larson of the board had left the harbour early. "
    forth, back = measure(text * 2, other * 2), measure(other * 2, text * 2)
    assert forth.agreeing_anchors == back.agreeing_anchors
    assert forth == back.turned()
