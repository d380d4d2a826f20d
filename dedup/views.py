"""The three views of a text: wording, skeleton, anchors, each a set of shingle hashes.

* *wording*: windows of 3 words (5 characters in scripts without spaces). Verbatim, trimmed, edited copies.
* *skeleton*: windows of 5 function words, content words left out. A spinner replaces content words and leaves
  these standing.
* *anchors*: words that no synonym lexicon can replace, alone and as neighbouring pairs. Names, numbers and rare
  words outlive translation and rewriting.

Works on many texts of one language at once, because numpy's cost is per call. Must not know bands or signatures.

Source: Stamatatos 2011 (stopword n-grams) for the skeleton; Zhang, Wang, Voelker, DSpin, NDSS 2014 (immutables)
for the anchors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dedup.config import View
from dedup.hash_set import HashSet
from dedup.languages import common_word_hashes, function_word_hashes, is_spaceless
from dedup.lexicon import load_lexicon
from dedup.shingle_hash import shingle_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WORDING_WORDS = 3
WORDING_CHARACTERS = 5
SKELETON_WORDS = 5
# A set smaller than this says too little to be looked up by two or three equal values.
MIN_SHINGLES = {View.WORDING: 4, View.SKELETON: 8, View.ANCHORS: 6}
_SALTS = {View.WORDING: 0x57, View.SKELETON: 0x53, View.ANCHORS: 0x41}


@dataclass(frozen=True, slots=True)
class ShingleSets:
    """One view of many texts: text ``i`` has the shingles ``hashes[starts[i]:ends[i]]``, repeats kept.

    What lies between the texts' stretches belongs to none. A set too small to be telling is empty.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]

    def of_text(self, number: int) -> NDArray[np.uint64]:
        """The shingle hashes of one text."""
        return self.hashes[self.starts[number] : self.ends[number]]


def view_shingles(texts: Sequence[NDArray[np.uint64]], language: str) -> dict[View, ShingleSets]:
    """The shingle sets of texts of one language in every view; all empty in a view that the language lacks.

    Each text is given as the token hashes of its words. A text's sets depend on that text alone.
    """
    tokens = np.concatenate(texts) if texts else np.zeros(0, dtype=np.uint64)
    bounds = np.concatenate(([0], np.cumsum([len(text) for text in texts], dtype=np.intp)))
    if is_spaceless(language):
        return {
            View.WORDING: _windows(View.WORDING, tokens, bounds, WORDING_CHARACTERS),
            View.SKELETON: _no_shingles(len(texts)),
            View.ANCHORS: _no_shingles(len(texts)),
        }
    is_function_word = are_function_words(tokens, language)
    marked = is_anchor(tokens, is_function_word, language)
    return {
        View.WORDING: _windows(View.WORDING, tokens, bounds, WORDING_WORDS),
        View.SKELETON: _windows(View.SKELETON, *_chosen(tokens, bounds, is_function_word), SKELETON_WORDS),
        View.ANCHORS: _words_and_pairs(*_chosen(tokens, bounds, marked)),
    }


def are_function_words(tokens: NDArray[np.uint64], language: str) -> NDArray[np.bool_]:
    """Which tokens are function words of the language, ``(n_tokens,) bool``."""
    return _function_words(language).contains(tokens)


def is_anchor(
    tokens: NDArray[np.uint64], is_function_word: NDArray[np.bool_], language: str
) -> NDArray[np.bool_]:
    """Which tokens are anchors: neither function words nor replaceable by a synonym, ``(n_tokens,) bool``.

    Without a lexicon of the language: words that are not among its common ones; none where that list lacks too.
    """
    lexicon = load_lexicon(language)
    if lexicon is not None:
        return ~(lexicon.in_vocabulary(tokens) | is_function_word)
    if len(common_word_hashes(language)) == 0:
        return np.zeros(len(tokens), dtype=bool)
    return ~(_common_words(language).contains(tokens) | is_function_word)


def contains(sorted_hashes: NDArray[np.uint64], tokens: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which tokens stand in a sorted array of hashes, ``(n_tokens,) bool``."""
    if len(sorted_hashes) == 0:
        return np.zeros(len(tokens), dtype=bool)
    places = np.searchsorted(sorted_hashes, tokens)
    places[places == len(sorted_hashes)] = 0
    found: NDArray[np.bool_] = sorted_hashes[places] == tokens
    return found


@cache
def _function_words(language: str) -> HashSet:
    return HashSet(function_word_hashes(language))


@cache
def _common_words(language: str) -> HashSet:
    return HashSet(common_word_hashes(language))


def _chosen(
    tokens: NDArray[np.uint64], bounds: NDArray[np.intp], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    places = np.flatnonzero(mask)
    return tokens[places], np.searchsorted(places, bounds)


def _windows(view: View, tokens: NDArray[np.uint64], bounds: NDArray[np.intp], width: int) -> ShingleSets:
    # windows that reach over the end of a text are computed too, and left between the stretches
    hashes = shingle_hashes(tokens, width, salt=_SALTS[view])
    return _telling(view, hashes, bounds[:-1], bounds[1:] - (width - 1))


def _words_and_pairs(anchors: NDArray[np.uint64], bounds: NDArray[np.intp]) -> ShingleSets:
    # text i of n anchors: n words and n - 1 pairs, taking turns
    salt = _SALTS[View.ANCHORS]
    hashes = np.zeros((len(anchors), 2), dtype=np.uint64)
    hashes[:, 0] = shingle_hashes(anchors, 1, salt=salt)
    hashes[:-1, 1] = shingle_hashes(anchors, 2, salt=salt)
    return _telling(View.ANCHORS, hashes.reshape(-1), 2 * bounds[:-1], 2 * bounds[1:] - 1)


def _telling(
    view: View, hashes: NDArray[np.uint64], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> ShingleSets:
    return ShingleSets(hashes, starts, np.where(ends - starts >= MIN_SHINGLES[view], ends, starts))


def _no_shingles(text_count: int) -> ShingleSets:
    nowhere = np.zeros(text_count, dtype=np.intp)
    return ShingleSets(np.zeros(0, dtype=np.uint64), nowhere, nowhere)
