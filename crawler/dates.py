"""Times as publishers write them: text in, aware UTC and stated precision out.

Must not read a clock: what counts as the future is the caller's ``now``.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from dateutil import parser as dateutil_parser
from dateutil.tz import tzoffset

from crawler.monthnames import with_number_of_month
from dedup.values import TimePrecision

if TYPE_CHECKING:
    from collections.abc import Iterable

EARLIEST_YEAR = 1970
_FUTURE_TOLERANCE = timedelta(days=2)
_MAX_TEXT = 80
_ISO = re.compile(
    r"^(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?)?)?$",
    re.IGNORECASE,
)
_NOISE = re.compile(r"\bGMT(?=[+-]\d)|\([^)]*\)|\bUhr\b", re.IGNORECASE)
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
# ISO 8601's basic form with a clock time: 20260501T101500Z; a library reads the fifth of January.
_BASIC_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})(?=[T ]\d{2}:?\d{2})")
# Where the year stands first, the month follows in every country: 2026/05/04, 2026年5月4日, 2026년 5월 4일.
_YEAR_FIRST = re.compile(r"^(\d{4})\s*[./年년]\s*(\d{1,2})\s*[./月월]\s*(\d{1,2})(?!\d)\s*[.日일]?\s*")
_WEEKDAY = re.compile(r"^\(?[月火水木金土日월화수목금토일](?:曜日|요일)?\)?\s*|^星期[一二三四五六日天]\s*")
_HALF_DAY = re.compile(r"^(午前|上午|오전|午後|下午|오후)\s*(\d{1,2})")
_CLOCK_SIGNS = re.compile(r"(\d{1,2})\s*[時时시]\s*(?:(\d{1,2})\s*[分분]?)?(?:\s*(\d{1,2})\s*[秒초])?")
_DOTTED_DAY = re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{2,4}\b")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?$")
_URL_DAY = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})([/\-]?)(?P<month>0[1-9]|1[0-2])\2(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)
_HAS_YEAR = re.compile(r"(?:19|20)\d{2}")
_BEGINS_WITH_YEAR = re.compile(r"\d{4}\D")
_HAS_CLOCK = re.compile(r"\d{1,2}[:h.]\d{2}")
_HAS_SECONDS = re.compile(r"\d{1,2}:\d{2}:\d{2}")
# Offsets of the abbreviations met in feeds; without them the hour would be silently taken for UTC.
_ZONES = {
    "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "IST": 5.5, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7, "ET": -5, "PT": -8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "SAST": 2, "WIB": 7, "HKT": 8,
    "SGT": 8, "PKT": 5, "NZST": 12, "NZDT": 13,
}  # fmt: skip
_TZINFOS = {name: tzoffset(name, int(hours * 3600)) for name, hours in _ZONES.items()}


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A time in UTC, how much of it was stated, and where (``json_ld``, ``meta``, ``feed`` ...)."""

    at: datetime
    precision: TimePrecision
    origin: str = ""


def parse_time(text: str, *, origin: str = "", language: str | None = None) -> StatedTime | None:
    """The time that a text states, or None; a clock time without zone is taken as UTC.

    ``language`` settles what a month's name means where languages differ.

    >>> parse_time("2024-05-03T10:00+02:00").at.isoformat()
    '2024-05-03T08:00:00+00:00'
    """
    # JavaScript writes "GMT+0200 (CEST)", which libraries read with the sign turned round or not at all.
    clean = _year_first(_BASIC_DAY.sub(r"\1-\2-\3", " ".join(_NOISE.sub(" ", text).split())))
    if not clean or len(clean) > _MAX_TEXT:
        return None
    found = _read_any(clean)
    if found is None and (numbered := with_number_of_month(clean, language)):
        found = _read_any(numbered)
    return StatedTime(*found, origin) if found is not None else None


def day_in_url(url: str) -> StatedTime | None:
    """The day that stands in a URL's path (``/2024/05/03/``, ``-2024-05-03-``), or None."""
    matches = list(_URL_DAY.finditer(url))
    if len({match.group("year", "month", "day") for match in matches}) != 1:
        return None
    year, month, day = (int(matches[0].group(name)) for name in ("year", "month", "day"))
    try:
        return StatedTime(datetime(year, month, day, tzinfo=UTC), TimePrecision.DAY, "url")
    except ValueError:
        return None


def first_plausible(times: Iterable[StatedTime | None], now: datetime) -> StatedTime | None:
    """The first time that is neither absurdly old nor in the future."""
    return next((time for time in times if time is not None and is_plausible(time.at, now)), None)


def is_plausible(at: datetime, now: datetime) -> bool:
    """Whether an article could have been published at that time, seen from ``now``."""
    return at.year > EARLIEST_YEAR and at <= now + _FUTURE_TOLERANCE


def _year_first(text: str) -> str:
    """A time whose year stands first as ISO 8601 writes it; any other as it is."""
    match = _YEAR_FIRST.match(text)
    if match is None:
        return text
    year, month, day = match.groups()
    rest = _WEEKDAY.sub("", text[match.end() :])
    rest = _CLOCK_SIGNS.sub(_clock, rest)
    rest = _HALF_DAY.sub(_hour_of_day, rest)
    return f"{year}-{month}-{day} {rest}".strip()


def _clock(match: re.Match[str]) -> str:
    hour, minute, second = match.groups()
    return ":".join((f"{int(hour):02}", f"{int(minute or 0):02}", *([f"{int(second):02}"] if second else ())))


def _hour_of_day(match: re.Match[str]) -> str:
    is_late = match[1] in {"午後", "下午", "오후"}
    return f"{int(match[2]) % 12 + 12 * is_late:02}"


def _read_any(text: str) -> tuple[datetime, TimePrecision] | None:
    for reader in (_read_iso, _read_epoch, _read_compact, _read_mail, _read_free):
        with suppress(ValueError, OverflowError, TypeError, OSError):
            if (found := reader(text)) is not None:
                return found
    return None


def _read_iso(text: str) -> tuple[datetime, TimePrecision] | None:
    match = _ISO.match(text)
    if match is None:
        return None
    part = {key: int(value) for key, value in match.groupdict().items() if value and key != "zone"}
    zone = _zone(match["zone"])
    at = datetime(part["year"], part.get("month", 1), part.get("day", 1), part.get("hour", 0) % 24,
                  part.get("minute", 0), min(part.get("second", 0), 59), tzinfo=zone)  # fmt: skip
    if "second" in part:
        return at.astimezone(UTC), TimePrecision.SECOND
    if "hour" in part:
        return at.astimezone(UTC), TimePrecision.MINUTE
    precision = (
        TimePrecision.DAY if "day" in part else TimePrecision.MONTH if "month" in part else TimePrecision.YEAR
    )
    return at.replace(tzinfo=UTC), precision


def _zone(text: str | None) -> tzoffset:
    if not text or text.upper() in {"Z", "UTC", "GMT"}:
        return tzoffset("UTC", 0)
    digits = text[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3_600 + int(digits[2:]) * 60
    return tzoffset(None, -seconds if text[0] == "-" else seconds)


def _read_epoch(text: str) -> tuple[datetime, TimePrecision] | None:
    if not _EPOCH.match(text):
        return None
    seconds = int(text) / (1_000 if len(text) == 13 else 1)
    return datetime.fromtimestamp(seconds, UTC), TimePrecision.SECOND


def _read_compact(text: str) -> tuple[datetime, TimePrecision] | None:
    match = _COMPACT.match(text)
    if match is None:
        return None
    numbers = [int(value) for value in match.groups() if value]
    at = datetime(*numbers, tzinfo=UTC)  # type: ignore[arg-type, misc]  # three to six integers
    names = {3: TimePrecision.DAY, 5: TimePrecision.MINUTE, 6: TimePrecision.SECOND}
    return at, names[len(numbers)]


def _read_mail(text: str) -> tuple[datetime, TimePrecision] | None:
    at = parsedate_to_datetime(text)
    if not _HAS_CLOCK.search(text):
        return at.replace(tzinfo=UTC), TimePrecision.DAY
    abbreviation = text.rsplit(" ", 1)[-1].upper()
    if at.tzinfo is None or (at.utcoffset() == timedelta(0) and abbreviation in _TZINFOS):
        at = at.replace(tzinfo=_TZINFOS.get(abbreviation, tzoffset("UTC", 0)))
    return at.astimezone(UTC), TimePrecision.SECOND if _HAS_SECONDS.search(text) else TimePrecision.MINUTE


def _read_free(text: str) -> tuple[datetime, TimePrecision] | None:
    if not _HAS_YEAR.search(text):
        return None
    # A day-first reading for 03.05.2024 and 03/05/2024, not for 2024-05-03; month names settle themselves.
    is_day_first = not _BEGINS_WITH_YEAR.match(text)
    default = datetime(2000, 1, 1)  # noqa: DTZ001  # only fills what the text leaves out
    at = dateutil_parser.parse(text, dayfirst=is_day_first, default=default, tzinfos=_named)
    if not _HAS_CLOCK.search(_DOTTED_DAY.sub("", text)):
        return at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC), TimePrecision.DAY
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return aware.astimezone(UTC), TimePrecision.SECOND if _HAS_SECONDS.search(text) else TimePrecision.MINUTE


def _named(name: str | None, offset: int | None) -> tzoffset:
    if offset is not None:
        return tzoffset(name, offset)
    return _TZINFOS.get((name or "").upper(), tzoffset("UTC", 0))
