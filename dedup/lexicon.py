"""The synonym lexicon: which words a spinner can replace, and which phrases can stand for each other.

Pure and read-only; it knows phrases by their hash alone and must not normalise text.

The data file holds eight arrays, built by ``tools/build_lexicon.py``: ``key_steps`` (differences of the sorted
phrase hashes), ``synset_counts`` and ``synsets`` (synset numbers of each phrase), ``related_counts`` and
``related`` (synset numbers that each synset points to), ``is_replaceable_word`` (one flag a phrase),
``starters`` and ``starter_reach`` (token hashes that begin a longer phrase, and that phrase's longest length).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.shingle_hash import shingle_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MAX_PHRASE_WORDS = 5
_CACHED_PHRASES = 1 << 18
_NOTHING: frozenset[int] = frozenset()


class Strength(IntEnum):
    """How closely the lexicon ties two phrases together."""

    NONE = 0
    RELATED = 1  # one's synset points to the other's: wider term, similar adjective, derived word
    SYNONYM = 2  # both stand in one synset


class Senses(NamedTuple):
    """The synsets of a phrase, and the synsets that those point to."""

    own: frozenset[int]
    related: frozenset[int]


UNKNOWN = Senses(_NOTHING, _NOTHING)


class Lexicon:
    """Synonym sets of one language; built by ``load_lexicon``, the same object for every caller.

    ``replaceable_words`` are the phrase hashes, ascending, of the words that have a synonym of their own, so that a
    spinner could replace them; numerals are never among them.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        self.digest = _digest(arrays)
        self._keys = np.cumsum(arrays["key_steps"], dtype=np.uint64)
        self._sorted_keys = self._keys.data  # of plain numbers, for looking one up
        self._synset_ends = np.cumsum(arrays["synset_counts"], dtype=np.int64)
        self._synsets = arrays["synsets"]
        self._related_ends = np.cumsum(arrays["related_counts"], dtype=np.int64)
        self._related = arrays["related"]
        self.replaceable_words = self._keys[arrays["is_replaceable_word"].astype(bool)]
        self._reach: dict[int, int] = dict(
            zip(arrays["starters"].tolist(), arrays["starter_reach"].tolist(), strict=True)
        )
        self._senses: dict[tuple[int, ...], Senses] = {}
        # what begins a run of words as long as its first word reaches: texts of one corpus ask the same again
        self._phrases: dict[tuple[int, ...], tuple[tuple[int, Senses], ...]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def phrases_from(self, tokens: Sequence[int], start: int) -> tuple[tuple[int, Senses], ...]:
        """The phrases of the lexicon that begin at ``tokens[start]``: end and senses, shortest first."""
        ahead = tuple(tokens[start : start + self._reach.get(tokens[start], 1)])
        found = self._phrases.get(ahead)
        if found is None:
            if len(self._phrases) >= _CACHED_PHRASES:
                self._phrases.clear()
            lengths = range(1, len(ahead) + 1)
            known = ((length, self.senses_of(ahead[:length])) for length in lengths)
            found = self._phrases[ahead] = tuple((length, senses) for length, senses in known if senses.own)
        return tuple((start + length, senses) for length, senses in found)

    def senses_of(self, tokens: tuple[int, ...]) -> Senses:
        """The senses of the phrase of these token hashes, in any part of speech; empty where unknown."""
        senses = self._senses.get(tokens)
        if senses is None:
            if len(self._senses) >= _CACHED_PHRASES:
                self._senses.clear()
            senses = self._senses[tokens] = self._read_senses(shingle_hash(tokens))
        return senses

    def _read_senses(self, phrase: int) -> Senses:
        position = bisect_left(self._sorted_keys, phrase)
        if position == len(self._sorted_keys) or self._sorted_keys[position] != phrase:
            return UNKNOWN
        own = frozenset(_row(self._synsets, self._synset_ends, position))
        near = (number for synset in own for number in _row(self._related, self._related_ends, synset))
        return Senses(own, frozenset(near) - own)


def tie(a: Senses, b: Senses) -> Strength:
    """How closely two phrases are tied, by their senses."""
    if not a.own.isdisjoint(b.own):
        return Strength.SYNONYM
    if a.related.isdisjoint(b.own) and a.own.isdisjoint(b.related):
        return Strength.NONE
    return Strength.RELATED


@cache
def load_lexicon(language: str) -> Lexicon | None:
    """The lexicon of a language (ISO 639-1), or None where none ships; English only at present.

    >>> load_lexicon("tlh") is None
    True
    """
    if language != "en":
        return None
    with files("dedup").joinpath("data/lexicon-en.npz").open("rb") as stream:
        archive = np.load(stream, allow_pickle=False)
        return Lexicon({name: archive[name] for name in sorted(archive.files)})


def _digest(arrays: Mapping[str, NDArray[np.generic]]) -> str:
    whole = hashlib.blake2b(digest_size=8)
    for name in sorted(arrays):
        whole.update(name.encode())
        whole.update(np.ascontiguousarray(arrays[name]).data)
    return whole.hexdigest()


def _row(values: NDArray[np.generic], ends: NDArray[np.int64], row: int) -> list[int]:
    start = int(ends[row - 1]) if row else 0
    numbers: list[int] = values[start : int(ends[row])].tolist()
    return numbers
