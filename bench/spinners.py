"""Deterministic article spinners: programs that replace words to hide a copy, several kinds, for measuring.

Text in, text out: punctuation, case and paragraphs stay. Must not be imported by the product.
Kinds: WordNet with one sense or any, a list of phrase rewrites, Moby (a lexicon unrelated to WordNet),
and MyThes for French and German.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from bench.thesauri import Moby, MyThes, PhraseList, Thesaurus, WordNet

_APOSTROPHES = "'\u2019"
_TOKEN = re.compile(
    rf"(?<!\w)(?:\d+(?:[.,]\d+)*(?!\w)"  # a number, but not the one in "75m"
    rf"|(?:[ldsnjcmt]|qu)[{_APOSTROPHES}](?=\w)"  # an elided French word
    rf"|[^\W\d_]+(?:[{_APOSTROPHES}][^\W\d_]+)*)",
    re.IGNORECASE,
)
_QUOTE_MARKS = '"\u201c\u201d\u201e\u00ab\u00bb'
_CORE_WORDS = frozenset(
    """
    a an the of to in on at by for from with and or nor but if than that this these those is are was were be been
    being am he she they we you i him her them me my his its their our your not as there which what when
    le la les un une des du de et en dans sur sous par pour avec sans chez vers que qui dont où est sont était étaient
    sera ont avait avaient avoir être au aux il elle ils elles on nous vous ce cette ces cet se ne pas son sa ses leur
    leurs mais ou donc car si plus moins très tout tous après avant entre comme depuis aussi
    der die das den dem des ein eine einen einem einer eines und oder aber in im an am auf für mit von vom zu zum zur
    bei beim nach vor über unter aus durch gegen ohne um bis seit als wie dass daß ob weil wenn ist sind war waren
    wird werden wurde wurden hat haben hatte hatten sein seine seiner ihre ihrer er sie es wir ich man nicht auch nur
    noch sich sein dieser diese dieses
    """.split()  # noqa: SIM905 -- a paragraph of words reads better than a column of strings
)
_LIGHT_WORDS = frozenset(
    [
        "who",
        "it",
        "have",
        "has",
        "had",
        "having",
        "do",
        "does",
        "did",
        "will",
        "can",
        "may",
        "must",
        "over",
        "up",
        "out",
        "no",
        "so",
        "us",
        "all",
        "own",
    ]
)
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", *_TEENS]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@dataclass(frozen=True, slots=True)
class SpinOptions:
    """How hard a spinner works: ``share`` of the replaceable words, and what it leaves alone.

    ``light_words`` also replaces words such as "who" and "have" that sense-blind spinners stumble over;
    ``core_words`` lets even articles and prepositions go, where the lexicon knows them.
    """

    share: float = 1.0
    names: bool = False
    quotes: bool = False
    numbers: bool = False
    light_words: bool = False
    core_words: bool = False


@dataclass(frozen=True, slots=True)
class Spinner:
    """One spinner program: a lexicon and its options."""

    thesaurus: Thesaurus
    options: SpinOptions = SpinOptions()

    def spin(self, text: str, seed: str) -> str:
        """The spun text; the same text and seed give the same result."""
        rng = random.Random(seed)
        tokens = list(_TOKEN.finditer(text))
        protected = self._protected(text, tokens)
        pieces, end, index = [], 0, 0
        while index < len(tokens):
            width, word = self._replacement(text, tokens, protected, index, rng)
            pieces += [text[end : tokens[index].start()], word]
            index += width
            end = tokens[index - 1].end()
        return "".join([*pieces, text[end:]])

    def with_options(self, options: SpinOptions) -> Spinner:
        """The same lexicon, worked with other options."""
        return replace(self, options=options)

    def _protected(self, text: str, tokens: list[re.Match[str]]) -> list[bool]:
        options = self.options
        quoted = _quoted_spans(text) if not options.quotes else []
        marks = []
        for index, token in enumerate(tokens):
            word = token.group()
            in_quote = any(start <= token.start() < end for start, end in quoted)
            is_name = _is_name(text, tokens, index)
            marks.append(in_quote or (is_name and not options.names) or self._is_kept(word.lower()))
        return marks

    def _is_kept(self, word: str) -> bool:
        options = self.options
        if word[0].isdigit():
            return not options.numbers
        if word in _CORE_WORDS:
            return not options.core_words
        return word in _LIGHT_WORDS and not (options.light_words or options.core_words)

    def _replacement(
        self,
        text: str,
        tokens: list[re.Match[str]],
        protected: list[bool],
        index: int,
        rng: random.Random,
    ) -> tuple[int, str]:
        """How many tokens to take from ``index`` on, and what to write for them."""
        surface = tokens[index].group()
        if protected[index] and surface.lower() not in _CORE_WORDS:
            return 1, surface
        if surface[0].isdigit():
            return 1, number_in_words(surface) if rng.random() < self.options.share else surface
        for width in range(min(self.thesaurus.max_words, len(tokens) - index), 0, -1):
            phrase = _phrase(text, tokens[index : index + width])
            if phrase is None or all(protected[index : index + width]):
                continue
            if any(protected[at] and not _is_core(tokens[at]) for at in range(index, index + width)):
                continue
            senses = self.thesaurus.senses(phrase.lower())
            if senses:
                if rng.random() >= self.options.share:
                    return 1, surface
                return width, _in_case_of(phrase, rng.choice(rng.choice(senses)))
        return 1, surface


def _is_core(token: re.Match[str]) -> bool:
    return token.group().lower() in _CORE_WORDS


def _phrase(text: str, tokens: list[re.Match[str]]) -> str | None:
    phrase = text[tokens[0].start() : tokens[-1].end()]
    gaps = [text[a.end() : b.start()] for a, b in pairwise(tokens)]
    return phrase if all(gap == " " for gap in gaps) else None


def _in_case_of(surface: str, replacement: str) -> str:
    if surface.isupper() and len(surface) > 1:
        return replacement.upper()
    if all(word[0].isupper() for word in surface.split()) and " " in surface:
        return " ".join(word[:1].upper() + word[1:] for word in replacement.split())
    return replacement[:1].upper() + replacement[1:] if surface[0].isupper() else replacement


def _is_name(text: str, tokens: list[re.Match[str]], index: int) -> bool:
    token = tokens[index]
    if not token.group()[0].isupper():
        return False
    if not _starts_sentence(text, token.start()):
        return True
    following = text[token.end() : token.end() + 2]
    return following[:1] == " " and following[1:].isupper()


def _starts_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t" + _QUOTE_MARKS + "'([-\u2018\u2019\u2013\u2014")
    return not before or before[-1] in ".!?:\n"


def _quoted_spans(text: str) -> list[tuple[int, int]]:
    spans, start = [], None
    for at, character in enumerate(text):
        if character == "\n":
            start = None
        elif character in _QUOTE_MARKS:
            if start is None:
                start = at
            else:
                spans.append((start, at))
                start = None
    return spans


def number_in_words(digits: str) -> str:
    """A number as spinners write it: all of a small one, the first group of a long one, never a year.

    >>> number_in_words("16"), number_in_words("1,200"), number_in_words("6.6"), number_in_words("1999")
    ('sixteen', 'one,200', 'six.6', '1999')
    """
    head = re.match(r"\d+", digits)
    if head is None or int(head.group()) >= 100 or (len(head.group()) > 1 and digits[0] == "0"):
        return digits
    value = int(head.group())
    words = (
        _UNITS[value]
        if value < 20
        else " ".join([_TENS[value // 10 - 2], *_UNITS[value % 10 : value % 10 + 1]])
    )
    return words.removesuffix(" zero") + digits[head.end() :]


_LEXICONS = {
    "wordnet_one_sense": lambda: Spinner(WordNet(first_sense_only=True)),
    "wordnet_any_sense": lambda: Spinner(WordNet(first_sense_only=False), SpinOptions(light_words=True)),
    "phrases": lambda: Spinner(PhraseList(), SpinOptions(core_words=True)),
    "moby": lambda: Spinner(Moby()),
    "french": lambda: Spinner(MyThes("fr")),
    "german": lambda: Spinner(MyThes("de"), SpinOptions(names=True)),
}


@cache
def spinner(name: str) -> Spinner:
    """The spinner of that name with its usual options; one of ``_LEXICONS``."""
    return _LEXICONS[name]()
