"""Later parts of an article on several pages are told from neighbours and from sections."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.page.extracted import Extracted
from crawler.page.extraction import extract_article
from crawler.page.parts import whole_of
from crawler.refusals import Skipped
from storage.values import SkipReason
from tests.crawl.pages import article_page

_A = "https://news.example"
_STORY = f"{_A}/2026/the-ferry-that-never-came"


@pytest.mark.parametrize(
    ("url", "declared", "previous"),
    [
        (f"{_STORY}?page=2", [_STORY], []),
        (f"{_STORY}?page=2&lang=en", [f"{_STORY}?lang=en"], []),
        (f"{_STORY}?seite=2", [], [_STORY]),
        (f"{_STORY}?page=3", [], [f"{_STORY}?page=2"]),
        (f"{_STORY}/page/3/", [], [f"{_STORY}/page/2/"]),
        (f"{_STORY}/2", [_STORY], []),
        ("http://www.news.example/articles/367061/2", [], [f"{_A}/articles/367061"]),
        (f"{_STORY}/seite-2", ["http://m.news.example/2026/the-ferry-that-never-came/"], []),
    ],
)
def test_a_numbered_page_that_names_the_whole_is_a_part_of_it(
    url: str, declared: list[str], previous: list[str]
) -> None:
    whole = whole_of(url, declared, previous)
    assert whole is not None
    assert not whole.rstrip("/").endswith(("2", "3"))


@pytest.mark.parametrize(
    ("url", "declared", "previous"),
    [
        (_STORY, [_STORY], []),
        (f"{_STORY}?page=2", [f"{_STORY}?page=2"], []),
        (f"{_STORY}?page=1", [_STORY], []),
        (f"{_A}/issue/7/article/3", [], [f"{_A}/issue/7/article/2"]),
        (f"{_A}/news/12", [f"{_A}/news"], []),
        (f"{_A}/2", [f"{_A}/"], []),
        (f"{_A}/?p=12", [_STORY], []),
        (f"{_A}/2026/05/04", [], [f"{_A}/2026/05/03"]),
        (f"{_STORY}/2", [], [f"{_A}/2026/another-story"]),
    ],
)
def test_a_number_or_a_neighbour_alone_makes_no_part(
    url: str, declared: list[str], previous: list[str]
) -> None:
    assert whole_of(url, declared, previous) is None


@pytest.mark.parametrize(
    ("url", "head", "is_part"),
    [
        (f"{_STORY}/2", '<link rel="prev" href="./">', True),
        (f"{_STORY}/2", f'<link rel="canonical" href="{_STORY}">', True),
        (_STORY, f'<link rel="next" href="{_STORY}/2">', False),
        (_STORY, f'<link rel="prev" href="{_A}/2026/another-story">', False),
    ],
)
def test_a_later_part_is_no_article_and_the_first_one_is(url: str, head: str, is_part: bool) -> None:
    body = article_page("The ferry that never came", 1, head=head).body
    page = extract_article(body, url, now=datetime(2026, 6, 1, tzinfo=UTC))
    assert isinstance(page, Skipped if is_part else Extracted)
    if isinstance(page, Skipped):
        assert (page.reason, page.detail) == (SkipReason.NOT_ARTICLE, f"a later part of {_STORY}")
