from __future__ import annotations

import json

import pytest
from lxml.html import document_fromstring

from crawler.page.authors import read_byline
from crawler.page.bylines import names_in
from crawler.page.jsonld import article_nodes, read_nodes


def _byline(html: str, metas: dict[str, list[str]] | None = None, hint: str | None = None) -> str | None:
    tree = document_fromstring(html)
    nodes = read_nodes(tree)
    return read_byline(
        tree, metas or {}, nodes, article_nodes(nodes), hint, ["The Courier", "courier.example"]
    )


def _page(author: object, *others: object, body: str = "") -> str:
    nodes = [{"@type": "NewsArticle", "headline": "A bridge opens", "author": author}, *others]
    return f'<html><head><script type="application/ld+json">{json.dumps(nodes)}</script></head><body>{body}</body></html>'


def test_every_author_of_a_list_is_named_and_a_house_among_them_is_not() -> None:
    authors = [{"name": "Jane Doe"}, "John Roe", {"@type": "Organization", "name": "Press House"}]
    assert _byline(_page(authors)) == "Jane Doe, John Roe"


def test_an_author_given_by_reference_is_looked_up() -> None:
    person = {"@type": "Person", "@id": "#p7", "name": "Jane Doe"}
    assert _byline(_page({"@id": "#p7"}, person)) == "Jane Doe"


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ({"@type": "Organization", "name": "Associated Press"}, "Associated Press"),
        ({"@type": "Person", "name": "The Courier"}, "The Courier"),
        (None, None),
    ],
)
def test_a_house_is_the_author_where_nobody_else_is_named(author: object, byline: str | None) -> None:
    assert _byline(_page(author)) == byline


def test_the_address_of_an_author_is_no_name() -> None:
    metas = {"article:author": ["https://courier.example/authors/jane-doe"], "author": ["jane-doe"]}
    assert _byline("<p>Text</p>", metas) is None


def test_the_pair_of_tags_for_link_previews_is_read_where_it_means_the_author() -> None:
    metas = {"twitter:label1": ["Written by"], "twitter:data1": ["Jane Doe"]}
    assert _byline("<p>Text</p>", metas) == "Jane Doe"
    assert _byline("<p>Text</p>", {**metas, "twitter:label1": ["Est. reading time"]}) is None


def test_the_line_under_the_headline_is_read_and_teasers_and_forms_are_not() -> None:
    html = """<body><div class="teaser"><span class="author">Ann Other</span></div>
      <main><h1>A bridge opens</h1><ul><li>By <a href="/author/jane">Jane Doe</a></li>
      <li><a href="/author/john">John Roe</a></li></ul><p>Text</p></main>
      <form><label class="author">Name *</label></form>
      <aside><a href="/author/eve">Eve Else</a></aside></body>"""
    assert _byline(html) == "Jane Doe, John Roe"


def test_the_feeds_word_comes_after_the_pages() -> None:
    assert _byline("<p>Text</p>", hint="Jane Doe") == "Jane Doe"
    assert _byline(_page("John Roe"), hint="Jane Doe") == "John Roe"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Von Max Muster und Eva Probe", ("Max Muster", "Eva Probe")),
        ("Jane Doe (Image: Getty Images, iStockphoto)", ("Jane Doe",)),
        ("Jane Doe, https://courier.example/a/b", ("Jane Doe",)),
        ("Jane Doe, Courier Media GmbH", ("Jane Doe",)),
        ("Courier Media GmbH", ("Courier Media GmbH",)),
        ("jane.doe@courier.example", ()),
        ("dpa", ("dpa",)),
    ],
)
def test_names_are_told_from_what_stands_beside_them(text: str, names: tuple[str, ...]) -> None:
    assert names_in([text]) == names
