from __future__ import annotations

import gzip
import json
import tarfile
from datetime import UTC, datetime

import pytest

from crawler.dates import StatedTime
from crawler.lists.feeds import ParsedFeed, parse_feed
from crawler.refusals import Skipped
from dedup.values import TimePrecision
from storage.values import SkipReason
from tests.crawl.pages import rss
from tests.support.data import require_data

_URL = "http://news.example/feed.xml"

_RSS = b"""<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>News &amp; more</title><language>en-GB</language><ttl>15</ttl>
<item><title>One &lt;b&gt;bold&lt;/b&gt;</title><link>/one?utm_source=rss</link><dc:creator>Jane Doe</dc:creator>
<pubDate>Fri, 01 May 2026 10:00:00 +0200</pubDate></item>
<item><title>No address</title></item>
<item><title>Twice</title><link>http://news.example/one</link></item>
<item><link>javascript:alert(1)</link></item>
</channel></rss>"""

_ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Neues</title>
<entry><title>Eins</title><link rel="replies" href="http://n.example/c"/><link href="http://n.example/1"/>
<updated>2026-05-01T10:00:00Z</updated><author><name>A</name></author><author><name>B</name></author></entry></feed>"""


def _feed(body: bytes) -> ParsedFeed:
    parsed = parse_feed(body, _URL)
    assert isinstance(parsed, ParsedFeed)
    return parsed


def test_rss_gives_canonical_addresses_times_and_authors() -> None:
    feed = _feed(_RSS)
    assert (feed.title, feed.language, feed.ttl_seconds) == ("News & more", "en", 900)
    (entry,) = feed.entries
    assert entry.url == "http://news.example/one"
    assert entry.title == "One bold"
    assert entry.byline == "Jane Doe"
    assert entry.published is not None
    assert entry.published.at.isoformat() == "2026-05-01T08:00:00+00:00"
    assert (entry.published.origin, entry.published.precision) == ("feed", TimePrecision.SECOND)
    assert feed.refused_count == 2


def test_atom_takes_the_alternate_link_and_all_authors() -> None:
    (entry,) = _feed(_ATOM).entries
    assert (entry.url, entry.byline, entry.language) == ("http://n.example/1", "A, B", "de")


def test_json_feed_is_read() -> None:
    items = [{"url": "/a", "title": "A", "date_published": "2026-05-01"}, {"title": "none"}, "rubbish"]
    feed = _feed(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode())
    (entry,) = feed.entries
    assert entry.url == "http://news.example/a"
    assert entry.published is not None
    assert entry.published.precision is TimePrecision.DAY
    assert feed.refused_count == 2


def test_what_is_whole_in_a_broken_feed_is_read_and_flagged() -> None:
    feed = _feed(_RSS.replace(b"</channel></rss>", b"<item><title>cut off"))
    assert feed.is_malformed
    assert [entry.url for entry in feed.entries] == ["http://news.example/one"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", SkipReason.EMPTY_FEED),
        (b"<html><body>hello</body></html>", SkipReason.MALFORMED_FEED),
        (b"{broken", SkipReason.MALFORMED_FEED),
        (b'{"items": 3}', SkipReason.MALFORMED_FEED),
        (b"\xff\xfe\x00\x01", SkipReason.MALFORMED_FEED),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', SkipReason.ENTITY_REFUSED),
    ],
)
def test_what_is_no_feed_is_refused_with_its_reason(body: bytes, reason: SkipReason) -> None:
    parsed = parse_feed(body, _URL)
    assert isinstance(parsed, Skipped)
    assert parsed.reason is reason


def test_a_feed_never_makes_the_parser_open_an_address(tmp_path: object) -> None:
    for body in (b"http://news.example/feed", b"/etc/passwd", str(tmp_path).encode()):
        assert isinstance(parse_feed(body, _URL), Skipped)


def test_the_whole_parser_corpus_passes_without_an_exception_and_nearly_all_of_it_is_read() -> None:
    archive = require_data("feedparser-tests.tar.gz")
    outcomes: dict[str, int] = {"read": 0, "refused": 0}
    with tarfile.open(archive) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is None:
                continue
            parsed = parse_feed(stream.read(), _URL)
            outcomes["refused" if isinstance(parsed, Skipped) else "read"] += 1
    assert sum(outcomes.values()) > 2_000
    assert outcomes["refused"] < 50


def test_tags_of_a_json_feed_that_are_no_list_spoil_nothing() -> None:
    for tags in ("5", '"sea"', "{}", "null"):
        body = f'{{"items": [{{"url": "https://news.example/a", "tags": {tags}}}]}}'.encode()
        parsed = parse_feed(body, "https://news.example/feed.json")
        assert isinstance(parsed, ParsedFeed)
        assert [(entry.url, entry.tags) for entry in parsed.entries] == [("https://news.example/a", ())]


@pytest.mark.parametrize("stated", ["2026年の春", "im Jahr 2026", "vor 2026 Jahren"])
def test_of_a_time_that_cannot_be_read_no_day_of_this_month_is_made(stated: str) -> None:
    feed = f"<rss><channel><item><link>https://a.example/x</link><pubDate>{stated}</pubDate></item></channel></rss>"
    parsed = parse_feed(feed.encode(), "https://a.example/feed")
    assert isinstance(parsed, ParsedFeed)
    assert parsed.entries[0].published is None


def test_the_language_of_a_feed_tells_which_month_it_names() -> None:
    feed = (
        "<rss><channel><language>pl-PL</language><item><link>https://a.example/x</link>"
        "<pubDate>Czw, 05 listopada 2026 10:15:00 +0100</pubDate></item></channel></rss>"
    )
    parsed = parse_feed(feed.encode(), "https://a.example/feed")
    assert isinstance(parsed, ParsedFeed)
    stated = StatedTime(datetime(2026, 11, 5, 9, 15, tzinfo=UTC), TimePrecision.SECOND, "feed")
    assert parsed.entries[0].published == stated


def test_of_a_feed_that_breaks_off_the_whole_entries_are_read() -> None:
    whole = rss([f"http://news.example/a-long-address/{number}" for number in range(20)])
    cut_in_an_address = whole[: whole.rindex(b"/19<")]
    for body in (cut_in_an_address, gzip.compress(whole, compresslevel=0)[:-100]):
        parsed = parse_feed(body, _URL)
        assert isinstance(parsed, ParsedFeed)
        assert parsed.is_truncated
        assert {entry.url for entry in parsed.entries} < {entry.url for entry in _whole(whole).entries}
    assert not _whole(whole).is_truncated


def test_a_compressed_feed_of_which_nothing_came_is_truncated_not_malformed() -> None:
    refused = parse_feed(gzip.compress(_RSS)[:14], _URL)
    assert isinstance(refused, Skipped)
    assert refused.reason is SkipReason.TRUNCATED


def _whole(body: bytes) -> ParsedFeed:
    parsed = parse_feed(body, _URL)
    assert isinstance(parsed, ParsedFeed)
    return parsed


@pytest.mark.parametrize("content_type", [None, "text/xml", "application/rss+xml; charset=utf-8"])
@pytest.mark.parametrize(
    ("charset", "title"),
    [
        ("utf-16", "Rząd poinformował we wtorek"), ("utf-16-le", "Rząd poinformował we wtorek"), ("utf-32", "Rząd"),
        ("cp1250", "Rząd poinformował we wtorek, że cena wzrośnie"), ("gbk", "政府星期二宣布从下个月起面包价格将上涨"),
        ("cp1251", "Правительство сообщило во вторник"),
    ],
)  # fmt: skip
def test_a_feed_that_states_no_charset_that_fits_is_read(
    charset: str, title: str, content_type: str | None
) -> None:
    feed = (
        f"<rss><channel><title>{title}</title><item><link>https://a.example/x</link></item></channel></rss>"
    )
    parsed = parse_feed(feed.encode(charset), "https://a.example/feed", content_type)
    assert isinstance(parsed, ParsedFeed)
    assert (parsed.title, len(parsed.entries)) == (title, 1)


@pytest.mark.parametrize("declaration", ['<?xml version="1.0" encoding="iso-8859-1"?>', ""])
def test_a_charset_that_a_feed_states_and_that_fits_is_believed(declaration: str) -> None:
    feed = f"{declaration}<rss><channel><title>Rz¹d poinformowa³</title></channel></rss>"
    parsed = parse_feed(feed.encode("latin-1"), "https://a.example/feed", "text/xml; charset=iso-8859-1")
    assert isinstance(parsed, ParsedFeed)
    assert parsed.title == "Rz¹d poinformowa³"
