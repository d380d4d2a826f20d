"""The three views of a text: wording, skeleton, anchors, each a set of shingle hashes.

* *wording*: windows of 3 words (5 characters in scripts without spaces). Verbatim, trimmed, edited copies.
* *skeleton*: windows of 5 function words, content words left out. A spinner replaces content words and leaves
  these standing.
* *anchors*: words that no synonym lexicon can replace, alone and as neighbouring pairs. Names, numbers and rare
  words outlive translation and rewriting.

Must not know bands or signatures.

Source: Stamatatos 2011 (stopword n-grams) for the skeleton; Zhang, Wang, Voelker, DSpin, NDSS 2014 (immutables)
for the anchors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.config import View
from dedup.languages import common_word_hashes, function_word_hashes, is_spaceless
from dedup.lexicon import load_lexicon
from dedup.shingle_hash import shingle_hashes

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDING_WORDS = 3
WORDING_CHARACTERS = 5
SKELETON_WORDS = 5
# A set smaller than this says too little to be looked up by two or three equal values.
MIN_SHINGLES = {View.WORDING: 4, View.SKELETON: 8, View.ANCHORS: 6}
_SALTS = {View.WORDING: 0x57, View.SKELETON: 0x53, View.ANCHORS: 0x41}


def view_shingles(tokens: NDArray[np.uint64], language: str) -> dict[View, NDArray[np.uint64]]:
    """Shingle hashes of every view that the language has, repeats kept, in text order.

    ``tokens`` are the token hashes of the text's words. A view with too few shingles to be telling is empty.
    """
    if is_spaceless(language):
        shingles = {View.WORDING: _shingles(View.WORDING, tokens, WORDING_CHARACTERS)}
    else:
        is_function_word = contains(function_word_hashes(language), tokens)
        anchors = tokens[is_anchor(tokens, is_function_word, language)]
        shingles = {
            View.WORDING: _shingles(View.WORDING, tokens, WORDING_WORDS),
            View.SKELETON: _shingles(View.SKELETON, tokens[is_function_word], SKELETON_WORDS),
            View.ANCHORS: np.concatenate(
                (_shingles(View.ANCHORS, anchors, 1), _shingles(View.ANCHORS, anchors, 2))
            ),
        }
    none = np.zeros(0, dtype=np.uint64)
    return {
        view: shingles[view] if view in shingles and len(shingles[view]) >= MIN_SHINGLES[view] else none
        for view in View
    }


def is_anchor(
    tokens: NDArray[np.uint64], is_function_word: NDArray[np.bool_], language: str
) -> NDArray[np.bool_]:
    """Which tokens are anchors: neither function words nor replaceable by a synonym, ``(n_tokens,) bool``.

    Without a lexicon of the language: words that are not among its common ones; none where that list lacks too.
    """
    lexicon = load_lexicon(language)
    if lexicon is not None:
        return ~is_function_word & ~lexicon.in_vocabulary(tokens)
    common = common_word_hashes(language)
    if len(common) == 0:
        return np.zeros(len(tokens), dtype=bool)
    return ~is_function_word & ~contains(common, tokens)


def contains(sorted_hashes: NDArray[np.uint64], tokens: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which tokens stand in a sorted array of hashes, ``(n_tokens,) bool``."""
    if len(sorted_hashes) == 0:
        return np.zeros(len(tokens), dtype=bool)
    places = np.searchsorted(sorted_hashes, tokens)
    places[places == len(sorted_hashes)] = 0
    found: NDArray[np.bool_] = sorted_hashes[places] == tokens
    return found


def _shingles(view: View, tokens: NDArray[np.uint64], width: int) -> NDArray[np.uint64]:
    return shingle_hashes(tokens, width, salt=_SALTS[view])
