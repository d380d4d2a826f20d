"""A document read once for verification: its words, where they stand, and what kind each is.

Must not compare two documents.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dedup.languages import is_spaceless, language_of
from dedup.normalize import Word, locate_words
from dedup.numbers import MARKS, MAX_DIGITS, NumberSpan, find_numbers
from dedup.shingle_hash import hash_words
from dedup.views import FUNCTION_WORD, word_kinds

# Beyond this many words a text is cut for alignment, so that the worst pair has a bounded cost.
MAX_WORDS = 12_000
# So many texts are held: about 200 bytes a word, 60 MB where they have 600 words. ``dedup.pair_order`` makes it enough.
_HELD = 512
# Where every noun has a capital, a capital makes no name.
_MIXED_NUMBER = re.compile(rf"(\d{{0,{MAX_DIGITS}}})([\u00bc-\u00be\u2150-\u215e])[^\W\d_]*")
# What stands in the place of a second word that a number was cut into; no number begins with it.
_SAME_NUMBER = "/"
_NOUNS_CAPITALISED = frozenset({"de", "lb"})


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of one text, in parallel tuples of equal length.

    ``content`` are the positions of the content words, ascending. ``weights`` tell how much each
    word counts as an anchor; ``is_name`` marks words written with a capital where the sentence does not ask for one.
    """

    words: tuple[Word, ...]
    tokens: tuple[int, ...]
    is_content: tuple[bool, ...]
    weights: tuple[int, ...]
    is_name: tuple[bool, ...]
    content: tuple[int, ...]
    numbers: tuple[NumberSpan, ...]
    language: str

    def __len__(self) -> int:
        return len(self.words)


@lru_cache(maxsize=_HELD)
def read_text(text: str, language: str | None) -> Reading:
    """The text as verification reads it; at most ``MAX_WORDS`` words of it."""
    language = language_of(text, language)
    words = locate_words(text, MAX_WORDS)
    tokens = hash_words([word.text for word in words])
    kinds = word_kinds(tokens, language)
    # a character that is a function word is part of other words too
    is_content = tuple((is_spaceless(language) | (kinds != FUNCTION_WORD)).tolist())
    return Reading(
        words=words,
        tokens=tuple(tokens.tolist()),
        is_content=is_content,
        weights=tuple(np.maximum(kinds, 0).tolist()),
        is_name=tuple(
            language not in _NOUNS_CAPITALISED and _is_name(text, words, i) for i in range(len(words))
        ),
        content=tuple(i for i, content in enumerate(is_content) if content),
        numbers=find_numbers(_as_written(text, words), language),
        language=language,
    )


def _as_written(text: str, words: tuple[Word, ...]) -> list[str]:
    """The words with "1\u00bd" as 1.5, where normalising, which is frozen, makes "11 2" of it, and ".6" for "six.6"."""
    written = [word.text for word in words]
    for i in range(len(words) - 1):
        if words[i + 1].text[0].isdigit() and text[words[i].end : words[i + 1].start] in MARKS:
            written[i + 1] = text[words[i].end] + written[i + 1]
        if words[i].start == words[i + 1].start:
            match = _MIXED_NUMBER.fullmatch(text[words[i].start : words[i].end])
            if match is not None:
                whole, fraction = match.groups()
                written[i] = str(int(whole or 0) + unicodedata.numeric(fraction))
                written[i + 1] = _SAME_NUMBER
    return written


def _is_name(text: str, words: tuple[Word, ...], i: int) -> bool:
    if not text[words[i].start].isupper():
        return False
    between = text[words[i - 1].end : words[i].start] if i else "."
    return not any(mark in between for mark in '.!?:\n\u201c\u201d"\u2022')
