"""Judgement of pairs: copies of every kind are found, what only looks alike is not, and nothing depends on order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import DedupConfig, judge_pair
from dedup.normalize import split_words
from dedup.values import Document, DuplicatePair, Label, RejectedPair, Relation
from tests.support.stories import edit_story, make_story, spin_story, swap_halves

CONFIG = DedupConfig()
STORY = make_story(1)
SCRAPS = [*STORY.replace("\n", " ").split(".")[:6], *make_story(2).split(".")[:4], "said the", ""]
texts = st.lists(st.sampled_from(SCRAPS), max_size=12).map(". ".join)


def judge(a: str, b: str) -> DuplicatePair | RejectedPair:
    return judge_pair(Document("a", a, language="en"), Document("b", b, language="en"), CONFIG)


def label(a: str, b: str) -> Label | None:
    verdict = judge(a, b)
    return verdict.label if isinstance(verdict, DuplicatePair) else None


@settings(max_examples=30)
@given(texts, texts)
def test_the_verdict_is_the_same_whichever_comes_first(text_a: str, text_b: str) -> None:
    a, b = Document("a", text_a, language="en"), Document("b", text_b, language="en")
    verdict = judge_pair(a, b, CONFIG)
    assert judge_pair(b, a, CONFIG) == verdict
    assert (verdict.id_a, verdict.id_b) == ("a", "b")
    assert verdict.reason


@settings(max_examples=60)
@given(texts, texts)
def test_the_verdict_does_not_hang_on_which_text_has_the_smaller_id(text_a: str, text_b: str) -> None:
    one, other = judge(text_a, text_b), judge(text_b, text_a)
    assert one.measures.features == other.measures.features
    assert (type(one), label(text_a, text_b)) == (type(other), label(text_b, text_a))
    assert one.measures.containment_a == other.measures.containment_b


@settings(max_examples=30)
@given(texts, texts)
def test_exact_is_exactly_the_same_words(text_a: str, text_b: str) -> None:
    words_a, words_b = split_words(text_a), split_words(text_b)
    assert (label(text_a, text_b) is Label.EXACT) == (words_a == words_b and bool(words_a))


@pytest.mark.parametrize(
    "disguise",
    [
        str.upper,
        lambda text: text.replace(" ", "  \u00a0"),
        lambda text: text.replace("e", "\u0435").replace("o", "\u043e"),
        lambda text: text.replace("a", "a\u200b"),
        lambda text: text.replace(".", " \u2014").replace(" ", "\n"),
    ],
    ids=["capitals", "spaces", "homoglyphs", "zero width", "punctuation"],
)
def test_a_disguise_does_not_make_another_text(disguise: object) -> None:
    assert callable(disguise)
    assert disguise(STORY) != STORY
    assert label(STORY, disguise(STORY)) is Label.EXACT


@pytest.mark.parametrize(
    "copy",
    [
        edit_story(STORY, 1),
        spin_story(STORY),
        swap_halves(STORY),
        "\n".join(STORY.split("\n")[:5]),
        f"{STORY}\n{make_story(7, 3)}",
        "\n".join(
            f"{line}\n{extra}"
            for line, extra in zip(STORY.split("\n"), make_story(8, 8).split("."), strict=False)
        ),
    ],
    ids=["edited", "spun", "swapped", "trimmed", "extended", "injected"],
)
def test_a_copy_is_found_however_it_was_made(copy: str) -> None:
    assert label(STORY, copy) not in {None, Label.EXACT}


@pytest.mark.parametrize("seed", range(2, 8))
def test_another_story_is_not_a_copy(seed: int) -> None:
    verdict = judge(STORY, make_story(seed))
    assert isinstance(verdict, RejectedPair)
    assert verdict.reason


def test_a_text_below_twenty_words_is_only_ever_exact() -> None:
    brief = "The bridge over the river in Vilnius will be closed on Monday for repair works, the mayor said."
    assert len(split_words(brief)) < CONFIG.exact_only_below_words
    assert label(brief, brief.upper()) is Label.EXACT
    assert label(brief, brief.replace("Monday", "Tuesday")) is None
    assert label(brief, f"{brief} {STORY}") is None


def test_a_stub_that_grew_is_an_excerpt_and_with_other_figures_is_not() -> None:
    stub = (
        "Kelso Bay is a village of 412 people on the north shore of Lake Arran, known for its boatyard and for the"
        " regatta that Edwin Varley founded there in 1931."
    )
    grown = f"{stub} {STORY}"
    assert label(stub, grown) is Label.EXCERPT
    other = grown.replace("412", "9").replace("Arran", "Eck").replace("Edwin Varley", "Ruth Prout")
    assert label(stub, other) is None


@pytest.mark.parametrize(
    "number", ["one," + "0" * 309, "one," + "0" * 4401, "one." + "1" * 5000, "9" * 5000 + "\u00bd"]
)
def test_no_number_is_too_long_to_be_judged(number: str) -> None:
    one, other = (f"{STORY}\nIt cost {each} dollars." for each in (number, "40"))
    assert isinstance(judge_pair(Document("a", one), Document("b", other), CONFIG), DuplicatePair)


def test_nothing_is_no_copy_of_nothing() -> None:
    assert label("", "") is None
    assert label("...", "!!!") is None
    assert label("", STORY) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "relation"),
    [
        ({"source": "x"}, {"source": "x"}, Relation.REVISION),
        ({"source": "x"}, {"source": "y"}, Relation.COPY),
        ({}, {}, Relation.COPY),
        ({"source": "x"}, {}, Relation.COPY),
        ({"url": "https://x.test/1"}, {"url": "https://x.test/2"}, Relation.REVISION),
        ({"url": "https://x.test/1"}, {"url": "https://y.test/1"}, Relation.COPY),
        ({"url": "https://x.test/1"}, {"url": "http://www.x.test/2"}, Relation.REVISION),
        ({"url": "http://[x"}, {"url": "http://[x"}, Relation.COPY),
        (
            {"source": "x", "url": "https://x.test/1"},
            {"source": "y", "url": "https://x.test/1"},
            Relation.COPY,
        ),
    ],
)
def test_one_source_revises_and_two_copy(
    ours: dict[str, str], theirs: dict[str, str], relation: Relation
) -> None:
    a = replace(Document("a", STORY), **ours)  # type: ignore[arg-type]  # text fields
    b = replace(Document("b", edit_story(STORY, 1)), **theirs)  # type: ignore[arg-type]  # text fields
    verdict = judge_pair(a, b, CONFIG)
    assert isinstance(verdict, DuplicatePair)
    assert verdict.relation is relation


def test_a_document_is_not_paired_with_itself() -> None:
    with pytest.raises(ValueError, match="not paired with itself: 'x'"):
        judge_pair(Document("x", "one"), Document("x", "two"), CONFIG)
