from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from newsdedup.jobs.add_feeds import add_feeds
from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from newsdedup.jobs.database import upgrade
from storage.engine import make_sessions, open_engine
from tests.crawl.pages import article_page, news_sitemap, rss
from tests.support.site_server import Page, serve

if TYPE_CHECKING:
    from pathlib import Path

_HOST = "http://delta.test"
_NOW = datetime.now(UTC).isoformat()
_SETTINGS = {
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "NEWSDEDUP_EXTRACTION_WORKERS": 1,
}


def _site() -> dict[str, Page]:
    home = (
        b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed">'
        b'<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed"></head><body>'
        b'<a href="/2026/05/01/council-votes-for-the-new-bridge">Council votes for the new bridge</a>'
        b'<a href="/about">About us</a></body></html>'
    )
    return {
        f"{_HOST}/": Page(home),
        f"{_HOST}/robots.txt": Page(
            f"User-agent: *\nAllow: /\nSitemap: {_HOST}/news.xml".encode(), "text/plain"
        ),
        f"{_HOST}/feed": Page(rss([f"{_HOST}/from-feed"]), "application/rss+xml"),
        f"{_HOST}/news.xml": Page(news_sitemap([f"{_HOST}/from-sitemap"], day=_NOW), "application/xml"),
        f"{_HOST}/from-feed": article_page("From the feed", 20),
        f"{_HOST}/from-sitemap": article_page("From the sitemap", 21),
        f"{_HOST}/2026/05/01/council-votes-for-the-new-bridge": article_page("Council votes", 22),
        f"{_HOST}/alone": article_page("A single article", 23),
    }


def _titles(database: Path) -> set[str]:
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        titles = {str(row[0]) for row in connection.execute(text("SELECT title FROM article"))}
    engine.dispose()
    return titles


def test_a_home_page_leads_to_its_feeds_sitemaps_and_articles(tmp_path: Path) -> None:
    database = tmp_path / "d.db"
    with serve(_site()) as site:
        request = CrawlRequest(
            f"sqlite:///{database}",
            urls=(f"{_HOST}/",),
            loopback_hosts=site.loopback_hosts,
            settings=_SETTINGS,
        )
        report = run_crawl(request)
        assert _titles(database) == {"From the feed", "From the sitemap", "Council votes"}
        assert report.new_count == 3
        assert site.visits[f"{_HOST}/comments/feed"] == 0
        assert site.visits[f"{_HOST}/about"] == 0


@pytest.mark.parametrize("due", [False, True], ids=["crawled", "scheduled"])
def test_a_source_of_which_only_the_home_page_is_known_is_found_from_it(tmp_path: Path, due: bool) -> None:
    database, seeds = tmp_path / "d.db", tmp_path / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "Delta"\nhome = "{_HOST}/"\n')
    if due:
        upgrade(f"sqlite:///{database}")
        engine = open_engine(f"sqlite:///{database}")
        add_feeds(make_sessions(engine), str(seeds), datetime.now(UTC))
        engine.dispose()
    with serve(_site()) as site:
        request = CrawlRequest(
            f"sqlite:///{database}",
            None if due else seeds,
            due=due,
            loopback_hosts=site.loopback_hosts,
            settings=_SETTINGS,
        )
        run_crawl(request)
    assert _titles(database) == {"From the feed", "From the sitemap", "Council votes"}


def test_a_feed_or_an_article_can_be_named_directly_and_a_dry_run_stores_nothing(tmp_path: Path) -> None:
    database = tmp_path / "d.db"
    with serve(_site()) as site:
        request = CrawlRequest(
            f"sqlite:///{database}",
            urls=(f"{_HOST}/feed", f"{_HOST}/alone", f"{_HOST}/stories/gone"),
            loopback_hosts=site.loopback_hosts,
            settings=_SETTINGS,
            dry_run=True,
        )
        report = run_crawl(request)
    assert report.stats["item_scraped_count"] == 3
    assert report.skipped["not_found"] > 0
    assert not report.came_to_nothing
    assert report.run_id is None
    assert not database.exists()


def test_a_feed_that_is_named_is_not_taken_for_an_article(tmp_path: Path) -> None:
    with serve(_site()) as site:
        request = CrawlRequest(
            f"sqlite:///{tmp_path / 'd.db'}",
            urls=(f"{_HOST}/feed",),
            limit=1,
            loopback_hosts=site.loopback_hosts,
            settings=_SETTINGS,
        )
        report = run_crawl(request)
        assert site.visits[f"{_HOST}/feed"] == 1
    assert (report.new_count, report.skipped) == (1, {})


def test_lists_that_an_unchanged_page_or_index_names_are_asked_again(tmp_path: Path) -> None:
    database = tmp_path / "d.db"
    index = f"<sitemapindex><sitemap><loc>{_HOST}/news.xml</loc></sitemap></sitemapindex>"
    pages = _site() | {
        f"{_HOST}/robots.txt": Page(f"Sitemap: {_HOST}/index.xml".encode(), "text/plain"),
        f"{_HOST}/index.xml": Page(index.encode(), "application/xml", etag='"1"'),
        f"{_HOST}/feed-2": article_page("Second from the feed", 24),
        f"{_HOST}/sitemap-2": article_page("Second from the sitemap", 25),
    }
    with serve(pages) as site:
        request = CrawlRequest(
            f"sqlite:///{database}",
            urls=(f"{_HOST}/",),
            loopback_hosts=site.loopback_hosts,
            settings=_SETTINGS,
        )
        run_crawl(request)
        site.pages[f"{_HOST}/feed"] = Page(rss([f"{_HOST}/feed-2"]), "application/rss+xml")
        site.pages[f"{_HOST}/news.xml"] = Page(
            news_sitemap([f"{_HOST}/sitemap-2"], day=_NOW), "application/xml"
        )
        run_crawl(request)
    assert _titles(database) >= {"Second from the feed", "Second from the sitemap"}
