"""A page is believed that names another address of its site as its own, unless another article is there."""

from __future__ import annotations

import random
import sqlite3
from typing import TYPE_CHECKING

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from tests.crawl.pages import rss
from tests.support.site_server import Page, Site, serve

if TYPE_CHECKING:
    from pathlib import Path

    from newsdedup.jobs.crawl_report import CrawlReport

_HOST = "http://mu.test"
_FEED = f"{_HOST}/feed.xml"
_SYLLABLES = (
    "bra",
    "cor",
    "del",
    "fin",
    "gor",
    "hul",
    "jem",
    "kar",
    "lov",
    "min",
    "nar",
    "pol",
    "qua",
    "rus",
)


def _page(seed: int, canonical: str, *, ending: str = "") -> Page:
    """An article in words of its own that gives another address as its canonical one."""
    rng = random.Random(seed)  # noqa: S311  # made-up text, the same in every run

    def word() -> str:
        return "".join(rng.choices(_SYLLABLES, k=3))

    said = "".join(
        f"<p>The {word()} of the {word()} was {word()} by a {word()} of {word()} in the {word()}, it said on that day.</p>"
        for _ in range(12)
    )
    html = (
        f'<!doctype html><html lang="en"><head><title>Story {seed}</title><link rel="canonical" href="{canonical}">'
        f"</head><body><article><h1>Story {seed}</h1>{said}<p>{ending}</p></article></body></html>"
    )
    return Page(html.encode())


def _crawl(folder: Path, site: Site, urls: list[str]) -> CrawlReport:
    seeds = folder / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "Mu"\nhome = "{_HOST}/"\nfeeds = ["{_FEED}"]\n')
    site.pages[_FEED] = Page(rss(urls), "application/rss+xml")
    settings = {"AUTOTHROTTLE_ENABLED": False, "NEWSDEDUP_EXTRACTION_WORKERS": 1}
    return run_crawl(
        CrawlRequest(f"sqlite:///{folder}/m.db", seeds, loopback_hosts=site.loopback_hosts, settings=settings)
    )


def _stored(folder: Path, table: str = "article") -> dict[str, str]:
    """The addresses, or numbers, of articles by title."""
    with sqlite3.connect(folder / "m.db") as connection:
        column = "url" if table == "article" else "article_id"
        return dict(connection.execute(f"SELECT title, {column} FROM {table}"))  # noqa: S608  names of this file


def test_articles_that_all_name_one_of_them_are_all_kept(tmp_path: Path) -> None:
    urls = [f"{_HOST}/news/a-long-story-of-day-{n}" for n in range(1, 7)]
    later = f"{_HOST}/news/a-long-story-of-day-7"
    pages = {url: _page(n, urls[2]) for n, url in enumerate(urls)}
    with serve(pages) as site:
        first = _crawl(tmp_path, site, urls)
        site.pages[later] = _page(7, urls[2])
        second = _crawl(tmp_path, site, [*urls, later])
    assert (second.new_count, second.updated_count) == (1, 0)
    assert second.stats["newsdedup/article/canonical_refused"] == 1
    articles, versions = _stored(tmp_path), _stored(tmp_path, "article_version")
    assert articles["Story 2"] == urls[2]
    assert articles["Story 7"] == later
    # Whichever was there before the article that all of them name is what that was before.
    assert first.new_count == 6 - len(versions)
    assert len(versions) <= 1
    assert articles.keys() | versions.keys() == {f"Story {n}" for n in (*range(6), 7)}


def test_another_address_of_the_same_article_is_still_one(tmp_path: Path) -> None:
    story = f"{_HOST}/news/a-long-story-of-day-1"
    printed = f"{_HOST}/print-version/a-long-story-of-day-1"
    pages = {story: _page(1, story), printed: _page(1, story, ending="Printed from our page on that day.")}
    with serve(pages) as site:
        report = _crawl(tmp_path, site, [story, printed])
    assert len(_stored(tmp_path)) == 1
    assert "newsdedup/article/canonical_refused" not in report.stats
