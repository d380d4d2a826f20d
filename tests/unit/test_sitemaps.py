from __future__ import annotations

import gzip

import pytest

from crawler.lists.sitemaps import ParsedSitemap, parse_sitemap, sitemaps_in_robots
from crawler.refusals import Skipped
from storage.values import SkipReason
from tests.crawl.pages import news_sitemap

_URL = "http://news.example/sitemap.xml"
_NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def _sitemap(body: bytes) -> ParsedSitemap:
    parsed = parse_sitemap(body, _URL)
    assert isinstance(parsed, ParsedSitemap)
    return parsed


def test_google_news_fields_are_read() -> None:
    (entry,) = _sitemap(
        news_sitemap(["http://news.example/a?utm_source=gn"], day="2026-05-01T09:00Z")
    ).entries
    assert entry.url == "http://news.example/a"
    assert (entry.title, entry.publication_name, entry.language) == ("Entry 0", "Test Site", "en")
    assert entry.published is not None
    assert entry.published.at.isoformat() == "2026-05-01T09:00:00+00:00"
    assert entry.is_news


def test_an_image_does_not_lend_the_page_its_address_or_title() -> None:
    body = (
        f'<urlset {_NS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><image:image>'
        "<image:loc>http://news.example/i.jpg</image:loc><image:title>Photo</image:title></image:image>"
        "<loc>http://news.example/a</loc><lastmod>2026-05-01</lastmod></url></urlset>"
    )
    (entry,) = _sitemap(body.encode()).entries
    assert (entry.url, entry.title) == ("http://news.example/a", None)
    assert entry.changed is not None


def test_an_index_gives_its_parts_and_gzip_is_unpacked() -> None:
    body = f"<sitemapindex {_NS}><sitemap><loc>/part.xml.gz</loc></sitemap></sitemapindex>".encode()
    index = _sitemap(gzip.compress(body))
    assert index.is_index
    assert [part.url for part in index.entries] == ["http://news.example/part.xml.gz"]


def test_a_truncated_sitemap_gives_what_came_and_says_so() -> None:
    whole = news_sitemap([f"http://news.example/{number}" for number in range(50)], day="2026-05-01")
    plain = "\n".join(f"http://news.example/{number}" for number in range(50)).encode()
    half, after_an_entry = whole[: len(whole) // 2], whole[: whole.rindex(b"</url>") + len(b"</url>")]
    cut = [_sitemap(body) for body in (half, after_an_entry, gzip.compress(whole)[:-12])]
    text = _sitemap(gzip.compress(plain, compresslevel=0)[:-200])
    assert [one.is_truncated for one in (*cut, text, _sitemap(whole), _sitemap(plain))] == [
        *[True] * 4,
        False,
        False,
    ]
    assert 0 < len(cut[0].entries) < 50
    assert len(cut[1].entries) == 50
    assert {entry.url for entry in text.entries} < {entry.url for entry in _sitemap(plain).entries}


@pytest.mark.parametrize("body", [f"<urlset {_NS}/>", f"<urlset {_NS}></urlset>\n<!-- made in 3 ms -->\n"])
def test_an_empty_sitemap_is_whole(body: str) -> None:
    parsed = _sitemap(body.encode())
    assert (parsed.entries, parsed.is_truncated) == ((), False)


def test_what_comes_after_the_most_entries_that_are_read_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.lists.sitemaps.MAX_ENTRIES", 20)
    urls = [f"http://news.example/{number}" for number in range(50)]
    for body in (news_sitemap(urls, day="2026-05-01"), "\n".join(urls).encode()):
        parsed = _sitemap(body)
        assert (len(parsed.entries), parsed.left_out_count, parsed.is_truncated) == (20, 30, False)


def test_entries_without_a_usable_address_are_counted() -> None:
    body = f"<urlset {_NS}><url><loc></loc></url><url><loc>mailto:x</loc></url><url><loc>/ok</loc></url></urlset>"
    parsed = _sitemap(body.encode())
    assert (len(parsed.entries), parsed.refused_count) == (1, 2)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", SkipReason.MALFORMED_SITEMAP),
        (b"hello", SkipReason.MALFORMED_SITEMAP),
        (b"<html><body>404</body></html>", SkipReason.MALFORMED_SITEMAP),
        (b"<!doctype html><html><body>404</body></html>", SkipReason.MALFORMED_SITEMAP),
        (b'<!DOCTYPE html [<!ENTITY a "b">]><html>&a;</html>', SkipReason.ENTITY_REFUSED),
        (b"<", SkipReason.MALFORMED_SITEMAP),
        (b'<!DOCTYPE urlset SYSTEM "http://x/"><urlset/>', SkipReason.ENTITY_REFUSED),
        ('<!DOCTYPE u [<!ENTITY a "b">]><urlset/>'.encode("utf-16"), SkipReason.ENTITY_REFUSED),
        (gzip.compress(b" " * 60_000_000, mtime=0), SkipReason.TOO_LARGE),
        (gzip.compress(f"<urlset {_NS}></urlset>".encode(), mtime=0)[:12], SkipReason.TRUNCATED),
    ],
)
def test_what_is_no_sitemap_is_refused_with_its_reason(body: bytes, reason: SkipReason) -> None:
    parsed = parse_sitemap(body, _URL)
    assert isinstance(parsed, Skipped)
    assert parsed.reason is reason


def test_robots_txt_names_sitemaps() -> None:
    body = b"User-agent: *\nSITEMAP: /a.xml # main\nsitemap:http://other.example/b.xml\nSitemap: ftp://x/\n"
    assert sitemaps_in_robots(body, "http://news.example/robots.txt") == (
        "http://news.example/a.xml",
        "http://other.example/b.xml",
    )


def test_an_ampersand_that_was_not_escaped_stays_part_of_the_address() -> None:
    body = f"<urlset {_NS}><url><loc>http://news.example/a?x=1&id=2&amp;b=3</loc></url></urlset>"
    assert [entry.url for entry in _sitemap(body.encode()).entries] == ["http://news.example/a?x=1&id=2&b=3"]


def test_an_address_that_was_cut_off_is_not_listed() -> None:
    body = f"<urlset {_NS}><url><loc>http://news.example/a</loc></url><url><loc>http://news.exa"
    assert [entry.url for entry in _sitemap(body.encode()).entries] == ["http://news.example/a"]


@pytest.mark.parametrize("order", ["le", "be"])
def test_a_sitemap_in_utf_16_is_read(order: str) -> None:
    body = f"\ufeff<urlset {_NS}><url><loc>http://news.example/a</loc></url></urlset>"
    assert [entry.url for entry in _sitemap(body.encode(f"utf-16-{order}")).entries] == [
        "http://news.example/a"
    ]
