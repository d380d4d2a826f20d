from __future__ import annotations

import gzip
import http.client
import json
import re
import time
from contextlib import closing
from datetime import datetime
from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import feedparser
import pytest

from newsdedup.demo import last_moment, load_content, load_expectations, serve_newsroom
from newsdedup.demo.content import data_dir, parse_article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdedup.demo import Newsroom

CONTENT = load_content()
EXPECTED = load_expectations()


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with serve_newsroom() as running:
        yield running


def fetch(
    newsroom: Newsroom, url: str, *, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    """Ask as a client does that uses the newsroom as its proxy: with the whole address as target."""
    with closing(http.client.HTTPConnection(newsroom.address, timeout=300)) as connection:
        connection.request(method, url, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()


# the texts


def test_the_newsroom_has_eight_sites_on_test_hosts_and_about_fifty_articles() -> None:
    assert len(CONTENT.sites) == 8
    assert all(site.host.endswith(".test") for site in CONTENT.sites.values())
    assert 40 <= len(CONTENT.articles) <= 60


def test_no_two_articles_share_an_address() -> None:
    urls = [article.url for article in CONTENT.articles.values()]
    assert len(urls) == len(set(urls))


def test_articles_have_the_length_of_news() -> None:
    counts = {key: len(a.text.split()) for key, a in CONTENT.articles.items() if not a.is_too_short}
    assert {key: count for key, count in counts.items() if not 100 <= count <= 700} == {}


def test_verbatim_copies_hold_the_whole_text_of_their_source() -> None:
    articles = CONTENT.articles
    assert articles["valley/harbour-strike-copy"].text == articles["courier/harbour-strike"].text
    assert articles["worldupdates/hidden-lake-again"].text == articles["buzzhub/hidden-lake"].text
    assert articles["meridian/brief-bees"].text in articles["northpost/evening-roundup"].text


def test_no_copy_came_out_before_its_cluster_s_canonical_article() -> None:
    for cluster in EXPECTED.clusters:
        first = min(cluster.members, key=lambda key: CONTENT.articles[key].published_at)
        assert first == cluster.canonical


def spun_from() -> dict[str, str]:
    fronts = {
        key: parse_article(data_dir().joinpath(f"{key}.md").read_text("utf-8"))[0] for key in CONTENT.articles
    }
    return {key: front["spun_from"] for key, front in fronts.items() if "spun_from" in front}


def shared_ratio(key_a: str, key_b: str) -> float:
    words_a, words_b = CONTENT.articles[key_a].text.split(), CONTENT.articles[key_b].text.split()
    blocks = SequenceMatcher(None, words_a, words_b, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(words_b)


def test_six_articles_are_spun_with_their_paragraphs_and_quotations_kept() -> None:
    assert len(spun_from()) == 6
    for key, source in spun_from().items():
        spun, original = CONTENT.articles[key], CONTENT.articles[source]
        assert len(spun.paragraphs) == len(original.paragraphs)
        assert re.findall('"[^"]+"', spun.text) == re.findall('"[^"]+"', original.text)


def test_spun_articles_lie_between_a_light_touch_and_nearly_half_of_all_words() -> None:
    kept = sorted(shared_ratio(key, source) for key, source in spun_from().items())
    assert 0.5 < kept[0] < 0.6
    assert 0.85 < kept[-1] < 0.95


# the ground truth


def test_the_ground_truth_names_only_articles_that_exist() -> None:
    named = {key for cluster in EXPECTED.clusters for key in cluster.members}
    named |= {key for pair in EXPECTED.pairs for key in (pair.a, pair.b)}
    named |= {key for apart in EXPECTED.apart for key in (apart.a, apart.b)}
    named |= {skip.page for skip in EXPECTED.skips if not skip.page.startswith("http")}
    assert named <= set(CONTENT.articles)


def test_every_pair_inside_a_cluster_is_expected_once_and_no_other_pair_joins() -> None:
    inside = {pair for cluster in EXPECTED.clusters for pair in combinations(cluster.members, 2)}
    joining = [(pair.a, pair.b) for pair in EXPECTED.pairs if pair.joins_cluster]
    assert sorted(joining) == sorted(inside)


def test_every_cluster_hangs_together_without_its_implied_pairs() -> None:
    for cluster in EXPECTED.clusters:
        reached = {cluster.canonical}
        sure = [(p.a, p.b) for p in EXPECTED.pairs if p.joins_cluster and not p.is_implied]
        for _ in cluster.members:
            reached |= {key for pair in sure if reached & set(pair) for key in pair}
        assert reached == set(cluster.members)


def test_articles_to_keep_apart_are_in_no_common_cluster() -> None:
    for apart in EXPECTED.apart:
        assert not any({apart.a, apart.b} <= set(cluster.members) for cluster in EXPECTED.clusters)


# the server


def test_the_newsroom_starts_with_half_a_second_of_work() -> None:
    took = []
    for _ in range(3):  # the first loads modules, and any may have to wait for the garbage collector
        load_content.cache_clear()
        started = time.process_time()
        with serve_newsroom():
            took.append(time.process_time() - started)
    assert min(took) < 0.5


@pytest.mark.parametrize("key", sorted(CONTENT.articles))
def test_every_article_is_served_under_its_address_with_all_its_words(newsroom: Newsroom, key: str) -> None:
    article = CONTENT.articles[key].as_of(last_moment(CONTENT))
    response, body = fetch(newsroom, article.url)
    page = body.decode()
    assert response.status == 200
    plain = page.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
    for curly, straight in (("\u201c", '"'), ("\u201d", '"'), ("\u2019", "'")):
        plain = plain.replace(curly, straight)
    assert article.title in plain
    for paragraph in article.paragraphs:
        assert paragraph in plain


def test_a_host_header_does_what_an_absolute_address_does(newsroom: Newsroom) -> None:
    article = CONTENT.articles["worldupdates/court-rewritten"]
    _, by_address = fetch(newsroom, article.url)
    response, by_header = fetch(newsroom, article.path, headers={"Host": "worldupdates.test"})
    assert response.status == 200
    assert by_header == by_address


def test_an_unknown_host_or_page_is_not_found(newsroom: Newsroom) -> None:
    assert fetch(newsroom, "http://elsewhere.test/")[0].status == 404
    assert fetch(newsroom, "http://courier.test/no/such/page")[0].status == 404


def test_feeds_answer_304_to_their_own_validators_and_200_to_others(newsroom: Newsroom) -> None:
    url = "http://courier.test/feeds/news.xml"
    first, _ = fetch(newsroom, url)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    again, body = fetch(newsroom, url, headers={"If-None-Match": etag})
    assert (again.status, body) == (304, b"")
    assert fetch(newsroom, url, headers={"If-Modified-Since": modified})[0].status == 304
    assert fetch(newsroom, url, headers={"If-None-Match": 'W/"other"'})[0].status == 200
    assert (
        fetch(newsroom, url, headers={"If-Modified-Since": "Mon, 09 Mar 2026 00:00:00 GMT"})[0].status == 200
    )
    assert fetch(newsroom, url, headers={"If-Modified-Since": "gibberish"})[0].status == 200


def test_pages_are_compressed_for_clients_that_ask(newsroom: Newsroom) -> None:
    url = newsroom.url_of("courier/harbour-strike")
    _, plain = fetch(newsroom, url)
    response, packed = fetch(newsroom, url, headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 2


def test_head_gives_the_headers_without_the_page(newsroom: Newsroom) -> None:
    url = newsroom.url_of("courier/harbour-strike")
    get, body = fetch(newsroom, url)
    head, nothing = fetch(newsroom, url, method="HEAD")
    assert nothing == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(body))


def test_one_connection_serves_several_sites_in_turn(newsroom: Newsroom) -> None:
    with closing(http.client.HTTPConnection(newsroom.address, timeout=300)) as connection:
        for host in newsroom.hosts:
            connection.request("GET", f"http://{host}/")
            response = connection.getresponse()
            assert (response.status, bool(response.read())) == (200, True)


# what the sites offer to a crawler


@pytest.mark.parametrize("key", sorted(key for key, site in CONTENT.sites.items() if site.feed_path))
def test_a_feed_lists_every_article_of_its_site(newsroom: Newsroom, key: str) -> None:
    site = CONTENT.sites[key]
    _, body = fetch(newsroom, f"http://{site.host}{site.feed_path}")
    if site.feed_format == "json":
        titles = [item["title"] for item in json.loads(body)["items"]]
    else:
        feed = feedparser.parse(body)
        assert not feed.bozo
        titles = [entry.title for entry in feed.entries]
    own = [a.as_of(last_moment(CONTENT)) for a in CONTENT.articles.values() if a.site == site]
    assert len(titles) == len(own) + len(site.dead_links)


def test_feed_links_carry_tracking_a_redirect_and_a_dead_end(newsroom: Newsroom) -> None:
    courier = feedparser.parse(fetch(newsroom, "http://courier.test/feeds/news.xml")[1])
    assert all("utm_source=rss" in entry.link for entry in courier.entries)
    valley = feedparser.parse(fetch(newsroom, "http://valley.test/rss.xml")[1])
    [moved] = [entry.link for entry in valley.entries if "/go/" in entry.link]
    response, _ = fetch(newsroom, moved)
    assert (response.status, response.headers["Location"]) == (301, newsroom.url_of("valley/spring-fair"))
    ledger = feedparser.parse(fetch(newsroom, "http://ledger.test/feed.atom")[1])
    statuses = [fetch(newsroom, entry.link)[0].status for entry in ledger.entries]
    assert sorted(statuses)[-2:] == [200, 404]


def test_robots_txt_closes_a_page_that_the_feed_lists(newsroom: Newsroom) -> None:
    forbidden = CONTENT.articles["courier/embargoed-budget"]
    rules = fetch(newsroom, "http://courier.test/robots.txt")[1].decode()
    assert "Disallow: /preview/" in rules
    assert forbidden.path.startswith("/preview/")
    assert forbidden.path.encode() in fetch(newsroom, "http://courier.test/feeds/news.xml")[1]
    assert forbidden.path.encode() not in fetch(newsroom, "http://courier.test/")[1]


def test_the_sitemap_index_leads_to_a_news_sitemap_and_a_packed_one(newsroom: Newsroom) -> None:
    index = ET.fromstring(fetch(newsroom, "http://valley.test/sitemap.xml")[1])  # noqa: S314 -- our own server's
    news_url, packed_url = [
        str(loc.text) for loc in index.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]
    news = fetch(newsroom, news_url)[1]
    packed = gzip.decompress(fetch(newsroom, packed_url)[1])
    assert news.count(b"<news:publication_date>") == packed.count(b"<lastmod>") == 10


def test_agency_copies_name_the_agency_s_page_as_canonical(newsroom: Newsroom) -> None:
    original = newsroom.url_of("meridian/ferry-rescue")
    for key in ("courier/ferry-rescue-agency", "valley/ferry-rescue-agency"):
        page = fetch(newsroom, newsroom.url_of(key))[1].decode()
        assert f'<link rel="canonical" href="{original}">' in page


def test_every_section_page_leads_to_its_articles(newsroom: Newsroom) -> None:
    page = fetch(newsroom, "http://pitchside.test/football/")[1].decode()
    football = [a for a in CONTENT.articles.values() if a.site.key == "pitchside" and a.section == "football"]
    assert len(football) == 3
    assert all(f'href="{article.path}"' in page for article in football)


def test_a_section_exists_before_its_first_article_is_out() -> None:
    with serve_newsroom(datetime.fromisoformat("2026-03-10T06:00:00+01:00")) as early:
        response, page = fetch(early, "http://pitchside.test/athletics/")
    assert response.status == 200
    assert b"marathon.html" not in page


def test_pitchside_states_its_dates_only_where_readers_see_them(newsroom: Newsroom) -> None:
    page = fetch(newsroom, newsroom.url_of("pitchside/marathon"))[1].decode()
    assert page.count("2026") == 1
    assert "Thursday 12 March 2026" in page


# time


def test_the_clock_takes_back_articles_and_corrections() -> None:
    before = datetime.fromisoformat("2026-03-10T12:00:00+01:00")
    with serve_newsroom(before) as newsroom:
        url = newsroom.url_of("ledger/rail-link")
        first, early = fetch(newsroom, url)
        assert fetch(newsroom, newsroom.url_of("ledger/seaweed-startup"))[0].status == 404
        newsroom.set_clock(last_moment(CONTENT))
        second, late = fetch(newsroom, url, headers={"If-None-Match": first.headers["ETag"]})
        assert fetch(newsroom, newsroom.url_of("ledger/seaweed-startup"))[0].status == 200
    assert "will cost 2.9 billion crowns" in early.decode()
    assert second.status == 200
    assert "will cost 3.9 billion crowns" in late.decode()
    assert "Correction:" in late.decode()


def test_the_newsroom_remembers_who_asked_for_what() -> None:
    with serve_newsroom() as newsroom:
        fetch(newsroom, "http://valley.test/rss.xml", headers={"User-Agent": "somebody"})
        [visit] = newsroom.visits
    assert (visit.method, visit.host, visit.target, visit.status) == ("GET", "valley.test", "/rss.xml", 200)
    assert visit.user_agent == "somebody"
