"""Times with the name of a month, in the languages in which news is written: the name becomes a number.

Must not know how a time of numbers is read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_LANGUAGES = (
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "is", "it",
    "lt", "lv", "mk", "ms", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi",
)  # fmt: skip
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_CLOCK = re.compile(
    r"(?<![\d.])(?P<hour>\d{1,2})(?:[:.]|\s?h\s?)(?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?![\d.]*\d)"
    r"(?:\s*(?P<half>[ap])\.?\s?m\b\.?)?(?:\s*(?P<zone>[+-]\d{2}:?\d{2}|Z\b|[A-Z]{2,5}\b))?",
)
# Between day, month and year may stand a word as short as "de" or "m.".
_BETWEEN = r"[\W_]*(?:[^\W\d_]{1,3}[\W_]+)?"
_NAME = r"(?P<month>[^\s\d.,/()|_-]{2,})"
_DAY, _YEAR = r"(?<!\d)(?P<day>\d{1,2})(?:er|º|ª)?", r"(?P<year>(?:19|20)\d{2})(?!\d)"
_ORDERS = tuple(
    re.compile(_BETWEEN.join(parts))
    for parts in ((_DAY, _NAME, _YEAR), (_NAME, _DAY, _YEAR), (_YEAR, _NAME, _DAY + r"(?!\d)"))
)


class _Clock(NamedTuple):
    said: str
    rest: str


def with_number_of_month(text: str, language: str | None = None) -> str | None:
    """The time as ISO 8601 writes it, its zone as stated; None where no one month is named.

    ``language`` settles which month is meant by a name that two languages give to different ones.

    >>> with_number_of_month("Lun, 03 Août 2026 10:15:00 +0200")
    '2026-08-03 10:15:00 +0200'
    """
    clock = _clock_of(text)
    for order in _ORDERS:
        for match in order.finditer(clock.rest):
            if month := _month_number(match["month"], language):
                return f"{match['year']}-{month:02}-{int(match['day']):02} {clock.said}".strip()
    return None


def _clock_of(text: str) -> _Clock:
    match = _CLOCK.search(text)
    if match is None:
        return _Clock("", text)
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + 12 * (match["half"] == "p")
    second = f":{match['second']}" if match["second"] else ""
    said = f"{hour:02}:{match['minute']}{second} {match['zone'] or ''}"
    return _Clock(said, f"{text[: match.start()]} {text[match.end() :]}")


def _month_number(name: str, language: str | None) -> int | None:
    named = _named_months().get(name.casefold(), {})
    numbers = [number for number, languages in named.items() if len(named) == 1 or language in languages]
    return numbers[0] if len(numbers) == 1 else None


@cache
def _named_months() -> Mapping[str, Mapping[int, frozenset[str]]]:
    found: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for language in _LANGUAGES:
        # A library's data, for its parser takes milliseconds a time.
        words = import_module(f"dateparser.data.date_translation_data.{language}").info
        for number, month in enumerate(_MONTHS, start=1):
            for name in words.get(month, ()):
                found[name.casefold().strip(". ")][number].add(language)
    return {
        name: {number: frozenset(languages) for number, languages in numbers.items()}
        for name, numbers in found.items()
    }
