from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import BadUrlError, canonical_url, identity_url, is_same_site, site_of, slug_id


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://news.example", "http://news.example/"),
        ("HTTPS://News.Example:443/A/./b/../c", "https://news.example/A/c"),
        ("http://user:secret@news.example:8080/x#part", "http://news.example:8080/x"),
        ("http://news.example/%7euser/%c3%a4?q=%2f", "http://news.example/~user/%C3%A4?q=%2F"),
        ("http://bücher.example/ä b", "http://xn--bcher-kva.example/%C3%A4%20b"),
        ("http://straße.example/", "http://xn--strae-oqa.example/"),
        ("http://news.example/a?gad_source=1&gad_campaignid=2&ttclid=3", "http://news.example/a"),
        ("http://news.example/a?utm_source=x&id=7&fbclid=y", "http://news.example/a?id=7"),
        ("  http:\\\\news.example\\a\n", "http://news.example/a"),
        ("http://news.example/100%", "http://news.example/100%25"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
        ("http://news.example/a.jsp;jsessionid=1A2B.node1?id=7", "http://news.example/a.jsp?id=7"),
        ("http://news.example/a;v=1/b;JSESSIONID=1/c", "http://news.example/a;v=1/b/c"),
        ("http://news.example/(S(abc123))/a.aspx", "http://news.example/a.aspx"),
        ("http://news.example/a?PHPSESSID=1&sid=2&ASPSESSIONIDQQ=3", "http://news.example/a?sid=2"),
        (
            "https://www-news-example.cdn.ampproject.org/c/s/www.news.example/a?id=7",
            "https://www.news.example/a?id=7",
        ),
        ("https://cdn.ampproject.org/v/news.example/a", "http://news.example/a"),
        ("https://www.google.com/amp/s/www.news.example/a/amp/?usqp=x", "https://www.news.example/a/amp/"),
        ("https://www.google.co.uk/amp/s/news.example/a", "https://news.example/a"),
        (
            "https://www.google.com/url?rct=j&url=https://news.example/a%3Fid%3D7&ct=ga",
            "https://news.example/a?id=7",
        ),
        (
            "https://www.google.com/url?sa=t&url=javascript:alert(1)",
            "https://www.google.com/url?sa=t&url=javascript:alert(1)",
        ),
        (
            "http://www.bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2fnews.example%2fa&c=1",
            "https://news.example/a",
        ),
        ("https://cdn.ampproject.org/v0.js", "https://cdn.ampproject.org/v0.js"),
        (
            "https://cdn.ampproject.org/c/s/cdn.ampproject.org/c/s/a.b",
            "https://cdn.ampproject.org/c/s/cdn.ampproject.org/c/s/a.b",
        ),
    ],
)
def test_a_url_has_one_spelling(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "", "news.example/x", "ftp://news.example/", "javascript:alert(1)", "file:///etc/passwd", "http://",
        "http://a b.example/", "http://news.example:99999/", "http://news.example/" + "a" * 3_000, "http://[::1/",
    ],
)  # fmt: skip
def test_what_names_nothing_to_fetch_is_refused(url: str) -> None:
    with pytest.raises(BadUrlError):
        canonical_url(url)


@pytest.mark.parametrize(
    "variant",
    [
        "http://news.example/world/story", "https://www.news.example/world/story/", "http://m.news.example/world/story",
        "https://news.example/world/story/amp", "https://amp.news.example/world/story?utm_medium=rss",
        "https://news.example/world/story/index.html#comments", "http://news.example/world/story?output=amp",
        "https://www.google.com/amp/s/amp.news.example/world/story;jsessionid=1?view=AMP",
    ],
)  # fmt: skip
def test_variants_of_one_article_have_one_identity(variant: str) -> None:
    assert identity_url(variant) == "https://news.example/world/story"


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("http://news.example/a?id=1", "http://news.example/a?id=2"),
        ("http://news.example/Story", "http://news.example/story"),
        ("http://news.example/a", "http://other.example/a"),
        ("http://news.example/a?output=print", "http://news.example/a"),
        ("http://news.example/story.php?cid=5", "http://news.example/story.php?cid=6"),
        ("http://sport.news.example/a", "http://news.example/a"),
    ],
)
def test_different_articles_keep_different_identities(url: str, other: str) -> None:
    assert identity_url(url) != identity_url(other)


_pieces = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)


@given(path=_pieces, query=_pieces)
def test_canonical_and_identity_urls_are_fixed_points(path: str, query: str) -> None:
    try:
        once = canonical_url(f"http://news.example/{path}?{query}")
    except BadUrlError:
        return
    assert canonical_url(once) == once
    assert identity_url(identity_url(once)) == identity_url(once)


def test_a_site_is_known_by_its_variants() -> None:
    assert site_of("www.m.news.example") == "news.example"
    assert is_same_site("https://amp.news.example/x", "http://www.news.example/y")
    assert not is_same_site("https://news.example/x", "https://news.example.evil.example/x")


def test_a_slug_names_its_number_only_where_it_is_the_only_one() -> None:
    assert slug_id("https://news.example/sport/final-10482917.html") == "10482917"
    assert slug_id("https://news.example/final-1048291-and-2048292") is None
    assert slug_id("https://news.example/10482917/final") is None
