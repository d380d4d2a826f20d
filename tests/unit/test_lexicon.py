"""The lexicon answers as WordNet does, and gaps are explained as well as they can be."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.gaps import Explanation, best_chain, explain_gap
from dedup.lexicon import Lexicon, Strength, load_lexicon, tie
from dedup.normalize import split_words
from dedup.shingle_hash import hash_words, mix

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    loaded = load_lexicon("en")
    assert loaded is not None
    return loaded


def tokens_of(text: str) -> list[int]:
    return [int(token) for token in hash_words(split_words(text))]


def strength(lexicon: Lexicon, a: str, b: str) -> Strength:
    return tie(lexicon.senses_of(tuple(tokens_of(a))), lexicon.senses_of(tuple(tokens_of(b))))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("buy", "purchase"),
        ("White House", "White House"),
        ("automobiles", "motorcars"),
        ("fell in", "collapsed"),
        ("doctors", "physicians"),
        ("children", "kids"),
        ("children", "kid"),
        ("bigger", "larger"),
        ("put off", "postponed"),
        ("heads of state", "chiefs of state"),
        ("U.S.", "United States"),
        ("carried out", "executed"),
        ("self-confidence", "self confidence"),
        ("travelling", "traveling"),
        ("stopping", "halting"),
        ("because", "due to the fact that"),
        ("decade", "ten years"),
        ("16", "sixteen"),
    ],
)
def test_phrases_of_one_synset_are_synonyms_in_every_inflection(lexicon: Lexicon, a: str, b: str) -> None:
    assert strength(lexicon, a, b) is Strength.SYNONYM
    assert strength(lexicon, b, a) is Strength.SYNONYM


@pytest.mark.parametrize(
    ("a", "b"),
    [("earthquake", "tremor"), ("cars", "motor vehicle"), ("industrial", "industry"), ("reduce", "cut back")],
)
def test_a_wider_term_or_derived_word_is_related(lexicon: Lexicon, a: str, b: str) -> None:
    assert strength(lexicon, a, b) is not Strength.NONE
    assert strength(lexicon, a, b) == strength(lexicon, b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Monday", "Tuesday"),
        ("London", "Paris"),
        ("7", "8"),
        ("million", "billion"),
        ("million", "trillion"),
        ("dog", "president"),
        ("zzxq", "dog"),
    ],
)
def test_siblings_and_strangers_are_not_tied(lexicon: Lexicon, a: str, b: str) -> None:
    assert strength(lexicon, a, b) is Strength.NONE


def replaceable(lexicon: Lexicon, words: Sequence[str]) -> list[bool]:
    found: list[bool] = np.isin(mix(hash_words(words)), lexicon.replaceable_words).tolist()
    return found


def test_replaceable_is_what_a_spinner_has_a_word_for(lexicon: Lexicon) -> None:
    words = ["buys", "sanctions", "house", "huawei", "zhengfei", "16", "1500", "2bn", "the", "of", "doctors"]
    expected = [True, True, True, False, False, False, False, False, False, False, True]
    assert replaceable(lexicon, words) == expected


def test_what_is_replaceable_has_senses(lexicon: Lexicon) -> None:
    words = split_words(
        "Officials warned that the dam could burst after heavy rain battered northern Aberdeenshire"
    )
    known = list(itertools.compress(words, replaceable(lexicon, words)))
    assert known
    assert all(lexicon.senses_of((token,)).own for word in known for token in tokens_of(word))


def test_a_gap_is_explained_phrase_by_phrase(lexicon: Lexicon) -> None:
    a, b = "western world ready to buy", "horse opera cosmos prepare to grease one's palms"
    spans = explain_gap(tokens_of(a), tokens_of(b), lexicon)
    words_a, words_b = split_words(a), split_words(b)
    named = [(" ".join(words_a[s.start_a : s.end_a]), " ".join(words_b[s.start_b : s.end_b])) for s in spans]
    assert ("western", "horse opera") in named
    assert ("world", "cosmos") in named
    assert ("buy", "grease one palms") in named


def test_a_gap_without_a_tie_or_a_side_has_no_explanation(lexicon: Lexicon) -> None:
    assert explain_gap(tokens_of("Huawei"), tokens_of("Samsung"), lexicon) == ()
    assert explain_gap([], tokens_of("Samsung"), lexicon) == ()
    assert explain_gap(tokens_of("Samsung phones"), [], lexicon) == ()


def test_one_word_against_one_takes_the_same_answer_as_the_long_way(lexicon: Lexicon) -> None:
    short = explain_gap(tokens_of("doctor"), tokens_of("physician"), lexicon)
    padded = explain_gap(tokens_of("doctor zzxq"), tokens_of("physician qxzz"), lexicon)
    assert short == padded == (Explanation(0, 1, 0, 1, Strength.SYNONYM),)


def test_a_very_long_gap_is_cut_into_pieces_and_still_explained(lexicon: Lexicon) -> None:
    spans = explain_gap(tokens_of("buy doctor " * 150), tokens_of("purchase physician " * 150), lexicon)
    assert sum(span.word_count for span in spans) == 600
    assert all(
        one.end_a <= two.start_a and one.end_b <= two.start_b for one, two in itertools.pairwise(spans)
    )


WORDS = (
    "buy",
    "purchase",
    "take",
    "off",
    "fall",
    "in",
    "give",
    "founder",
    "way",
    "deal",
    "great",
    "lot",
    "zzxq",
)


@given(st.lists(st.sampled_from(WORDS), max_size=6), st.lists(st.sampled_from(WORDS), max_size=6))
def test_explanations_are_as_heavy_as_the_best_that_exists(a: list[str], b: list[str]) -> None:
    lexicon = load_lexicon("en")
    assert lexicon is not None
    tokens_a, tokens_b = tokens_of(" ".join(a)), tokens_of(" ".join(b))
    spans = explain_gap(tokens_a, tokens_b, lexicon)
    assert all(
        one.end_a <= two.start_a and one.end_b <= two.start_b for one, two in itertools.pairwise(spans)
    )
    assert sum(span.word_count for span in spans) == most_words(tuple(tokens_a), tuple(tokens_b), lexicon)
    mirrored = explain_gap(tokens_b, tokens_a, lexicon)
    assert sum(span.word_count for span in mirrored) == sum(span.word_count for span in spans)


def most_words(a: tuple[int, ...], b: tuple[int, ...], lexicon: Lexicon) -> int:
    """Words explained by the best monotone explanation, by trying all."""
    if not a or not b:
        return 0
    best = max(most_words(a[1:], b, lexicon), most_words(a, b[1:], lexicon))
    for i, j in itertools.product(range(1, min(5, len(a)) + 1), range(1, min(5, len(b)) + 1)):
        if tie(lexicon.senses_of(a[:i]), lexicon.senses_of(b[:j])):
            best = max(best, i + j + most_words(a[i:], b[j:], lexicon))
    return best


SPANS = st.tuples(
    st.integers(0, 8), st.integers(1, 3), st.integers(0, 8), st.integers(1, 3), st.sampled_from([1, 2])
)


@given(st.lists(SPANS, max_size=8))
def test_the_best_chain_is_as_heavy_as_any(spans: list[tuple[int, int, int, int, int]]) -> None:
    ties = [Explanation(a, a + la, b, b + lb, Strength(s)) for a, la, b, lb, s in spans]
    chain = best_chain(ties)
    assert all(
        one.end_a <= two.start_a and one.end_b <= two.start_b for one, two in itertools.pairwise(chain)
    )
    heaviest = max(
        (
            weigh(subset)
            for size in range(len(ties) + 1)
            for subset in itertools.combinations(sorted(ties), size)
        ),
        default=(0, 0),
    )
    assert weigh(tuple(chain)) == heaviest


def weigh(chain: tuple[Explanation, ...]) -> tuple[int, int]:
    if any(one.end_a > two.start_a or one.end_b > two.start_b for one, two in itertools.pairwise(chain)):
        return (-1, 0)
    return (sum(tie_.word_count for tie_ in chain), sum(tie_.strength for tie_ in chain))


def test_the_lexicon_loads_in_little_time_and_memory() -> None:
    program = (
        "import time, resource, numpy, importlib.resources, dedup.shingle_hash\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "start = time.process_time()\n"
        "from dedup.lexicon import load_lexicon\n"
        "load_lexicon('en')\n"
        "print(time.process_time() - start, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)\n"
    )
    best = min(
        tuple(
            map(
                float,
                subprocess.run(
                    [sys.executable, "-c", program], check=True, capture_output=True
                ).stdout.split(),
            )
        )
        for _ in range(3)
    )
    assert best[0] < 0.3, f"loading took {best[0]:.3f} s"
    assert best[1] < 60, f"loading took {best[1]:.1f} MB"


def test_only_english_has_a_lexicon() -> None:
    assert load_lexicon("fr") is None
    assert load_lexicon("en") is load_lexicon("en")
