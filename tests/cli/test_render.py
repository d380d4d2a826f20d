from __future__ import annotations

import csv
import io
import json
import sys
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from rich.console import Console

from dedup import align_texts
from newsdedup.render import Format, FormatUnfitError, render
from newsdedup.render.progress import bar_with_text
from newsdedup.reports.values import Cell, Column, Fact, Facts, Listing, Ratio, Report, SideBySide, WhenNarrow
from newsdedup.safe_text import REPLACEMENT, csv_cell, harmless_text, terminal_line

HOSTILE = "\x1b[31mred\x1b[0m [bold]loud[/bold] \u202egnp.exe \x9b2J\r\nnext"
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def one_cell(value: Cell) -> Report:
    return Report("things", (Listing("things", (Column("name", "name", may_wrap=True),), ((value,),)),))


def shown(report: Report, fmt: Format) -> str:
    stream = io.StringIO()
    render(report, fmt, stream)
    return stream.getvalue()


@pytest.mark.parametrize("fmt", list(Format))
def test_nothing_from_the_web_acts_in_any_format(fmt: Format) -> None:
    text = shown(one_cell(HOSTILE), fmt)
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(text)
    assert "[bold]loud[/bold]" in text


def test_no_character_that_unicode_calls_steering_gets_through() -> None:
    every = [chr(number) for number in range(sys.maxunicode + 1)]
    steering = [one for one in every if unicodedata.category(one) in {"Cc", "Cs"} and one not in "\t\n"]
    turning = [one for one in every if unicodedata.bidirectional(one) in TURNING]
    for one in (*steering, *turning, *"\u061c\u200e\u200f\u206a\u206f\ufeff"):
        assert harmless_text(f"a{one}b") == f"a{REPLACEMENT}b", hex(ord(one))
        assert terminal_line(f"a{one}b") in {f"a{REPLACEMENT}b", "a b"}, hex(ord(one))
        assert one not in csv_cell(f"a{one}b"), hex(ord(one))


def test_json_gives_hostile_text_back_unchanged() -> None:
    assert json.loads(shown(one_cell(HOSTILE), Format.JSON))["things"] == [{"name": HOSTILE}]


def test_json_says_even_a_lone_surrogate_in_ascii_escapes() -> None:
    assert json.loads(shown(one_cell("\ud800"), Format.JSONL).encode("utf-8")) == {"name": "\ud800"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\uff1d", "|", "%"])
def test_csv_cells_that_a_spreadsheet_would_run_are_defused(start: str) -> None:
    rows = list(csv.reader(io.StringIO(shown(one_cell(f"{start}cmd()"), Format.CSV))))
    assert rows[1][0].startswith("'")


def test_csv_headers_are_defused_too() -> None:
    report = Report("sql", (Listing("rows", (Column("=1+1", "=1+1"),), ((1,),)),))
    assert shown(report, Format.CSV) == "'=1+1\n1\n"


def test_negative_numbers_stay_numbers_in_csv() -> None:
    assert shown(one_cell(-3), Format.CSV).splitlines()[1] == "-3"


def test_times_are_utc_in_json_whatever_their_zone() -> None:
    moment = datetime(2026, 5, 4, 11, 30, tzinfo=timezone(timedelta(hours=2)))
    assert json.loads(shown(one_cell(moment), Format.JSON))["things"][0]["name"] == "2026-05-04T09:30:00Z"


def test_json_has_a_schema_version_and_sorted_keys() -> None:
    columns = (Column("b", "b"), Column("a", "a"))
    text = shown(Report("things", (Listing("things", columns, ((1, 2),)),)), Format.JSON)
    assert json.loads(text)["schema_version"] == 1
    assert text.index('"a"') < text.index('"b"')


def test_csv_refuses_a_report_of_several_lists() -> None:
    listing = Listing("x", (Column("name", "name"),), ())
    with pytest.raises(FormatUnfitError, match="more than one list"):
        shown(Report("both", (listing, listing)), Format.CSV)


def test_json_lines_of_several_sections_name_their_section() -> None:
    report = Report(
        "both", (Facts("one", (Fact("n", "n", 1),)), Listing("two", (Column("m", "m"),), ((2,),)))
    )
    lines = [json.loads(line) for line in shown(report, Format.JSONL).splitlines()]
    assert lines == [{"section": "one", "n": 1}, {"section": "two", "m": 2}]


def test_a_table_on_a_pipe_cuts_nothing_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    title = "A very long title indeed " * 40
    assert title.strip() in shown(one_cell(title), Format.TABLE)


@pytest.mark.parametrize(("width", "is_one_below_the_other"), [("120", False), ("40", True)])
def test_a_table_too_wide_for_the_terminal_becomes_records_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, width: str, is_one_below_the_other: bool
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    columns = tuple(
        Column(name, heading)
        for name, heading in (
            ("name", "the name"),
            ("at", "published"),
            ("place", "place"),
            ("labels", "labels"),
        )
    )
    rows: tuple[tuple[Cell, ...], ...] = (
        ("a name of some length", datetime(2026, 5, 4, 9, 30, tzinfo=UTC), "Northwick", {"near": 3}),
        ("b", None, "Southwick", {}),
    )
    lines = shown(Report("things", (Listing("things", columns, rows),)), Format.TABLE).splitlines()
    assert ("published  2026-05-04 09:30" in lines) is is_one_below_the_other
    text = " ".join(lines)
    assert text.count("labels") == 1, "what is empty is left out of a record"
    assert "…" not in text
    assert all(
        word in text for word in ("a name of some length", "2026-05-04 09:30", "Northwick", "Southwick")
    )


def test_columns_wrap_and_then_give_way_in_a_narrow_terminal_and_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    columns = (
        Column("name", "name", when_narrow=WhenNarrow.WRAPPED),
        Column("count", "how many there are", is_number=True),
        Column("place", "place", when_narrow=WhenNarrow.LEFT_OUT),
        Column("at", "seen at", when_narrow=WhenNarrow.LEFT_OUT),
        Column("title", "title", may_wrap=True),
    )
    at = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    row = ("The Harwick Courier", 12, "Northwick", at, "All 214 rescued as ferry runs aground off Kelso Bay")
    report = Report("things", (Listing("things", columns, (row,)),))

    def lines(width: int) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(width))
        shown_lines = shown(report, Format.TABLE).splitlines()
        assert all(len(line) <= width for line in shown_lines)
        return shown_lines

    whole, wrapped, narrow, narrower, records = (lines(width) for width in (160, 70, 52, 42, 30))
    assert any("The Harwick Courier" in line and "All 214" in line for line in whole)
    assert not any("The Harwick Courier" in line for line in wrapped)
    assert "2026-05-04 09:30" in "".join(wrapped)
    assert narrow[-1] == "left out for want of room: seen at"
    assert narrower[-1] == "left out for want of room: place, seen at"
    assert "place               Northwick" in records, "nothing is left out where it is all shown"


def test_machine_columns_stay_out_of_tables_and_in_json() -> None:
    report = Report(
        "things", (Listing("things", (Column("secret"), Column("name", "name")), (("key", "n"),)),)
    )
    assert "key" not in shown(report, Format.TABLE)
    assert "key" in shown(report, Format.JSON)


def test_an_empty_list_says_so_in_tables_and_is_empty_in_json() -> None:
    report = Report("things", (Listing("things", (Column("name", "name"),), (), when_empty="no things"),))
    assert "no things" in shown(report, Format.TABLE)
    assert json.loads(shown(report, Format.JSON))["things"] == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Ratio(0.934), "93%"),
        (timedelta(hours=27, minutes=5, seconds=9), "1 d 3 h"),
        (timedelta(seconds=-90), "-1 min 30 s"),
        (datetime(2026, 5, 4, 9, 30, 59, tzinfo=UTC), "2026-05-04 09:30"),
        ({"spun": 2, "exact": 1}, "2 spun, 1 exact"),
        (("a", "b"), "a, b"),
        (tuple("abcdefghijklmnop"), "a, b, c, d, e, f, g, h, i, j, k, l and 4 more"),
        (True, "yes"),
        (None, ""),
    ],
)
def test_tables_say_values_as_people_do(value: Cell, words: str) -> None:
    assert shown(one_cell(value), Format.TABLE).splitlines()[2].strip() == words


def test_side_by_side_marks_substitutions_without_colour() -> None:
    text_a = (
        "The founder of the Chinese firm called on Tuesday for a reset with the United States government."
    )
    text_b = "The fall in of the Taiwanese firm called on Tuesday for a reset with the Conjunctive States government."
    spans = align_texts(text_a, text_b, "en")
    report = Report("pair", (SideBySide("texts", "a: one", "b: two", text_a, text_b, spans),))
    text = " ".join(shown(report, Format.TABLE).split())
    assert "[-United-] States government" in text
    assert "{+Conjunctive+} States government" in text
    assert "\x1b" not in text


def test_rows_must_have_a_cell_a_column() -> None:
    with pytest.raises(ValueError, match="2 cells under 1 columns"):
        Listing("x", (Column("name", "name"),), (("a", "b"),))


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_bar_keeps_its_numbers_in_a_narrow_window_and_cuts_its_text(width: int) -> None:
    stream = io.StringIO()
    progress = bar_with_text(Console(file=stream, width=width))
    refused = (
        "953 pages, 952 articles; refused: 12 not_article, 11 not_found, 10 robots, 9 too_short, 8 timeout"
    )
    progress.add_task("crawling", completed=952, total=1040, left="12.5/s, 1:07:04 left", text=refused)
    progress.console.print(progress.get_renderable())
    (line,) = stream.getvalue().splitlines()
    assert line.startswith("crawling ━")
    assert " 952/1040 " in line
    assert " 12.5/s, 1:07:04 left 953 pages" in line
    assert len(line.rstrip()) <= width
