from __future__ import annotations

import pytest

from crawler.articles import article_identity, is_trap


@pytest.mark.parametrize(
    ("url", "declared", "identity"),
    [
        # the page's own word is believed
        ("http://news.example/a?page=x", "https://news.example/a-real", "https://news.example/a-real"),
        (
            "http://news.example/one-long-true-story?sid=77",
            "https://news.example/one-long-true-story",
            "https://news.example/one-long-true-story",
        ),
        ("http://news.example/story/amp", "https://news.example/story", "https://news.example/story"),
        (
            "http://news.example/world/one-story?x=y-z",
            "https://news.example/one-story",
            "https://news.example/one-story",
        ),
        (
            "http://news.example/one-story/amp/",
            "https://news.example/one-story",
            "https://news.example/one-story",
        ),
        ("http://news.example/1234567/old", "https://news.example/1234567", "https://news.example/1234567"),
        # ... but not where it makes one article of many
        ("http://news.example/world/story", "https://news.example/", "https://news.example/world/story"),
        ("http://news.example/world/story", "https://news.example/world", "https://news.example/world/story"),
        (
            "http://news.example/2026/05/one-story",
            "https://news.example/news",
            "https://news.example/2026/05/one-story",
        ),
        (
            "http://news.example/one-story.html",
            "https://news.example/index.html",
            "https://news.example/one-story.html",
        ),
        ("http://news.example/one-story", "https://news.example/undefined", "https://news.example/one-story"),
        (
            "http://news.example/story?name=a-b",
            "https://news.example/story",
            "https://news.example/story?name=a-b",
        ),
        ("http://news.example/a-1234567", "https://news.example/b-7654321", "https://news.example/a-1234567"),
        (
            "http://news.example/one-long-true-story?page=2",
            "https://news.example/one-long-true-story",
            "https://news.example/one-long-true-story?page=2",
        ),
        ("http://news.example/i.php?id=7", "https://news.example/i.php", "https://news.example/i.php?id=7"),
        ("http://news.example/a", None, "https://news.example/a"),
    ],
)
def test_a_declared_address_is_identity_only_where_it_is_sane(
    url: str, declared: str | None, identity: str
) -> None:
    assert article_identity(url, declared) == identity


def test_endless_addresses_are_traps() -> None:
    assert is_trap("http://news.example/" + "a/b/" * 10)
    assert is_trap("http://news.example/x/x/x/")
    assert not is_trap("http://news.example/2026/05/01/x/the-story")
