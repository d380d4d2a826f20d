"""Reads what a person types into a search, and shows where a text holds it.

Pure: knows no database. Nothing that is typed is an error, and nothing of it acts as a query language elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TERM = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_WORD = re.compile(r"[^\W_]+")
# Scripts without spaces between words, which the engines' indexes take as one long word a clause.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_SNIPPET_WORDS = 24
_SNIPPET_SIGNS = 60


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow each other, as typed; ``is_prefix`` when the one word may go on.

    ``raw`` is set for a script without spaces: the text is then looked for as it stands.
    """

    words: tuple[str, ...]
    is_prefix: bool = False
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What must be in a text, and what must not; nothing at all finds nothing."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()


def read_search(text: str) -> Search:
    """The terms of a search: words, "words in quotes" that follow each other, pre* and -unwanted.

    >>> read_search('"oil price" opec* -gas')
    Search(wanted=(Term(words=('oil', 'price'), is_prefix=False, raw=None), Term(words=('opec',), is_prefix=True, raw=None)), unwanted=(Term(words=('gas',), is_prefix=False, raw=None),))
    """
    wanted, unwanted = list[Term](), list[Term]()
    for sign, quoted, bare in _TERM.findall(text.replace("\0", " ")):
        is_unwanted = sign == "-" or (bare.startswith("-") and len(bare) > 1)
        said = quoted if not bare else bare.removeprefix("-") if is_unwanted else bare
        if (term := _term(said, is_quoted=not bare)) is not None:
            (unwanted if is_unwanted else wanted).append(term)
    return Search(tuple(wanted), tuple(unwanted))


def snippet(text: str, search: Search) -> str:
    """The part of a text around the most of what was looked for, on one line, **finds** between asterisks."""
    for term in search.wanted:
        if term.raw is not None and (place := text.casefold().find(term.raw.casefold())) >= 0:
            return _raw_snippet(text, place, len(term.raw))
    words = list(_WORD.finditer(text))
    finds = _finds([_folded(word[0]) for word in words], search.wanted)
    if not words:
        return ""
    start = _best_start(finds, len(words))
    end = min(start + _SNIPPET_WORDS, len(words))
    pieces = ["… " if start else ""]
    for place in range(start, end):
        word = words[place]
        pieces.append(f"**{word[0]}**" if place in finds else word[0])
        after = words[place + 1].start() if place + 1 < len(words) else len(text)
        pieces.append(
            text[word.end() : after]
            if place + 1 < end
            else text[word.end() : after].split(" ", maxsplit=1)[0]
        )
    pieces.append(" …" if end < len(words) else "")
    return " ".join("".join(pieces).split())


def unaccented(word: str) -> str:
    """The word without accents.

    >>> unaccented("São"), unaccented("한국")
    ('Sao', '한국')
    """
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", word))
    return unicodedata.normalize("NFC", bare)


def _folded(word: str) -> str:
    return unaccented(word).lower()


def _term(said: str, *, is_quoted: bool) -> Term | None:
    words = tuple(_WORD.findall(said))
    if not words:
        return None
    if _SPACELESS.search(said):
        return Term(words, raw=said.strip())
    return Term(words, is_prefix=not is_quoted and said.endswith("*") and len(words) == 1)


def _finds(words: Sequence[str], wanted: Sequence[Term]) -> dict[int, int]:
    """Places of the words that belong to a term, with the term's number."""
    finds: dict[int, int] = {}
    for number, term in enumerate(wanted):
        for start in _starts(words, term):
            finds.update(dict.fromkeys(range(start, start + len(term.words)), number))
    return finds


def _starts(words: Sequence[str], term: Term) -> Iterator[int]:
    wanted = tuple(_folded(word) for word in term.words)
    for start in range(len(words) - len(wanted) + 1):
        if term.is_prefix:
            if words[start].startswith(wanted[0]):
                yield start
        elif words[start] == wanted[0] and tuple(words[start : start + len(wanted)]) == wanted:
            yield start


def _best_start(finds: dict[int, int], word_count: int) -> int:
    """Where to begin, so that the most different terms are shown; the earliest of equals."""
    best, best_count = 0, 0
    for place in sorted(finds):
        count = len({finds[near] for near in range(place, place + _SNIPPET_WORDS) if near in finds})
        if count > best_count:
            best, best_count = place, count
    return max(0, min(best - 4, word_count - _SNIPPET_WORDS))


def _raw_snippet(text: str, place: int, length: int) -> str:
    start, end = max(0, place - _SNIPPET_SIGNS // 2), min(len(text), place + length + _SNIPPET_SIGNS // 2)
    shown = f"{text[start:place]}**{text[place : place + length]}**{text[place + length : end]}"
    return " ".join(f"{'…' if start else ''}{shown}{'…' if end < len(text) else ''}".split())
