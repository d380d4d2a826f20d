from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from tests.crawl.pages import article_page, rss
from tests.support.site_server import Page, serve

if TYPE_CHECKING:
    from pathlib import Path

_HOST = "http://kappa.test"


def test_a_json_feed_is_crawled_with_the_delay_that_robots_txt_asks_for_and_a_contact(tmp_path: Path) -> None:
    urls = [f"{_HOST}/stories/story-{number}" for number in range(4)]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Kappa",
        "items": [{"id": url, "url": url, "title": f"Story {number}"} for number, url in enumerate(urls)],
    }
    pages = {url: article_page(f"Story {number}", 80 + number) for number, url in enumerate(urls)}
    pages[f"{_HOST}/feed.json"] = Page(json.dumps(feed).encode(), "application/feed+json")
    pages[f"{_HOST}/robots.txt"] = Page(b"User-agent: *\nCrawl-delay: 1.2\n", "text/plain")
    seeds = tmp_path / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "Kappa"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.json"]\n')
    with serve(pages) as site:
        report = run_crawl(
            CrawlRequest(
                f"sqlite:///{tmp_path}/k.db",
                seeds,
                contact="desk@kappa.example",
                loopback_hosts=site.loopback_hosts,
                settings={"AUTOTHROTTLE_START_DELAY": 0.0, "NEWSDEDUP_EXTRACTION_WORKERS": 1},
            )
        )
    assert report.new_count == len(urls)
    # The feed is asked for once the rules are here, and each story so long after the last: however late the server
    # is to note a request, the time since it was asked for the rules has room for all these delays.
    (began,) = site.visit_times[f"{_HOST}/robots.txt"]
    times = sorted(time for url in urls for time in site.visit_times[url])
    assert all(time - began >= 1.15 * number for number, time in enumerate(times, start=1)), times
    assert report.stats["newsdedup/host/crawl_delay_kept"] == 1
    assert all("desk@kappa.example" in agent for agent in site.user_agents)


@pytest.mark.parametrize(
    ("status", "found", "refused"),
    [(503, 0, {"http_error": 1}), (429, 0, {"too_many_requests": 1}), (404, 2, {})],
)
def test_where_robots_txt_cannot_be_read_nothing_is_fetched_and_where_there_is_none_all(
    tmp_path: Path, status: int, found: int, refused: dict[str, int]
) -> None:
    urls = [f"{_HOST}/stories/story-{number}" for number in range(2)]
    pages = {url: article_page(f"Story {number}", 80 + number) for number, url in enumerate(urls)}
    pages[f"{_HOST}/feed.xml"] = Page(rss(urls), "application/rss+xml")
    pages[f"{_HOST}/robots.txt"] = Page(b"User-agent: *\nAllow: /\n", "text/plain", status)
    seeds = tmp_path / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "Kappa"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n')
    fast = {"AUTOTHROTTLE_ENABLED": False, "RETRY_ENABLED": False, "NEWSDEDUP_EXTRACTION_WORKERS": 1}
    with serve(pages) as site:
        report = run_crawl(
            CrawlRequest(
                f"sqlite:///{tmp_path}/k.db", seeds, loopback_hosts=site.loopback_hosts, settings=fast
            )
        )
    assert report.new_count == found
    assert sum(site.visits[url] for url in (*urls, f"{_HOST}/feed.xml")) == (3 if found else 0)
    assert dict(report.skipped) == refused


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_is_asked_of_a_host_at_once_than_the_settings_allow(tmp_path: Path, limit: int) -> None:
    urls = [f"{_HOST}/stories/story-{number}" for number in range(12)]
    pages = {url: Page(article_page(url, n).body, delay_seconds=0.05) for n, url in enumerate(urls)}
    pages[f"{_HOST}/feed.xml"] = Page(rss(urls), "application/rss+xml")
    seeds = tmp_path / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "Kappa"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n')
    settings = {
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": limit,
        "NEWSDEDUP_EXTRACTION_WORKERS": 1,
    }
    with serve(pages) as site:
        request = CrawlRequest(
            f"sqlite:///{tmp_path}/k.db", seeds, loopback_hosts=site.loopback_hosts, settings=settings
        )
        assert run_crawl(request).new_count == len(urls)
    at_once = [sum(one.began <= other.began < one.ended for one in site.fetches) for other in site.fetches]
    assert max(at_once) <= limit


def test_connections_to_one_proxy_are_kept_for_the_next_host(tmp_path: Path) -> None:
    hosts = [f"http://kappa{number}.test" for number in range(8)]
    pages = {f"{host}/stories/story-1": article_page(f"Story of {host}", n) for n, host in enumerate(hosts)}
    pages |= {
        f"{host}/feed.xml": Page(rss([f"{host}/stories/story-1"]), "application/rss+xml") for host in hosts
    }
    seeds = tmp_path / "seeds.toml"
    sources = (f'[[source]]\nname = "{one}"\nhome = "{one}/"\nfeeds = ["{one}/feed.xml"]\n' for one in hosts)
    seeds.write_text("".join(sources))
    settings = {
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS": 4,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "NEWSDEDUP_EXTRACTION_WORKERS": 1,
    }
    with serve(pages) as site:
        request = CrawlRequest(
            f"sqlite:///{tmp_path}/k.db", seeds, loopback_hosts=site.loopback_hosts, settings=settings
        )
        assert run_crawl(request).new_count == len(hosts)
    assert site.visits.total() == 3 * len(hosts), "rules, feed and page of each"
    assert site.connection_count <= 2 * 4, "few more than requests under way at once"
