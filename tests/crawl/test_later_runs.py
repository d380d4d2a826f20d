"""What a later run makes of what an earlier one met: pages missing for a while, too old, or never asked for."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from tests.crawl.pages import article_page, rss
from tests.crawl.workers import QUICK
from tests.support.site_server import Page, Site, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsdedup.jobs.crawl_report import CrawlReport
    from storage.values import JsonValue

_HOST = "http://theta.test"
_KEPT, _OLD, _ODD = (f"{_HOST}/stories/{name}-story-of-theta" for name in ("kept", "old", "odd"))
_PARTS = [f"{_HOST}/part-{number}.xml" for number in range(5)]
_ROOM = 3  # the index itself, and two of its parts


def _pages() -> dict[str, Page]:
    parts = "".join(f"<sitemap><loc>{part}</loc></sitemap>" for part in _PARTS)
    listed = {
        part: f"<urlset><url><loc>{_HOST}/of-{part[-5]}-in-the-map</loc></url></urlset>" for part in _PARTS
    }
    found = {
        f"{_HOST}/of-{number}-in-the-map": article_page(f"Of {number}", 400 + number) for number in range(5)
    }
    return {
        f"{_HOST}/feed.xml": Page(rss([_KEPT, _OLD, _ODD]), "application/rss+xml"),
        f"{_HOST}/index.xml": Page(f"<sitemapindex>{parts}</sitemapindex>".encode(), "application/xml"),
        **{part: Page(body.encode(), "application/xml") for part, body in listed.items()},
        **found,
        _KEPT: article_page("A story that is kept", 300, day="2026-05-20"),
        _OLD: article_page("A story from before", 301, day="2026-04-20"),
        _ODD: Page(status=304),
    }


class _Newsroom:
    def __init__(self, folder: Path, site: Site) -> None:
        self.site = site
        self._path = folder / "t.db"
        self._seeds = folder / "seeds.toml"
        self._seeds.write_text(
            f'[[source]]\nname = "Theta"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n'
            f'sitemaps = ["{_HOST}/index.xml"]\n'
        )

    def crawl(self, since: str) -> CrawlReport:
        settings: dict[str, JsonValue] = {
            **QUICK,
            "NEWSDEDUP_SITEMAPS_PER_SOURCE": _ROOM,
            "LOG_LEVEL": "ERROR",
            "NEWSDEDUP_REVISITS": "1",
        }
        hosts = self.site.loopback_hosts
        return run_crawl(
            CrawlRequest(
                f"sqlite:///{self._path}", self._seeds, since=since, loopback_hosts=hosts, settings=settings
            )
        )

    def frontier(self, url: str) -> tuple[object, ...]:
        query = "SELECT state, reason, next_attempt_at IS NULL FROM crawl_url WHERE url = ?"
        with sqlite3.connect(self._path) as connection:
            found: tuple[object, ...] = connection.execute(query, [url]).fetchone()
        return found

    def make_due(self, url: str) -> None:
        with sqlite3.connect(self._path) as connection:
            connection.execute("UPDATE crawl_url SET next_attempt_at = fetched_at WHERE url = ?", [url])


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[_Newsroom]:
    with serve(_pages()) as site:
        yield _Newsroom(tmp_path, site)


def test_later_runs_reach_what_the_first_could_not(newsroom: _Newsroom) -> None:
    site, first = newsroom.site, newsroom.crawl("2026-05-10")
    assert first.refused_pages == {
        "http_error": 1,
        "too_old": 1 + 2,
    }  # what the map lists is of the first of May
    assert newsroom.frontier(_ODD) == ("pending", "http_error", 0)
    assert [site.visits[part] for part in _PARTS] == [1, 1, 0, 0, 0]

    site.pages[_KEPT] = Page(b"not here", "text/plain", 404)
    newsroom.make_due(_KEPT)
    second = newsroom.crawl("2026-04-01")
    assert (second.new_count, second.refused_pages) == (1 + 4, {"not_found": 1})
    assert site.visits[_OLD] == 2
    assert newsroom.frontier(_KEPT) == ("done", "not_found", 0)
    assert [site.visits[part] for part in _PARTS] == [1, 1, 1, 1, 0]

    site.pages[_KEPT] = article_page("A story that is back", 302, day="2026-05-20")
    newsroom.make_due(_KEPT)
    third = newsroom.crawl("2026-04-01")
    assert (third.new_count, third.updated_count, site.visits[_OLD]) == (1, 1, 2)
    assert newsroom.frontier(_KEPT) == ("done", None, 0)
    assert [site.visits[part] for part in _PARTS][4] == 1
