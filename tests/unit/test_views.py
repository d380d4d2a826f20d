"""Each view reads of a text what it should, and the same whatever other texts are read with it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import View
from dedup.languages import common_words, function_words
from dedup.lexicon import load_lexicon
from dedup.normalize import hash_texts, split_words
from dedup.shingle_hash import hash_words, mix, shingle_hashes
from dedup.views import (
    ANCHOR_WEIGHT,
    COMMON_REPLACEABLE_WORDS,
    COMMON_WORDS,
    FUNCTION_WORD,
    MIN_SHINGLES,
    passage_shingles,
    view_shingles,
    word_kinds,
)
from tests.support.stories import make_story, spin_story

STORY = make_story(1)


def shingles(text: str, view: View, language: str = "en") -> list[int]:
    return [int(h) for h in view_shingles(hash_texts([text]), language)[view].of_text(0)]


def kinds_of(text: str) -> dict[str, int]:
    words = split_words(text)
    tokens = hash_words(words)
    return dict(zip(words, word_kinds(tokens, "en").tolist(), strict=True))


def passages_of(text: str) -> set[int]:
    return set(passage_shingles(hash_texts([text]), "en")[0].tolist())


def overlap(a: list[int], b: list[int]) -> float:
    return len(set(a) & set(b)) / len(set(a) | set(b))


def test_wording_is_every_three_words() -> None:
    tokens = hash_texts([STORY])[0]
    assert shingles(STORY, View.WORDING) == shingle_hashes(tokens, 3, salt=0x57).tolist()


def test_the_skeleton_ignores_content_words() -> None:
    functional = function_words("en")
    altered = " ".join(word if word in functional else "xyzzy" for word in split_words(STORY))
    assert altered.count("xyzzy") > 100
    assert shingles(STORY, View.SKELETON) == shingles(altered, View.SKELETON)


def test_a_spun_copy_keeps_skeleton_and_anchors_and_loses_wording() -> None:
    spun = spin_story(STORY)
    assert all(new in spun for new in ("large", "purchase"))
    assert overlap(shingles(STORY, View.WORDING), shingles(spun, View.WORDING)) < 0.7
    assert overlap(shingles(STORY, View.SKELETON), shingles(spun, View.SKELETON)) > 0.9
    assert overlap(shingles(STORY, View.ANCHORS), shingles(spun, View.ANCHORS)) > 0.9


def test_names_and_numbers_weigh_most_and_common_words_nothing() -> None:
    kinds = kinds_of("The doctors of Dalia Okonkwo in Zadar said in 2021 that Huawei would buy 4573 big cars")
    heaviest = {word for word, kind in kinds.items() if kind == ANCHOR_WEIGHT}
    assert {"okonkwo", "zadar", "huawei", "4573"} <= heaviest
    assert {kinds[word] for word in ("the", "of", "in", "that")} == {FUNCTION_WORD}
    assert {kinds[word] for word in ("said", "doctors", "big")} == {0}
    assert kinds_of("solecism") == {"solecism": 1}, "rare, but a spinner has a word for it"


def test_every_word_is_of_the_kind_that_the_lists_give_it() -> None:
    lexicon = load_lexicon("en")
    assert lexicon is not None
    common = common_words("en")
    words = [*common[::37], *function_words("en"), "solecism", "lilliputian", "zukaka", "1234", "elephantine"]
    is_replaceable = np.isin(mix(hash_words(words)), lexicon.replaceable_words).tolist()
    ranks = {word: rank for rank, word in enumerate(common)}
    kinds = word_kinds(hash_words(words), "en").tolist()
    for word, replaceable, kind in zip(words, is_replaceable, kinds, strict=True):
        rank = ranks.get(word, len(common))
        if word in function_words("en"):
            assert kind == FUNCTION_WORD
        elif replaceable:
            assert kind == (0 if rank < COMMON_REPLACEABLE_WORDS else 1)
        else:
            assert kind == (0 if rank < COMMON_WORDS else ANCHOR_WEIGHT)


@pytest.mark.parametrize(("language", "kind"), [("fr", 1), ("und", 0), ("tlh", 0)])
def test_without_a_lexicon_rare_words_count_once_and_without_lists_not_at_all(
    language: str, kind: int
) -> None:
    assert word_kinds(hash_words(["huawei"]), language).tolist() == [kind]


def test_a_passage_inside_another_text_is_chosen_there_too() -> None:
    excerpt = "\n".join(STORY.split("\n")[2:6])
    host = f"{make_story(50)}\n{excerpt}\n{make_story(51)}"
    assert len(passages_of(excerpt)) >= 4
    assert passages_of(excerpt) <= passages_of(host)
    assert len(passages_of(STORY)) < len(split_words(STORY)) / 6, "a sample, not every window"


def test_passages_do_not_reach_from_one_text_into_the_next() -> None:
    texts = [STORY, "four words are few", make_story(2), ""]
    hashes, bounds = passage_shingles(hash_texts(texts), "en")
    for number, text in enumerate(texts):
        assert set(hashes[bounds[number] : bounds[number + 1]].tolist()) == passages_of(text)


def test_a_language_without_spaces_is_read_by_characters_alone() -> None:
    text = "\u65b0\u534e\u793e\u5317\u4eac\u4e8c\u6708\u4e5d\u65e5\u7535\u8bb0\u8005"
    tokens = hash_texts([text])[0]
    assert shingles(text, View.WORDING, "zh") == shingle_hashes(tokens, 5, salt=0x57).tolist()
    assert shingles(text, View.SKELETON, "zh") == shingles(text, View.ANCHORS, "zh") == []


def test_a_language_of_which_nothing_is_known_has_wording_alone() -> None:
    assert shingles(STORY, View.WORDING, "und")
    assert shingles(STORY, View.SKELETON, "und") == shingles(STORY, View.ANCHORS, "und") == []


def test_a_set_too_small_to_tell_is_empty() -> None:
    assert shingles("one two three four five", View.WORDING) == []
    assert len(shingles("one two three four five six", View.WORDING)) == MIN_SHINGLES[View.WORDING]


def test_the_views_of_one_word_sequence_never_share_a_shingle() -> None:
    found = [set(shingles(STORY, view)) for view in View]
    assert all(found)
    assert sum(map(len, found)) == len(set.union(*found))


@given(
    st.lists(
        st.sampled_from([STORY, make_story(2, 3), "Huawei", "", "of the", "the 1 2 3 Okonkwo"]), max_size=5
    )
)
def test_a_text_has_the_same_shingles_in_any_batch(texts: list[str]) -> None:
    together = view_shingles(hash_texts(texts), "en")
    for view in View:
        for number, text in enumerate(texts):
            assert together[view].of_text(number).tolist() == shingles(text, view)
