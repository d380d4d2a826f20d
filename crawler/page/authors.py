"""Who wrote an article, as its page says: JSON-LD, meta tags, the line under the headline, in this order.

Must not mix people and houses: an organisation stands as author only where the page names nobody else.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

from crawler.page.boxnames import name_matcher
from crawler.page.bylines import names_in
from crawler.page.jsonld import text_of, types_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from lxml.html import HtmlElement

    from crawler.page.jsonld import Node

_META = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
    "byl", "cxenseparse:author", "citation_author", "article.author", "dc.contributor", "rbauthors", "authors",
    "dcsext.author", "twitter:misc:written by", "article:author_name", "article:author:name",
)  # fmt: skip
# WordPress says the author in a pair of tags for link previews, labelled in the site's language.
_WRITTEN_BY = re.compile(
    r"^(?:written by|author|verfasst von|geschrieben von|autor|escrito por|par|écrit par|auteur|scritto da|skrevet av"
    r"|skriven av|geschreven door|napisane przez|автор|yazan)\b",
    re.IGNORECASE,
)
_HOUSES = frozenset({"organization", "newsmediaorganization", "corporation", "localbusiness"})
_names_line = name_matcher(
    re.compile(
        r"(?:^|[\s_-])(?:author|byline|autor|auteur|autore|writer)s?(?:[_-]?(?:names?|lists?|links?))?(?:$|[\s])"
        r"|(?:by-?line|author-?name)s?(?:$|[\s_-])",
        re.IGNORECASE,
    )
)
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|autor[ei]|redakteure?|journalists?|forfatter|profil[es]?|by|staff|writers?|people|team)/[^/?#]+",
    re.IGNORECASE,
)
_CLASSED = etree.XPath("descendant-or-self::*[@class]")
_ASIDE = frozenset({"form", "aside", "footer", "nav", "header", "label", "figure", "figcaption"})
_MAX_LINE = 160
_NEAR = 6  # levels up from the headline in which the line under it stands


def read_byline(
    tree: HtmlElement,
    metas: Mapping[str, list[str]],
    nodes: Iterable[Node],
    articles: Iterable[Node],
    hint: str | None,
    site_names: Iterable[str],
) -> str | None:
    """The authors' names, joined by commas; None where the page names nobody.

    ``nodes`` are all JSON-LD objects of the page, ``articles`` those about this article; ``hint`` is the feed's word.
    """
    sites = tuple(site_names)
    known = {
        str(node["@id"]): node for node in nodes if node.get("name") and isinstance(node.get("@id"), str)
    }
    people, houses = _stated_authors(articles, known)
    tagged = list(_tagged_authors(metas))
    # What costs a walk through the page is asked for only where nothing before it names anybody.
    asked: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: people,
        lambda: tagged,
        lambda: _line_under_headline(tree),
        lambda: _marked_authors(tree),
        lambda: [hint or ""],
    )
    for texts in asked:
        if names := names_in(texts(), sites):
            return ", ".join(names)
    return ", ".join(names_in([*houses, *people, *tagged])) or None


def _stated_authors(articles: Iterable[Node], known: Mapping[str, Node]) -> tuple[list[str], list[str]]:
    people: list[str] = []
    houses: list[str] = []
    for node in articles:
        for author in _flat(node.get("author") or node.get("creator")):
            if isinstance(author, dict):
                whole = author if author.get("name") else known.get(str(author.get("@id")), author)
                names = [name for one in _flat(whole.get("name")) if (name := text_of(one))]
                (houses if types_of(whole) & _HOUSES else people).extend(names)
            elif isinstance(author, str):
                people.append(author)
    return people, houses


def _flat(value: Any) -> Iterator[Any]:  # noqa: ANN401  # whatever JSON holds
    if isinstance(value, list):
        for item in value:
            yield from _flat(item)
    elif value:
        yield value


def _tagged_authors(metas: Mapping[str, list[str]]) -> Iterator[str]:
    for name in _META:
        yield from metas.get(name, ())
    for label, data in (("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")):
        if any(_WRITTEN_BY.match(text) for text in metas.get(label, ())):
            yield from metas.get(data, ())


def _line_under_headline(tree: HtmlElement) -> list[str]:
    """The texts of what looks like a byline close to the headline, nearest first."""
    without: set[HtmlElement] = set()
    for heading in tree.iter("h1"):
        for depth, ancestor in enumerate(heading.iterancestors()):
            if depth >= _NEAR or ancestor.tag in {"body", "html"}:
                break
            if ancestor in without:
                continue
            if found := _lines_in(ancestor):
                return found
            without.add(ancestor)
    return []


def _lines_in(box: HtmlElement) -> list[str]:
    links = [
        link
        for link in box.iter("a")
        if (_AUTHOR_PAGE.search(link.get("href") or "") or link.get("rel") == "author") and _may_be_line(link)
    ]
    lines = links or [one for one in _with_class(box) if _is_line(one) and _may_be_line(one)]
    first = lines[:1]
    # Several authors stand side by side: whatever shares the first one's line.
    line = next((one for one in first[0].iterancestors() if len(one) > 1), None) if first else None
    beside = [one for one in lines if line is not None and line in one.iterancestors()]
    return [_text(one) for one in beside or first]


def _marked_authors(tree: HtmlElement) -> list[str]:
    marked = tree.xpath("//*[@rel='author' or contains(@itemprop, 'author')]")
    texts = [
        str(name)
        for element in marked
        for name in (
            element.xpath(".//*[@itemprop='name']/@content") or [element.get("content") or _text(element)]
        )
        if _may_be_line(element)
    ]
    lines = (_text(one) for one in _with_class(tree) if _is_line(one) and _may_be_line(one))
    return texts or list(islice(lines, 1))


def _with_class(box: HtmlElement) -> Iterable[HtmlElement]:
    return cast("list[HtmlElement]", _CLASSED(box))


def _is_line(element: HtmlElement) -> bool:
    return _names_line(element.get("class") or "")


def _may_be_line(element: HtmlElement) -> bool:
    if any(above.tag in _ASIDE for above in element.iterancestors() if above.tag != "header"):
        return False
    return 0 < len(_text(element)) < _MAX_LINE or bool(element.get("content"))


def _text(element: HtmlElement) -> str:
    return " ".join(piece for text in element.itertext() if (piece := " ".join(text.split())))
