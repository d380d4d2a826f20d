"""Reads an article whose paragraphs stand in boxes of one kind: they are the text, and nothing has to be weighed.

Must not hide a doubt: where a page's words are scattered over boxes it says so, and a more careful reader decides.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from crawler.page.boxnames import name_matcher
from crawler.page.words import count_line_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

_UNREAD = frozenset({"script", "style", "figure", "figcaption", "form", "button"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_PROSE = frozenset({"p", "li", "blockquote", "pre", *_HEADINGS})
_INSIDE = frozenset(
    {*_PROSE, "h5", "ul", "ol", "dl", "dt", "dd"}
)  # a line in one of them stands in the box around it
_BLOCKS = frozenset({
    *_INSIDE, "h6", "div", "section", "article", "main", "header", "body", "html", "hr", "tr", "td", "center",
    "details", "summary",
})  # fmt: skip
# What publishers call a box or a line inside an article that is none of its text.
_names_addition = name_matcher(
    re.compile(
        r"(?:^|[\s_-])(?:comments?|disqus|share|sharing|social|tags?|keywords?|topics|teasers?|promo|widget|popup|tooltip"
        r"|popover|modal|overlay|hidden|newsletter|news-letter|related\w*|recommend\w*|embed|tweet|instagram-media|credits?"
        r"|caption|byline|author|meta|metadata|timestamp|date|breadcrumbs?|toolbar|tools?|ads?|advert\w*|sponsor\w*|paywall"
        r"|subscribe|login|register|copyright|disclaimer|gallery|video|player|placeholder|infobox|factbox|summary|sr-only"
        r"|screen-reader\w*)(?:$|[\s_-])",
        re.IGNORECASE,
    )
)
_DIGITS = re.compile(r"\d+")
_ADDITION_WORDS = 60  # what holds more may be the article, with an unlucky name
_LONG_WORDS = 12  # a line of so many words counts for its box
_SHORT_WORDS = 10  # with fewer, text that stands in no paragraph is a label
_MOSTLY_LINKED, _LINKED = 0.5, 0.7  # share of a line's letters
_HELD_RATIO = 0.6  # of the words that may be text: with fewer it is not plain where they stand
_BEFORE_RATIO = (
    0.1  # what stands above the text in other boxes may be its beginning, what stands below hardly its end
)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    tag: str
    box: str
    linked_ratio: float
    word_count: int

    @property
    def may_be_text(self) -> bool:
        is_set_as_text = self.tag in _PROSE or self.word_count >= _SHORT_WORDS
        return is_set_as_text and self.linked_ratio < _LINKED


@dataclass(frozen=True, slots=True)
class MainBox:
    """The text in boxes of one kind, a line a paragraph; ``is_plain`` says that it is surely the article's."""

    text: str
    is_plain: bool


def read_main_box(tree: HtmlElement) -> MainBox | None:
    """The kind of boxes that holds most running text; None where nothing is running text.

    Boxes are of one kind when tag and class are the same. Each paragraph may stand in a box of its own.
    """
    lines = _lines(tree)
    held: Counter[str] = Counter()
    for line in lines:
        if line.word_count >= _LONG_WORDS and line.linked_ratio < _MOSTLY_LINKED:
            held[line.box] += line.word_count
    if not held:
        return None
    main = max(held, key=held.__getitem__)
    is_taken = [line.box == main and line.may_be_text for line in lines]
    taken = _with_headings(lines, is_taken)
    found, before = _words(taken), _words(lines[: is_taken.index(True)])
    is_plain = found >= _HELD_RATIO * _words(lines) and before <= _BEFORE_RATIO * (found + before)
    return MainBox("\n".join(line.text for line in taken), is_plain)


def _words(lines: Iterable[_Line]) -> int:
    return sum(line.word_count for line in lines if line.may_be_text)


def _with_headings(lines: Sequence[_Line], is_taken: Sequence[bool]) -> list[_Line]:
    # Some put each heading into a box of another kind: it is the text's when it stands between two lines of it.
    between = [
        False,
        *(before and after for before, after in zip(is_taken, is_taken[2:], strict=False)),
        False,
    ]
    return [
        line
        for line, taken, amid in zip(lines, is_taken, between, strict=False)
        if taken or (amid and line.tag in _HEADINGS and line.linked_ratio < _MOSTLY_LINKED)
    ]


class _Gathering:
    """The lines of a tree that is walked; a line ends where a block begins or ends."""

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self._links = 0  # open ones
        self._blocks = ["div"]
        self._boxes = [""]
        self._pieces: list[str] = []
        self._linked = 0

    def enter(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag == "a":
            self._links += 1
        elif tag == "br":
            self.end_line()
        elif tag in _BLOCKS:
            self.end_line()
            self._blocks.append(tag)
            if tag not in _INSIDE:
                self._boxes.append(f"{tag} {_DIGITS.sub('', element.get('class') or '')}")
        self.add(element.text)

    def leave(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag == "a":
            self._links -= 1
        elif tag in _BLOCKS:
            self.end_line()
            self._blocks.pop()
            if tag not in _INSIDE:
                self._boxes.pop()

    def add(self, text: str | None) -> None:
        if not text:
            return
        self._pieces.append(text)
        if self._links:
            self._linked += len(" ".join(text.split()))

    def end_line(self) -> None:
        if not self._pieces:
            return
        text = " ".join("".join(self._pieces).split())
        if text:
            ratio = self._linked / len(text)
            line = _Line(text, self._blocks[-1], self._boxes[-1], ratio, count_line_words(text))
            self.lines.append(line)
        self._pieces.clear()
        self._linked = 0


def _lines(tree: HtmlElement) -> list[_Line]:
    found = _Gathering()
    walk = etree.iterwalk(tree, events=("start", "end"))
    unread: HtmlElement | None = None
    for event, element in walk:
        if event == "start":
            if _is_unread(element) and element is not tree:
                unread = element
                walk.skip_subtree()
            else:
                found.enter(element)
            continue
        if element is unread:
            unread = None
        else:
            found.leave(element)
        if element is not tree:
            found.add(element.tail)
    found.end_line()
    return found.lines


def _is_unread(element: HtmlElement) -> bool:
    tag = element.tag
    if tag not in _BLOCKS:
        return tag in _UNREAD
    names, number = element.get("class"), element.get("id")
    return bool(names or number) and _names_addition(f"{names or ''} {number or ''}") and _is_short(element)


def _is_short(element: HtmlElement) -> bool:
    words = 0
    for text in element.itertext():  # a large box is not read to its end
        words += len(text.split())
        if words > _ADDITION_WORDS:
            return False
    return True
