from __future__ import annotations

import gzip
import sys
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import brotli
import pytest
from sqlalchemy import create_engine, text

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from tests.crawl.pages import article_page, news_sitemap, rss
from tests.support.site_server import Page, Site, serve

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsdedup.jobs.crawl_report import CrawlReport

_A, _B = "http://alpha.test", "http://beta.test"
_TODAY = datetime.now(UTC).date().isoformat()
_SETTINGS = {
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "DOWNLOAD_TIMEOUT": 10,  # a busy machine may take seconds to answer for an honest page
    "DOWNLOAD_MAXSIZE": 2_000_000,
    "RETRY_TIMES": 1,
    "NEWSDEDUP_EXTRACTION_WORKERS": 2,
}


def _page_list() -> list[str]:
    names = (
        "good welcome moved loop forbidden gone busy broken slow endless huge bomb pdf empty nul short truncated garbled garbled-br cut half half-br half-deflate half-zstd partial "
        "private-redirect file-redirect home-redirect long-redirect index latin"
    )
    return [f"{_A}/{name}" for name in names.split()]


def _pages() -> dict[str, Page]:
    deep = "/".join(["same"] * 6)
    listed = [*_page_list(), f"{_A}/{deep}", "http://10.0.0.7/admin", "http://localhost/x", "http://0x7f.1/x"]
    bomb = gzip.compress(b"<html><body>" + b"<p>zero</p>" * 1_000_000)
    long = b"".join(article_page(f"Part {number}", 20 + number).body for number in range(40))
    half = gzip.compress(
        news_sitemap([f"{_B}/half-{number}" for number in range(6)], day=_TODAY), compresslevel=0
    )
    latin = "Überraschung in Köln: Bürger wählen größere Brücke"
    return {
        f"{_A}/robots.txt": Page(b"User-agent: *\nDisallow: /forbidden\n", "text/plain"),
        f"{_A}/feed.xml": Page(rss(listed), "application/rss+xml", etag='"feed-1"'),
        f"{_A}/broken.xml": Page(b"<html><body>no feed</body></html>", "text/html"),
        f"{_A}/entities.xml": Page(b'<!DOCTYPE r [<!ENTITY a "b">]><rss><channel></channel></rss>', "text/xml"),
        f"{_A}/good": article_page("A good page", 1, etag='"good-1"'),
        f"{_A}/welcome": replace(article_page("For who has been greeted", 15), cookie="greeted=yes"),
        f"{_A}/moved": Page(status=301, headers={"Location": f"{_A}/moved-here"}),
        f"{_A}/moved-here": article_page("A page that has moved", 2),
        f"{_A}/loop": Page(status=302, headers={"Location": f"{_A}/loop"}),
        f"{_A}/forbidden": article_page("Not for crawlers", 3),
        f"{_A}/gone": Page(b"gone", "text/plain", 410),
        f"{_A}/busy": Page(b"", status=503, headers={"Retry-After": "1"}),
        f"{_A}/broken": Page(b"", status=500),
        f"{_A}/slow": Page(article_page("Slow", 4).body, delay_seconds=30.0),
        f"{_A}/endless": Page(endless=True),
        f"{_A}/huge": Page(b"<html><body>" + b"x" * 3_000_000),
        f"{_A}/bomb": Page(bomb, headers={"Content-Encoding": "gzip"}),
        f"{_A}/garbled": Page(article_page("Garbled", 12).body, headers={"Content-Encoding": "gzip"}),
        f"{_A}/garbled-br": Page(article_page("Garbled", 14).body, headers={"Content-Encoding": "br"}),
        f"{_A}/cut": Page(gzip.compress(article_page("Cut", 13).body)[:10], headers={"Content-Encoding": "gzip"}),
        **{f"{_A}/half{name}": Page(packed[: len(packed) * 3 // 4], headers={"Content-Encoding": coding})
           for name, coding, packed in (("", "gzip", gzip.compress(long)), ("-br", "br", brotli.compress(long)),
                                        ("-deflate", "deflate", zlib.compress(long)), ("-zstd", "zstd", zstd.compress(long)))},
        f"{_A}/partial": Page(article_page("Partial", 16).body, status=206),
        f"{_A}/pdf": Page(b"%PDF-1.7 " + bytes(range(256)) * 40, "application/pdf"),
        f"{_A}/empty": Page(b""),
        f"{_A}/nul": Page(article_page("A page with NUL bytes", 5).body.replace(b"The", b"Th\x00e")),
        f"{_A}/short": Page(b"<html><body><article><h1>Brief</h1><p>Too few words.</p></article></body></html>"),
        f"{_A}/truncated": Page(article_page("Cut off", 6).body, claimed_length=100_000),
        f"{_A}/private-redirect": Page(status=302, headers={"Location": "http://192.168.1.1/secret"}),
        f"{_A}/file-redirect": Page(status=302, headers={"Location": "file:///etc/passwd"}),
        f"{_A}/home-redirect": Page(status=302, headers={"Location": f"{_A}/index.html"}),
        f"{_A}/long-redirect": Page(status=302, headers={"Location": f"{_A}/login?to={'x' * 3_000}"}),
        f"{_A}/login?to={'x' * 3_000}": article_page("A page with a long address", 11),
        f"{_A}/index.html": article_page("A front page full of text", 10),
        f"{_A}/index": Page(b'<html><head><meta property="og:type" content="website"></head><body>'
                            b"<p>Some of our best pages, listed here for you to read.</p></body></html>"),
        f"{_A}/latin": Page(article_page(latin, 7).body.decode().encode("latin-1"), "text/html; charset=utf-8"),
        f"{_B}/sitemap.xml": Page(
            b'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            b"<sitemap><loc>http://beta.test/sitemap.xml</loc></sitemap>"
            b"<sitemap><loc>http://beta.test/news.xml.gz</loc></sitemap>"
            b"<sitemap><loc>http://beta.test/half.xml.gz</loc></sitemap></sitemapindex>", "application/xml"),
        f"{_B}/half.xml.gz": Page(half[: len(half) // 2], "application/gzip", etag='"half"'),
        f"{_B}/news.xml.gz": Page(gzip.compress(news_sitemap([f"{_B}/one", f"{_B}/old"], day=_TODAY)),
                                  "application/gzip"),
        f"{_B}/one": article_page("From the sitemap", 8),
        f"{_B}/old": Page(b"nothing", "text/plain", 404),
        f"{_B}/world/": Page(
            b'<html><body><a href="/world/ministers-agree-on-a-new-harbour-wall">Ministers agree on a new wall</a>'
            b'<a href="/tag/harbour">Harbour</a><a href="http://elsewhere.test/x-y-z-1-2-3">Elsewhere</a></body></html>'),
        f"{_B}/world/ministers-agree-on-a-new-harbour-wall": article_page("Ministers agree", 9),
    }  # fmt: skip


_SEEDS = f"""
[[source]]
name = "Alpha"
home = "{_A}/"
feeds = ["{_A}/feed.xml", "{_A}/broken.xml", "{_A}/entities.xml", "{_A}/missing.xml"]

[[source]]
name = "Beta"
home = "{_B}/"
sitemaps = ["{_B}/sitemap.xml"]
sections = ["{_B}/world/"]
"""


@dataclass(frozen=True)
class _Crawled:
    site: Site
    request: CrawlRequest
    report: CrawlReport
    visits: Counter[str]
    reasons: dict[str, str | None]
    titles: dict[str, str]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Crawled]:
    folder = tmp_path_factory.mktemp("hostile")
    seeds = folder / "seeds.toml"
    seeds.write_text(_SEEDS, encoding="utf-8")
    with serve(_pages()) as site:
        hosts = site.loopback_hosts
        request = CrawlRequest(f"sqlite:///{folder}/h.db", seeds, loopback_hosts=hosts, settings=_SETTINGS)
        report = run_crawl(request)
        # A test below crawls once more, and tests run in any order: these are the first crawl's visits.
        visits = Counter(site.visits)
        yield _Crawled(site, request, report, visits, _reasons(folder / "h.db"), _titles(folder / "h.db"))


def _rows(database: Path, sql: str) -> list[tuple[str, str]]:
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        rows = [(row[0], row[1]) for row in connection.execute(text(sql))]
    engine.dispose()
    return rows


def _reasons(database: Path) -> dict[str, str | None]:
    return dict(_rows(database, "SELECT url, reason FROM fetch_event ORDER BY id"))


def _titles(database: Path) -> dict[str, str]:
    return dict(_rows(database, "SELECT url, title FROM article"))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (f"{_A}/good", None),
        (f"{_A}/moved", None),
        (f"{_A}/welcome", None),
        (f"{_A}/nul", None),
        (f"{_A}/latin", None),
        (f"{_A}/loop", "redirect_loop"),
        (f"{_A}/forbidden", "robots"),
        (f"{_A}/gone", "gone"),
        (f"{_A}/busy", "http_error"),
        (f"{_A}/broken", "http_error"),
        (f"{_A}/slow", "timeout"),
        (f"{_A}/endless", "too_large"),
        (f"{_A}/huge", "too_large"),
        (f"{_A}/bomb", "too_large"),
        (f"{_A}/pdf", "not_html"),
        (f"{_A}/empty", "not_html"),
        (f"{_A}/short", "too_short"),
        (f"{_A}/truncated", "truncated"),
        (f"{_A}/garbled", "bad_compression"),
        (f"{_A}/garbled-br", "bad_compression"),
        (f"{_A}/cut", "truncated"),
        (f"{_A}/half", "truncated"),
        (f"{_A}/half-br", "truncated"),
        (f"{_A}/half-deflate", "truncated"),
        (f"{_A}/half-zstd", "truncated"),
        (f"{_A}/partial", "truncated"),
        (f"{_B}/half.xml.gz", "truncated"),
        (f"{_A}/private-redirect", "address_refused"),
        (f"{_A}/file-redirect", "http_error"),
        (f"{_A}/home-redirect", "not_article"),
        (f"{_A}/long-redirect", "bad_url"),
        (f"{_A}/index", "not_article"),
        (f"{_A}/same/same/same/same/same/same", "url_trap"),
        ("http://10.0.0.7/admin", "address_refused"),
        ("http://localhost/x", "address_refused"),
        ("http://0x7f.1/x", "address_refused"),
        (f"{_A}/broken.xml", "malformed_feed"),
        (f"{_A}/entities.xml", "entity_refused"),
        (f"{_A}/missing.xml", "not_found"),
        (f"{_B}/old", "not_found"),
        (f"{_B}/one", None),
        (f"{_B}/world/ministers-agree-on-a-new-harbour-wall", None),
    ],
)
def test_every_address_is_stored_or_refused_with_its_reason(
    crawled: _Crawled, address: str, reason: str | None
) -> None:
    assert address in crawled.reasons
    assert crawled.reasons[address] == reason


def test_the_run_ends_well_whatever_the_pages_do(crawled: _Crawled) -> None:
    assert crawled.report.finish_reason == "finished"
    assert crawled.report.new_count == len(crawled.titles) == 7


def test_a_redirected_page_is_stored_under_its_final_address(crawled: _Crawled) -> None:
    assert crawled.titles[f"{_A}/moved-here"] == "A page that has moved"
    assert f"{_A}/moved" not in crawled.titles


def test_a_wrong_charset_is_seen_through(crawled: _Crawled) -> None:
    assert crawled.titles[f"{_A}/latin"] == "Überraschung in Köln: Bürger wählen größere Brücke"


def test_a_forbidden_page_is_never_asked_for(crawled: _Crawled) -> None:
    assert crawled.visits[f"{_A}/robots.txt"] == 1
    assert crawled.site.visits[f"{_A}/forbidden"] == 0


def test_a_sitemap_that_names_itself_is_read_once(crawled: _Crawled) -> None:
    assert crawled.visits[f"{_B}/sitemap.xml"] == 1
    assert crawled.report.stats["newsdedup/sitemap/read"] == 3


def test_a_busy_host_is_left_alone_as_long_as_it_asks(crawled: _Crawled) -> None:
    first, second = crawled.site.visit_times[f"{_A}/busy"][:2]
    assert second - first >= 0.95


def test_every_refusal_is_counted_by_its_reason(crawled: _Crawled) -> None:
    counted = dict(crawled.report.skipped)
    assert counted["robots"] == 1
    assert counted["address_refused"] == 4
    assert counted["malformed_feed"] == 1


def test_a_second_crawl_asks_with_conditions_and_stores_nothing_twice(crawled: _Crawled) -> None:
    visits_before = crawled.site.visits[f"{_A}/good"]
    again = run_crawl(crawled.request)
    assert (again.new_count, again.came_to_nothing) == (0, False)
    assert again.stats["newsdedup/feed/not_modified"] == 1
    assert again.stats["newsdedup/sitemap/skipped/truncated"] == 1, (
        "what broke off is asked for as if never read"
    )
    assert crawled.site.visits[f"{_A}/good"] == visits_before, (
        "a page is not looked at again before its revisit is due"
    )
