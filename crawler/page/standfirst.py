"""The standfirst of an article: the lines under its headline that sum it up and often stand outside its body.

Must not invent: what is found stands on the page, close to the headline.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.page.boxnames import name_matcher

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_WORD = re.compile(r"[^\W_]+")
_names_standfirst = name_matcher(
    re.compile(
        r"(?:^|[\s_-])(?:lead|lede|intro|standfirst|summary|sub-?title|sub-?head(?:line)?|dek|deck|abstract|vorspann|chapo"
        r"|chapeau|entradilla|bajada|sommario|occhiello|ingress|preamble|excerpt|teaser-?text|strap(?:line)?)(?:$|[\s_-])",
        re.IGNORECASE,
    )
)
_NEAR = 4  # levels up from the headline
_MIN_WORDS, _MAX_WORDS = 7, 90
_SAME_LETTERS = 80  # a description is often cut off; so many letters alike tell it is the same
_TELLING_LETTERS = 30
_BEGINNING = 1_000  # characters that surely hold so many letters


def find_standfirst(tree: HtmlElement, description: str | None) -> str | None:
    """The text near the first headline that is named a standfirst, or is the page's own description."""
    stated = words_of(description or "")
    heading = next(tree.iter("h1"), None)
    if heading is None:
        return None
    read: set[HtmlElement] = set()
    for depth, box in enumerate(heading.iterancestors()):
        if depth >= _NEAR or box.tag in {"body", "html"}:
            return None
        for element in box.iter("p", "div", "h2", "h3", "span", "strong", "header"):
            if element in read:
                continue
            read.add(element)
            if _is_named(element) or _says(element, stated):
                words = element.text_content().split()
                if _MIN_WORDS <= len(words) <= _MAX_WORDS:
                    return " ".join(words)
    return None


def words_of(text: str) -> str:
    """A text's words alone, for comparison.

    >>> words_of("Ministers - met.")
    'ministers met'
    """
    return " ".join(_WORD.findall(text.casefold()))


def _is_named(element: HtmlElement) -> bool:
    names = (element.get(name) or "" for name in ("class", "itemprop", "data-testid", "id"))
    return _names_standfirst(" ".join(names))


def _says(element: HtmlElement, stated: str) -> bool:
    if len(stated) <= _TELLING_LETTERS:
        return False
    # Most begin with another word, and a large box is not read to its end.
    first = next((match[0] for text in element.itertext() if (match := _WORD.search(text))), "")
    if not first or not stated.startswith(first.casefold()):
        return False
    return words_of(element.text_content().lstrip()[:_BEGINNING]).startswith(stated[:_SAME_LETTERS])
