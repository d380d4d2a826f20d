from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.articles import build_article
from crawler.hints import hints_from_json
from crawler.lists.listings import FoundList, Listing, NamedList, in_turn, read_listing
from crawler.page.extracted import Extracted
from crawler.page.extraction import extract_article
from storage.values import Article, FeedKind, FeedRecord, SkipReason, Source
from tests.crawl.pages import article_page, rss

_NOW = datetime(2026, 5, 2, tzinfo=UTC)
_SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://news.example/a</loc><news:news>
 <news:publication><news:name>The Example</news:name><news:language>de</news:language></news:publication>
 <news:publication_date>2026-05-01T08:30:00+02:00</news:publication_date><news:title>A title</news:title>
 <news:keywords>ferry, harbour</news:keywords></news:news></url></urlset>"""


def test_all_that_a_news_sitemap_says_of_an_article_reaches_the_frontier_and_comes_back() -> None:
    source = Source("The Example", "https://news.example/", "news.example")
    listing = Listing(FeedRecord(1, "https://news.example/news.xml", FeedKind.SITEMAP, source))
    found = read_listing(_SITEMAP, listing.record.url, "application/xml", listing, None)
    assert isinstance(found, FoundList)
    hints = hints_from_json(found.found[0].hints)
    assert (hints.title, hints.language, hints.source_name) == ("A title", "de", "The Example")
    assert hints.keywords == ("ferry", "harbour")
    assert hints.published is not None
    assert hints.published.at == datetime(2026, 5, 1, 6, 30, tzinfo=UTC)


def test_a_front_page_that_a_sitemap_names_is_no_article() -> None:
    places = ("", "/", "/a", "/?p=7", "/#top", "?utm_source=feed")
    urls = "".join(f"<url><loc>https://news.example{place}</loc></url>" for place in places)
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()
    source = Source("The Example", "https://news.example/", "news.example")
    listing = Listing(FeedRecord(1, "https://news.example/map.xml", FeedKind.SITEMAP, source))
    found = read_listing(sitemap, listing.record.url, "application/xml", listing, None)
    assert isinstance(found, FoundList)
    assert [one.url for one in found.found] == ["https://news.example/a", "https://news.example/?p=7"]
    assert found.refused == ((SkipReason.NOT_ARTICLE, 1),)  # four spellings of one


def _article(url: str, declared: str) -> Article:
    head = f'<link rel="canonical" href="{declared}"><meta property="og:url" content="{declared}">'
    page = extract_article(article_page("The same story", 5, head=head).body, url, now=_NOW)
    assert isinstance(page, Extracted)
    host = url.split("/")[2]
    source = Source(host, f"https://{host}/", host)
    return build_article(
        page, url, source=source, feed_url=None, first_seen_at=_NOW, fetched_at=_NOW, content_hash="h"
    )


def test_two_syndicated_copies_that_name_one_original_stay_two_articles() -> None:
    original = "https://agency.example/world/story-1234567"
    urls = ("https://one.example/world/story-1234567", "https://two.example/world/story-1234567")
    copies = [_article(url, original) for url in urls]
    assert [copy.identity_url for copy in copies] == list(urls)
    assert {copy.declared_original_url for copy in copies} == {original}
    assert _article(original, original).declared_original_url is None


def test_a_feed_that_is_given_as_a_sitemap_is_read() -> None:
    source = Source("The Example", "https://news.example/", "news.example")
    listing = Listing(FeedRecord(1, "https://news.example/map.xml", FeedKind.SITEMAP, source))
    found = read_listing(rss(["https://news.example/a"]), listing.record.url, "text/xml", listing, None)
    assert isinstance(found, FoundList)
    assert [one.url for one in found.found] == ["https://news.example/a"]


def test_parts_of_an_index_that_are_left_out_are_counted() -> None:
    source = Source("The Example", "https://news.example/", "news.example")
    listing = Listing(FeedRecord(1, "https://news.example/map.xml", FeedKind.SITEMAP, source))
    old = "<sitemap><loc>/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap><sitemap><loc></loc></sitemap>"
    parts = "".join(f"<sitemap><loc>/{number}.xml</loc></sitemap>" for number in range(1_030))
    body = f"<sitemapindex>{old}{parts}</sitemapindex>".encode()
    found = read_listing(body, listing.record.url, "text/xml", listing, _NOW)
    assert isinstance(found, FoundList)
    assert len(found.lists) == 1_000
    assert dict(found.refused) == {SkipReason.TOO_OLD: 1, SkipReason.LIMIT_REACHED: 30, SkipReason.BAD_URL: 1}


def test_lists_that_a_run_cannot_all_ask_for_take_turns() -> None:
    source = Source("The Example", "https://news.example/", "news.example")
    hour = timedelta(hours=1)
    asked = {
        "never": (None, None),
        "again": (_NOW - hour, _NOW - hour),
        "before-that": (_NOW - 2 * hour, _NOW - 2 * hour),
        "quiet": (_NOW - 3 * hour, _NOW - 9 * hour),
        "changed": (_NOW, None),
    }
    records = [
        FeedRecord(1, name, FeedKind.SITEMAP, source, last_fetched_at=fetched, last_changed_at=changed)
        for name, (fetched, changed) in asked.items()
    ]
    named = [NamedList(name, FeedKind.SITEMAP, _NOW if name == "changed" else None) for name in asked]
    turns = in_turn([Listing(record) for record in reversed(records)], named)
    assert [one.record.url for one in turns] == ["changed", "never", "before-that", "again", "quiet"]
