"""Explains a gap of an alignment by the lexicon: which phrases of one side stand for which of the other.

Works on token hashes; must not decide what an explanation is worth to a verdict.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from dedup.lexicon import Lexicon, Strength, tie

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_GAP_WORDS = 60
_WORD_WEIGHT = 4 * MAX_GAP_WORDS  # one more word outweighs all strengths of a chain


class Explanation(NamedTuple):
    """A phrase of text a and the phrase of text b that stands for it, as half-open word offsets."""

    start_a: int
    end_a: int
    start_b: int
    end_b: int
    strength: Strength

    @property
    def word_count(self) -> int:
        """Words explained, of both sides together."""
        return self.end_a - self.start_a + self.end_b - self.start_b


def explain_gap(
    tokens_a: Sequence[int], tokens_b: Sequence[int], lexicon: Lexicon
) -> tuple[Explanation, ...]:
    """The phrases that explain most words of a gap, in order and without overlap on either side.

    Among explanations of equally many words the one of most and strongest ties is taken; inflected forms count
    as their lemma. A gap of more than ``MAX_GAP_WORDS`` words is cut into pieces at proportional places, so the
    cost is linear in its length: about 2 us for one word against one, 150 us for twelve against twelve.
    """
    if len(tokens_a) == 1 and len(tokens_b) == 1:
        strength = tie(lexicon.senses_of((tokens_a[0],)), lexicon.senses_of((tokens_b[0],)))
        return (Explanation(0, 1, 0, 1, strength),) if strength else ()
    if not tokens_a or not tokens_b:
        return ()
    count = -(-max(len(tokens_a), len(tokens_b)) // MAX_GAP_WORDS)
    return tuple(
        explanation
        for piece in range(count)
        for explanation in _explain_piece(
            tokens_a,
            _piece(len(tokens_a), piece, count),
            tokens_b,
            _piece(len(tokens_b), piece, count),
            lexicon,
        )
    )


def _piece(length: int, piece: int, count: int) -> range:
    return range(length * piece // count, length * (piece + 1) // count)


def _explain_piece(
    tokens_a: Sequence[int], range_a: range, tokens_b: Sequence[int], range_b: range, lexicon: Lexicon
) -> list[Explanation]:
    ties = _find_ties(tokens_a[range_a.start : range_a.stop], tokens_b[range_b.start : range_b.stop], lexicon)
    shift_a, shift_b = range_a.start, range_b.start
    return [
        Explanation(
            t.start_a + shift_a, t.end_a + shift_a, t.start_b + shift_b, t.end_b + shift_b, t.strength
        )
        for t in best_chain(ties)
    ]


def _find_ties(tokens_a: Sequence[int], tokens_b: Sequence[int], lexicon: Lexicon) -> list[Explanation]:
    """Every phrase of a that the lexicon ties to a phrase of b."""
    places_by_own: dict[int, list[tuple[int, int]]] = defaultdict(list)
    places_by_related: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for start in range(len(tokens_b)):
        for end, senses in lexicon.phrases_from(tokens_b, start):
            for synset in senses.own:
                places_by_own[synset].append((start, end))
            for synset in senses.related:
                places_by_related[synset].append((start, end))
    ties = []
    for start in range(len(tokens_a)):
        for end, senses in lexicon.phrases_from(tokens_a, start):
            related = _places(senses.own, places_by_related) | _places(senses.related, places_by_own)
            strengths = dict.fromkeys(related, Strength.RELATED)
            strengths |= dict.fromkeys(_places(senses.own, places_by_own), Strength.SYNONYM)
            ties += [Explanation(start, end, *place, strength) for place, strength in strengths.items()]
    return ties


def _places(synsets: Iterable[int], places: dict[int, list[tuple[int, int]]]) -> set[tuple[int, int]]:
    return {place for synset in synsets if synset in places for place in places[synset]}


def best_chain(ties: Iterable[Explanation]) -> list[Explanation]:
    """The heaviest chain of ties that follow each other in both texts; O(n log n) in the ties.

    ``frontier`` holds the chains ended so far that no other beats: where they end in b and their weight both rise.
    """
    by_start = sorted(ties)
    by_end = sorted(range(len(by_start)), key=lambda index: by_start[index].end_a)
    weights = [0] * len(by_start)
    previous = [-1] * len(by_start)
    ends, frontier = [0], [-1]
    closed = 0
    for index, found in enumerate(by_start):
        while closed < len(by_end) and by_start[by_end[closed]].end_a <= found.start_a:
            _close_chain(by_start, weights, by_end[closed], ends, frontier)
            closed += 1
        previous[index] = frontier[bisect_right(ends, found.start_b) - 1]
        earlier = weights[previous[index]] if previous[index] >= 0 else 0
        weights[index] = earlier + found.word_count * _WORD_WEIGHT + found.strength
    return _trace_chain(by_start, weights, previous)


def _close_chain(
    ties: list[Explanation], weights: list[int], index: int, ends: list[int], frontier: list[int]
) -> None:
    end, weight = ties[index].end_b, weights[index]
    place = bisect_right(ends, end)
    if frontier[place - 1] >= 0 and weights[frontier[place - 1]] >= weight:
        return
    beaten = first = bisect_left(ends, end)
    while beaten < len(ends) and (frontier[beaten] < 0 or weights[frontier[beaten]] <= weight):
        beaten += 1
    ends[first:beaten] = [end]
    frontier[first:beaten] = [index]


def _trace_chain(ties: list[Explanation], weights: list[int], previous: list[int]) -> list[Explanation]:
    if not ties:
        return []
    index = max(range(len(ties)), key=lambda index: (weights[index], -index))
    chain = []
    while index >= 0:
        chain.append(ties[index])
        index = previous[index]
    return chain[::-1]
