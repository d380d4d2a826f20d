"""Takes out of a page's tree what stands around the article: other articles, teasers, comments, the site's frame.

Must not decide what is the article's text: whatever may be part of it stays, for the reader to choose from.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

_HELD_RATIO = 0.85  # of the words in a page's paragraphs: the rest are teasers, comments, the legal notice
_HEADLINE_BEFORE = etree.XPath("preceding::h1[1]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text, where it stands."""

    element: HtmlElement
    text: str
    word_count: int


def drop_surroundings(tree: HtmlElement, paragraphs: Sequence[Paragraph]) -> None:
    """Leave, in place, the smallest element that holds nearly all paragraphs, what stands from the headline to it, and what holds both.

    Copies of the tree, and walks through it, are the smaller for it.
    """
    box = _smallest_holding(tree, paragraphs)
    if box is tree or box.tag == "body":
        return
    headlines = [] if box.find(".//h1") is not None else cast("list[HtmlElement]", _HEADLINE_BEFORE(box))
    first = headlines[0] if headlines else box
    for element in (first, *first.iterancestors()):
        _remove(list(element.itersiblings(preceding=True)))
    for element in (box, *box.iterancestors()):
        _remove(list(element.itersiblings()))


def _smallest_holding(tree: HtmlElement, paragraphs: Sequence[Paragraph]) -> HtmlElement:
    held: Counter[HtmlElement] = Counter()
    for paragraph in paragraphs:
        for element in paragraph.element.iterancestors():
            held[element] += paragraph.word_count
    enough = _HELD_RATIO * sum(paragraph.word_count for paragraph in paragraphs)
    box: HtmlElement | None = tree
    while box is not None:
        smallest, box = box, next((child for child in box if held[child] >= enough > 0), None)
    return smallest


def _remove(elements: Sequence[HtmlElement]) -> None:
    for element in elements:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
