"""The project as Scrapy knows it: plain ``scrapy crawl`` with exports, and the add-on in somebody else's project."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from newsdedup.jobs.database import upgrade
from tests.crawl.pages import article_page, article_text, rss
from tests.support.site_server import Page, serve

_ROOT = Path(__file__).parents[2]
_HOST = "http://iota.test"
_SPIDER = """
import scrapy


class StorySpider(scrapy.Spider):
    name = "stories"

    async def start(self):
        for name in ("one", "two", "empty", "elsewhere"):
            yield scrapy.Request(f"http://iota.test/{name}")
        yield scrapy.Request("http://10.0.0.7/secret", errback=self.failed)

    def parse(self, response):
        yield {
            "url": response.url,
            "title": response.css("h1::text").get(),
            "text": " ".join(response.css("p::text").getall()),
            "published_at": "2026-05-01T08:30:00Z",
            "source": "The Iota Times",
        }
        yield {"kind": "something of the project's own"}

    def failed(self, failure):
        self.crawler.stats.set_value("own/refused", str(failure.value))
"""
_SETTINGS = """
BOT_NAME = "foreign"
SPIDER_MODULES = ["foreign.spiders"]
ADDONS = {"crawler.addon.NewsdedupAddon": 500}
"""


def _scrapy(folder: Path, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NEWSDEDUP_DATABASE_URL": database, "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        return connection.execute(query).fetchall()


def test_another_project_stores_its_items_and_is_guarded_by_one_line(tmp_path: Path) -> None:
    package = tmp_path / "foreign"
    (package / "spiders").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "spiders" / "__init__.py").write_text(_SPIDER)
    (package / "settings.py").write_text(_SETTINGS)
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = foreign.settings\n")
    path = tmp_path / "f.db"
    upgrade(f"sqlite:///{path}")
    pages = {
        f"{_HOST}/one": article_page("Story one", 31),
        f"{_HOST}/two": article_page("The same elsewhere", 31),
        f"{_HOST}/elsewhere": article_page("Another", 33),
        f"{_HOST}/empty": Page(b"<html><body><h1>Nothing here</h1></body></html>"),
    }
    with serve(pages) as site:
        hosts = json.dumps(site.loopback_hosts)
        ended = _scrapy(
            tmp_path, f"sqlite:///{path}", "crawl", "stories", "-s", f"NEWSDEDUP_LOOPBACK_HOSTS={hosts}"
        )
    assert ended.returncode == 0, ended.stderr
    assert "address_refused: '10.0.0.7' is not a public address" in ended.stderr, ended.stderr
    assert "'newsdedup/article/skipped/empty_text': 1" in ended.stderr
    assert _rows(path, "SELECT title FROM article ORDER BY title") == [
        ("Another",),
        ("Story one",),
        ("The same elsewhere",),
    ]
    assert _rows(path, "SELECT name, host FROM source") == [("The Iota Times", "iota.test")]
    assert _rows(path, "SELECT published_precision, published_origin FROM article LIMIT 1") == [
        ("second", "item")
    ]
    assert len(_rows(path, "SELECT label FROM duplicate_pair")) == 1
    assert _rows(path, "SELECT state, version FROM crawl_run") == [("done", version("newsdedup"))]


def test_plain_scrapy_crawls_feeds_and_exports_articles(tmp_path: Path) -> None:
    seeds, exported, path = tmp_path / "seeds.toml", tmp_path / "articles.jsonl", tmp_path / "p.db"
    seeds.write_text(f'[[source]]\nname = "Iota"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n')
    upgrade(f"sqlite:///{path}")
    urls = [f"{_HOST}/one", f"{_HOST}/two"]
    pages = {url: article_page(f"Story {number}", 40 + number) for number, url in enumerate(urls)}
    with serve({**pages, f"{_HOST}/feed.xml": Page(rss(urls), "application/rss+xml")}) as site:
        options = ["-s", f"NEWSDEDUP_LOOPBACK_HOSTS={json.dumps(site.loopback_hosts)}", "-O", str(exported)]
        arguments = ["crawl", "feed", "-a", f"seeds={seeds}", *options, "-s", "AUTOTHROTTLE_ENABLED=0"]
        ended = _scrapy(_ROOT, f"sqlite:///{path}", *arguments)
    assert ended.returncode == 0, ended.stderr
    lines = [json.loads(line) for line in exported.read_text(encoding="utf-8").splitlines()]
    assert sorted(line["url"] for line in lines) == urls
    first = next(line for line in lines if line["url"] == urls[0])
    assert first["title"] == "Story 0"
    assert first["source"]["name"] == "Iota"
    assert first["published_at"].startswith("2026-05-01")
    assert article_text(40)[:60] in first["text"]
    assert len(_rows(path, "SELECT id FROM article")) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["news", "-a", "limit=many"], 2, "limit must be a number of pages, got 'many'"),
        (["news", "-a", "seed=gb.toml"], 2, "spider 'news' has no argument 'seed'"),
        (["nosuch"], 2, "Spider not found: nosuch; scrapy list tells those there are"),
        (["news"], 1, "the database has no tables of this version; run: newsdedup db upgrade"),
    ],
    ids=["value", "argument", "spider", "database"],
)
def test_a_crawl_that_cannot_begin_ends_with_one_line_that_says_why(
    tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    ended = _scrapy(_ROOT, f"sqlite:///{tmp_path / 'empty.db'}", "crawl", *arguments)
    assert ended.returncode == code
    assert ended.stderr.endswith(f": error: {told}\n")
    assert "Traceback" not in ended.stderr
