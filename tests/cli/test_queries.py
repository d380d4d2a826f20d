"""Lists, reports, search and SQL: what a database answers."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from newsdedup.jobs.answers import read_morning
from newsdedup.render import Format, render
from newsdedup.reports.summary import morning_report
from storage.engine import make_sessions, open_engine
from tests.support.asking import answer, run
from tests.support.lighthouse import OTHER, STORY

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["clusters", "--label", "spun"], True),
        (["clusters", "--since", "2999-01-01"], False),
        (["search", "lighthouse"], True),
        (["search", "submarine"], False),
        (["report", "spun"], True),
        (["report", "spun", "--since", "2999-01-01"], False),
        (["report", "reviews"], False),
        (["sql", "SELECT id FROM article WHERE title IS NOT NULL"], True),
        (["sql", "SELECT id FROM article WHERE text_hash IS NULL"], False),
    ],
)
def test_a_script_learns_from_the_exit_code_whether_a_list_is_empty(
    database: Path, command: list[str], found: bool
) -> None:
    assert run(database, *command).exit_code == 0
    assert run(database, *command, "--fail-on", "found").exit_code == (3 if found else 0)
    assert run(database, *command, "--fail-on", "none").exit_code == (0 if found else 3)


def test_sources_as_a_matrix_tell_what_the_list_tells(database: Path) -> None:
    edges = answer(database, "report", "sources")["edges"]
    assert len(edges) > 1
    for told, name in (("copies", "copy_count"), ("spun", "spun_ratio"), ("lag", "median_lag_seconds")):
        rows = {
            row["source"]: row for row in answer(database, "report", "sources", "--matrix", told)["matrix"]
        }
        assert set(rows) == {"Buzz", "Courier", "Post"}
        for edge in edges:
            assert rows[edge["to_source"]][f"from {edge['from_source']}"] == edge[name]
        cells = [cell for row in rows.values() for key, cell in row.items() if key.startswith("from ")]
        assert sum(cell is not None for cell in cells) == len(edges)
    few = run(database, "report", "sources", "--matrix", "copies", "--limit", "1")
    assert "copies of or by other sources" in few.stdout


def test_a_matrix_without_room_for_columns_names_the_sources(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "18")
    records = run(database, "report", "sources", "--matrix", "copies").stdout.split("\n\n")
    shown = [[line.split() for line in record.splitlines()] for record in records[1:]]
    assert shown == [[["source", name], ["from", "Courier", "1"]] for name in ("Buzz", "Post")]


def test_clusters_lists_the_story_with_all_its_sources(database: Path) -> None:
    (cluster,) = answer(database, "clusters")["clusters"]
    assert cluster["sources"] == ["Buzz", "Courier", "Post"]
    assert cluster["canonical_url"] == "https://courier.example/1"
    assert "spun" in cluster["labels"]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--label", "spun"], 1),
        (["--label", "exact"], 0),
        (["--source", "post"], 1),
        (["--source", "weather.example"], 0),
        (["--min-size", "4"], 0),
        (["--query", "lighthouse"], 1),
        (["--query", "100%"], 0),
        (["--since", "1h"], 1),
        (["--until", "2020-01-01"], 0),
    ],
)
def test_clusters_filters(database: Path, options: list[str], count: int) -> None:
    assert len(answer(database, "clusters", *options)["clusters"]) == count


def test_a_cluster_shows_members_in_order_with_label_and_lag(database: Path) -> None:
    identity = answer(database, "clusters")["clusters"][0]["cluster_id"]
    shown = answer(database, "clusters", "show", str(identity))
    assert [member["source"] for member in shown["members"]] == ["Courier", "Post", "Buzz"]
    assert [member["lag_seconds"] for member in shown["members"]][1:] == [9000.0, 90000.0]
    assert [member["label"] for member in shown["members"]][2] == "spun"
    assert shown["events"][0]["event"] == "created"
    assert "2 h 30 min" in run(database, "clusters", "show", str(identity)).stdout


def test_an_unknown_cluster_is_a_clear_error(database: Path) -> None:
    result = run(database, "clusters", "show", "999")
    assert (result.exit_code, result.stderr) == (1, "Error: no cluster 999; run: newsdedup clusters\n")


def test_a_morning_with_much_news_shows_the_first_of_it_and_json_all(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")  # narrower, cells are wrapped
    engine = open_engine(f"sqlite:///{database}")
    morning = read_morning(make_sessions(engine), datetime(2020, 1, 1, tzinfo=UTC))
    engine.dispose()
    busy = morning_report(replace(morning, spun_pairs=morning.spun_pairs[:1] * 31))
    table, lines = io.StringIO(), io.StringIO()
    render(busy, Format.TABLE, table)
    render(busy, Format.JSONL, lines)
    shown = table.getvalue().partition("Spun copies found since 2020-01-01 00:00, 30 of 31\n")[2]
    assert len([line for line in shown.splitlines() if " spun " in line]) == 30
    assert lines.getvalue().count('"section": "spun_pairs"') == 31


def test_the_morning_report_is_made_of_tables_in_a_terminal_of_the_usual_width(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run(database, "report", "--since", "2020-01-01").stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    headings = (("id", "labels", "sources"), ("label", "similarity", "replaced"))
    assert [sum(all(one in line for one in row) for line in lines) for row in headings] == [2, 1]


def test_the_morning_report_counts_what_is_new(database: Path) -> None:
    report = answer(database, "report")
    assert report["corpus"]["article_count"] == report["corpus"]["new_article_count"] == 4
    assert len(report["new_clusters"]) == len(report["biggest_clusters"]) == 1
    assert [pair["label"] for pair in report["spun_pairs"]] == ["spun"] * len(report["spun_pairs"])
    assert report["spun_pairs"]


def test_a_report_of_several_lists_refuses_csv_as_wrong_use(database: Path) -> None:
    result = run(database, "report", "--format", "csv")
    assert result.exit_code == 2
    assert "use --format table, json or jsonl" in result.stderr


def test_sources_tell_who_copies_whom(database: Path) -> None:
    edges = answer(database, "report", "sources")["edges"]
    assert {(edge["from_source"], edge["to_source"]) for edge in edges} == {
        ("Courier", "Post"),
        ("Courier", "Buzz"),
    }


def test_runs_are_listed_with_their_counts(database: Path) -> None:
    (done,) = answer(database, "report", "crawl")["runs"]
    assert done["kind"] == "import"
    assert done["new_count"] == done["stats"]["article/new"] == 4
    assert done["failed"] == done["skipped"] == {}
    assert "article/" not in run(database, "report", "crawl").stdout


@pytest.mark.parametrize("command", [["clusters"], ["report", "spun"]])
def test_a_source_that_nothing_came_from_is_told(database: Path, command: list[str]) -> None:
    told = run(database, *command, "--source", "corier.example", "--fail-on", "found")
    assert (told.exit_code, "no source 'corier.example' is stored" in told.stderr) == (0, True)
    assert run(database, *command, "--source", "Courier").stderr == ""
    assert run(database, *command, "--source", "courier.example").stderr == ""


def test_search_needs_all_words(database: Path) -> None:
    assert {row["source"] for row in answer(database, "search", "beacon", "tower")["articles"]} == {"Buzz"}
    assert answer(database, "search", "beacon", "cricket")["articles"] == []


def test_numbers_without_end_leave_json_readable(database: Path) -> None:
    result = run(database, "sql", "SELECT 9e999 AS a, -9e999 AS b, 1.5 AS c", "--format", "jsonl")
    assert json.loads(result.stdout, parse_constant=pytest.fail) == {"a": None, "b": None, "c": 1.5}


def test_sql_reads_and_cannot_write(database: Path) -> None:
    assert answer(database, "sql", "SELECT count(*) AS n FROM article")["rows"] == [{"n": 4}]
    assert answer(database, "sql", "SELECT 1 AS a, 2 AS a")["rows"] == [{"a": 1, "a_2": 2}]
    for query in ("DELETE FROM article", "SELECT 1; DROP TABLE article", "PRAGMA journal_mode=DELETE"):
        result = run(database, "sql", query)
        assert result.exit_code == 1, query
        assert "Traceback" not in result.output
    assert answer(database, "sql", "SELECT count(*) AS n FROM article")["rows"] == [{"n": 4}]


def test_one_per_cluster_keeps_the_canonical_and_gives_a_reason_for_each_other(
    database: Path, tmp_path: Path
) -> None:
    kept, dropped = tmp_path / "kept.jsonl", tmp_path / "dropped.jsonl"
    options = ("--one-per-cluster", "--dropped", str(dropped), "--output", str(kept))
    assert run(database, "export", "articles", *options).exit_code == 0
    kept_rows = [json.loads(line) for line in kept.read_text().splitlines()]
    dropped_rows = [json.loads(line) for line in dropped.read_text().splitlines()]
    assert {row["source"] for row in kept_rows} == {"Courier", "Weather"}
    assert {row["source"] for row in dropped_rows} == {"Post", "Buzz"}
    assert all(row["reason"] and row["kept_url"] == "https://courier.example/1" for row in dropped_rows)
    assert {row["text"] for row in kept_rows} == {STORY, OTHER}


@pytest.mark.parametrize("what", ["articles", "pairs", "clusters", "edges"])
@pytest.mark.parametrize("fmt", ["csv", "jsonl"])
def test_exports_are_complete_and_harmless(database: Path, what: str, fmt: str) -> None:
    result = run(database, "export", what, "--format", fmt)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    rows: list[Any]
    if fmt == "csv":
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        assert not any((value or "").startswith(("=", "@")) for row in rows for value in row.values())
    else:
        rows = [json.loads(line) for line in result.stdout.splitlines()]
    pair_count = answer(database, "db", "stats")["corpus"]["pair_count"]
    assert pair_count > 1
    assert len(rows) == {"articles": 4, "pairs": pair_count, "clusters": 1, "edges": 2}[what]


def test_watch_tells_each_copy_once_and_honours_partners(database: Path, tmp_path: Path) -> None:
    (tmp_path / "partners.txt").write_text("# may copy\npost.example\n")
    options = ("--domain", "courier.example", "--fail-on", "new")
    first = run(database, "watch", *options, "--format", "json")
    assert first.exit_code == 3
    assert {copy["copy_source"] for copy in json.loads(first.stdout)["copies"]} == {"Post", "Buzz"}
    assert run(database, "watch", *options).exit_code == 0
    licensed = run(
        database, "watch", *options, "--licensed", str(tmp_path / "partners.txt"), "--format", "json"
    )
    assert {copy["copy_source"] for copy in json.loads(licensed.stdout)["copies"]} == {"Buzz"}
    assert answer(database, "watch", "--domain", "buzz.example")["copies"] == []
