"""Words come out the same whatever the typography, the disguise and the path they take to their hashes."""

from __future__ import annotations

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.normalize import fold_lookalikes, hash_texts, locate_words, split_words
from dedup.shingle_hash import hash_words

# Characters that decide where words begin and end, and those that a disguise is made of.
TRICKY = "aZs'\u2019\u02bc\uff07.,0 19\u00e9\u0301\u200b\u00ad\ufb01\u00df\u0130\u0131\u0430\u0441\u0395\u03b1\u4e2d\u0e01\uff21_-\u00a0\u2014\u00a3\u00bd\u2122\u13a0\uab70\n\t\u0085\u2028\u0661\u0640\u05d0\ud800\x01\x1b\x1c\x7f\x9f\u3164\u2800\U000e0061"
texts = st.text(max_size=80) | st.text(alphabet=TRICKY, max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The White House\u2019s e-mails", ["the", "white", "house", "e", "mails"]),
        ("$1,234,567.89 or 1,23 or 12,3456", ["1234567.89", "or", "1,23", "or", "12,3456"]),
        ("O'Neill\u2019s \u2018quoted\u2019 rock 'n' roll", ["o'neill", "quoted", "rock", "n", "roll"]),
        ("\ufb01rm \uff21\uff22\uff23 Stra\u00dfe", ["firm", "abc", "strasse"]),
        ("in\u00advis\u200bible\ufeff", ["invisible"]),
        ("s\u0336t\u0336r\u0336uck o\u0338ut", ["struck", "out"]),
        ("cafe\u0301 \u0437\u0430\u0301\u043c\u043e\u043a", ["caf\u00e9", "\u0437\u0430\u043c\u043e\u043a"]),
        ("\u0130stanbul", ["istanbul"]),
        ("cafe\u0301 caf\u00e9", ["caf\u00e9", "caf\u00e9"]),
        ("\u65b0\u534e\u793e2021", ["\u65b0", "\u534e", "\u793e", "2021"]),
        ("snake_case U.S. 3.5", ["snake", "case", "u", "s", "3.5"]),
        ("\u200b\u200b \u2014 !!", []),
        ("", []),
    ],
)
def test_text_splits_into_normal_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("Hu\u0430w\u0435i said it \u0441an sell", "Huawei said it can sell"),
        ("the m\u03b1yor of Par\u0456s", "the mayor of Paris"),
        (
            "\u041coc\u043a\u0432\u0430 \u0433\u043e\u0432\u043e\u0440\u0438\u0442",
            "\u041c\u043e\u0441\u043a\u0432\u0430 \u0433\u043e\u0432\u043e\u0440\u0438\u0442",
        ),
        ("Gr\u200boss sa\u00adles", "Gross sales"),
        ("Gr\x01oss sa\x7fles\x1b", "Gross sales"),
        ("Gr\x9foss s\u3164a\U000e0061les\U000e0100 r\u2800o\ufff9s\u115fe", "Gross sales rose"),
    ],
)
def test_disguised_words_read_as_what_they_imitate(disguised: str, plain: str) -> None:
    assert split_words(disguised) == split_words(plain)


@pytest.mark.parametrize(
    "text",
    [
        "Plain English, no other script at all.",
        "\u041c\u043e\u0441\u043a\u0432\u0430 \u0438 NATO: \u043f\u0435\u0440\u0435\u0433\u043e\u0432\u043e\u0440\u044b",
        "The letter \u03b1 and the word \u03bb\u03cc\u03b3\u03bf\u03c2 in one sentence",
    ],
)
def test_honest_use_of_two_scripts_is_left_alone(text: str) -> None:
    assert fold_lookalikes(text) == text


@given(texts)
@example("x's's")
@example("\u00e9's's 1,234,567")
@example("'\u00e9 1\u00e9,234 x\u2019\u00e9\u2019s")
@example("\u0441an a\u0441e")
def test_the_fast_path_gives_what_the_exact_path_gives(text: str) -> None:
    fast, exact = hash_texts([text])[0], hash_words(split_words(text))
    assert fast.tolist() == exact.tolist()


@given(st.lists(texts, max_size=6))
def test_a_text_hashes_the_same_in_any_batch(batch: list[str]) -> None:
    together = [hashes.tolist() for hashes in hash_texts(batch)]
    assert together == [hash_texts([text])[0].tolist() for text in batch]


@given(texts)
def test_words_stand_where_they_are_said_to_stand(text: str) -> None:
    words = locate_words(text)
    assert [word.text for word in words] == split_words(text)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert all(one.start <= other.start for one, other in pairwise(words))


def test_no_more_words_are_located_than_asked_for() -> None:
    assert locate_words("one two\u00bd three", 2) == locate_words("one two\u00bd three")[:2]
    text, took = "word " * 1_000_000, []
    for _ in range(3):  # any may have to wait for the garbage collector
        started = time.process_time()
        assert len(locate_words(text, 10)) == 10
        took.append(time.process_time() - started)
    assert min(took) < 0.2


@given(texts)
def test_folding_keeps_the_length_so_that_places_stay_true(text: str) -> None:
    assert len(fold_lookalikes(text)) == len(text)


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=20))
def test_normal_words_are_normal_already(token: str) -> None:
    words = split_words(token)
    assert [unicodedata.normalize("NFKC", word) for word in words] == words
    assert [word.lower() for word in words if word.isascii()] == [word for word in words if word.isascii()]


def test_a_long_text_of_one_chunk_costs_no_more_than_its_length() -> None:
    # a quadratic scan would take minutes here
    text = "x" * 500_000 + "\u00e9"
    assert len(split_words(text)) == 1
    assert hash_texts([text])[0].tolist() == hash_words(split_words(text)).tolist()
