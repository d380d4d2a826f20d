"""The lines of a text: what each is known by, how many words it has, and whether some tell of something else.

A line that holds a whole text, as data sets give them, is cut into sentences, which are lines here.
Must not know how often a line occurs or what is boilerplate.
"""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from dedup.normalize import is_spaceless_letter, spaceless_letters, split_words

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

# A line of which this share of the words, two at least, are figures or months tells what is new, however often two
# reports happen to agree in it ("Pay March 31"). One figure alone is often a name: "Channel 4 News".
FIGURES_RATIO = 0.25
MIN_FIGURES = 2
# Spelt out, since the standard library gives those of the machine's locale.
_MONTH_NAMES = (
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)
_MONTHS = frozenset(_MONTH_NAMES.split())
# A line longer than nearly any paragraph of news, or the only one, is cut after the ends of its sentences.
LONG_LINE_CHARACTERS = 700
_SENTENCE_END = re.compile(
    r"[.!?\u2026][\"'\u2019\u201d\u00bb)\]]*\s+|[\u3002\uff01\uff1f][\u300d\u300f\u201d\uff09]*"
)
# Not after less than this, so that "Mr." ends no sentence; a letter of a script without spaces counts three.
SENTENCE_CHARACTERS = 50
# Shorter words are mostly a language's own machinery, which any two texts share.
TELLING_LETTERS = 5
# Lines are about something else if at most this share of their telling words stands in the others: measured on
# articles under text of others (median .06) and on the new lines of revisions (median .26, a twentieth below .09).
OTHER_MATTER_RATIO = 0.1
# Two states of one article share this much of their telling words: measured on revisions of encyclopedia pages (median
# .98, a twentieth below .51) and on unrelated articles of one desk (median .10, a twentieth above .20).
SAME_ARTICLE_RATIO = 0.3
# With fewer telling words than this, among the new ones and the known ones, a share says nothing.
MIN_TELLING_WORDS = 12
MIN_KNOWN_WORDS = 8


def line_words(text: str) -> dict[int, int]:
    """The distinct lines of a text (``split_lines``) by hash, in order, with the number of words in each.

    The hash is a signed 64-bit number that ignores case and white space. Empty lines and rows of figures are none.
    Two letters of a script without spaces count as a word.
    """
    return {line_hash(words): count_words(line, words) for line, words in _lines_that_count(text)}


def split_lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends: joined, they are the text."""
    lines = text.splitlines(keepends=True)
    for line in lines:
        if _holds_text(line, lines):
            yield from _split_sentences(line)
        else:
            yield line


def is_cut(text: str) -> bool:
    """Whether some lines of a text are sentences."""
    lines = text.splitlines(keepends=True)
    return any(_holds_text(line, lines) for line in lines)


def _holds_text(line: str, lines: Sequence[str]) -> bool:
    return len(line) > LONG_LINE_CHARACTERS or len(lines) == 1


def _split_sentences(line: str) -> Iterator[str]:
    start = 0
    for end in (match.end() for match in _SENTENCE_END.finditer(line)):
        if end - start + 2 * len(spaceless_letters(line[start:end])) >= SENTENCE_CHARACTERS:
            yield line[start:end]
            start = end
    if start < len(line):
        yield line[start:]


def count_words(line: str, words: Sequence[str]) -> int:
    """How many words a line has, given what white space parts; two letters of a script without spaces are one."""
    return len(words) if line.isascii() else len(words) + len(spaceless_letters(line)) // 2


def line_hash(words: Sequence[str]) -> int:
    """What the line of these case-folded words is known by; frozen, because counts are stored."""
    digest = hashlib.blake2b(" ".join(words).encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def tell_of_other_matter(text: str, known: Container[int]) -> bool:
    """Whether the lines of a text that are not known have hardly a telling word in common with those that are.

    Measured by the fewer words of the two: a sentence that rewritten copies kept names what the rest of them tells.

    A revision's new lines name the people and places of the story that they stand in; the lines of an article under a
    notice have nothing to do with the notice.
    """
    new: list[str] = []
    old: list[str] = []
    for line, words in _lines_that_count(text):
        (old if line_hash(words) in known else new).append(line)
    old_words = _telling_words(old)  # first: mostly a few short lines, too few to go on
    if len(old_words) < MIN_KNOWN_WORDS:
        return False
    new_words = _telling_words(new)
    if len(new_words) < MIN_TELLING_WORDS:
        return False
    fewer = min(len(new_words), len(old_words))
    return len(new_words & old_words) <= max(1, OTHER_MATTER_RATIO * fewer)


def tell_of_different_things(text_a: str, text_b: str) -> bool:
    """Whether two texts share too few telling words to be states of one article; not where one has too few to say."""
    words_a, words_b = _telling_words([text_a]), _telling_words([text_b])
    fewer = min(len(words_a), len(words_b))
    return fewer >= MIN_TELLING_WORDS and len(words_a & words_b) < SAME_ARTICLE_RATIO * fewer


def _lines_that_count(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in split_lines(text):
        words = line.casefold().split()
        if words and not _is_row_of_figures(words):
            yield line, words


def _telling_words(lines: Iterable[str]) -> set[str]:
    words = [word for line in lines for word in split_words(line)]
    telling = {word for word in words if len(word) >= TELLING_LETTERS and not word[0].isdigit()}
    # characters of a script without spaces tell in twos
    telling.update(a + b for a, b in pairwise(words) if is_spaceless_letter(a) and is_spaceless_letter(b))
    return telling


def _is_row_of_figures(words: Sequence[str]) -> bool:
    figures = sum(word.lstrip("$£€(+-")[:1].isdigit() for word in words)
    months = sum(word.rstrip(".,") in _MONTHS for word in words) if figures else 0
    return figures + months >= max(MIN_FIGURES, FIGURES_RATIO * len(words))
