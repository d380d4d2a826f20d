"""Lines that a source repeats across unrelated articles: learnt by counting, left out of what is compared.

A line is boilerplate of a source once ``UNRELATED_ARTICLES`` articles hold it that share little else with what
the source printed before. Revisions and copies of one story bring few words that are new, so however many there
are, they do not count as unrelated; nor do versions of a story that doubles again and again, for most of what is known
in them was never seen but there. Where every article of a source is mostly boilerplate (briefs under a long
disclaimer), or texts come on one line and are counted by sentences, an article counts if its new lines have nothing
to do with its known ones; and where that does not show, ``MANY_ARTICLES`` articles that each bring a fair share of new
words settle it.

The counts are all that has to be kept, a row a line and source, so a database can learn as articles arrive. Whoever
sees a whole source takes its shortest text first, as a story grows, so that what is learnt is a function of the set of
texts; a re-index brings a database to the same. Must not compare documents.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dedup.hosts import source_of
from dedup.lines import count_words, is_cut, line_hash, line_words, split_lines, tell_of_other_matter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from dedup.values import Document

UNRELATED_ARTICLES = 3
MANY_ARTICLES = 20
# An article is unrelated to earlier ones of its source if at least this share of its words is in new lines.
NEW_WORDS_RATIO = 0.5
# Below this share, or without one new line of so many words (more than a date), it is no other article at all.
OTHER_ARTICLE_RATIO = 0.1
NEW_LINE_WORDS = 8
# What is left of a text is no article below this; such a text is left out altogether.
MIN_WORDS_LEFT = 5


@dataclass(frozen=True, slots=True)
class LineCount:
    """How many articles of one source hold a line, and how many of them were unrelated to earlier ones."""

    article_count: int
    unrelated_count: int

    @property
    def is_boilerplate(self) -> bool:
        """Whether the line is to be left out."""
        return self.unrelated_count >= UNRELATED_ARTICLES or self.article_count >= MANY_ARTICLES


@dataclass(frozen=True, slots=True)
class OwnLines:
    """The lines that one article of a source has alone, summed up: all their words, and those of the longest."""

    word_count: int = 0
    longest_word_count: int = 0


NO_OWN_LINES = OwnLines()


@dataclass(frozen=True, slots=True)
class SourceArticle:
    """One article of a source, as it is counted.

    Whoever sees the whole source may leave lines that stand in no other article out of ``words_by_line``: they are new
    whenever they come, and need no count, so that ``own`` says enough of them. ``text`` may be empty where
    ``needs_text`` is false. ``is_cut`` says that some lines are sentences: rewritten copies keep one or the other, and
    that the rest is new does not make them other articles.
    """

    words_by_line: Mapping[int, int]
    own: OwnLines = NO_OWN_LINES
    is_cut: bool = False
    text: str = ""

    @property
    def word_count(self) -> int:
        """Words in all lines that count."""
        return sum(self.words_by_line.values()) + self.own.word_count

    @property
    def needs_text(self) -> bool:
        """Whether its words have to tell whether it is another article; never where it has no line to count."""
        return bool(self.words_by_line) and (
            self.is_cut or self.own.word_count < NEW_WORDS_RATIO * self.word_count
        )


def read_article(text: str) -> SourceArticle:
    """An article with all its lines."""
    return SourceArticle(line_words(text), is_cut=is_cut(text), text=text)


def count_lines(article: SourceArticle, known: Mapping[int, LineCount]) -> dict[int, LineCount]:
    """The new counts of a text's lines, given those that its source has so far; unchanged ones left out.

    Deterministic, and dependent on the order in which a source's articles come. A text counted again changes nothing.
    """
    lines = article.words_by_line
    new = {line: words for line, words in lines.items() if line not in known}
    counted = dict.fromkeys(new, LineCount(article_count=1, unrelated_count=1))
    if len(new) == len(lines):
        return counted
    new_ratio = (sum(new.values()) + article.own.word_count) / max(1, article.word_count)
    longest = max(article.own.longest_word_count, *new.values(), 0)
    if new_ratio < OTHER_ARTICLE_RATIO or longest < NEW_LINE_WORDS:
        return counted
    is_unrelated = not _has_grown(lines, known) and (
        (new_ratio >= NEW_WORDS_RATIO and not article.is_cut) or tell_of_other_matter(article.text, known)
    )
    for line in lines.keys() - new.keys():
        before = known[line]
        counted[line] = LineCount(before.article_count + 1, before.unrelated_count + is_unrelated)
    return counted


def _has_grown(words_by_line: Mapping[int, int], known: Mapping[int, LineCount]) -> bool:
    """Whether most that is known of a text belongs to one story, beside lines that may be boilerplate."""
    of_one_story = of_several = 0
    for line, words in words_by_line.items():
        if line in known:
            is_of_one = known[line].unrelated_count == 1
            of_one_story += words * is_of_one
            of_several += words * (not is_of_one)
    return 0 < of_several <= of_one_story


def count_source(
    texts: Iterable[str], read_again: Callable[[Sequence[int]], Iterable[str]]
) -> tuple[NDArray[np.int64], dict[int, LineCount]]:
    """The lines of a source's articles, whose texts come in any order, as counted shortest first.

    ``read_again`` gives the texts at the places asked for, in that order: as a rule few are needed twice.

    First the lines of one article only, ascending, ``(n_lines,) int64``: nearly all lines, each with a count of 1
    and 1. Then the counts of all others.
    """
    return _count_arrays([_read_lines(text) for text in texts], read_again)


def count_shared_lines(articles: Iterable[SourceArticle]) -> dict[int, LineCount]:
    """The counts of the lines that a source's articles share; the same for any order of the articles."""
    known: dict[int, LineCount] = {}
    for article in sorted(articles, key=_length_first):
        known.update(count_lines(article, known))
    return known


def _length_first(article: SourceArticle) -> tuple[int, int, list[int], str]:
    # what these leave equal counts alike, whichever comes first
    return article.word_count, article.own.longest_word_count, sorted(article.words_by_line), article.text


def boilerplate_lines(words_by_line: Iterable[int], known: Mapping[int, LineCount]) -> frozenset[int]:
    """Which lines of a text are boilerplate by its source's counts: for ``Document.boilerplate``."""
    return frozenset(line for line in words_by_line if line in known and known[line].is_boilerplate)


def without_boilerplate(document: Document) -> str:
    """The text that is signed and judged: boilerplate lines blanked, all else where it was.

    The same length as ``document.text``, so that places in it stay true.
    """
    if not document.boilerplate:
        return document.text
    kept, words_left = [], 0
    for line in split_lines(document.text):
        words = line.casefold().split()
        if words and line_hash(words) in document.boilerplate:
            kept.append(_blank(line))
        else:
            kept.append(line)
            words_left += count_words(line, words)
    text = "".join(kept)
    return text if words_left >= MIN_WORDS_LEFT else _blank(text)


def mark_boilerplate(documents: Iterable[Document]) -> list[Document]:
    """The documents of a corpus, in the order given, each with what is boilerplate of its source in it.

    What is learnt does not depend on that order. Documents with neither source nor address stay as they are.
    """
    ordered = list(documents)
    by_source: dict[str, list[int]] = defaultdict(list)
    for place, document in enumerate(ordered):
        source = source_of(document)
        if source:
            by_source[source].append(place)
    for places in by_source.values():
        if len(places) >= UNRELATED_ARTICLES:
            texts = [ordered[place].text for place in places]
            lines = [_read_lines(text) for text in texts]
            _, counts = _count_arrays(lines, partial(_texts_at, texts))
            boilerplate = {line for line, count in counts.items() if count.is_boilerplate}
            for place, article in zip(places, lines, strict=True):
                found = boilerplate.intersection(article.hashes.tolist())
                if found:
                    ordered[place] = replace(ordered[place], boilerplate=frozenset(found))
    return ordered


def _texts_at(texts: Sequence[str], places: Sequence[int]) -> list[str]:
    return [texts[place] for place in places]


@dataclass(frozen=True, slots=True)
class _Lines:
    """What ``line_words`` says of one text, ``(n_lines,) int64`` each, and whether it is cut."""

    hashes: NDArray[np.int64]
    word_counts: NDArray[np.int64]
    is_cut: bool


def _read_lines(text: str) -> _Lines:
    words = line_words(text)
    hashes, counts = list(words), list(words.values())
    return _Lines(np.array(hashes, dtype=np.int64), np.array(counts, dtype=np.int64), is_cut(text))


def _count_arrays(
    articles: Sequence[_Lines], read_again: Callable[[Sequence[int]], Iterable[str]]
) -> tuple[NDArray[np.int64], dict[int, LineCount]]:
    # nearly all lines stand in one article only: these are new whenever they come, and are summed up
    none = np.zeros(0, dtype=np.int64)
    lines, counts = np.unique(np.concatenate([none, *(one.hashes for one in articles)]), return_counts=True)
    once, shared = lines[counts == 1], lines[counts > 1]
    if not len(shared):
        return once, {}
    summed = [_sum_up(article, shared) for article in articles]
    asked = [place for place, article in enumerate(summed) if article.needs_text]
    for place, text in zip(asked, read_again(asked), strict=True):
        summed[place] = replace(summed[place], text=text)
    return once, count_shared_lines(summed)


def _sum_up(article: _Lines, shared: NDArray[np.int64]) -> SourceArticle:
    hashes, words = article.hashes, article.word_counts
    is_shared = shared[np.minimum(np.searchsorted(shared, hashes), len(shared) - 1)] == hashes
    own = words[~is_shared]
    kept = dict(zip(hashes[is_shared].tolist(), words[is_shared].tolist(), strict=True))
    return SourceArticle(kept, OwnLines(int(own.sum()), int(own.max(initial=0))), article.is_cut)


def _blank(text: str) -> str:
    return "".join(mark if mark in "\r\n" else " " for mark in text)
