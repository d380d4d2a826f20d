from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.dates import day_in_url, first_plausible, parse_time
from dedup.values import TimePrecision

_P = TimePrecision


@pytest.mark.parametrize(
    ("text", "utc", "precision"),
    [
        ("2026-05-01T10:00:30+02:00", "2026-05-01T08:00:30+00:00", _P.SECOND),
        ("2026-05-01T10:00Z", "2026-05-01T10:00:00+00:00", _P.MINUTE),
        ("2026-05-01 10:00:00.123 +0530", "2026-05-01T04:30:00+00:00", _P.SECOND),
        ("2026-05-01", "2026-05-01T00:00:00+00:00", _P.DAY),
        ("2026-05", "2026-05-01T00:00:00+00:00", _P.MONTH),
        ("2026", "2026-01-01T00:00:00+00:00", _P.YEAR),
        ("Fri, 01 May 2026 10:00:00 EST", "2026-05-01T15:00:00+00:00", _P.SECOND),
        ("Fri May 01 2026 10:00:00 GMT+0200 (CEST)", "2026-05-01T08:00:00+00:00", _P.SECOND),
        ("01.05.2026, 10:15 Uhr", "2026-05-01T10:15:00+00:00", _P.MINUTE),
        ("May 1, 2026", "2026-05-01T00:00:00+00:00", _P.DAY),
        ("1777629600", "2026-05-01T10:00:00+00:00", _P.SECOND),
        ("20260501", "2026-05-01T00:00:00+00:00", _P.DAY),
        ("2026-05-01 10:15 CEST", "2026-05-01T08:15:00+00:00", _P.MINUTE),
        ("2026-05-01T10:15:00 EST", "2026-05-01T15:15:00+00:00", _P.SECOND),
    ],
)
def test_times_are_read_as_publishers_write_them(text: str, utc: str, precision: TimePrecision) -> None:
    stated = parse_time(text)
    assert stated is not None
    assert (stated.at.isoformat(), stated.precision) == (utc, precision)


@pytest.mark.parametrize("text", ["", "soon", "10:15", "2026-13-40", "x" * 200, "May 1", "0000-00-00"])
def test_what_states_no_date_gives_none(text: str) -> None:
    assert parse_time(text) is None


def test_a_day_in_an_address_counts_when_there_is_one() -> None:
    stated = day_in_url("https://news.example/2026/05/01/story")
    assert stated is not None
    assert stated.at == datetime(2026, 5, 1, tzinfo=UTC)
    assert day_in_url("https://news.example/2026-05-01-to-2026-05-03") is None
    assert day_in_url("https://news.example/2026/02/31/story") is None


def test_times_in_the_future_are_passed_over() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    chosen = first_plausible([parse_time("2031-01-01"), None, parse_time("2026-04-30")], now)
    assert chosen is not None
    assert chosen.at.day == 30


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("20260501T101500Z", "2026-05-01T10:15:00+00:00"),
        ("20260501T1015+0200", "2026-05-01T08:15:00+00:00"),
        ("20260501 10:15", "2026-05-01T10:15:00+00:00"),
    ],
)
def test_the_basic_form_of_iso_8601_is_no_other_day(text: str, at: str) -> None:
    stated = parse_time(text)
    assert stated is not None
    assert stated.at.isoformat() == at


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("2026/05/04", "2026-05-04T00:00", "day"),
        ("2026/05/04 10:15:30", "2026-05-04T10:15:30", "second"),
        ("2026.05.04 10:15", "2026-05-04T10:15", "minute"),
        ("2026. 5. 4. 10:15", "2026-05-04T10:15", "minute"),
        ("2026年5月4日", "2026-05-04T00:00", "day"),
        ("2026年05月04日 10時15分", "2026-05-04T10:15", "minute"),
        ("2026年5月4日(月) 午後3:20", "2026-05-04T15:20", "minute"),
        ("2026년 5월 4일 오후 12:20", "2026-05-04T12:20", "minute"),
        ("04.05.2026", "2026-05-04T00:00", "day"),
        ("2026年5月4日 10時15分30秒", "2026-05-04T10:15:30", "second"),
    ],
)
def test_where_the_year_stands_first_the_month_follows(text: str, iso: str, precision: str) -> None:
    stated = parse_time(text)
    assert stated is not None
    assert (stated.at, stated.precision) == (datetime.fromisoformat(iso).replace(tzinfo=UTC), precision)


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("Lun, 03 Août 2026 10:15:00 +0200", "2026-08-03T08:15:00", _P.SECOND),
        (
            "Mar, 03 Mars 2026 10:15:00 +0100",
            "2026-03-03T09:15:00",
            _P.SECOND,
        ),  # Tuesday, and March in Spanish
        ("Dom, 02 Ago 2026 10:15:00 -0300", "2026-08-02T13:15:00", _P.SECOND),
        ("Mo, 04 Mai 2026 08:00 MESZ", "2026-05-04T06:00:00", _P.MINUTE),
        ("Пн, 03 авг 2026 10:15:00 +0300", "2026-08-03T07:15:00", _P.SECOND),
        ("Δευ, 03 Αυγ 2026 10:15:00 +0300", "2026-08-03T07:15:00", _P.SECOND),  # noqa: RUF001  Greek
        ("Sabtu, 01 Agustus 2026 10:15 WIB", "2026-08-01T03:15:00", _P.MINUTE),
        ("1er août 2026 à 10 h 15", "2026-08-01T10:15:00", _P.MINUTE),
        ("3 de agosto de 2026 10:15 p. m.", "2026-08-03T22:15:00", _P.MINUTE),
        ("2026 m. rugpjūčio 3 d. 10:15", "2026-08-03T10:15:00", _P.MINUTE),
        ("2026. augusztus 3.", "2026-08-03T00:00:00", _P.DAY),
        ("3. elokuuta 2026 klo 10.15", "2026-08-03T10:15:00", _P.MINUTE),
        ("11 Kasım 2026", "2026-11-11T00:00:00", _P.DAY),  # noqa: RUF001  Turkish
        ("3 ديسمبر 2026", "2026-12-03T00:00:00", _P.DAY),
        ("3 มกราคม 2026", "2026-01-03T00:00:00", _P.DAY),
    ],
)
def test_months_are_known_by_their_names_in_the_languages_of_news(
    text: str, iso: str, precision: TimePrecision
) -> None:
    stated = parse_time(text, origin="feed")
    assert stated is not None
    assert stated.at == datetime.fromisoformat(iso).replace(tzinfo=UTC)
    assert (stated.precision, stated.origin) == (precision, "feed")


def test_a_name_that_two_languages_give_to_different_months_needs_the_language() -> None:
    months = {
        language: stated.at.month if (stated := parse_time("5 listopada 2026", language=language)) else None
        for language in ("pl", "hr", "sv", None)
    }
    assert months == {"pl": 11, "hr": 10, "sv": None, None: None}


@pytest.mark.parametrize("text", ["31 avril 2026", "3 quux 2026 10:15", "août 2026", "mars 2026 et 3 avril"])
def test_of_a_named_month_without_a_day_of_it_no_day_is_made(text: str) -> None:
    assert parse_time(text) is None
