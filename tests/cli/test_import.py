from __future__ import annotations

import gzip
import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from newsdedup.cli import main
from newsdedup.jobs.database import upgrade
from newsdedup.jobs.read_articles import ReadingRequest
from newsdedup.jobs.read_pages import PageFiles
from storage.articles import CapturedArticle

if TYPE_CHECKING:
    from storage.values import Article

STORY = (
    "The harbour authority of Northwick said on Monday that the old lighthouse would be sold to a local trust for "
    "one pound, ending eleven years of argument about who should pay for its repair. Trustees promised to open the "
    "tower to visitors by June and to keep the lamp burning every night. Councillor Mary Oakes, who led the talks, "
    "called the sale a relief for taxpayers and a gift to the town. Engineers think the work will cost 340,000 pounds."
)
PAGE = """<!doctype html><html lang="en"><head><title>Lighthouse sold for a pound</title>
<meta property="og:url" content="https://post.example/news/lighthouse-sold">
<meta property="article:published_time" content="2026-05-04T12:15:00Z"></head>
<body><article><h1>Lighthouse sold for a pound</h1><p>{}</p></article></body></html>"""
# Of the same bytes in every process: it is part of a test's name.
_CUT = gzip.compress(b'{"id": "1"}' * 50, mtime=0)[:-12]


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(database) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    lines = [
        {
            "id": "1",
            "text": STORY,
            "title": "Sold",
            "url": "https://courier.example/a?utm_source=x",
            "source": "Courier",
        },
        {"id": "2", "text": "  "},
        {"id": "3", "text": "An unrelated note about the weather on the moors.", "source": "Weather Desk"},
    ]
    (folder / "a.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    (folder / "page.html.gz").write_bytes(gzip.compress(PAGE.format(STORY).encode()))
    (folder / "notes.txt").write_text("not for us")
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["import", *arguments])


def test_a_file_that_names_an_address_twice_keeps_the_first_and_changes_nothing_again(tmp_path: Path) -> None:
    lines = [
        {"id": str(number), "text": f"Report {number} of the day.", "url": f"https://a.example/{number}"}
        for number in range(600)
    ]
    lines.append(
        {"id": "late", "text": "Another report.", "url": "http://www.a.example/0/?utm_source=letter"}
    )
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    words = ["import", str(tmp_path / "in.jsonl"), "--database", str(tmp_path / "n.db")]
    first, second = (CliRunner().invoke(main, words) for _ in range(2))
    assert "line 601: the address of 'late' was given before" in first.stderr
    assert "600 new, 0 updated, 0 unchanged" in first.stderr
    assert "0 new, 0 updated, 600 unchanged" in second.stderr


def test_lines_and_pages_become_articles_and_their_copies_are_found(inputs: Path, tmp_path: Path) -> None:
    database = tmp_path / "news.db"
    result = run(str(inputs), "--database", str(database))
    assert result.exit_code == 0, result.stderr
    assert "read 2 files, 3 articles; refused: 1 empty_text" in result.stderr
    assert "3 new, 0 updated, 0 unchanged" in result.stderr
    assert "1 duplicate pair, 1 new cluster" in result.stderr
    assert rows(database, "SELECT url FROM article ORDER BY url") == [
        ("https://courier.example/a",),
        ("https://post.example/news/lighthouse-sold",),
        ("import://a/3",),
    ]
    assert rows(database, "SELECT name, host FROM source ORDER BY host") == [
        ("Courier", "courier.example"),
        ("post.example", "post.example"),
        ("Weather Desk", "weather-desk"),
    ]
    runs = rows(database, "SELECT kind, state, version FROM crawl_run")
    assert runs == [("import", "done", version("newsdedup"))]
    assert rows(database, "SELECT reason, outcome FROM fetch_event") == [("empty_text", "skipped")]


def test_importing_twice_changes_nothing(inputs: Path, tmp_path: Path) -> None:
    database = tmp_path / "news.db"
    run(str(inputs), "--database", str(database))
    tables = (
        "article",
        "article_version",
        "signature",
        "band_recent",
        "duplicate_pair",
        "cluster",
        "cluster_member",
    )
    before = {table: rows(database, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}  # noqa: S608  our names
    result = run(str(inputs), "--database", str(database))
    assert "0 new, 0 updated, 3 unchanged" in result.stderr
    after = {table: rows(database, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}  # noqa: S608  our names
    unchanged = {table for table in tables if before[table] == after[table]}
    assert unchanged >= set(tables) - {"article"}
    assert len(before["article"]) == len(after["article"])


def test_a_dry_run_creates_no_database(inputs: Path, tmp_path: Path) -> None:
    result = run(str(inputs), "--database", str(tmp_path / "news.db"), "--dry-run")
    assert result.exit_code == 0
    assert "dry run: nothing was stored" in result.stderr
    assert not (tmp_path / "news.db").exists()


def test_strict_stops_at_the_first_refusal_and_the_run_is_recorded_as_failed(
    inputs: Path, tmp_path: Path
) -> None:
    database = tmp_path / "news.db"
    result = run(str(inputs), "--database", str(database), "--strict")
    assert result.exit_code == 1
    assert "stopped because of --strict" in result.stderr
    assert rows(database, "SELECT state FROM crawl_run") == [("failed",)]


@pytest.mark.parametrize(
    ("name", "content", "message", "exit_code"),
    [
        ("gone.jsonl", None, "gone.jsonl: cannot be read: no such file or directory", 1),
        ("a.pdf", b"%PDF", "a.pdf: unknown kind of file", 1),
        ("cut.jsonl.gz", _CUT, "cut.jsonl.gz: cannot be read", 1),
        ("empty.html", b"<html><body></body></html>", "all was refused (1 no_text)", 1),
        ("short.html", PAGE.format("Three short words.").encode(), "all was refused (1 too_short)", 1),
        ("lines.jsonl", b'nonsense\n{"id": "1"}', "all was refused (1 malformed_line, 1 missing_field)", 1),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_counted(
    tmp_path: Path, name: str, content: bytes | None, message: str, exit_code: int
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = run(str(tmp_path / name), "--database", str(tmp_path / "news.db"))
    assert result.exit_code == exit_code
    assert message in result.stderr
    assert "; refused: 1 " in result.stderr


def test_a_file_that_cannot_be_read_does_not_keep_the_others_out(inputs: Path, tmp_path: Path) -> None:
    result = run(str(tmp_path / "gone.jsonl"), str(inputs), "--database", str(tmp_path / "news.db"))
    assert result.exit_code == 1
    assert "3 new, 0 updated, 0 unchanged" in result.stderr
    assert "1 file could not be read" in result.stderr


def test_of_lines_with_one_id_the_first_is_stored_and_the_others_are_told(tmp_path: Path) -> None:
    lines = [{"id": "1", "text": STORY}, {"id": "1", "text": "Another text under the same id."}]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    result = run(str(tmp_path / "a.jsonl"), "--database", str(tmp_path / "news.db"))
    assert "line 2: id '1' was given before" in result.stderr
    assert "1 article; refused: 1 duplicate_id" in result.stderr
    assert rows(tmp_path / "news.db", "SELECT text FROM article") == [(STORY,)]


def test_a_line_that_is_no_json_is_told_by_its_own_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'\n{broken\n{"id": "\xff"}\n' + b"[" * 100_000 + b"\n")
    result = run(str(tmp_path / "a.jsonl"), "--database", str(tmp_path / "news.db"))
    assert (
        "line 2: not JSON: expecting property name enclosed in double quotes at column 2\n" in result.stderr
    )
    assert "line 3: not UTF-8: byte 9 is 0xff" in result.stderr
    assert "line 4: not JSON" in result.stderr
    assert "3 malformed_line" in result.stderr


def test_an_opml_list_is_remembered_as_feeds(tmp_path: Path) -> None:
    opml = '<opml version="2.0"><body><outline text="One" xmlUrl="https://one.example/rss"/></body></opml>'
    (tmp_path / "feeds.opml").write_text(opml)
    result = run(str(tmp_path / "feeds.opml"), "--database", str(tmp_path / "news.db"))
    assert "1 feed remembered" in result.stderr
    assert rows(tmp_path / "news.db", "SELECT url, kind FROM feed") == [("https://one.example/rss", "feed")]


def test_a_seed_list_is_remembered_with_its_intervals(tmp_path: Path) -> None:
    source = (
        'name = "One"\nhome = "https://one.example/"\nfeeds = ["https://one.example/rss"]\nevery = "15m"\n'
    )
    (tmp_path / "seeds.toml").write_text(f"[[source]]\n{source}")
    result = run(str(tmp_path / "seeds.toml"), "--database", str(tmp_path / "news.db"))
    assert "1 feed remembered" in result.stderr
    assert rows(tmp_path / "news.db", "SELECT url, every FROM feed") == [("https://one.example/rss", "15m")]


def test_an_unreachable_database_is_a_clear_error(inputs: Path) -> None:
    result = run(str(inputs), "--database", "sqlite:////no/such/folder/news.db")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "unable to open database file; the folder is missing" in result.stderr


def _imported_relation(folder: Path, *lines: dict[str, str]) -> list[tuple[object, ...]]:
    folder.mkdir()
    (folder / "texts.jsonl").write_text("\n".join(json.dumps({"text": STORY, **line}) for line in lines))
    database = folder / "news.db"
    assert run(str(folder / "texts.jsonl"), "--database", str(database)).exit_code == 0
    return rows(database, "SELECT relation FROM duplicate_pair")


def test_texts_of_unknown_publishers_are_copies_and_those_of_one_publisher_revisions(tmp_path: Path) -> None:
    assert _imported_relation(tmp_path / "unknown", {"id": "1"}, {"id": "2"}) == [("copy",)]
    named = ({"id": "1", "source": "Courier"}, {"id": "2", "source": "Courier"})
    assert _imported_relation(tmp_path / "named", *named) == [("revision",)]
    mixed = ({"id": "1", "source": "texts"}, {"id": "2"})
    assert _imported_relation(tmp_path / "mixed", *mixed) == [("copy",)]


def test_pages_of_unknown_publishers_are_copies(tmp_path: Path) -> None:
    page = PAGE.replace('<meta property="og:url" content="https://post.example/news/lighthouse-sold">', "")
    for name in ("one.html", "two.html"):
        (tmp_path / name).write_text(page.format(STORY))
    database = tmp_path / "news.db"
    assert run(str(tmp_path), "--database", str(database)).exit_code == 0
    assert rows(database, "SELECT relation FROM duplicate_pair") == [("copy",)]
    shown = CliRunner().invoke(main, ["pair", "1", "2", "--database", str(database), "--format", "json"])
    assert '"relation": "copy"' in shown.stdout


def test_saved_copies_that_name_one_original_stay_two_articles(tmp_path: Path) -> None:
    original = "https://post.example/news/lighthouse-sold"
    for name in ("courier", "herald"):
        (tmp_path / f"{name}.html").write_text(PAGE.format(f"{STORY} Printed by the {name}."))
    database = tmp_path / "news.db"
    for _ in range(2):
        assert run(str(tmp_path), "--database", str(database)).exit_code == 0
        urls = [str(url) for (url,) in rows(database, "SELECT url FROM article ORDER BY id")]
        assert urls[0] == original
        assert len(urls) == 2
    assert rows(database, "SELECT declared_original_url FROM article WHERE id = 2") == [(original,)]
    assert rows(database, "SELECT count(*) FROM duplicate_pair") == [(1,)]


def test_a_stopped_import_of_a_folder_goes_on_and_reads_no_page_twice(tmp_path: Path) -> None:
    folder, database = tmp_path / "in", tmp_path / "news.db"
    folder.mkdir()
    page = PAGE.replace("lighthouse-sold", "story-{}").replace("{}</p>", "{} Number {}.</p>")
    for number in range(120):
        (folder / f"{number:03}.html").write_text(page.format(number, STORY, number))
    arguments = (str(folder), "--database", str(database), "--window", "1s")
    upgrade(f"sqlite:///{database}")
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON article WHEN (SELECT count(*) FROM article) = 110"
            " BEGIN SELECT RAISE(ABORT, 'told to refuse'); END"
        )
    assert run(*arguments).exit_code == 1
    assert rows(database, "SELECT count(*) FROM article") == [(100,)]
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER refuse")
    assert "20 new, 0 updated, 100 unchanged" in run(*arguments).stderr
    assert "0 new, 0 updated, 120 unchanged" in run(*arguments).stderr


def test_a_page_is_read_again_where_it_changed_or_another_extractor_read_it(tmp_path: Path) -> None:
    names = [str(tmp_path / f"{name}.html") for name in ("first", "second")]
    for name in names:
        Path(name).write_text(PAGE.format(f"{STORY} Printed in {name}."))

    def read(stored: dict[str, CapturedArticle]) -> list[Article | None]:
        return list(
            PageFiles(
                ReadingRequest(datetime.now(UTC)),
                lambda problem: pytest.fail(str(problem)),
                lambda _keys: stored,
            ).read(names)
        )

    first, second = read({})
    assert first is not None
    assert second is not None
    assert second.identity_url.startswith("import://"), "the address is the first one's"
    known = {one.identity_url: CapturedArticle(one.content_hash, one.extractor) for one in (first, second)}
    assert read(known) == [None, None]
    older = replace(known[second.identity_url], extractor="newsdedup-1")
    assert [one and one.identity_url for one in read({**known, second.identity_url: older})] == [
        None,
        second.identity_url,
    ]
    Path(names[0]).write_text(PAGE.format(f"{STORY} Corrected."))
    corrected = [one for one in read(known) if one is not None]
    assert [(one.identity_url, "Corrected" in one.text) for one in corrected] == [(first.identity_url, True)]


def test_a_stopped_import_of_lines_goes_on_where_it_was_and_a_finished_one_reads_anew(tmp_path: Path) -> None:
    lines, database = tmp_path / "lines.jsonl", tmp_path / "news.db"
    texts = [f"Note {number} of the harbour master, who counted ships." for number in range(1_100)]
    lines.write_text("".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts)))
    arguments = (str(lines), "--database", str(database), "--workers", "1")
    upgrade(f"sqlite:///{database}")
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON article WHEN (SELECT count(*) FROM article) = 700"
            " BEGIN SELECT RAISE(ABORT, 'told to refuse'); END"
        )
    assert run(*arguments).exit_code == 1
    assert rows(database, "SELECT count(*) FROM article") == [(500,)]
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TRIGGER refuse")
    assert "600 new, 0 updated, 0 unchanged" in run(*arguments).stderr
    assert "0 new, 0 updated, 1100 unchanged" in run(*arguments).stderr
