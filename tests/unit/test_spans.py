"""Spans show each word of both texts once, where it stands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup import align_texts
from dedup.normalize import locate_words, split_words
from dedup.values import SpanKind
from tests.support.stories import make_story, spin_story, swap_halves

STORY = make_story(1)
PIECES = [
    *STORY.replace("\n", " ").split("."),
    *make_story(2).split(".")[:5],
    "said the",
    "\u201cbig\u201d plan \u2014",
    "",
]
texts = st.lists(st.sampled_from(PIECES), max_size=10).map(". ".join)


@given(texts, texts)
def test_every_word_of_both_texts_is_in_exactly_one_span(text_a: str, text_b: str) -> None:
    spans = align_texts(text_a, text_b, "en")
    for text, places in (
        (text_a, [(s.start_a, s.end_a) for s in spans if s.kind is not SpanKind.ONLY_B]),
        (text_b, [(s.start_b, s.end_b) for s in spans if s.kind is not SpanKind.ONLY_A]),
    ):
        for word in locate_words(text):
            assert sum(start <= word.start and word.end <= end for start, end in places) == 1
        assert not any(
            start < word.start < end < word.end for word in locate_words(text) for start, end in places
        )


@given(texts, texts)
def test_spans_come_in_the_order_of_the_first_text_and_are_never_empty(text_a: str, text_b: str) -> None:
    spans = align_texts(text_a, text_b, "en")
    starts = [span.start_a for span in spans if span.kind is not SpanKind.ONLY_B]
    assert starts == sorted(starts)
    for span in spans:
        assert (span.start_a < span.end_a) == (span.kind is not SpanKind.ONLY_B)
        assert (span.start_b < span.end_b) == (span.kind is not SpanKind.ONLY_A)


@given(texts, texts)
def test_equal_spans_hold_equal_words(text_a: str, text_b: str) -> None:
    for span in align_texts(text_a, text_b, "en"):
        words_a = split_words(text_a[span.start_a : span.end_a])
        if span.kind is SpanKind.EQUAL:
            assert words_a == split_words(text_b[span.start_b : span.end_b])


def test_a_spun_text_shows_its_synonyms() -> None:
    spun = spin_story(STORY)
    shown = {
        (STORY[span.start_a : span.end_a], spun[span.start_b : span.end_b])
        for span in align_texts(STORY, spun, "en")
        if span.is_synonym
    }
    assert {("buy", "purchase"), ("doctors", "physicians")} <= shown


def test_a_moved_passage_jumps_in_the_second_text() -> None:
    places = [s.start_b for s in align_texts(STORY, swap_halves(STORY), "en") if s.kind is SpanKind.EQUAL]
    assert places != sorted(places)


def test_nothing_against_something() -> None:
    assert align_texts("", "", "en") == ()
    (only,) = align_texts("", "Four words are here", "en")
    assert (only.kind, only.start_b, only.end_b) == (SpanKind.ONLY_B, 0, 19)
    (only,) = align_texts("Four words are here", "...", "en")
    assert (only.kind, only.start_a, only.end_a) == (SpanKind.ONLY_A, 0, 19)
