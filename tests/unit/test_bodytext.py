from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.page.article_part import Paragraph, drop_surroundings
from crawler.page.extracted import Extracted
from crawler.page.extraction import extract_article
from crawler.page.furniture import drop_furniture
from crawler.page.html import parse_html
from crawler.page.standfirst import find_standfirst
from tests.crawl.pages import article_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _tree(html: str) -> HtmlElement:
    tree = parse_html(html)
    assert tree is not None
    return tree


def _text(inside: str, head: str = "") -> str:
    html = f"<html lang='en'><head><title>Bridge opens</title>{head}</head><body><article>{inside}</article></body></html>"
    page = extract_article(html.encode(), "http://news.example/s", now=_NOW)
    assert isinstance(page, Extracted)
    return page.text


@pytest.mark.parametrize(
    "inside",
    [
        "<ul><li><a href='/a'>Elsewhere the ferry strike goes on</a></li><li><a href='/b'>Elsewhere: snow</a></li></ul>",
        "<p>Read more: <a href='/a'>Elsewhere the ferry strike goes on</a></p>",
        "<p><a href='/a'>Elsewhere the ferry strike goes on for a week</a></p>",
        "<figure><figcaption>Elsewhere, a ferry at the quay</figcaption></figure>",
        "<div class='related-stories'>Elsewhere the ferry strike goes on</div>",
    ],
)
def test_pointers_to_other_articles_are_taken_out(inside: str) -> None:
    tree = _tree(f"<article><p>{article_text(1, 80)}</p>{inside}</article>")
    drop_furniture(tree)
    assert "Elsewhere" not in tree.text_content()
    assert article_text(1, 80) in tree.text_content()


@pytest.mark.parametrize(
    "inside",
    [
        "<ul><li>The <a href='/a'>ferry</a> strike goes on for a week</li><li>Snow falls</li></ul>",
        "<p>The minister said: the <a href='/a'>ferry</a> strike goes on for another week.</p>",
        "<p><a href='/a'>Jane Doe</a></p>",
    ],
)
def test_sentences_that_hold_links_are_kept(inside: str) -> None:
    tree = _tree(f"<article>{inside}</article>")
    before = tree.text_content()
    drop_furniture(tree)
    assert tree.text_content() == before


def test_the_standfirst_comes_first_and_once() -> None:
    standfirst = "After nine years of building, the town has its bridge back, and its ferry a rival."
    body = "".join(f"<p>{article_text(seed, 90)}</p>" for seed in (2, 3))
    outside = f"<header><h1>Bridge opens</h1><p class='article-intro'>{standfirst}</p></header>{body}"
    inside = f"<h1>Bridge opens</h1><p class='intro'>{standfirst}</p>{body}"
    for page in (outside, inside):
        text = _text(page)
        assert text.startswith(standfirst)
        assert text.count(standfirst) == 1


def test_a_description_is_a_standfirst_only_where_the_page_shows_it() -> None:
    shown = "After nine years of building, the town has its bridge back, and its ferry a rival."
    tree = _tree(f"<div><h1>Bridge opens</h1><p>{shown}</p></div>")
    assert find_standfirst(tree, shown) == shown
    assert find_standfirst(tree, "What nobody sees: a description written for search engines alone") is None
    assert find_standfirst(_tree(f"<div><p>{shown}</p></div>"), shown) is None


def test_what_stands_above_the_title_goes_with_it() -> None:
    body = "".join(f"<p>{article_text(seed, 90)}</p>" for seed in (2, 3))
    text = _text(f"<p>Transport</p><h1>Bridge opens</h1>{body}")
    assert text.startswith(article_text(2, 90)[:20])


def test_a_stated_body_that_holds_its_text_twice_is_not_taken() -> None:
    text = article_text(4, 120)
    stated = {"@type": "NewsArticle", "headline": "Bridge opens", "articleBody": f"{text} {text}"}
    found = _text(f"<p>{text}</p>", f'<script type="application/ld+json">{json.dumps(stated)}</script>')
    assert found.count(text[:40]) == 1


def _paragraph(seed: int, words: int) -> str:
    return f"<p>{article_text(seed, words)}</p>"


def _article_part(body: str) -> str:
    tree = _tree(f"<html><body>{body}</body></html>")
    found = [
        Paragraph(one, one.text_content(), len(one.text_content().split())) for one in list(tree.iter("p"))
    ]
    drop_surroundings(tree, found)
    return str(tree.text_content())


def test_what_stands_around_the_article_is_taken_out() -> None:
    article = f"<div>{_paragraph(1, 300)}{_paragraph(2, 300)}</div>"
    before, after = "<h1>Yesterday</h1><p>Snow falls</p>", f"<div>{_paragraph(3, 20)}</div><p>Ferries</p>"
    headline = "<header><span>Local</span><h1>Bridge opens</h1></header><p>The town has its bridge back.</p>"
    text = _article_part(f"{before}<main>{headline}{article}{after}</main>{after}")
    assert text == f"Bridge opensThe town has its bridge back.{article_text(1, 300)}{article_text(2, 300)}"


@pytest.mark.parametrize("boxes", [["section"] * 3, ["p"] * 3])
def test_an_article_that_stands_in_several_boxes_stays_whole(boxes: list[str]) -> None:
    pieces = [f"<{box}>{_paragraph(seed, 60)}</{box}>" for seed, box in enumerate(boxes)]
    text = _article_part(f"<main><article>{''.join(pieces)}</article></main>")
    assert text == "".join(article_text(seed, 60) for seed in range(3))


def test_another_articles_text_is_not_read_into_this_one() -> None:
    other = f"<div class='below'><h2>Snow falls</h2>{_paragraph(5, 25)}</div>"
    body = "".join(_paragraph(seed, 90) for seed in (1, 2))
    text = _text(f"<h1>Bridge opens</h1><div>{body}</div>{other}")
    assert text == f"{article_text(1, 90)}\n{article_text(2, 90)}"
