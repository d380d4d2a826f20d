from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from newsdedup.cli import main
from newsdedup.jobs.answers import read_morning
from newsdedup.plural import counted
from newsdedup.render import Format, render
from newsdedup.reports.summary import morning_report
from storage.engine import make_sessions, open_engine
from tests.support.lighthouse import ARTICLES, OTHER, SPUN, STORY, article

if TYPE_CHECKING:
    from pathlib import Path


def run(database: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [*arguments, "--database", str(database)], input=stdin)


def answer(database: Path, *arguments: str) -> Any:  # noqa: ANN401  JSON
    result = run(database, *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    assert value["schema_version"] == 1
    return value


def whole(database: Path) -> bytes:
    """The database's bytes, with what stood beside the file in its log."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.read_bytes()


def number_of(database: Path, host: str) -> int:
    return int(answer(database, "sql", f"SELECT id FROM article WHERE url LIKE '%{host}%'")["rows"][0]["id"])  # noqa: S608


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


def test_a_pair_is_explained_with_substitutions_side_by_side(database: Path) -> None:
    shown = answer(database, "pair", "https://courier.example/1", "https://buzz.example/3")
    assert shown["pair"]["label"] == "spun"
    assert {"words_a": "talks", "words_b": "negotiations", "is_synonym": True, "count": 1} in shown[
        "substitutions"
    ]
    assert "Northwick" in " ".join(shown["agreement"]["agreeing_anchors"]).title()
    text = run(database, "pair", "https://courier.example/1", "https://buzz.example/3").stdout
    assert "[-talks-]" in text
    assert "{+negotiations+}" in text


def test_two_articles_that_are_no_pair_are_judged_now(database: Path) -> None:
    numbers = [str(number_of(database, host)) for host in ("courier", "weather")]
    shown = answer(database, "pair", *numbers)["pair"]
    assert (shown["is_duplicate"], shown["is_stored"], shown["label"]) == (False, False, "not a copy")
    assert shown["reason"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("1", "77"), "no article '77'"),
        (("1", "1"), "are the same article"),
        (("1", "https://no.example/"), "no article"),
    ],
)
def test_a_pair_of_unknown_articles_is_a_clear_error(
    database: Path, names: tuple[str, str], message: str
) -> None:
    result = run(database, "pair", *names)
    assert result.exit_code == 1
    assert message in result.stderr


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


def test_find_tells_the_copies_of_a_text_and_stores_nothing(database: Path, tmp_path: Path) -> None:
    (tmp_path / "suspect.txt").write_text(SPUN.replace("Monday", "Monday morning"))
    before = whole(database)
    result = run(database, "find", str(tmp_path / "suspect.txt"), "--format", "json", "--fail-on", "found")
    assert result.exit_code == 3
    found = json.loads(result.stdout)["copies"]
    assert {copy["source"] for copy in found} == {"Courier", "Post", "Buzz"}
    assert found[0]["source"] == "Buzz"
    assert whole(database) == before


def test_find_names_every_article_that_holds_the_same_text(tmp_path: Path) -> None:
    entries = [
        *ARTICLES,
        article(5, "mirror.example", SPUN, "2026-05-06T09:00:00Z"),
        article(6, "echo.example", STORY, "2026-05-06T09:00:00Z"),
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(entry) for entry in entries))
    database = tmp_path / "news.db"
    assert run(database, "import", str(tmp_path / "in.jsonl"), "-q").exit_code == 0
    (tmp_path / "text.txt").write_text(STORY)
    found = answer(database, "find", str(tmp_path / "text.txt"))["copies"]
    labels = {copy["source"]: copy["label"] for copy in found}
    assert labels.keys() == {"Courier", "Echo", "Post", "Buzz", "Mirror"}
    assert (labels["Courier"], labels["Echo"]) == ("exact", "exact")
    assert labels["Buzz"] == labels["Mirror"] == "spun"
    spun = answer(database, "report", "spun", "--source", "mirror.example")["pairs"]
    told = [sorted((pair["source_a"], pair["source_b"], *pair["also_at"])) for pair in spun]
    assert sorted(told) == [["Buzz", "Courier", "Mirror"], ["Buzz", "Mirror", "Post"]]
    originals = {
        pair["source_a" if pair["likely_original_id"] == pair["id_a"] else "source_b"] for pair in spun
    }
    assert originals == {"Courier", "Post"}
    stored = answer(database, "find", "https://courier.example/1")["copies"]
    assert {copy["source"] for copy in stored} == {"Echo", "Post", "Buzz", "Mirror"}


@pytest.mark.parametrize(
    "typed", ["https://www.courier.example/1/?utm_source=letter#top", "http://COURIER.example/1"]
)
def test_an_article_is_known_by_its_address_however_it_is_spelled(database: Path, typed: str) -> None:
    spun = "https://buzz.example/3"
    assert answer(database, "pair", typed, spun)["article_a"]["url"] == "https://courier.example/1"
    assert len(answer(database, "find", typed)["copies"]) == 2
    assert "would remove 1 article" in run(database, "forget", typed, "--dry-run").stderr


def test_a_share_of_nothing_is_not_told_as_all_or_none(database: Path) -> None:
    apart = answer(database, "pair", "https://courier.example/1", "https://weather.example/4")["pair"]
    assert (apart["is_duplicate"], apart["synonym_ratio"], apart["anchor_agreement_ratio"]) == (
        False,
        None,
        None,
    )
    spun = answer(database, "pair", "https://courier.example/1", "https://buzz.example/3")["pair"]
    assert spun["synonym_ratio"] > 0.5
    assert spun["anchor_agreement_ratio"] == 1.0


def test_of_a_publication_only_so_much_is_shown_as_was_stated(tmp_path: Path) -> None:
    entries = [
        article(1, "courier.example", STORY, "2026-05-04"),
        article(2, "post.example", f"{STORY} Sign up for our daily letter.", "2026-05-05"),
        article(3, "buzz.example", SPUN, "2026-05-04T09:00:00Z"),
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(entry) for entry in entries))
    database = tmp_path / "news.db"
    assert run(database, "import", str(tmp_path / "in.jsonl"), "-q").exit_code == 0
    own, copy = "https://courier.example/1", "https://post.example/2"
    shown = run(database, "pair", own, copy).stdout
    assert re.findall(r"^published +(.*)$", shown, re.MULTILINE) == ["2026-05-04", "2026-05-05"]
    assert answer(database, "pair", own, copy)["article_a"]["published_at"] == "2026-05-04T00:00:00Z"
    for command in (["search", "lamp"], ["clusters", "show", "1"]):
        told = run(database, *command).stdout
        assert "2026-05-04 09:00" in told
        assert "00:00" not in "\n".join(line for line in told.splitlines() if "2026-05" in line)
    lags = {
        row["copy_source"]: row["lag_seconds"]
        for row in answer(database, "watch", "--domain", "courier.example", "--dry-run")["copies"]
    }
    assert lags == {"Post": None, "Buzz": None}
    assert run(database, "report", "html", "--output", str(tmp_path / "pages")).exit_code == 0
    pages = [page.read_text() for page in (tmp_path / "pages").glob("*/*.html")]
    assert any(">2026-05-04 UTC<" in page for page in pages)
    assert not any("2026-05-04 00:00" in page or "2026-05-05 00:00" in page for page in pages)


def test_the_share_of_replaced_words_is_one_number_wherever_it_is_told(tmp_path: Path) -> None:
    wordier = (
        SPUN.replace("sold", "marketed off")
        .replace("ending", "putting an end to")
        .replace(" work", " labour")
    )
    texts = {"courier.example": STORY, "buzz.example": wordier}
    for order in (texts, dict(reversed(texts.items()))):
        entries = [
            article(number, host, text, f"2026-05-0{1 if text is STORY else 2}")
            for number, (host, text) in enumerate(order.items(), start=1)
        ]
        database = tmp_path / f"{entries[0]['source']}.db"
        (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, entries)))
        assert run(database, "import", str(tmp_path / "in.jsonl")).exit_code == 0
        urls = [entry["url"] for entry in entries]
        told = [answer(database, "pair", *names)["pair"] for names in (urls, urls[::-1])]
        told += answer(database, "clusters", "show", "1")["pairs"]
        told += [copy for url in urls for copy in answer(database, "find", url)["copies"]]
        assert len(told) == 5
        assert len({round(one["replaced_ratio"], 4) for one in told}) == 1
        shares = {f"{one['replaced_ratio']:.0%} of the words are replaced" for one in told}
        assert {one["reason"].partition(" in place")[0] for one in told if "reason" in one} == shares


def test_find_says_which_article_the_words_replaced_stand_in(database: Path, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text(STORY.replace("repair", "fix").replace("argument", "quarrel"))
    told = run(database, "find", str(tmp_path / "long.txt"))
    assert re.search(r"^in article \d+ +in the text", told.stdout, re.MULTILINE)
    assert told.stderr.endswith("lighthouse would…'\n")


def test_what_was_pruned_is_told_where_texts_would_be_compared(database: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copy(database, older)
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute(
            "UPDATE article SET first_seen_at = '2020-01-01 00:00:00.000000' WHERE url LIKE '%courier%'"
        )
    assert run(older, "db", "prune", "--older-than", "90d").exit_code == 0
    shown = run(older, "pair", "https://courier.example/1", "https://buzz.example/3").stdout
    assert "Side by side\n  a text is not stored any more\n" in shown
    (tmp_path / "text.txt").write_text(STORY)
    found = run(older, "find", str(tmp_path / "text.txt"), "--format", "json")
    assert {copy["source"] for copy in json.loads(found.stdout)["copies"]} == {"Post", "Buzz"}
    assert "1 candidate not compared" in found.stderr


def test_find_reads_standard_input_and_finds_nothing_for_something_new(database: Path) -> None:
    result = run(
        database, "find", "-", "--format", "json", stdin="A short note on the price of tin in Bolivia. " * 5
    )
    assert json.loads(result.stdout)["copies"] == []
    assert run(database, "find", "-", stdin="  \n").exit_code == 1
    assert "so short a text" in run(database, "find", "-", stdin="A lamp.").stderr


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


def test_database_is_checked_measured_and_copied(database: Path, tmp_path: Path) -> None:
    assert answer(database, "db", "check")["problems"] == []
    stats = answer(database, "db", "stats")
    assert {view["view"] for view in stats["views"]} == {"wording", "skeleton", "anchors"}
    assert {table["table"]: table["row_count"] for table in stats["tables"]}["article"] == 4
    copied = CliRunner().invoke(
        main, ["db", "copy", str(database), str(tmp_path / "copy.db"), "--format", "json"]
    )
    assert copied.exit_code == 0, copied.output
    assert answer(tmp_path / "copy.db", "clusters") == answer(database, "clusters")


def test_pairs_of_another_detector_are_told_and_judged_anew(database: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copy(database, older)
    with sqlite3.connect(older) as connection:
        connection.execute("UPDATE duplicate_pair SET detector_fingerprint = 'earlier'")
    stats = answer(older, "db", "stats")
    count = stats["corpus"]["pair_count"]
    assert stats["index"]["outdated_pair_count"] == count > 0
    assert f"{counted(count, 'pair')} judged by another detector" in run(older, "db", "upgrade").stderr
    judged = run(older, "db", "reindex", "--judge-only", "--workers", "1")
    assert judged.exit_code == 0, judged.output
    assert "0 articles signed" in judged.stderr
    assert answer(older, "db", "stats")["index"]["outdated_pair_count"] == 0
    assert "another detector" not in run(older, "db", "upgrade").stderr
    assert answer(older, "clusters") == answer(database, "clusters")


def test_a_missing_database_is_told_and_not_created(tmp_path: Path) -> None:
    result = run(tmp_path / "none.db", "clusters")
    assert result.exit_code == 1
    assert "no database at" in result.stderr
    assert "run: newsdedup db upgrade" in result.stderr
    assert not (tmp_path / "none.db").exists()


def test_the_html_report_opens_from_disk_and_lets_nothing_act(database: Path, tmp_path: Path) -> None:
    result = run(database, "report", "html", "--output", str(tmp_path / "site"))
    assert result.exit_code == 0, result.output
    pages = {
        page.relative_to(tmp_path / "site"): page.read_text() for page in (tmp_path / "site").rglob("*.html")
    }
    assert len(pages) >= 6
    for name, page in pages.items():
        assert "<script" not in page, name
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//[^\"]*\.(?:js|css|png|woff2?)", page), name
        for link in re.findall(r'href="([^"]+)"', page):
            if not link.startswith(("http://", "https://", "#", "data:,")):
                assert (tmp_path / "site" / name).parent.joinpath(link).resolve().exists(), (name, link)
    evidence = next(
        page for name, page in pages.items() if name.parent.name == "pairs" and "negotiations" in page
    )
    assert "<ins>negotiations</ins>" in evidence


def test_evidence_pages_can_be_limited_and_the_rest_are_told(database: Path, tmp_path: Path) -> None:
    options = ("report", "html", "--output", str(tmp_path / "site"))
    assert run(database, *options).exit_code == 0
    all_pages = sorted((tmp_path / "site" / "pairs").iterdir())
    result = run(database, *options, "--max-pairs", "1")
    (kept,) = (tmp_path / "site" / "pairs").iterdir()
    assert f"warning: no evidence page for {counted(len(all_pages) - 1, 'pair')}" in result.stderr
    assert 'class="label spun"' in kept.read_text()
    listed = (tmp_path / "site" / "pairs.html").read_text()
    assert "This report has evidence pages for 1 of them." in listed
    assert re.findall(r'href="(pairs/[^"]+)"', listed) == [f"pairs/{kept.name}"]
