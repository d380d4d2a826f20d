"""The three views of a text: wording, skeleton, anchors, each a set of shingle hashes.

* *wording*: windows of 3 words (5 characters in scripts without spaces). Verbatim, trimmed, edited copies.
* *skeleton*: windows of 4 function words, content words left out. A spinner replaces content words and leaves
  these standing.
* *anchors*: rare words; one that no synonym lexicon can replace counts six times. Names, numbers and terms
  outlive spinning, translation and rewriting.

Beside the views stand *passages*: about every eighth window of 5 words, chosen by its hash, so that two texts
choose alike. They find a part of one text inside another, whatever else surrounds it.

Works on many texts of one language at once, because numpy's cost is per call. Must not know bands or signatures.

Source: Stamatatos 2011 (stopword n-grams) for the skeleton; Zhang, Wang, Voelker, DSpin, NDSS 2014 (immutables)
for the anchors; Chum, Philbin, Zisserman 2008 for weights by copies; Manber 1994 for passages sampled by hash.
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
from dedup.shingle_hash import mix, shingle_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WORDING_WORDS = 3
WORDING_CHARACTERS = 5
SKELETON_WORDS = 4
# A set smaller than this says too little to be looked up by two or three equal values.
MIN_SHINGLES = {View.WORDING: 4, View.SKELETON: 8, View.ANCHORS: 6}
PASSAGE_WORDS = 5
PASSAGE_CHARACTERS = 8
PASSAGE_SAMPLING = 8
# Of a language's common words, most frequent first, so many are no anchors even if nothing can replace them, and
# so many if a lexicon can.
COMMON_WORDS = 1_000
COMMON_REPLACEABLE_WORDS = 5_000
ANCHOR_WEIGHT = 6
_SALTS = {View.WORDING: 0x57, View.SKELETON: 0x53, View.ANCHORS: 0x41}
_PASSAGE_SALT = 0x50


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
    weights = anchor_weights(tokens, is_function_word, language)
    return {
        View.WORDING: _windows(View.WORDING, tokens, bounds, WORDING_WORDS),
        View.SKELETON: _windows(View.SKELETON, *_chosen(tokens, bounds, is_function_word), SKELETON_WORDS),
        View.ANCHORS: _weighted_words(tokens, bounds, weights),
    }


def are_function_words(tokens: NDArray[np.uint64], language: str) -> NDArray[np.bool_]:
    """Which tokens are function words of the language, ``(n_tokens,) bool``."""
    return _function_words(language).contains(tokens)


def anchor_weights(
    tokens: NDArray[np.uint64], is_function_word: NDArray[np.bool_], language: str
) -> NDArray[np.int8]:
    """How much each token counts as an anchor, 0 where it is none: ``(n_tokens,) int8``.

    Rare words count 1, those that no lexicon can replace ``ANCHOR_WEIGHT``. Without a lexicon of the language all
    rare words count 1; without a list of its common words there are no anchors.
    """
    if len(common_word_hashes(language)) == 0:
        return np.zeros(len(tokens), dtype=np.int8)
    is_common = _common_words(language, COMMON_REPLACEABLE_WORDS).contains(tokens) | is_function_word
    lexicon = load_lexicon(language)
    if lexicon is None:
        return (~is_common).astype(np.int8)
    is_fixed = ~lexicon.in_vocabulary(tokens)
    is_very_common = _common_words(language, COMMON_WORDS).contains(tokens) | is_function_word
    weights: NDArray[np.int8] = np.where(
        is_fixed, np.where(is_very_common, 0, ANCHOR_WEIGHT), np.where(is_common, 0, 1)
    ).astype(np.int8)
    return weights


def passage_shingles(
    texts: Sequence[NDArray[np.uint64]], language: str
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """The sampled windows of texts of one language: text ``i`` has ``hashes[bounds[i]:bounds[i + 1]]``.

    ``(n_passages,) uint64`` and ``(n_texts + 1,)``; repeats kept, in text order.
    """
    tokens = np.concatenate(texts) if texts else np.zeros(0, dtype=np.uint64)
    bounds = np.concatenate(([0], np.cumsum([len(text) for text in texts], dtype=np.intp)))
    width = PASSAGE_CHARACTERS if is_spaceless(language) else PASSAGE_WORDS
    hashes = shingle_hashes(tokens, width, salt=_PASSAGE_SALT)
    is_inside = np.ones(len(hashes), dtype=bool)
    for end in bounds[1:-1].tolist():
        is_inside[max(0, end - width + 1) : end] = False
    places = np.flatnonzero(is_inside & (hashes % np.uint64(PASSAGE_SAMPLING) == 0))
    return hashes[places], np.searchsorted(places, bounds)


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
def _common_words(language: str, count: int) -> HashSet:
    return HashSet(common_word_hashes(language, count))


def _chosen(
    tokens: NDArray[np.uint64], bounds: NDArray[np.intp], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    places = np.flatnonzero(mask)
    return tokens[places], np.searchsorted(places, bounds)


def _windows(view: View, tokens: NDArray[np.uint64], bounds: NDArray[np.intp], width: int) -> ShingleSets:
    # windows that reach over the end of a text are computed too, and left between the stretches
    hashes = shingle_hashes(tokens, width, salt=_SALTS[view])
    return _telling(view, hashes, bounds[:-1], bounds[1:] - (width - 1))


def _weighted_words(
    tokens: NDArray[np.uint64], bounds: NDArray[np.intp], weights: NDArray[np.int8]
) -> ShingleSets:
    # a word of weight w stands in the set as w different shingles
    places = np.repeat(np.arange(len(tokens)), weights)
    copies = np.arange(len(places)) - np.searchsorted(places, places)
    salts = (copies.astype(np.uint64) << np.uint64(32)) + np.uint64(_SALTS[View.ANCHORS])
    hashes = mix(tokens[places] + salts)
    edges = np.searchsorted(places, bounds)
    return _telling(View.ANCHORS, hashes, edges[:-1], edges[1:])


def _telling(
    view: View, hashes: NDArray[np.uint64], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> ShingleSets:
    return ShingleSets(hashes, starts, np.where(ends - starts >= MIN_SHINGLES[view], ends, starts))


def _no_shingles(text_count: int) -> ShingleSets:
    nowhere = np.zeros(text_count, dtype=np.intp)
    return ShingleSets(np.zeros(0, dtype=np.uint64), nowhere, nowhere)
