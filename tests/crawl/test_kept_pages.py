from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.captures import Capture
from crawler.page.extraction import EXTRACTOR
from crawler.warc import read_archive
from newsdedup.cli import main
from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from tests.crawl.pages import article_page, rss
from tests.support.site_server import Page, serve

_HOST = "http://epsilon.test"
_URLS = [f"{_HOST}/stories/story-{number}" for number in range(4)]
_SHORT = f"{_HOST}/stories/a-short-one"


def _rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "e.db") as connection:
        return connection.execute(query).fetchall()


def _act(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "e.db") as connection:
        for statement in statements:
            connection.execute(statement)


def _captures(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in (folder / "pages").iterdir():
        with path.open("rb") as stream:
            for record in read_archive(stream):
                assert isinstance(record.content, Capture)
                found[record.url] = record.content.body
    return found


@pytest.fixture
def crawled(tmp_path: Path) -> Path:
    """A crawl that kept its pages, and refused one that was too short for it."""
    short = article_page("A short one", 90).body.decode()
    opening = short.index("<p>")
    short = short[: short.index("</p>", opening + 300) + 4] + "</article></body></html>"
    pages = {url: article_page(f"Story {number}", 70 + number) for number, url in enumerate(_URLS)}
    feed = Page(rss([*_URLS, _SHORT, f"{_HOST}/missing"]), "application/rss+xml")
    seeds = tmp_path / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "Epsilon"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n')
    with serve(
        {**pages, _SHORT: Page(short.encode(), headers={"X-Robots-Tag": "noai"}), f"{_HOST}/feed.xml": feed}
    ) as site:
        report = run_crawl(
            CrawlRequest(
                f"sqlite:///{tmp_path}/e.db",
                seeds,
                keep_html=tmp_path / "pages",
                loopback_hosts=site.loopback_hosts,
                settings={
                    "AUTOTHROTTLE_ENABLED": False,
                    "NEWSDEDUP_EXTRACTION_WORKERS": 1,
                    "NEWSDEDUP_MIN_WORDS": 140,
                },
            )
        )
    assert report.new_count == len(_URLS)
    assert report.skipped == {"too_short": 1, "not_found": 1}
    return tmp_path


def _reextract(folder: Path, *options: str) -> str:
    arguments = [
        "reextract",
        str(folder / "pages"),
        "--database",
        f"sqlite:///{folder}/e.db",
        "--workers",
        "1",
    ]
    result = CliRunner().invoke(main, [*arguments, *options])
    assert result.exit_code == 0, result.stderr
    return result.stderr


def test_pages_are_kept_as_fetched_and_read_again_by_a_newer_extractor(crawled: Path) -> None:
    kept = _captures(crawled)
    assert set(kept) == {*_URLS, _SHORT}
    assert b"<h1>Story 2</h1>" in kept[_URLS[2]]
    _act(
        crawled,
        "UPDATE article SET extractor = 'older', text = 'Old words.', text_hash = 'old' WHERE title = 'Story 0'",
        "UPDATE article SET extractor = 'older' WHERE title = 'Story 1'",
        "UPDATE article SET extractor = 'older', content_hash = 'later', text = 'Later.' WHERE title = 'Story 2'",
    )
    said = _reextract(crawled)
    assert "1 new, 1 updated, 1 unchanged" in said
    assert "1 read by this extractor before, 1 replaced by a later fetch, 0 of no stored article" in said
    assert _rows(crawled, "SELECT extractor, text FROM article_version") == [("older", "Old words.")]
    texts = {str(row[0]): str(row[1]) for row in _rows(crawled, "SELECT title, text FROM article")}
    assert "met on day" in texts["Story 0"]
    assert texts["Story 2"] == "Later."
    assert _rows(crawled, "SELECT DISTINCT extractor FROM article WHERE title <> 'Story 2'") == [(EXTRACTOR,)]
    assert _rows(crawled, f"SELECT state, reason FROM crawl_url WHERE url = '{_SHORT}'") == [("done", None)]  # noqa: S608  our own address
    assert _rows(crawled, "SELECT DISTINCT source_id FROM article") == [(1,)]
    # What the headers of its answer said is kept with the page.
    assert _rows(crawled, "SELECT url FROM article WHERE refuses_ai_training") == [(_SHORT,)]


def test_what_is_not_wanted_any_more_does_not_come_back(crawled: Path) -> None:
    _act(crawled, "UPDATE crawl_url SET reason = 'forgotten', state = 'skipped'", "DELETE FROM article")
    assert "0 new, 0 updated" in _reextract(crawled)
    assert _rows(crawled, "SELECT count(*) FROM article") == [(0,)]


def test_pages_fetched_earlier_than_asked_for_are_passed_over(crawled: Path) -> None:
    assert "read 0 pages" in _reextract(crawled, "--since", "2100-01-01")


def test_a_folder_without_archives_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["reextract", str(tmp_path), "--database", f"{tmp_path}/e.db"])
    assert result.exit_code == 1
    assert "Error:" in result.stderr


def test_a_folder_that_cannot_be_written_costs_the_archive_and_not_the_crawl(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("a file where a folder should be")
    seeds = tmp_path / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "E"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n')
    pages = {_URLS[0]: article_page("Story", 70), f"{_HOST}/feed.xml": Page(rss(_URLS[:1]), "text/xml")}
    with serve(pages) as site:
        report = run_crawl(
            CrawlRequest(
                f"sqlite:///{tmp_path}/e.db",
                seeds,
                keep_html=Path(tmp_path / "pages"),
                loopback_hosts=site.loopback_hosts,
                settings={"NEWSDEDUP_EXTRACTION_WORKERS": 1, "LOG_LEVEL": "CRITICAL"},
            )
        )
    assert report.new_count == 1
    assert report.stats["newsdedup/page/not_kept"] == 1
