"""Guesses the charset of a page that does not state it: by its escapes, its bytes, the words they make.

Must not be asked where a charset is stated and fits.
"""

from __future__ import annotations

import re
from functools import cache

from charset_normalizer import from_bytes

from dedup.languages import common_words

_GUESS_BYTES = 50_000
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_BETWEEN_WORDS = re.compile(rb"[<>\s]+")
_WORD = re.compile(r"[^\W\d_]{2,}")  # single letters come about by chance
_CONTROL = re.compile("[\x80-\x9f]")  # where ISO 8859 has control codes, Windows has quotation marks
_ESCAPES_TO_JAPANESE = (b"\x1b$B", b"\x1b$@", b"\x1b$(")
_LATIN = ("windows-1252", "windows-1250", "iso8859-2", "windows-1254", "windows-1257", "iso8859-15")
_LATIN_LANGUAGES = (
    "ca", "cs", "da", "de", "es", "fi", "fr", "hr", "hu", "is", "it", "lt", "lv", "nl", "no", "pl", "pt", "ro", "sk", "sl",
    "sv", "tr",
)  # fmt: skip
# Romanian in one-byte charsets has the cedilla, as the comma below came later.
_CEDILLAS = str.maketrans("șț", "şţ")


def guess_charset(body: bytes) -> str:
    """The charset that the bytes look like; ``windows-1252`` where nothing tells."""
    if any(escape in body for escape in _ESCAPES_TO_JAPANESE) and _decodes(body, "iso2022_jp_ext"):
        return "iso2022_jp_ext"
    if _decodes(body, "utf-8"):
        return "utf-8"
    words = _telling_words(body)
    if is_one_byte_latin(body):
        return _latin_charset(words)
    best = from_bytes(b" ".join(words)).best()
    return best.encoding if best is not None else "windows-1252"


def is_one_byte_latin(body: bytes) -> bool:
    """Whether letters beyond ASCII stand alone between ASCII letters; other scripts come in runs."""
    runs = _HIGH_RUN.findall(body[:200_000])
    return 2 * sum(len(run) == 1 for run in runs) >= len(runs)


def _telling_words(body: bytes) -> list[bytes]:
    """The first words that are no ASCII, whole: most of a page is markup and scripts, and tells nothing."""
    words, size = [], 0
    for word in _BETWEEN_WORDS.split(body):
        if not word.isascii():
            words.append(word)
            size += len(word)
        if size > _GUESS_BYTES:
            break
    return words


def _latin_charset(words: list[bytes]) -> str:
    """The charset in which most different words are known ones; of several the most widespread."""
    distinct = b" ".join(set(words))
    return max(_LATIN, key=lambda charset: _known_word_count(distinct.decode(charset, "replace")))


def _known_word_count(text: str) -> int:
    if _CONTROL.search(text):
        return 0
    return len(set(_WORD.findall(text.casefold())) & _accented_words())


@cache
def _accented_words() -> frozenset[str]:
    words = (word for language in _LATIN_LANGUAGES for word in common_words(language))
    return frozenset(word.translate(_CEDILLAS) for word in words if not word.isascii())


def _decodes(body: bytes, charset: str) -> bool:
    try:
        body.decode(charset)
    except UnicodeDecodeError:
        return False
    return True
