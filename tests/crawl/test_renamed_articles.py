from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from tests.crawl.pages import article_page, rss
from tests.support.site_server import Page, Site, serve

if TYPE_CHECKING:
    from pathlib import Path

    from newsdedup.jobs.crawl_report import CrawlReport

_HOST = "http://lambda.test"
_FEED = f"{_HOST}/feed.xml"


def _crawl(folder: Path, site: Site, urls: list[str]) -> CrawlReport:
    seeds = folder / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "Lambda"\nhome = "{_HOST}/"\nfeeds = ["{_FEED}"]\n')
    site.pages[_FEED] = Page(rss(urls), "application/rss+xml")
    return run_crawl(
        CrawlRequest(
            f"sqlite:///{folder}/l.db",
            seeds,
            loopback_hosts=site.loopback_hosts,
            settings={"AUTOTHROTTLE_ENABLED": False, "NEWSDEDUP_EXTRACTION_WORKERS": 1},
        )
    )


def _urls(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "l.db") as connection:
        return [row[0] for row in connection.execute("SELECT url FROM article ORDER BY url")]


def test_a_renamed_article_is_known_again_once_the_site_has_shown_that_it_renames(tmp_path: Path) -> None:
    ferry, council = f"{_HOST}/ferry-sinks-1234567", f"{_HOST}/council-votes-7654321"
    with serve({ferry: article_page("Ferry sinks", 1), council: article_page("Council votes", 2)}) as site:
        assert _crawl(tmp_path, site, [ferry, council]).new_count == 2
        # The site renames one article and leads its old address to the new one ...
        moved = f"{_HOST}/council-agrees-7654321"
        site.pages[moved] = article_page("Council agrees", 2)
        old = f"{_HOST}/council-dithers-7654321"
        site.pages[old] = Page(status=301, headers={"Location": moved})
        assert _crawl(tmp_path, site, [old]).new_count == 0
        # ... so that the other's new slug, which nothing leads to, is known for what it is.
        renamed = f"{_HOST}/ferry-saved-1234567"
        site.pages[renamed] = article_page("Ferry saved", 1)
        last = _crawl(tmp_path, site, [renamed])
    assert last.new_count == 0
    assert last.updated_count == 1
    assert last.stats["newsdedup/article/renamed"] == 1
    assert renamed in _urls(tmp_path)
    assert ferry not in _urls(tmp_path), "the article has moved on to its new address"


def test_two_slugs_of_one_number_in_one_run_are_one_article_where_the_site_renames(tmp_path: Path) -> None:
    pages = {
        f"{_HOST}/{slug}": article_page("Ferry", 1) for slug in ("ferry-sinks-1234567", "ferry-saved-1234567")
    }
    moved, old = f"{_HOST}/council-agrees-7654321", f"{_HOST}/council-dithers-7654321"
    pages[moved], pages[old] = article_page("Council", 2), Page(status=301, headers={"Location": moved})
    with serve(pages) as site:
        assert _crawl(tmp_path, site, [old]).new_count == 1
        last = _crawl(tmp_path, site, [*pages][:2])
    assert last.new_count == 1
    assert last.stats["newsdedup/article/renamed"] == 1
    assert len(_urls(tmp_path)) == 2


def test_two_slugs_of_one_number_are_two_articles_as_long_as_the_site_has_shown_nothing(
    tmp_path: Path,
) -> None:
    pages = {
        f"{_HOST}/{slug}": article_page(slug, seed)
        for seed, slug in enumerate(("mayor-1234567", "port-1234567"))
    }
    with serve(pages) as site:
        assert _crawl(tmp_path, site, [*pages]).new_count == 2
