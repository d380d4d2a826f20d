"""Text to normalised words: what the hash, the views and the alignment all read.

Contract, version 2 (``dedup.config.NORMALIZER_VERSION``); stored signatures depend on it.

* A raw token is a run of letters, digits, combining marks and invisible characters. An apostrophe between two
  such characters, and a point or comma between two digits, belong to the token.
* Characters of scripts written without spaces (Han, kana, Thai, Lao, Khmer, Burmese) are tokens of their own.
* A token is compatibility-composed (NFKC), case-folded, freed of invisible characters, of strokes and accents that
  compose with no letter, of a possessive ``'s`` and of thousands commas. What is left, where anything is left, is
  a word.
* Look-alike letters: a token that mixes Latin with Cyrillic or Greek letters is a disguise. It is folded to the
  script that most of the text is written in, and so is every other token of that text that is made of
  look-alikes only.

Must not look at a language, a lexicon or a document's origin.

Source: Unicode Standard Annex 15 (NFKC), Unicode Technical Standard 39 (confusables: the pairs of letters).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.shingle_hash import hash_words, token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_CONTROL_CHARACTERS = "\x00-\x08\x0e-\x1b\x7f"  # of ASCII, but for those that are white space
_INVISIBLE = (
    rf"{_CONTROL_CHARACTERS}\x80-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0900-\u0963\u0971-\u0dff\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff"
)
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"
)
_RUN = rf"(?:[^\W_{_SPACELESS}]|[{_MARKS}{_INVISIBLE}])+"
_RAW_TOKEN = re.compile(
    rf"[{_SPACELESS}][{_MARKS}]*|{_RUN}(?:(?:['\u2019\u02bc\uff07]|(?<=[0-9])[.,](?=[0-9])){_RUN})*"
)
_WORD = re.compile(rf"{_RUN}(?:(?:'|(?<=[0-9])[.,](?=[0-9])){_RUN})*|[{_SPACELESS}][{_MARKS}]*")
_SPACELESS_LETTER = re.compile(f"[{_SPACELESS}]")
_CONTROL = re.compile(f"[{_CONTROL_CHARACTERS}]")
# Marks of Latin, Greek and Cyrillic that no letter was composed with.
_LAID_OVER = "\u0300-\u036f\u20d0-\u20ff"
_DROPPED = re.compile(rf"[{_INVISIBLE}{_LAID_OVER}\u0640\u064b-\u0652]")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_APOSTROPHES = str.maketrans("\u2019\u02bc\uff07", "'''")
# Characters of plain English news outside ASCII: apostrophes, and what never stands in a word.
_TYPOGRAPHY = (
    ("\u2019", "'"),
    ("\u2018", " "),
    ("\u201c", " "),
    ("\u201d", " "),
    ("\u2013", " "),
    ("\u2014", " "),
    ("\u2026", " "),
    ("\u00a0", " "),
    ("\u00a3", " "),
    ("\u20ac", " "),
    ("\u2022", " "),
)

_LOOKALIKES = dict(
    zip(
        "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅαοινρυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijshdqwABEKMHOPCTYXIJSaoivpuxABEZHIKMNOPTYX",
        strict=True,
    )
)
_TO_LATIN = str.maketrans(_LOOKALIKES)
_TO_CYRILLIC = str.maketrans({latin: other for other, latin in _LOOKALIKES.items() if other >= "\u0400"})
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LATIN = re.compile("[A-Za-z]")
_FOREIGN_ONLY_LOOKALIKES = frozenset(_LOOKALIKES)
_LATIN_ONLY_LOOKALIKES = frozenset(_LOOKALIKES.values())


class Word(NamedTuple):
    """A normalised word and where it stands: half-open character offsets into the text as given."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=1 << 17)
def normal_words(raw_token: str) -> tuple[str, ...]:
    """The words of one raw token: one as a rule, none or several for odd characters.

    >>> normal_words("Leavitt\u2019s"), normal_words("1,500.25"), normal_words("ﬁ\u200brm")
    (('leavitt',), ('1500.25',), ('firm',))
    """
    text = raw_token
    if not _is_plain(text):
        text = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES))
        text = unicodedata.normalize("NFKC", _DROPPED.sub("", text).casefold())
        # once more: case folding leaves the dot of İ behind
        text = _DROPPED.sub("", text).translate(_APOSTROPHES)
        return tuple(w for match in _WORD.finditer(text) if (w := _trimmed(match.group())))
    word = _trimmed(text.lower())
    return (word,) if word else ()


def _is_plain(text: str) -> bool:
    # without control characters; the first question is the faster one
    return text.isascii() and (text.replace("\n", " ").isprintable() or not _CONTROL.search(text))


def _trimmed(word: str) -> str:
    return _THOUSANDS.sub("", word).removesuffix("'s")


def locate_words(text: str, limit: int | None = None) -> tuple[Word, ...]:
    """The first ``limit`` (all) normalised words of a text, in order, with their places in it.

    >>> [word.text for word in locate_words("The White House\u2019s 1,500 e-mails")]
    ['the', 'white', 'house', '1500', 'e', 'mails']
    """
    readable = fold_lookalikes(text)
    located = (
        Word(word, match.start(), match.end())
        for match in _RAW_TOKEN.finditer(readable)
        for word in normal_words(match.group())
    )
    return tuple(islice(located, limit))


def split_words(text: str) -> list[str]:
    """The normalised words of a text, in order."""
    return [word for raw in _RAW_TOKEN.findall(fold_lookalikes(text)) for word in normal_words(raw)]


def spaceless_letters(text: str) -> str:
    """The characters of a text that are of scripts written without spaces."""
    return "".join(_SPACELESS_LETTER.findall(text))


def is_spaceless_letter(word: str) -> bool:
    """Whether a normalised word is a character of a script written without spaces."""
    return _SPACELESS_LETTER.match(word) is not None


def fold_lookalikes(text: str) -> str:
    """The text with disguised letters folded; same length, and unchanged where no word mixes scripts.

    >>> fold_lookalikes("Hu\u0430wei \u0441an") == "Huawei can"
    True
    """
    if text.isascii() or not (_FOREIGN.search(text) and _LATIN.search(text)):
        return text
    tokens = list(_RAW_TOKEN.finditer(text))
    if not any(_FOREIGN.search(t.group()) and _LATIN.search(t.group()) for t in tokens):
        return text
    to_latin = _mostly_latin(text)
    table = _TO_LATIN if to_latin else _TO_CYRILLIC
    lookalikes = _FOREIGN_ONLY_LOOKALIKES if to_latin else _LATIN_ONLY_LOOKALIKES
    folded, position = [], 0
    for token in tokens:
        raw = token.group()
        mixes = bool(_FOREIGN.search(raw) and _LATIN.search(raw))
        folded.append(text[position : token.start()])
        folded.append(raw.translate(table) if mixes or lookalikes.issuperset(raw) else raw)
        position = token.end()
    folded.append(text[position:])
    return "".join(folded)


def _mostly_latin(text: str) -> bool:
    # letters that look like nothing in the other script say what the text is really written in
    latin = sum(len(_LATIN.findall(run)) for run in re.findall("[B-DF-GJ-LNQ-Zb-df-gk-nqrtvwz]+", text))
    foreign = sum(1 for letter in _FOREIGN.findall(text) if letter not in _FOREIGN_ONLY_LOOKALIKES)
    return latin >= foreign


# The fast path: many texts straight to token hashes in one pass over their UTF-8 bytes.

_LETTER, _DIGIT, _APOSTROPHE, _POINT = 1, 2, 3, 4
_UNSTABLE = "\n's"  # no chunk's words hold a line end
_REMEMBERED_CHARACTERS = 60
_NOTHING: NDArray[np.uint64] = np.zeros(0, dtype=np.uint64)


def _class_table() -> NDArray[np.uint8]:
    table = np.zeros(256, dtype=np.uint8)
    table[128:] = _LETTER  # what is left of a word outside ASCII when its text was made plain
    table[ord("a") : ord("z") + 1] = _LETTER
    table[ord("A") : ord("Z") + 1] = _LETTER
    table[ord("0") : ord("9") + 1] = _DIGIT
    table[ord("'")] = _APOSTROPHE
    table[[ord("."), ord(",")]] = _POINT
    return table


_CLASSES = _class_table()


def hash_texts(texts: Sequence[str]) -> list[NDArray[np.uint64]]:
    """Token hashes of each text's words, in order: one ``(n_words,) uint64`` array a text.

    Equal to ``hash_words(split_words(text))`` for every text. ASCII goes through numpy alone, all texts at once;
    chunks of text with other characters are normalised one by one first, and remembered.
    """
    plain = [text if _is_plain(text) else _plain(text) for text in texts]
    in_order = [i for i, text in enumerate(plain) if text is not None]
    hashed = [hash_words(split_words(text)) if plain[i] is None else _NOTHING for i, text in enumerate(texts)]
    for i, tokens in zip(in_order, _hash_plain([text for text in plain if text is not None]), strict=True):
        hashed[i] = tokens
    return hashed


def _plain(text: str) -> str | None:
    for character, replacement in _TYPOGRAPHY:
        text = text.replace(character, replacement)
    if _is_plain(text):
        return text
    # a space ends every token, so chunks between spaces can be normalised each by itself
    chunks = [
        chunk if _is_plain(chunk) else _plain_chunk(chunk) for chunk in fold_lookalikes(text).split(" ")
    ]
    return None if _UNSTABLE in chunks else " ".join(chunks)


def _plain_chunk(chunk: str) -> str:
    return _remembered_chunk(chunk) if len(chunk) <= _REMEMBERED_CHARACTERS else _normal_chunk(chunk)


def _normal_chunk(chunk: str) -> str:
    words = [word for raw in _RAW_TOKEN.findall(chunk) for word in normal_words(raw)]
    # a possessive of a possessive would lose its second 's too when the bytes are read
    return _UNSTABLE if any(word.endswith("'s") for word in words) else " ".join(words)


_remembered_chunk = lru_cache(maxsize=1 << 16)(_normal_chunk)


def _hash_plain(texts: list[str]) -> list[NDArray[np.uint64]]:
    if not texts:
        return []
    encoded = [text.encode() for text in texts]
    # bytes.lower touches ASCII alone: all else is case-folded already
    buffer = np.frombuffer(b"\n".join([b"", *encoded, b"\n\n\n"]).lower(), dtype=np.uint8)
    lengths = np.array([len(text) + 1 for text in encoded])
    bounds = np.concatenate(([1], 1 + np.cumsum(lengths)))
    classes = _CLASSES[buffer]
    thousands = _thousands_commas(buffer, classes)
    if len(thousands):
        bounds = bounds - np.searchsorted(thousands, bounds)
        buffer, classes = np.delete(buffer, thousands), np.delete(classes, thousands)
    starts, ends = _token_bounds(buffer, classes)
    hashes = token_hashes(buffer, starts, ends)
    return np.split(hashes, np.searchsorted(starts, bounds))[1:-1]


def _thousands_commas(buffer: NDArray[np.uint8], classes: NDArray[np.uint8]) -> NDArray[np.intp]:
    commas = np.flatnonzero(buffer == ord(","))
    commas = commas[(classes[commas - 1] == _DIGIT) & (classes[commas + 1] == _DIGIT)]
    three = (classes[commas + 2] == _DIGIT) & (classes[commas + 3] == _DIGIT)
    dropped: NDArray[np.intp] = commas[three & (classes[commas + 4] != _DIGIT)]
    return dropped


def _token_bounds(
    buffer: NDArray[np.uint8], classes: NDArray[np.uint8]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    digit = classes == _DIGIT
    inside = digit | (classes == _LETTER)
    joins = np.zeros(len(buffer), dtype=bool)
    joins[1:-1] = (classes[1:-1] == _APOSTROPHE) & inside[:-2] & inside[2:]
    joins[1:-1] |= (classes[1:-1] == _POINT) & digit[:-2] & digit[2:]
    inside |= joins
    edges = np.diff(inside.astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1) + 1, np.flatnonzero(edges == -1) + 1
    possessive = (ends - starts > 2) & (buffer[ends - 1] == ord("s")) & (buffer[ends - 2] == ord("'"))
    return starts, ends - 2 * possessive
