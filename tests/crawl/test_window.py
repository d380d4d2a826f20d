"""A window of time, from the command's request through the crawl into the pairs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from tests.crawl.pages import article_text, rss
from tests.crawl.workers import QUICK, rows
from tests.support.site_server import Page, serve

if TYPE_CHECKING:
    from pathlib import Path

_HOSTS = ("http://first.test", "http://second.test", "http://third.test")
_DAYS = (1, 9, 20)


def _pages() -> dict[str, Page]:
    """One story, a sentence longer at each paper, in March 2026."""
    pages = {}
    for number, (host, day) in enumerate(zip(_HOSTS, _DAYS, strict=True)):
        text = " ".join([article_text(7), *(article_text(50 + more, 12) for more in range(number))])
        html = (
            '<html lang="en"><head><title>Harbour</title><meta property="article:published_time"'
            f' content="2026-03-{day:02}T10:00:00Z"></head>'
            f"<body><article><h1>Harbour</h1><p>{text}</p></article></body></html>"
        )
        pages[f"{host}/news/harbour-{day}"] = Page(html.encode())
        pages[f"{host}/feed.xml"] = Page(rss([f"{host}/news/harbour-{day}"]), "application/rss+xml")
    return pages


def _seeds(folder: Path) -> Path:
    path = folder / "seeds.toml"
    path.write_text(
        "".join(
            f'[[source]]\nname = "{host[7:]}"\nhome = "{host}/"\nfeeds = ["{host}/feed.xml"]\n'
            for host in _HOSTS
        )
    )
    return path


def test_a_crawl_with_a_window_compares_only_what_appeared_within_it(tmp_path: Path) -> None:
    found = {}
    with serve(_pages()) as site:
        for window in (None, timedelta(days=10)):
            database = f"sqlite:///{tmp_path}/{window is None}.db"
            report = run_crawl(
                CrawlRequest(
                    database,
                    _seeds(tmp_path),
                    since="2000-01-01",
                    loopback_hosts=site.loopback_hosts,
                    settings=QUICK,
                    window=window,
                )
            )
            assert report.new_count == len(_HOSTS)
            days = (
                "SELECT substr(a.published_at, 9, 2), substr(b.published_at, 9, 2) FROM duplicate_pair"
                " JOIN article a ON a.id = low_id JOIN article b ON b.id = high_id"
            )
            found[window] = {tuple(sorted(int(str(day)) for day in pair)) for pair in rows(database, days)}
    assert found[None] == {(1, 9), (1, 20), (9, 20)}
    assert found[timedelta(days=10)] == {(1, 9)}
