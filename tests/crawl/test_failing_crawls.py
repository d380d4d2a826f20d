from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from newsdedup.cli import main
from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from newsdedup.jobs.database import upgrade
from newsdedup.jobs.errors import JobError
from tests.crawl.pages import article_page, rss
from tests.support.site_server import Page, serve

if TYPE_CHECKING:
    from pathlib import Path

    from newsdedup.jobs.crawl_report import CrawlReport
    from storage.values import JsonValue

_HOST = "http://zeta.test"
_URLS = [f"{_HOST}/stories/story-{number}" for number in range(4)]
_SETTINGS: dict[str, JsonValue] = {
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "NEWSDEDUP_BATCH_SIZE": 1,
    "NEWSDEDUP_EXTRACTION_WORKERS": 1,
    "LOG_LEVEL": "CRITICAL",
}


def _pages() -> dict[str, Page]:
    # Two texts, each on two pages: there are pairs to be found.
    pages = {url: article_page(f"Story {n}", 50 + n // 2) for n, url in enumerate(_URLS)}
    return {**pages, f"{_HOST}/feed.xml": Page(rss(_URLS), "application/rss+xml")}


def _database_that_refuses(folder: Path, *events: str) -> str:
    """A database in use by this program in which some writes fail, as on a damaged table or a full disk."""
    url = f"sqlite:///{folder}/f.db"
    upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        for number, event in enumerate(events):
            refusal = "BEGIN SELECT RAISE(ABORT, 'told to refuse'); END"
            connection.execute(text(f"CREATE TRIGGER refuse_{number} BEFORE {event} {refusal}"))
    engine.dispose()
    return url


def _crawl(folder: Path, database: str, settings: dict[str, JsonValue] | None = None) -> CrawlReport:
    seeds = folder / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "Zeta"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n')
    with serve(_pages()) as site:
        settings = {**_SETTINGS, **(settings or {})}
        return run_crawl(CrawlRequest(database, seeds, loopback_hosts=site.loopback_hosts, settings=settings))


def _column(database: str, sql: str) -> list[str]:
    engine = create_engine(database)
    with engine.connect() as connection:
        values = [str(row[0]) for row in connection.execute(text(sql))]
    engine.dispose()
    return values


def test_a_store_that_fails_ends_the_crawl_and_keeps_what_was_committed(tmp_path: Path) -> None:
    database = _database_that_refuses(tmp_path, "INSERT ON article WHEN (SELECT count(*) FROM article) = 2")
    with pytest.raises(
        JobError, match=r"^the crawl stopped: .*told to refuse; what was stored before is kept$"
    ):
        _crawl(tmp_path, database)
    assert len(_column(database, "SELECT url FROM article")) == 2
    assert _column(database, "SELECT state FROM crawl_run") == ["failed"]
    assert "leased" not in _column(database, "SELECT state FROM crawl_url")


def test_a_search_for_copies_that_fails_at_the_end_is_no_success(tmp_path: Path) -> None:
    database = _database_that_refuses(tmp_path, "INSERT ON duplicate_pair")
    with pytest.raises(JobError, match="told to refuse"):
        _crawl(tmp_path, database)
    assert len(_column(database, "SELECT url FROM article")) == len(_URLS)
    assert _column(database, "SELECT state FROM crawl_run") == ["failed"]


def test_a_crawl_after_a_failed_one_completes_it(tmp_path: Path) -> None:
    database = _database_that_refuses(tmp_path, "INSERT ON duplicate_pair")
    with pytest.raises(JobError):
        _crawl(tmp_path, database)
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER refuse_0"))
    engine.dispose()
    assert _crawl(tmp_path, database).pair_count == 2
    assert _column(database, "SELECT state FROM crawl_run ORDER BY id") == ["failed", "done"]


@pytest.mark.parametrize("event", ["INSERT ON crawl_url", "UPDATE ON crawl_url"], ids=["listing", "claiming"])
def test_a_frontier_that_cannot_be_written_ends_the_crawl(tmp_path: Path, event: str) -> None:
    database = _database_that_refuses(tmp_path, event)
    with pytest.raises(JobError, match="told to refuse"):
        _crawl(tmp_path, database)


def test_a_run_that_cannot_be_begun_says_why(tmp_path: Path) -> None:
    database = _database_that_refuses(tmp_path, "INSERT ON crawl_run")
    with pytest.raises(JobError, match=r"^the crawl could not begin: .*told to refuse"):
        _crawl(tmp_path, database)


def test_a_setting_that_scrapy_refuses_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"^the crawl could not begin: .*many"):
        _crawl(tmp_path, f"sqlite:///{tmp_path}/f.db", {"NEWSDEDUP_LEASE_SECONDS": "many"})


def test_seeds_that_are_not_there_are_named(tmp_path: Path) -> None:
    arguments = ["crawl", f"{tmp_path}/missing.toml", "--database", f"sqlite:///{tmp_path}/f.db"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "missing.toml: cannot be read" in result.stderr


def test_the_command_fails_with_one_clear_line_when_the_end_of_a_crawl_fails(tmp_path: Path) -> None:
    database = _database_that_refuses(tmp_path, "INSERT ON duplicate_pair")
    result = CliRunner().invoke(main, ["demo", "--database", database])
    assert result.exit_code == 1
    assert "Error: the crawl stopped:" in result.stderr
    assert "told to refuse" in result.stderr


def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/f.db"
    upgrade(database)
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    result = CliRunner().invoke(main, ["crawl", "https://zeta.test/", "--database", database])
    assert result.exit_code == 1
    assert "newer newsdedup" in result.stderr


@pytest.mark.parametrize(
    "database", ["sqlite:////proc/nowhere/f.db", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"]
)
def test_a_database_that_cannot_be_reached_is_an_error(database: str) -> None:
    result = CliRunner().invoke(main, ["crawl", "https://zeta.test/", "--database", database])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: database")


def test_a_host_that_does_not_answer_costs_lines_and_no_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = {**_SETTINGS, "RETRY_ENABLED": False, "LOG_LEVEL": "WARNING"}
    closed = {"zeta.test": "127.0.0.1:1"}
    database = f"sqlite:///{tmp_path}/n.db"
    request = CrawlRequest(database, urls=(f"{_HOST}/",), settings=settings, loopback_hosts=closed)
    assert run_crawl(request).skipped == {"connection": 2}
    log = capfd.readouterr().err
    assert "robots.txt" in log
    assert "Traceback" not in log


def _crawl_site(database: str, address: str, pages: dict[str, Page]) -> CrawlReport:
    with serve(pages) as site:
        request = CrawlRequest(
            database, urls=(address,), settings=_SETTINGS, loopback_hosts=site.loopback_hosts
        )
        return run_crawl(request)


def test_a_crawl_of_which_all_was_refused_came_to_nothing(tmp_path: Path) -> None:
    database, empty = f"sqlite:///{tmp_path}/e.db", Page(b"<p>no</p>")
    refused = {f"{_HOST}/feed.xml": Page(rss(_URLS[:2]), "application/rss+xml"), _URLS[0]: empty}
    report = _crawl_site(database, f"{_HOST}/feed.xml", refused)
    assert report.came_to_nothing
    assert report.refused_pages == {"not_found": 1, "too_short": 1}


def test_a_crawl_that_meets_what_is_known_and_a_refused_page_came_to_something(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/e.db"
    first = _crawl_site(database, f"{_HOST}/feed.xml", _pages())
    more = {**_pages(), f"{_HOST}/feed.xml": Page(rss([*_URLS, f"{_HOST}/gone"]), "application/rss+xml")}
    grown = _crawl_site(database, f"{_HOST}/feed.xml", more)
    assert [one.came_to_nothing for one in (first, grown)] == [False, False]
    assert (grown.new_count, grown.refused_pages) == (0, {"not_found": 1})


def test_nothing_new_is_an_answer_and_a_site_needs_no_robots_txt(tmp_path: Path) -> None:
    with serve(_pages()) as site:
        request = CrawlRequest(
            f"sqlite:///{tmp_path}/e.db",
            urls=(f"{_HOST}/feed.xml",),
            since="2026-06-01",
            settings=_SETTINGS,
            loopback_hosts=site.loopback_hosts,
        )
        first, second = run_crawl(request), run_crawl(request)
        assert site.visits[f"{_HOST}/robots.txt"] > 0
    assert [dict(one.skipped) for one in (first, second)] == [{"too_old": len(_URLS)}, {}]
    assert [one.came_to_nothing for one in (first, second)] == [False, False]


def test_a_second_crawl_of_what_was_refused_comes_to_nothing_too(tmp_path: Path) -> None:
    database, address = f"sqlite:///{tmp_path}/e.db", f"{_HOST}/stories/brief-1"
    brief = {
        address: Page(b"<html><body><article><h1>Brief</h1><p>Too few words.</p></article></body></html>")
    }
    first, second = (_crawl_site(database, address, brief) for _ in range(2))
    assert (first.refused_pages, second.refused_pages) == ({"too_short": 1}, {})
    assert (second.came_to_nothing, second.refused_before) == (True, {"too_short": 1})
    listed = {**brief, f"{_HOST}/feed.xml": Page(rss([address, *_URLS[:1]]), "application/rss+xml")}
    grown = [_crawl_site(database, f"{_HOST}/feed.xml", {**_pages(), **listed}) for _ in range(2)]
    assert [one.came_to_nothing for one in grown] == [False, False]


def test_the_command_says_why_nothing_came_and_fails_unless_it_only_looked_for_what_is_due(
    tmp_path: Path,
) -> None:
    database = f"sqlite:///{tmp_path}/e.db"
    refused = CliRunner().invoke(main, ["crawl", "http://127.0.0.1:9/story", "--database", database])
    assert refused.exit_code == 1
    last = refused.stderr.splitlines()[-1]
    assert last.startswith("Error: nothing came of this crawl, all was refused (2 address_refused); run: ")
    told = CliRunner().invoke(main, ["sql", last.split('"')[1], "--database", database, "--format", "csv"])
    assert "http://127.0.0.1:9/story,address_refused," in told.stdout
    with sqlite3.connect(tmp_path / "e.db") as connection:
        connection.execute("UPDATE feed SET next_fetch_at = '2026-01-01 00:00:00.000000'")
    again = CliRunner().invoke(main, ["crawl", "--due", "--database", database])
    assert again.exit_code == 0
    assert "refused: 2 address_refused" in again.stderr
    early = CliRunner().invoke(main, ["crawl", "--due", "--database", database])
    assert "nothing was due" in early.stderr
