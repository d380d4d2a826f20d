"""Finds the numbers of a text, however they are written, so that "16" and "sixteen" can be compared.

Reads normalised words; must not decide which numbers of two texts belong together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dedup.number_words import ALONE, DECIMAL_COMMA, SUFFIX_SCALES, Kind, Numeral, numerals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"([0-9]+(?:[.,][0-9]+)*)([^\W0-9_]*)$")
_GROUPED = {".": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+$"), ",": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+$")}
_ARTICLES = frozenset(("a", "an", "un", "une", "eine", "einer"))
_LINKS = {"and": {Kind.HUNDRED, Kind.SCALE}, "et": {Kind.TEN}}
_HALVED = {Kind.UNIT, Kind.TEEN, Kind.TEN, Kind.DIGITS}
_SPACED_GROUP = re.compile(r"[0-9]{3}(?:,[0-9]+)?$")
_HIGHEST_SCALED = 1000
_SCALE_IN_DIGITS = re.compile(r"1(?:000){2,4}$")
# What may stand between the words of a number where a spinner has written out its beginning: "six.6", "one,200".
MARKS = (".", ",")
# More digits than this are no number that anybody reads, and Python refuses some thousands of them.
MAX_DIGITS = 18
_ONE = Numeral(Kind.UNIT, 1)
_DOZEN = Numeral(Kind.SCALE, 12)
_NOTHING = Numeral(Kind.UNIT, 0)

_CENTURIES = range(16, 21)

# Which kind of word may follow which within one number: "two hundred and five thousand".
_FOLLOWERS = {
    Kind.UNIT: {Kind.HUNDRED, Kind.SCALE},
    Kind.TEEN: {Kind.HUNDRED, Kind.SCALE},
    Kind.TEN: {Kind.UNIT, Kind.HUNDRED, Kind.SCALE},
    Kind.WHOLE: {Kind.SCALE},
    Kind.HUNDRED: {Kind.UNIT, Kind.TEEN, Kind.TEN, Kind.SCALE},
    Kind.SCALE: {Kind.UNIT, Kind.TEEN, Kind.TEN, Kind.WHOLE, Kind.SCALE},
    Kind.DIGITS: {Kind.HUNDRED, Kind.SCALE},
}
_STARTS = frozenset(Kind) - {Kind.HUNDRED, Kind.SCALE}


class NumberSpan(NamedTuple):
    """A number of a text: the words that write it, as half-open offsets, and its value.

    Ordinals count as cardinals ("21st", "twenty-first"), percentages and amounts as their number.
    """

    start: int
    end: int
    value: float


def find_numbers(words: Sequence[str], language: str) -> tuple[NumberSpan, ...]:
    """The numbers among normalised words, in order, each as long as it can be.

    Digits are read in every language, grouped and with decimals as it writes them; numerals in English, German and
    French. Also read are the half-numerals that spinners leave behind, "six.6", "one,200", "four 1000000000": digits
    that follow the word before them after a point or comma alone are to be given with it, as ".6" and ",200".

    >>> [span.value for span in find_numbers("1.5m 1.5 million forty two 21st 12 per cent".split(), "en")]
    [1500000.0, 1500000.0, 42.0, 21.0, 12.0]
    >>> [span.value for span in find_numbers("twenty five .9 trillion".split(), "en")]
    [25900000000000.0]
    """
    table = numerals(language)
    found = []
    start = 0
    while start < len(words):
        span = _number_at(words, start, language, table) if _may_start(words[start], table) else None
        if span is not None:
            found.append(span)
        start = span.end if span is not None else start + 1
    return tuple(found)


def numbers_touching(numbers: Iterable[NumberSpan], start: int, end: int) -> list[NumberSpan]:
    """The numbers of which a word stands in words ``start:end``.

    A whole number is compared even where only its last word differs: "1.5 million", "1.5 billion".
    """
    return [number for number in numbers if number.start < end and start < number.end]


def number_value(text: str, language: str) -> float | None:
    """The value of one word of digits, None if it is not that.

    >>> number_value("1.234.567", "en"), number_value("3.000", "de"), number_value("2bn", "en")
    (1234567.0, 3000.0, 2000000000.0)
    """
    match = _NUMBER.match(text)
    if match is None:
        return None
    digits, suffix = match.groups()
    value = _digits_value(digits, language)
    return None if value is None else value * SUFFIX_SCALES.get(suffix, 1.0)


def _digits_value(digits: str, language: str) -> float | None:
    group, point = (".", ",") if language in DECIMAL_COMMA else (",", ".")
    whole, found, decimals = digits.rpartition(point)
    if not found:
        whole, decimals = digits, "0"
    if _GROUPED[group].match(whole):
        whole = whole.replace(group, "")
    elif _GROUPED[point].match(digits) and digits.count(point) > 1:
        whole, decimals = digits.replace(point, ""), "0"  # grouped as the other half of the world does
    elif not found and digits.count(group) == 1:
        whole, decimals = digits.split(group)
    return float(f"{whole}.{decimals}") if (whole + decimals).isdigit() else None


def _may_start(word: str, table: dict[str, Numeral]) -> bool:
    return word in table or word in _ARTICLES or word == "half" or word[0].isdigit() or word[0] in MARKS


def _number_at(
    words: Sequence[str], start: int, language: str, table: dict[str, Numeral]
) -> NumberSpan | None:
    """The longest number that begins at a word."""
    if words[start] == "half":
        return _half_at(words, start, table)
    number = _Number(language)
    position = start
    if words[start] in _ARTICLES:
        if not _is_multiplier(words, start + 1, table):
            return None
        number.take(_ONE)
        position += 1
    elif words[start] in ALONE and words[start] in table and words[start - 1 : start] != ["pour"]:
        number.take(_ONE)
    while position < len(words):
        if number.may_be_halved(words, position):
            number.take_half()
            position += 3
            continue
        linked = position + (1 if _links_at(words, position, number, table) else 0)
        numeral = table.get(words[linked]) or _digits(
            words[linked], language, may_scale=0 < number.value < _HIGHEST_SCALED
        )
        if numeral is None or not number.accepts(numeral, words[linked]):
            break
        number.take(numeral, words[linked])
        position = linked + 1
    return NumberSpan(start, position, number.value) if number.last_kind else None


def _half_at(words: Sequence[str], start: int, table: dict[str, Numeral]) -> NumberSpan | None:
    scale = start + 2
    if list(words[start + 1 : scale]) == ["a"] and _is_multiplier(words, scale, table):
        return NumberSpan(start, scale + 1, table[words[scale]].value / 2)
    return None


def _is_multiplier(words: Sequence[str], position: int, table: dict[str, Numeral]) -> bool:
    numeral = table.get(words[position]) if position < len(words) else None
    return numeral is not None and numeral.kind in {Kind.HUNDRED, Kind.SCALE}


def _links_at(words: Sequence[str], position: int, number: _Number, table: dict[str, Numeral]) -> bool:
    """Whether "and" joins what follows to the number: "hundred and five", "vingt et un"."""
    linking = _LINKS.get(words[position])
    if linking is None or number.last_kind not in linking or position + 1 >= len(words):
        return False
    following = table.get(words[position + 1])
    return following is not None and following.kind in {Kind.UNIT, Kind.TEEN, Kind.TEN}


def _digits(word: str, language: str, *, may_scale: bool) -> Numeral | None:
    value = number_value(word.lstrip(".,"), language)
    if value is None:
        return None
    is_scale = may_scale and _SCALE_IN_DIGITS.match(word) is not None
    return Numeral(Kind.SCALE if is_scale else Kind.DIGITS, value)


class _Number:
    """One number as it is read, word by word."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._total = 0.0  # what scales have closed: the 2,000,000 of "two million and five"
        self._group = 0.0  # what the next scale will multiply
        self._scale = float("inf")
        self._last = _NOTHING
        self._last_word = ""
        self._is_of_digits = False

    @property
    def value(self) -> float:
        return self._total + self._group

    @property
    def last_kind(self) -> Kind | None:
        return None if self._last is _NOTHING else self._last.kind

    def accepts(self, numeral: Numeral, word: str) -> bool:
        """Whether a word goes on with the number."""
        if self._last is _NOTHING:
            return numeral.kind in _STARTS
        if self._last.is_ordinal or self._last == _DOZEN:
            return False
        if numeral.kind is Kind.DIGITS:
            return self._joins_digits(word)
        if self._is_year(numeral) or self._is_french(numeral):
            return True
        if numeral.kind not in _FOLLOWERS[self._last.kind]:
            return False
        if self._is_of_digits and numeral.kind not in {Kind.HUNDRED, Kind.SCALE}:
            return False  # "1.5 million, six of them"
        if numeral.kind is Kind.HUNDRED:
            return 0 < self._group < 100
        if numeral.kind is Kind.SCALE:
            return self._last.kind is Kind.SCALE or (self._group > 0 and numeral.value < self._scale)
        return numeral.value > 0

    def take(self, numeral: Numeral, word: str = "") -> None:
        """Goes on with a word that is accepted."""
        if numeral.kind is Kind.DIGITS and self._last is not _NOTHING:
            self._join_digits(word)
        elif self._is_year(numeral):
            self._group = self._group * 100 + numeral.value
            self._scale = 0  # no scale follows a year
        elif self._is_french(numeral) and numeral.kind is Kind.TEN:
            self._group += self._last.value * (numeral.value - 1)  # quatre-vingt
        elif numeral.kind is Kind.HUNDRED:
            self._group *= 100
        elif numeral.kind is Kind.SCALE and self._last.kind is Kind.SCALE:
            self._total *= numeral.value  # thousand million
        elif numeral.kind is Kind.SCALE:
            self._total += self._group * numeral.value
            self._group, self._scale = 0.0, numeral.value
        else:
            self._group += numeral.value
        self._is_of_digits |= numeral.kind is Kind.DIGITS
        self._last, self._last_word = numeral, word

    def may_be_halved(self, words: Sequence[str], position: int) -> bool:
        """Whether "and a half" follows."""
        return self.last_kind in _HALVED and list(words[position : position + 3]) == ["and", "a", "half"]

    def take_half(self) -> None:
        """Goes on with "and a half"."""
        self._group += 0.5
        self._last, self._last_word = Numeral(Kind.TEEN, 0.5), "half"

    def _is_year(self, numeral: Numeral) -> bool:
        two_digits = numeral.kind in {Kind.TEEN, Kind.TEN} and self.last_kind in {Kind.TEEN, Kind.TEN}
        return two_digits and self._total == 0 and self._group in _CENTURIES and self._language == "en"

    def _is_french(self, numeral: Numeral) -> bool:
        """Whether this is "quatre-vingt", "soixante-dix" or "dix-neuf"."""
        if self._language != "fr":
            return False
        if numeral.kind is Kind.UNIT:
            return numeral.value >= 7 and self._last == Numeral(Kind.TEEN, 10)
        if numeral.value == 20:
            return self._last.value == 4
        return numeral.kind is Kind.TEEN and self._last.kind is Kind.TEN and self._group % 100 in {60, 80}

    def _joins_digits(self, word: str) -> bool:
        if self.last_kind is Kind.DIGITS:
            is_spaced = self._language in DECIMAL_COMMA and bool(_SPACED_GROUP.match(word))
            return is_spaced and self._last_word.isdigit() and len(self._last_word) <= 3
        mark, digits = word[0], word[1:]
        if (
            mark not in MARKS
            or not digits.isdigit()
            or len(digits) > MAX_DIGITS
            or self.last_kind is Kind.SCALE
        ):
            return False
        return self._is_point(mark) or (len(digits) % 3 == 0 and self._group < 1000)

    def _join_digits(self, word: str) -> None:
        mark, digits = word[0], word[1:]
        if mark not in MARKS:
            self._group = self._group * 1000 + float(word.replace(",", "."))
        elif self._is_point(mark):
            self._group += float(f"0.{digits}")
        else:
            self._group = self._group * 10 ** len(digits) + int(digits)

    def _is_point(self, mark: str) -> bool:
        return mark == ("," if self._language in DECIMAL_COMMA else ".")
