"""Cuts two aligned texts into passages and rows that stand side by side, for terminal and HTML alike.

Must not align: the spans come from `dedup.align_texts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dedup.values import SpanKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedup.values import AlignedSpan

ROW_CHARACTERS = 400
_WORD_WITH_SPACE = re.compile(r"\S+\s*|\s+")
_SENTENCE_END = re.compile(r"(?:[.!?…。\uff01\uff1f]\W*|\n\s*)$")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of both texts that is shown as one; ``tail_*`` are the marks and blanks that follow its words."""

    kind: SpanKind
    words_a: str
    tail_a: str
    words_b: str
    tail_b: str
    is_synonym: bool = False


def cut_passages(text_a: str, text_b: str, spans: Sequence[AlignedSpan]) -> tuple[Passage, ...]:
    """All of text a in order, each stretch beside its counterpart; every character of both texts occurs once."""
    tails_a = _tails(text_a, [(span.start_a, span.end_a) for span in spans])
    tails_b = _tails(text_b, [(span.start_b, span.end_b) for span in spans])
    head_a = text_a[: min((span.start_a for span in spans if span.end_a > span.start_a), default=len(text_a))]
    head_b = text_b[: min((span.start_b for span in spans if span.end_b > span.start_b), default=len(text_b))]
    head = [Passage(SpanKind.EQUAL, "", head_a, "", head_b)] if head_a.strip() or head_b.strip() else []
    body = (
        Passage(
            span.kind,
            text_a[span.start_a : span.end_a],
            tail_a,
            text_b[span.start_b : span.end_b],
            tail_b,
            span.is_synonym,
        )
        for span, tail_a, tail_b in zip(spans, tails_a, tails_b, strict=True)
    )
    return (*head, *(piece for passage in body for piece in _short_passages(passage)))


def break_rows(passages: Sequence[Passage], limit: int = ROW_CHARACTERS) -> tuple[tuple[Passage, ...], ...]:
    """Passages in rows that end with a sentence of text a, so that both columns keep step.

    A row has half of ``limit`` characters a side at least, and no more than ``limit`` where a passage ends before.
    """
    rows: list[tuple[Passage, ...]] = []
    row: list[Passage] = []
    size_a = size_b = 0
    for passage in passages:
        size_a += len(passage.words_a) + len(passage.tail_a)
        size_b += len(passage.words_b) + len(passage.tail_b)
        size, is_end = max(size_a, size_b), _ends_sentence(passage.words_a + passage.tail_a)
        if size >= limit or (size >= limit // 2 and is_end) or "\n\n" in passage.tail_a:
            end, beginning = _at_line_end(passage)
            rows.append((*row, end))
            row, size_a, size_b = beginning, 0, 0
        else:
            row.append(passage)
    if row:
        rows.append(tuple(row))
    return tuple(rows)


def _at_line_end(passage: Passage) -> tuple[Passage, list[Passage]]:
    """A passage, and apart from it the marks that begin the next line: a quotation's, mostly."""
    lines_a, lines_b = (tail.rpartition("\n") for tail in (passage.tail_a, passage.tail_b))
    if not (lines_a[1] and lines_a[2].strip()):
        return passage, []
    is_alike = bool(lines_b[1])
    end = replace(passage, tail_a=lines_a[0] + "\n", tail_b=lines_b[0] + "\n" if is_alike else passage.tail_b)
    return end, [Passage(SpanKind.EQUAL, "", lines_a[2], "", lines_b[2] if is_alike else "")]


def first_rows(rows: Sequence[tuple[Passage, ...]], limit: int) -> tuple[tuple[Passage, ...], ...]:
    """Rows up to the limit of words on the longer side; the last row is cut inside."""
    kept: list[tuple[Passage, ...]] = []
    words_a = words_b = 0
    for row in rows:
        passages: list[Passage] = []
        for passage in row:
            room = limit - max(words_a, words_b)
            if room <= 0:
                break
            passages.append(_first_words(passage, room))
            words_a += len(passage.words_a.split())
            words_b += len(passage.words_b.split())
        if passages:
            kept.append(tuple(passages))
    return tuple(kept)


def _first_words(passage: Passage, limit: int) -> Passage:
    if max(len(passage.words_a.split()), len(passage.words_b.split())) <= limit:
        return passage
    short_a, short_b = (" ".join(words.split()[:limit]) for words in (passage.words_a, passage.words_b))
    return replace(passage, words_a=short_a, tail_a=" …", words_b=short_b, tail_b=" …")


def _tails(text: str, ranges: Sequence[tuple[int, int]]) -> list[str]:
    """What follows each non-empty range up to the next one, in the order of the text itself."""
    tails = [""] * len(ranges)
    ordered = sorted((start, end, place) for place, (start, end) in enumerate(ranges) if end > start)
    next_starts = [start for start, _, _ in ordered[1:]] + [len(text)]
    for (_, end, place), next_start in zip(ordered, next_starts, strict=False):
        tails[place] = text[end:next_start]
    return tails


def _short_passages(passage: Passage) -> Iterator[Passage]:
    """A long equal passage in pieces; both sides are cut after the same number of words."""
    words_a = _WORD_WITH_SPACE.findall(passage.words_a)
    words_b = _WORD_WITH_SPACE.findall(passage.words_b)
    if passage.kind is not SpanKind.EQUAL or len(words_a) != len(words_b):
        yield passage
        return
    start, size = 0, 0
    for place, word in enumerate(words_a):
        size += len(word)
        is_long = size >= ROW_CHARACTERS or (size >= ROW_CHARACTERS // 3 and _ends_sentence(word))
        if is_long and place + 1 < len(words_a):
            pieces = ("".join(words_a[start : place + 1]), "", "".join(words_b[start : place + 1]), "")
            yield Passage(passage.kind, *pieces)
            start, size = place + 1, 0
    rest_a, rest_b = "".join(words_a[start:]), "".join(words_b[start:])
    yield Passage(passage.kind, rest_a, passage.tail_a, rest_b, passage.tail_b)


def _ends_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None
