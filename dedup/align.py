"""Two readings to the passages they share, word by word.

Blocks first, then the inside of blocks:

1. The longest common subsequence of the *content words* that are still free in both texts gives a chain of
   matches. Function words are left out here: they match everywhere and would lead the chain astray.
2. Every gap between neighbouring matches is compared on all its words: equal words, then phrases that the
   lexicon calls synonyms; what stands against each other and is left is a substitution.
3. Matches and gaps get scores. The maximal scoring stretches of the chain are *passages*; a match outside a
   passage is chance and is dropped.
4. Again from 1 with the words outside all passages, so that moved paragraphs are found, until nothing is.

Must not judge what the alignment means.

Source: Hirschberg 1977 and Hyyro 2004 for the common subsequence (rapidfuzz); Ruzzo and Tompa 1999 for the maximal
scoring stretches.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq

from dedup.gaps import explain_gap
from dedup.lexicon import load_lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.gaps import Explanation
    from dedup.lexicon import Lexicon
    from dedup.reading import Reading

MAX_PASSES = 64
MIN_PASSAGE_SCORE = 4.0
# Words of a gap that are compared word by word; a longer gap is material that only one text has.
MAX_GAP_WORDS = 60
MAX_EXPLAINED_WORDS = 12
# So many words that only one text has end a passage; fewer are an insertion within it.
MIN_HOLE_WORDS = 15

_CONTENT_SCORE = 1.0
_FUNCTION_SCORE = 0.25
_REPLACED_COST = 0.25
_UNBALANCED_COST = 0.4
# However long an insertion, what stands on both sides of it can still be one passage.
_MAX_GAP_COST = 10.0


@dataclass(frozen=True, slots=True)
class Block:
    """Words ``a[start_a:end_a]`` against ``b[start_b:end_b]``, in half-open word positions.

    Equal words, or a substitution (``is_equal`` false); one side of a substitution is empty where a word was
    dropped or added.
    """

    start_a: int
    end_a: int
    start_b: int
    end_b: int
    is_equal: bool
    is_synonym: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch that both texts share: blocks without a hole between them, in the order of both texts."""

    blocks: tuple[Block, ...]
    score: float

    @property
    def start_a(self) -> int:
        """First word of the passage in text a."""
        return self.blocks[0].start_a

    @property
    def end_a(self) -> int:
        """Word of text a after the passage."""
        return self.blocks[-1].end_a

    @property
    def start_b(self) -> int:
        """First word of the passage in text b."""
        return self.blocks[0].start_b

    @property
    def end_b(self) -> int:
        """Word of text b after the passage."""
        return self.blocks[-1].end_b


def align(a: Reading, b: Reading) -> tuple[Passage, ...]:
    """The passages that two texts share, in the order of text a; no word is in two passages.

    The same passages whichever text is given first: equal chains are resolved from the shorter text.
    """
    if (len(b), b.tokens) < (len(a), a.tokens):
        turned = (Passage(tuple(map(_turned, p.blocks)), p.score) for p in _align(b, a))
        return tuple(sorted(turned, key=lambda passage: passage.start_a))
    return _align(a, b)


def _turned(block: Block) -> Block:
    sides = block.start_b, block.end_b, block.start_a, block.end_a
    return Block(*sides, is_equal=block.is_equal, is_synonym=block.is_synonym)


def _align(a: Reading, b: Reading) -> tuple[Passage, ...]:
    lexicon = load_lexicon(a.language) if a.language == b.language else None
    passages: list[Passage] = []
    free_a, free_b = list(a.content), list(b.content)
    for _ in range(MAX_PASSES):
        chain = _common_chain(a, b, free_a, free_b)
        found = _passages_of(a, b, chain, lexicon, passages)
        if not found:
            break
        passages.extend(found)
        free_a = _outside(free_a, [(p.start_a, p.end_a) for p in found])
        free_b = _outside(free_b, [(p.start_b, p.end_b) for p in found])
        if min(len(free_a), len(free_b)) < MIN_PASSAGE_SCORE:
            break
    return tuple(sorted(passages, key=lambda passage: passage.start_a))


def _common_chain(a: Reading, b: Reading, free_a: list[int], free_b: list[int]) -> list[tuple[int, int]]:
    tokens_a, tokens_b = [a.tokens[i] for i in free_a], [b.tokens[j] for j in free_b]
    return [
        (free_a[block.a + k], free_b[block.b + k])
        for block in LCSseq.opcodes(tokens_a, tokens_b).as_matching_blocks()
        for k in range(block.size)
    ]


def _outside(positions: list[int], stretches: Iterable[tuple[int, int]]) -> list[int]:
    taken = _words_of(stretches)
    return [i for i in positions if i not in taken]


def _words_of(stretches: Iterable[tuple[int, int]]) -> set[int]:
    return {i for start, end in stretches for i in range(start, end)}


def _passages_of(
    a: Reading,
    b: Reading,
    chain: Sequence[tuple[int, int]],
    lexicon: Lexicon | None,
    taken: Sequence[Passage],
) -> list[Passage]:
    if not chain:
        return []
    scores, pieces = [], []
    barriers_a = sorted(p.start_a for p in taken)
    barriers_b = sorted(p.start_b for p in taken)
    for number, (i, j) in enumerate(chain):
        if number:
            last_i, last_j = chain[number - 1]
            if _crosses(barriers_a, last_i, i) or _crosses(barriers_b, last_j, j):
                blocks, score = [], -float("inf")
            else:
                blocks = list(_compare_gap(a, b, (last_i + 1, i), (last_j + 1, j), lexicon))
                score = _gap_score(a, blocks)
            pieces.append(blocks)
            scores.append(score)
        pieces.append([Block(i, i + 1, j, j + 1, is_equal=True)])
        scores.append(_CONTENT_SCORE)
    cores = [
        (blocks, score)
        for start, end, score in maximal_stretches(scores)
        if score >= MIN_PASSAGE_SCORE
        for blocks in _without_holes([block for piece in pieces[start:end] for block in piece])
    ]
    used_a = _words_of(
        [*((p.start_a, p.end_a) for p in taken), *((c[0].start_a, c[-1].end_a) for c, _ in cores)]
    )
    used_b = _words_of(
        [*((p.start_b, p.end_b) for p in taken), *((c[0].start_b, c[-1].end_b) for c, _ in cores)]
    )
    return [Passage(_merged(_extended(a, b, blocks, used_a, used_b)), score) for blocks, score in cores]


def _without_holes(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    # what only one text has may stand elsewhere in the other: it must stay free for the next pass
    part: list[Block] = []
    for block in [*blocks, None]:
        if block is not None and not _is_hole(block):
            if part or block.is_equal:
                part.append(block)
            continue
        while part and not part[-1].is_equal:
            part.pop()
        if part:
            yield part
        part = []


def _is_hole(block: Block) -> bool:
    lengths = block.end_a - block.start_a, block.end_b - block.start_b
    return not (block.is_equal or block.is_synonym) and max(lengths) - min(lengths) >= MIN_HOLE_WORDS


def _crosses(barriers: Sequence[int], start: int, end: int) -> bool:
    """Whether one of the barriers, which ascend, stands after the start and not after the end."""
    return bisect_right(barriers, start) < bisect_right(barriers, end)


def _compare_gap(
    a: Reading, b: Reading, gap_a: tuple[int, int], gap_b: tuple[int, int], lexicon: Lexicon | None
) -> Iterator[Block]:
    (start_a, end_a), (start_b, end_b) = gap_a, gap_b
    if start_a == end_a and start_b == end_b:
        return
    if start_a == end_a or start_b == end_b or max(end_a - start_a, end_b - start_b) > MAX_GAP_WORDS:
        yield Block(start_a, end_a, start_b, end_b, is_equal=False)
        return
    words_a, words_b = a.tokens[start_a:end_a], b.tokens[start_b:end_b]
    if words_a == words_b:
        yield Block(start_a, end_a, start_b, end_b, is_equal=True)
        return
    i, j = start_a, start_b
    for block in LCSseq.opcodes(words_a, words_b).as_matching_blocks():
        yield from _explain(a, b, (i, start_a + block.a), (j, start_b + block.b), lexicon)
        i, j = start_a + block.a + block.size, start_b + block.b + block.size
        if block.size:
            yield Block(i - block.size, i, j - block.size, j, is_equal=True)


def _explain(
    a: Reading, b: Reading, gap_a: tuple[int, int], gap_b: tuple[int, int], lexicon: Lexicon | None
) -> Iterator[Block]:
    (i, end_a), (j, end_b) = gap_a, gap_b
    if i == end_a and j == end_b:
        return
    spans: tuple[Explanation, ...] = ()
    if lexicon is not None and 0 < end_a - i <= MAX_EXPLAINED_WORDS and 0 < end_b - j <= MAX_EXPLAINED_WORDS:
        spans = explain_gap(a.tokens[i:end_a], b.tokens[j:end_b], lexicon)
    base_a, base_b = i, j
    for from_a, to_a, from_b, to_b, _ in spans:
        if i < base_a + from_a or j < base_b + from_b:
            yield Block(i, base_a + from_a, j, base_b + from_b, is_equal=False)
        i, j = base_a + to_a, base_b + to_b
        yield Block(base_a + from_a, i, base_b + from_b, j, is_equal=False, is_synonym=True)
    if i < end_a or j < end_b:
        yield Block(i, end_a, j, end_b, is_equal=False)


def _gap_score(a: Reading, blocks: Iterable[Block]) -> float:
    gain, cost = 0.0, 0.0
    for block in blocks:
        length_a, length_b = block.end_a - block.start_a, block.end_b - block.start_b
        if block.is_synonym:
            gain += _CONTENT_SCORE * min(length_a, length_b)
        elif block.is_equal:
            content = sum(a.is_content[block.start_a : block.end_a])
            gain += content * _CONTENT_SCORE + (length_a - content) * _FUNCTION_SCORE
        else:
            cost += _REPLACED_COST * min(length_a, length_b) + _UNBALANCED_COST * abs(length_a - length_b)
    return gain - min(cost, _MAX_GAP_COST)


def _extended(a: Reading, b: Reading, blocks: list[Block], used_a: set[int], used_b: set[int]) -> list[Block]:
    # a passage begins and ends at a content word; the equal function words around it belong to it, unless they
    # belong to another
    first, last = blocks[0], blocks[-1]

    def take(i: int, j: int) -> bool:
        if i in used_a or j in used_b or not _equal_function_words(a, b, i, j):
            return False
        used_a.add(i)
        used_b.add(j)
        return True

    before = after = 0
    while take(first.start_a - before - 1, first.start_b - before - 1):
        before += 1
    while take(last.end_a + after, last.end_b + after):
        after += 1
    head = Block(first.start_a - before, first.start_a, first.start_b - before, first.start_b, is_equal=True)
    tail = Block(last.end_a, last.end_a + after, last.end_b, last.end_b + after, is_equal=True)
    return [*([head] if before else []), *blocks, *([tail] if after else [])]


def _equal_function_words(a: Reading, b: Reading, i: int, j: int) -> bool:
    return 0 <= i < len(a) and 0 <= j < len(b) and not a.is_content[i] and a.tokens[i] == b.tokens[j]


def _merged(blocks: Sequence[Block]) -> tuple[Block, ...]:
    merged: list[Block] = []
    for block in blocks:
        if merged and block.is_equal and merged[-1].is_equal:
            merged[-1] = Block(
                merged[-1].start_a, block.end_a, merged[-1].start_b, block.end_b, is_equal=True
            )
        else:
            merged.append(block)
    return tuple(merged)


def maximal_stretches(scores: Sequence[float]) -> list[tuple[int, int, float]]:
    """All maximal scoring stretches ``(start, end, score)`` of a sequence, disjoint, in order.

    Source: Ruzzo and Tompa 1999, A Linear Time Algorithm for Finding All Maximal Scoring Subsequences. Minus
    infinity is a barrier that no stretch crosses.

    >>> maximal_stretches([4, -5, 3, -3, 1, 2, -2, 2, -2, 1, 5])
    [(0, 1, 4.0), (2, 3, 3.0), (4, 11, 7.0)]
    """
    found: list[tuple[int, int, float]] = []
    stretches: list[tuple[int, float, int, float]] = []  # start, total before, end, total after
    total = 0.0
    for place, score in enumerate(scores):
        if score == -float("inf"):
            found += [(start, end, after - before) for start, before, end, after in stretches]
            stretches, total = [], 0.0
            continue
        if score > 0:
            _push_stretch(stretches, (place, total, place + 1, total + score))
        total += score
    return found + [(start, end, after - before) for start, before, end, after in stretches]


def _push_stretch(
    stretches: list[tuple[int, float, int, float]], newest: tuple[int, float, int, float]
) -> None:
    start, before, end, after = newest
    while True:
        k = len(stretches) - 1
        while k >= 0 and stretches[k][1] >= before:
            k -= 1
        if k < 0 or stretches[k][3] >= after:
            stretches.append((start, before, end, after))
            return
        start, before = stretches[k][0], stretches[k][1]
        del stretches[k:]
