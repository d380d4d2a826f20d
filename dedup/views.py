"""The three views of a text: wording, skeleton, anchors, each a set of shingle hashes.

* *wording*: windows of 3 words (5 characters in scripts without spaces). Verbatim, trimmed, edited copies.
* *skeleton*: windows of 4 function words, content words left out. A spinner replaces content words and leaves
  these standing.
* *anchors*: rare words; one that no synonym lexicon can replace counts six times. Names, numbers and terms
  outlive spinning, translation and rewriting.

Beside the views stand *passages*: about every eighth window of 5 words, chosen by its hash, so that two texts
choose alike. They find a part of one text inside another, whatever else surrounds it. All sharpen the estimate;
every second one is a bucket.

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
from dedup.hash_set import HashMap
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
PASSAGE_BUCKET_SAMPLING = 16
# Of a language's common words, most frequent first, so many are no anchors even if nothing can replace them, and
# so many if a lexicon can.
COMMON_WORDS = 1_000
COMMON_REPLACEABLE_WORDS = 5_000
ANCHOR_WEIGHT = 6
FUNCTION_WORD = -1
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
    kinds = word_kinds(tokens, language)
    return {
        View.WORDING: _windows(View.WORDING, tokens, bounds, WORDING_WORDS),
        View.SKELETON: _windows(
            View.SKELETON, *_chosen(tokens, bounds, kinds == FUNCTION_WORD), SKELETON_WORDS
        ),
        View.ANCHORS: _weighted_words(tokens, bounds, np.maximum(kinds, 0)),
    }


def word_kinds(tokens: NDArray[np.uint64], language: str) -> NDArray[np.int8]:
    """What each token is: ``FUNCTION_WORD``, or how much it counts as an anchor, 0 for none: ``(n_tokens,) int8``.

    Rare words count 1, those that no lexicon can replace ``ANCHOR_WEIGHT``. Without a lexicon of the language all
    rare words count 1; without a list of its common words there are no anchors.
    """
    return _known_words(language).look_up(mix(tokens))


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


def is_passage_bucket(passages: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which passages are buckets: documents that share one are a candidate pair."""
    chosen: NDArray[np.bool_] = passages % np.uint64(PASSAGE_BUCKET_SAMPLING) == 0
    return chosen


@cache
def _known_words(language: str) -> HashMap:
    # all lists in one table, by phrase hash as the lexicon has it: one look-up a token
    functional = np.sort(mix(function_word_hashes(language)))
    common = np.sort(mix(common_word_hashes(language, COMMON_REPLACEABLE_WORDS)))
    very_common = np.sort(mix(common_word_hashes(language, COMMON_WORDS)))
    lexicon = load_lexicon(language)
    replaceable = np.zeros(0, dtype=np.uint64) if lexicon is None else lexicon.replaceable_words
    words = np.unique(np.concatenate([functional, common, replaceable]))
    of_unknown = 0 if not len(common) else 1 if lexicon is None else ANCHOR_WEIGHT
    kinds = np.where(np.isin(words, replaceable), 1, of_unknown)
    kinds[np.isin(words, very_common if lexicon is not None else common)] = 0
    kinds[np.isin(words, common) & np.isin(words, replaceable)] = 0
    kinds[np.isin(words, functional)] = FUNCTION_WORD
    return HashMap(words, kinds.astype(np.int8), of_unknown)


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
    places = np.flatnonzero(weights)
    repeats = weights[places].astype(np.intp)
    edges = np.concatenate(([0], np.cumsum(repeats)))
    copies = np.arange(edges[-1]) - np.repeat(edges[:-1], repeats)
    salts = (copies.astype(np.uint64) << np.uint64(32)) + np.uint64(_SALTS[View.ANCHORS])
    hashes = mix(np.repeat(tokens[places], repeats) + salts)
    bounds = edges[np.searchsorted(places, bounds)]
    return _telling(View.ANCHORS, hashes, bounds[:-1], bounds[1:])


def _telling(
    view: View, hashes: NDArray[np.uint64], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> ShingleSets:
    return ShingleSets(hashes, starts, np.where(ends - starts >= MIN_SHINGLES[view], ends, starts))


def _no_shingles(text_count: int) -> ShingleSets:
    nowhere = np.zeros(text_count, dtype=np.intp)
    return ShingleSets(np.zeros(0, dtype=np.uint64), nowhere, nowhere)
