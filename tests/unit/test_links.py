from __future__ import annotations

import pytest

from crawler.lists.links import announced_feeds, article_links
from crawler.lists.sections import sniff_listing
from crawler.page.html import parse_html
from crawler.sources import registered_domain, source_of_url
from storage.values import Source

_URL = "http://news.example/world/"


def _links(*anchors: tuple[str, str]) -> list[str]:
    tree = parse_html(
        "<html><body>" + "".join(f'<a href="{href}">{text}</a>' for href, text in anchors) + "</body></html>"
    )
    assert tree is not None
    return [link.url for link in article_links(tree, _URL)]


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/world/ministers-agree-on-a-new-wall", "Ministers agree on a new wall"),
        ("/2026/05/01/bridge", "Bridge closed"),
        ("/artikel/9876543.html", "Weiter"),
        ("story-of-five-words", "A story of only five words"),
    ],
)
def test_what_looks_like_an_article_is_followed(href: str, text: str) -> None:
    assert len(_links((href, text))) == 1


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/tag/ministers-agree-on-a-new-wall", "All about the ministers and their wall"),
        ("http://other.example/ministers-agree-on-a-new-wall", "Ministers agree on a new wall"),
        ("/2026/05/", "All that happened in the month of May"),
        ("/about", "About us"),
        ("/photo-of-the-new-harbour-wall.jpg", "See the photo of the wall here"),
        ("javascript:void(0)", "Read more about this story here"),
        ("/", "The front page of all the news"),
    ],
)
def test_what_does_not_is_left(href: str, text: str) -> None:
    assert _links((href, text)) == []


def test_feeds_are_found_where_a_page_announces_them() -> None:
    tree = parse_html(
        '<html><head><link rel="alternate" type="application/rss+xml" href="/feed">'
        '<link rel="alternate" type="application/atom+xml" href="/comments/atom">'
        '<link rel="alternate" hreflang="de" href="/de"></head><body>x</body></html>'
    )
    assert tree is not None
    assert announced_feeds(tree, _URL) == ("http://news.example/feed",)


def test_a_body_says_what_kind_of_list_it_is() -> None:
    assert sniff_listing(b'<?xml version="1.0"?><rss>') == "feed"
    assert sniff_listing(b"<urlset>") == "sitemap"
    assert sniff_listing(b"<!doctype html><html>") == "section"


def test_an_address_belongs_to_the_listings_publisher_or_to_its_own_site() -> None:
    courier = Source("The Courier", "http://www.courier.co.uk/", "courier.co.uk")
    assert registered_domain("feeds.courier.co.uk") == "courier.co.uk"
    assert source_of_url("http://sport.courier.co.uk/a", courier) is courier
    assert source_of_url("http://www.other.example/a", courier).host == "other.example"


def test_relative_links_are_joined_to_the_base_that_a_page_declares() -> None:
    tree = parse_html(
        '<html><head><base href="http://news.example/"><link rel="alternate" type="application/rss+xml" href="feed.xml">'
        '</head><body><a href="world/ministers-agree-on-a-new-wall">Ministers agree on a wall</a></body></html>'
    )
    assert tree is not None
    [link] = article_links(tree, "http://news.example/a/section/")
    assert link.url == "http://news.example/world/ministers-agree-on-a-new-wall"
    assert announced_feeds(tree, "http://news.example/a/section/") == ("http://news.example/feed.xml",)
