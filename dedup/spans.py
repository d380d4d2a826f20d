"""The alignment of two texts as character spans, for showing them side by side.

Must not measure or decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.align import Passage, align
from dedup.reading import read_text
from dedup.values import AlignedSpan, SpanKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.align import Block
    from dedup.normalize import Word


def align_texts(text_a: str, text_b: str, language: str | None = None) -> tuple[AlignedSpan, ...]:
    """How two texts correspond, in the order of text a; every word of both is in exactly one span.

    Punctuation and space between words belong to no span. What only text b has follows the span that it follows
    in text b.
    """
    a, b = read_text(text_a, language), read_text(text_b, language)
    passages = align(a, b)
    return tuple(_spans(a.words, b.words, passages))


def _spans(
    words_a: Sequence[Word], words_b: Sequence[Word], passages: Sequence[Passage]
) -> Iterator[AlignedSpan]:
    following = _uncovered_after(len(words_b), passages)
    yield from _only_b(words_b, following.get(0))
    position = 0
    for passage in passages:
        if position < passage.start_a:
            yield _only_a(words_a, position, passage.start_a)
        for block in passage.blocks:
            yield _span(words_a, words_b, block)
        yield from _only_b(words_b, following.get(passage.end_b))
        position = passage.end_a
    if position < len(words_a):
        yield _only_a(words_a, position, len(words_a))


def _uncovered_after(word_count: int, passages: Sequence[Passage]) -> dict[int, tuple[int, int]]:
    uncovered, position = {}, 0
    for start, end in [*sorted((p.start_b, p.end_b) for p in passages), (word_count, word_count)]:
        if position < start:
            uncovered[position] = (position, start)
        position = end
    return uncovered


def _only_a(words: Sequence[Word], start: int, end: int) -> AlignedSpan:
    return AlignedSpan(SpanKind.ONLY_A, words[start].start, words[end - 1].end, 0, 0)


def _only_b(words: Sequence[Word], stretch: tuple[int, int] | None) -> Iterator[AlignedSpan]:
    if stretch is not None:
        start, end = stretch
        yield AlignedSpan(SpanKind.ONLY_B, 0, 0, words[start].start, words[end - 1].end)


def _span(words_a: Sequence[Word], words_b: Sequence[Word], block: Block) -> AlignedSpan:
    if block.is_equal:
        kind = SpanKind.EQUAL
    elif block.start_a == block.end_a:
        kind = SpanKind.ONLY_B
    elif block.start_b == block.end_b:
        kind = SpanKind.ONLY_A
    else:
        kind = SpanKind.SUBSTITUTED
    start_a, end_a = _characters(words_a, block.start_a, block.end_a)
    start_b, end_b = _characters(words_b, block.start_b, block.end_b)
    return AlignedSpan(kind, start_a, end_a, start_b, end_b, is_synonym=block.is_synonym)


def _characters(words: Sequence[Word], start: int, end: int) -> tuple[int, int]:
    return (words[start].start, words[end - 1].end) if start < end else (0, 0)
