"""What the algorithm knows of each language: function words, common words, how to tell it from others.

Languages are ISO 639-1 codes, ``und`` where unknown. Must not look at anything but the text and packaged lists.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.normalize import hash_texts, spaceless_letters, split_words
from dedup.shingle_hash import hash_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

UNDETERMINED = "und"
MIN_LETTERS = 20
SAMPLE_CHARACTERS = 600
# One character in so many.
_SPACELESS_SHARE = 3

_SPACELESS = frozenset({"zh", "ja", "th", "lo", "km", "my"})
_SAME_LANGUAGE = {
    "nb": "no",
    "nn": "no",
    "bs": "hr",
    "sr": "hr",
    "sh": "hr",
    "fil": "tl",
    "iw": "he",
    "in": "id",
}
_SAME_LANGUAGE |= {"cmn": "zh", "yue": "zh", "wuu": "zh"}
# Codes that the classifier gives to short or tabular news in other languages, and in which no news is written.
_NO_NEWS = frozenset({"an", "la", "oc", "sa", "vo", "wa"})
# Languages plain enough to be told by their function words, without the classifier and its second of start-up.
_TOLD_BY_FUNCTION_WORDS = ("en", "fr", "de")
_PLAIN_RATIO = 0.25
_PLAIN_LEAD = 2.0
_PLAIN_MIN_WORDS = 25
_MIN_CONFIDENCE = 0.5
# Articles and pronouns that lose their vowel and lean on the next word, so that both make one token.
_ELIDED = {
    "fr": ("l", "d", "qu", "s", "n", "j", "c", "m", "t"),
    "it": ("l", "d", "un", "dell", "nell", "all", "dall", "sull", "quell", "c"),
    "ca": ("l", "d", "s", "n", "m", "t"),
}
_ELISION_ASKS = frozenset("aeiouyhàâæéèêëíïîóòôœúùûü")


def function_words(language: str) -> tuple[str, ...]:
    """The most frequent function words of a language, normalised, most frequent first; none if it has no list.

    >>> function_words("de")[:3], function_words("und")
    (('der', 'die', 'und'), ())
    """
    return _function_words_by_language().get(_SAME_LANGUAGE.get(language, language), ())


@cache
def function_word_hashes(language: str) -> NDArray[np.uint64]:
    """The token hashes of a language's function words, ascending."""
    return _sorted_hashes(function_words(language))


def common_words(language: str) -> tuple[str, ...]:
    """The most frequent words of a language, normalised, most frequent first; none if it has no list."""
    path = _data() / "common-words" / f"{_SAME_LANGUAGE.get(language, language)}.txt"
    return tuple(path.read_text(encoding="utf-8").split()) if path.is_file() else ()


@cache
def common_word_hashes(language: str, count: int | None = None) -> NDArray[np.uint64]:
    """The token hashes of a language's ``count`` most common words (all that are listed), ascending.

    Empty where no list ships.

    In languages that elide articles, with every elided form: ``économie`` stands for ``l'économie`` too.
    """
    words = common_words(language)[:count]
    elided = _ELIDED.get(language, ())
    forms = [f"{article}'{word}" for word in words if word[0] in _ELISION_ASKS for article in elided]
    return _sorted_hashes([*words, *forms])


def is_spaceless(language: str) -> bool:
    """Whether the language is written without spaces, so that characters take the place of words."""
    return language in _SPACELESS


def language_code(tag: str | None) -> str:
    """The ISO 639-1 code of a language tag as pages and feeds state it, ``und`` if there is none.

    Source: RFC 5646 section 2.1 for the shape of a tag.

    >>> [language_code(tag) for tag in ("en-GB", "pt_BR", "NB", "english", None)]
    ['en', 'pt', 'no', 'und', 'und']
    """
    code = (tag or "").strip().replace("_", "-").split("-")[0].lower()
    code = _SAME_LANGUAGE.get(code, code)
    return code if len(code) == 2 and code.isascii() and code.isalpha() else UNDETERMINED


def language_of(text: str, stated: str | None) -> str:
    """The language of a text: as its letters tell; as its publisher states where they do not.

    The text comes first because site templates state wrong languages, and two copies must be read alike.
    """
    detected = detect_language(text)
    return detected if detected != UNDETERMINED else language_code(stated)


def languages_of(texts: Sequence[str], stated: Sequence[str | None]) -> tuple[str, ...]:
    """``language_of`` for many texts, several times faster where most are English, French or German."""
    samples = [_sample(text) for text in texts]
    told = _languages_by_function_words(samples)
    return tuple(
        plain if plain and _has_enough_letters(sample) else language_of(text, tag)
        for plain, sample, text, tag in zip(told, samples, texts, stated, strict=True)
    )


def detect_language(text: str) -> str:
    """The language that a text begins in, ``und`` below 20 letters or in doubt.

    Where a third of all characters are of scripts without spaces, these alone tell, whatever stands above them.

    English, French and German are told by their function words; all else by a classifier, which loads at first use
    in about a second.

    >>> detect_language("The company said on Monday that it had agreed to sell its stake to the state.")
    'en'
    """
    sample = _sample(text)
    if not _has_enough_letters(sample):
        return UNDETERMINED
    return _language_by_function_words(split_words(sample)) or _language_by_classifier(sample)


def _sample(text: str) -> str:
    # an English summary above a Chinese text would have its characters read as words
    beginning = text[:SAMPLE_CHARACTERS]
    if text.isascii() or _SPACELESS_SHARE * len(spaceless_letters(beginning)) >= len(beginning):
        return beginning
    letters = spaceless_letters(text)
    return letters[:SAMPLE_CHARACTERS] if _SPACELESS_SHARE * len(letters) >= len(text) else beginning


def _has_enough_letters(sample: str) -> bool:
    # the beginning alone answers for nearly every text
    return any(sum(map(str.isalpha, part)) >= MIN_LETTERS for part in (sample[: 3 * MIN_LETTERS], sample))


def _language_by_function_words(words: list[str]) -> str | None:
    if len(words) < _PLAIN_MIN_WORDS:
        return None
    languages_of = _languages_by_function_word()
    counts = Counter(language for word in words for language in languages_of.get(word, ()))
    ranked = counts.most_common(2)
    if not ranked or ranked[0][0] not in _TOLD_BY_FUNCTION_WORDS or ranked[0][1] < _PLAIN_RATIO * len(words):
        return None
    runner_up = ranked[1][1] if len(ranked) > 1 else 0
    return ranked[0][0] if ranked[0][1] >= _PLAIN_LEAD * runner_up else None


def _languages_by_function_words(samples: Sequence[str]) -> list[str | None]:
    # the same answers as _language_by_function_words, counted for all samples at once
    codes, hashes, is_word_of = _function_word_table()
    tokens = hash_texts(samples)
    lengths = np.array([len(words) for words in tokens], dtype=np.intp)
    flat = np.concatenate([*tokens, np.zeros(0, dtype=np.uint64)])
    places = np.minimum(np.searchsorted(hashes, flat), len(hashes) - 1)
    hits = np.flatnonzero(hashes[places] == flat)
    sums = np.zeros((len(hits) + 1, len(codes)), dtype=np.int32)
    np.cumsum(is_word_of[places[hits]], axis=0, out=sums[1:])
    bounds = np.searchsorted(hits, np.concatenate(([0], np.cumsum(lengths))))
    counts = sums[bounds[1:]] - sums[bounds[:-1]]
    best = counts.argmax(axis=1)
    runner_up, most = np.partition(counts, -2, axis=1)[:, -2:].T
    is_plain = (lengths >= _PLAIN_MIN_WORDS) & (most > 0)
    is_plain &= (most >= _PLAIN_RATIO * lengths) & (most >= _PLAIN_LEAD * runner_up)
    return [
        codes[language] if plain and codes[language] in _TOLD_BY_FUNCTION_WORDS else None
        for language, plain in zip(best.tolist(), is_plain.tolist(), strict=True)
    ]


@cache
def _function_word_table() -> tuple[tuple[str, ...], NDArray[np.uint64], NDArray[np.int32]]:
    languages_of_word = _languages_by_function_word()
    codes = tuple(sorted({code for codes in languages_of_word.values() for code in codes}))
    hashes = hash_words(list(languages_of_word))
    is_word_of = np.array([[code in known for code in codes] for known in languages_of_word.values()])
    order = np.argsort(hashes)
    return codes, hashes[order], is_word_of[order].astype(np.int32)


def _language_by_classifier(sample: str) -> str:
    language, confidence = _classifier().classify(sample)
    language = _SAME_LANGUAGE.get(language, language)
    return str(language) if len(language) == 2 and confidence >= _MIN_CONFIDENCE else UNDETERMINED


@cache
def _classifier() -> Any:  # noqa: ANN401 - py3langid ships no types
    module = import_module("py3langid.langid")  # imported here because it takes a third of a second
    classifier = module.LanguageIdentifier.from_model_file(module.MODEL_FILE, norm_probs=True)
    classifier.set_languages({code for code in classifier.labels if len(code) == 2} - _NO_NEWS)
    # it is left by column and read by row, which takes twice as long
    classifier.nb_ptc = np.ascontiguousarray(classifier.nb_ptc)
    return classifier


@cache
def _function_words_by_language() -> dict[str, tuple[str, ...]]:
    lists = tomllib.loads((_data() / "function-words.toml").read_text(encoding="utf-8"))
    # word by word: look-alike letters are folded by the whole text, and one list has two scripts
    return {
        language: tuple(normal for word in words.split() for normal in split_words(word))
        for language, words in lists.items()
    }


@cache
def _languages_by_function_word() -> dict[str, tuple[str, ...]]:
    languages: dict[str, tuple[str, ...]] = {}
    for language, words in _function_words_by_language().items():
        for word in words:
            languages[word] = (*languages.get(word, ()), language)
    return languages


@cache
def languages_digest() -> str:
    """A digest of the packaged word lists, for fingerprints: 16 hexadecimal digits."""
    whole = hashlib.blake2b((_data() / "function-words.toml").read_bytes(), digest_size=8)
    for path in sorted((_data() / "common-words").iterdir(), key=lambda path: path.name):
        whole.update(path.name.encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _data() -> Traversable:
    return files("dedup") / "data"


def _sorted_hashes(words: Iterable[str]) -> NDArray[np.uint64]:
    return np.unique(hash_words(list(words)))
