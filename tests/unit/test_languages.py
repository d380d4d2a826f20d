"""Word lists are in normal form, and the language of a text is told by the text."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from dedup.languages import (
    common_word_hashes,
    common_words,
    detect_language,
    function_word_hashes,
    function_words,
    is_spaceless,
    language_code,
    language_of,
    languages_digest,
)
from dedup.normalize import split_words
from dedup.shingle_hash import hash_words

LISTED = sorted(tomllib.loads((files("dedup") / "data" / "function-words.toml").read_text(encoding="utf-8")))
WITHOUT_COMMON_WORDS = {"et", "sw"}

SAMPLES: dict[str, str] = tomllib.loads(
    Path(__file__).with_name("language_samples.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("language", LISTED)
def test_function_words_are_normal_distinct_and_enough(language: str) -> None:
    words = function_words(language)
    assert 45 <= len(words) <= 120
    assert len(set(words)) == len(words)
    assert [normal for word in words for normal in split_words(word)] == list(words)


@pytest.mark.parametrize("language", LISTED)
def test_function_words_are_frequent_words(language: str) -> None:
    if language in WITHOUT_COMMON_WORDS:
        assert common_words(language) == ()
        return
    frequent = set(common_words(language)[:600]) | set(
        common_words(language)[5000:5600]
    )  # two scripts in "hr"
    elided = {word for word in function_words(language) if "'" in word}
    strange = set(function_words(language)) - frequent - elided
    # the frequencies of Korean are those of morphemes
    assert len(strange) <= (6 if language != "ko" else 20), strange


@pytest.mark.parametrize("language", LISTED)
def test_common_words_are_normal_and_distinct(language: str) -> None:
    words = common_words(language)
    assert len(set(words)) == len(words)
    assert [normal for word in words for normal in split_words(word)] == list(words)


def test_hashes_are_ascending_and_those_of_the_words() -> None:
    hashes = function_word_hashes("de")
    assert np.all(np.diff(hashes.astype(object)) > 0)
    assert set(hashes.tolist()) == set(hash_words(function_words("de")).tolist())
    assert np.all(np.diff(common_word_hashes("fr").astype(object)) > 0)


def test_an_elided_article_does_not_make_a_common_word_rare() -> None:
    common = set(common_word_hashes("fr").tolist())
    assert set(hash_words(["économie", "l'économie", "d'économie", "qu'elle"]).tolist()) <= common
    assert not set(hash_words(["l'huawei", "zhengfei"]).tolist()) & common


def test_at_least_twenty_languages_have_a_skeleton() -> None:
    assert len(LISTED) >= 20
    assert {"en", "de", "fr", "es", "it", "pt", "ru", "ar", "hi", "tr"} <= set(LISTED)


def test_languages_without_lists_have_none() -> None:
    assert function_words("und") == () == common_words("und")
    assert len(function_word_hashes("zh")) == 0 == len(common_word_hashes("xx"))


def test_serbian_in_both_scripts_reads_as_croatian() -> None:
    assert function_words("sr") == function_words("hr") == function_words("bs")
    assert {"kako", "како"} <= set(function_words("hr"))
    assert {"godine", "године"} <= set(common_words("hr"))


@pytest.mark.parametrize("language", sorted(SAMPLES))
def test_one_sentence_tells_its_language(language: str) -> None:
    assert detect_language(SAMPLES[language]) == language


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_function_words_and_classifier_agree(language: str) -> None:
    sentence = SAMPLES[language]
    assert detect_language(sentence) == detect_language(sentence * 3) == language


@pytest.mark.parametrize("text", ["", "12 345 67,8", "Too short a text.", "… — !?"])
def test_few_letters_tell_no_language(text: str) -> None:
    assert detect_language(text) == "und"


def test_the_text_overrules_what_its_page_states() -> None:
    assert language_of(SAMPLES["es"], "en-US") == "es"
    assert language_of("Shr 5 cts", "en-US") == "en"
    assert language_of("Shr 5 cts", None) == "und"


def test_a_foreign_summary_does_not_hide_a_text_without_spaces() -> None:
    summary = "The city council said on Monday that it would build 6 中国 houses by the river. " * 12
    assert detect_language(summary) == "en"
    assert detect_language(f"{summary}\n{SAMPLES['zh'] * 20}") == "zh"
    assert detect_language(f"{summary}\n{SAMPLES['ja'] * 20}") == "ja"
    assert detect_language(f"{summary}\n{SAMPLES['zh']}") == "en", "most of it is English"


def test_only_scripts_without_spaces_are_spaceless() -> None:
    assert is_spaceless("zh")
    assert is_spaceless("ja")
    assert is_spaceless("th")
    assert not is_spaceless("ko")
    assert not is_spaceless("und")


def test_tags_become_codes() -> None:
    assert [language_code(tag) for tag in ("sr-Latn-RS", "zh-Hant", "x", "", " fr ")] == [
        "hr",
        "zh",
        "und",
        "und",
        "fr",
    ]


def test_arabic_marks_and_hindi_vowel_signs_do_not_split_words() -> None:
    assert split_words("مُحَمَّدٌ كِتَابٌ") == split_words("محمد كتاب")
    assert len(split_words("हिन्दी में समाचार पढ़ें")) == 4


def test_english_is_told_without_loading_the_classifier() -> None:
    program = (
        "import sys\n"
        "from dedup.languages import detect_language\n"
        f"assert detect_language({SAMPLES['en'] * 3!r}) == 'en'\n"
        "print('py3langid' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "False"


def test_the_digest_is_stable() -> None:
    assert languages_digest() == languages_digest()
    assert len(languages_digest()) == 16
