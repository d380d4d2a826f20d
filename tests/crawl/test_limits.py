from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from tests.crawl.pages import article_page, news_sitemap, rss
from tests.support.site_server import Page, Site, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsdedup.jobs.crawl_report import CrawlReport

_A, _B = "http://mu.test", "http://nu.test"
_OLD_ENTRY = f"<item><link>{_A}/old-entry</link><pubDate>Wed, 01 Jan 2020 10:00:00 GMT</pubDate></item>"
_DAILY = '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>'
_SETTINGS = {
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "NEWSDEDUP_EXTRACTION_WORKERS": 1,
}
_SEEDS = f"""
[[source]]
name = "Mu"
home = "{_A}/"
feeds = ["{_A}/feed.xml"]

[[source]]
name = "Nu"
home = "{_B}/"
feeds = ["{_B}/feed.xml"]
sitemaps = ["{_B}/news.xml"]
sections = ["{_B}/events/"]
"""


def _calendar_page(day: date) -> Page:
    """A day of a calendar without end: it leads to the next day, and looks like an article's address."""
    after = day + timedelta(days=1)
    link = (
        f'<a href="/{after:%Y/%m/%d}/what-is-on-in-the-city-today">What is on in the city on the next day</a>'
    )
    return Page(f"<html><body><h1>{day}</h1>{link}</body></html>".encode())


def _pages() -> dict[str, Page]:
    listed = [f"{_A}/{name}" for name in ("good", "thirty-megabytes", "refreshing", "old-page")]
    first = date(2026, 11, 1)
    calendar = {
        f"{_B}/{day:%Y/%m/%d}/what-is-on-in-the-city-today": _calendar_page(day)
        for day in (first + timedelta(days=ahead) for ahead in range(1, 30))
    }
    refresh = f'<html><head><meta http-equiv="Refresh" content="0; url={_A}/refreshed"></head></html>'
    return calendar | {
        f"{_A}/feed.xml": Page(rss(listed, extra=f"<ttl>120</ttl>{_OLD_ENTRY}"), "application/rss+xml"),
        f"{_A}/good": replace(article_page("A good page", 31), headers={"TDM-Reservation": "1"}),
        f"{_A}/thirty-megabytes": Page(b"<html><body>" + b"<p>more</p>" * 2_750_000),
        f"{_A}/refreshing": Page(refresh.encode()),
        f"{_A}/refreshed": article_page("Where the refresh leads", 32),
        f"{_A}/old-page": article_page("Of another time", 33, day="2020-01-01"),
        f"{_A}/old-entry": article_page("An old entry", 34),
        f"{_B}/feed.xml": Page(rss([f"{_B}/listed"], extra=_DAILY), "application/rss+xml"),
        f"{_B}/listed": article_page("Listed once a day", 35),
        f"{_B}/news.xml": Page(
            news_sitemap([f"{_B}/tagged"], day=datetime.now(UTC).isoformat(), keywords="harbour, new wall"),
            "application/xml",
        ),
        f"{_B}/tagged": article_page("Tagged", 36, head='<meta name="keywords" content="the page\'s own">'),
        f"{_B}/events/": _calendar_page(first),
    }  # fmt: skip


@dataclass(frozen=True)
class _Crawled:
    site: Site
    report: CrawlReport
    path: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Crawled]:
    folder = tmp_path_factory.mktemp("limits")
    seeds = folder / "seeds.toml"
    seeds.write_text(_SEEDS, encoding="utf-8")
    with serve(_pages()) as site:
        request = CrawlRequest(
            f"sqlite:///{folder}/l.db",
            seeds,
            since="2026-01-01",
            loopback_hosts=site.loopback_hosts,
            settings=_SETTINGS,
        )
        yield _Crawled(site, run_crawl(request), folder / "l.db")


def test_a_page_of_thirty_megabytes_is_refused_by_its_size_alone(crawled: _Crawled) -> None:
    found = crawled.rows("SELECT reason FROM fetch_event WHERE url LIKE '%thirty-megabytes'")
    assert found == [("too_large",)]


def test_a_calendar_without_end_is_left_after_one_step(crawled: _Crawled) -> None:
    assert crawled.site.visits[f"{_B}/2026/11/02/what-is-on-in-the-city-today"] == 1
    assert crawled.site.visits[f"{_B}/2026/11/03/what-is-on-in-the-city-today"] == 0
    assert crawled.report.finish_reason == "finished"


def test_a_feed_is_asked_no_more_often_than_it_wishes(crawled: _Crawled) -> None:
    rows = crawled.rows("SELECT url, poll_interval_seconds FROM feed WHERE kind = 'feed'")
    seconds = {row[0]: row[1] for row in rows}
    assert seconds == {f"{_A}/feed.xml": 120 * 60, f"{_B}/feed.xml": 24 * 3_600}


def test_what_was_published_before_since_is_not_asked_for_or_not_kept(crawled: _Crawled) -> None:
    assert crawled.site.visits[f"{_A}/old-entry"] == 0
    assert crawled.rows("SELECT reason FROM fetch_event WHERE url LIKE '%old-page'") == [("too_old",)]


def test_a_refresh_written_into_a_page_is_followed(crawled: _Crawled) -> None:
    assert crawled.rows("SELECT title FROM article WHERE url LIKE '%/refreshed'") == [
        ("Where the refresh leads",)
    ]


def test_keywords_of_a_news_sitemap_go_before_those_of_the_page(crawled: _Crawled) -> None:
    found = crawled.rows("SELECT keywords FROM article WHERE url LIKE '%/tagged'")
    assert json.loads(found[0][0]) == ["harbour", "new wall"]


def test_a_refusal_of_training_in_a_header_is_noted(crawled: _Crawled) -> None:
    assert crawled.rows("SELECT title FROM article WHERE refuses_ai_training") == [("A good page",)]


def test_a_limit_leaves_the_rest_to_the_next_run(tmp_path: Path) -> None:
    pages = {f"{_A}/{number}": article_page(f"Page {number}", 40 + number) for number in range(3)}
    pages[f"{_A}/feed.xml"] = Page(rss([*pages]), "application/rss+xml")
    with serve(pages) as site:
        seeds = tmp_path / "seeds.toml"
        seeds.write_text(f'[[source]]\nname = "Mu"\nhome = "{_A}/"\nfeeds = ["{_A}/feed.xml"]\n')
        url, hosts = f"sqlite:///{tmp_path}/l.db", site.loopback_hosts
        first = run_crawl(CrawlRequest(url, seeds, limit=1, loopback_hosts=hosts, settings=_SETTINGS))
        assert (first.page_count, first.new_count, first.finish_reason) == (1, 1, "limit_reached")
        assert run_crawl(CrawlRequest(url, seeds, loopback_hosts=hosts, settings=_SETTINGS)).new_count == 2


def test_what_an_earlier_since_left_out_is_found_when_an_earlier_time_is_asked_for(tmp_path: Path) -> None:
    month = datetime.now(UTC) - timedelta(days=30)
    entry = f"<item><link>{_A}/fed</link><pubDate>{month:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
    pages = {
        f"{_A}/feed.xml": Page(rss([], extra=entry), "application/rss+xml", etag='"f"'),
        f"{_A}/news.xml": Page(news_sitemap([f"{_A}/mapped"], day=month.isoformat()), "text/xml", etag='"m"'),
        f"{_A}/fed": article_page("Fed", 50, day=f"{month:%Y-%m-%d}"),
        f"{_A}/mapped": article_page("Mapped", 51, day=f"{month:%Y-%m-%d}"),
    }
    seeds = tmp_path / "seeds.toml"
    lists = f'feeds = ["{_A}/feed.xml"]\nsitemaps = ["{_A}/news.xml"]'
    seeds.write_text(f'[[source]]\nname = "Mu"\nhome = "{_A}/"\n{lists}\n')
    with serve(pages) as site:
        new = []
        for days in (2, 60):
            since = (datetime.now(UTC) - timedelta(days=days)).isoformat()
            url, hosts = f"sqlite:///{tmp_path}/l.db", site.loopback_hosts
            request = CrawlRequest(url, seeds, since=since, loopback_hosts=hosts, settings=_SETTINGS)
            new.append(run_crawl(request).new_count)
    assert new == [0, 2]
