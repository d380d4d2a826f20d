"""The running text of an article out of its page's tree.

Pure: must not fetch, log or read a clock.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

import trafilatura
from trafilatura.settings import Extractor

from crawler.page.article_part import Paragraph, drop_surroundings
from crawler.page.furniture import drop_furniture, drop_unread
from crawler.page.html import parse_html
from crawler.page.mainbox import read_main_box
from crawler.page.standfirst import find_standfirst, words_of
from crawler.page.words import count_line_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.page.metadata import PageMetadata

_MAX_TEXT_CHARS = 1_000_000
_THIN_WORDS = 80  # fewer, and the slower reading or the publisher's articleBody is worth its price
_STRAY_WORDS = 20  # so few are a notice of the page, no beginning of the article
_LONG_LINE_WORDS = 20
_PROSE_RATIO = 0.25  # a text with less of its words in long lines is a list of headlines, no article
_MISSED_RATIO = 1.5  # words in paragraphs that the fast reading left out, to words that it found
_PARAGRAPH_WORDS = 12
_KNOWN_LETTERS = 60
_REPEATED_RATIO = 0.9  # a stated body with fewer distinct runs of words holds its text more than once
_KICKER_WORDS = 12
_NO_PROSE = ("aside", "footer", "nav", "figure", "form")
_FAST, _CAREFUL = (
    Extractor(output_format="python", fast=fast, comments=False, tables=False) for fast in (True, False)
)
_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


def read_text(tree: HtmlElement, page: str, metadata: PageMetadata) -> str:
    """The article's text, a paragraph a line, with its standfirst and without its title; changes ``tree``."""
    headings = (metadata.title or "", *(heading.text_content() for heading in tree.iter("h1")))
    standfirst = find_standfirst(tree, metadata.description)
    drop_unread(tree)
    paragraphs = _paragraphs(tree)
    if sum(one.word_count for one in paragraphs) >= _THIN_WORDS:
        drop_surroundings(tree, paragraphs)
    drop_furniture(tree)
    text = _fuller(_found_text(tree, page, paragraphs), _clean_text(_plain(metadata.article_body or "")))
    return _with_standfirst(_without_title(text, headings), standfirst)


def _found_text(tree: HtmlElement, page: str, paragraphs: Sequence[Paragraph]) -> str:
    """The article's part as it stands where that is plain, else the fast reading of it; of the page the careful one.

    A slower reading is asked where a faster one looks wrong.
    """
    left = set(tree.iter("p"))
    expected = [one for one in paragraphs if one.element in left]
    box = read_main_box(tree)
    standing = _clean_text(box.text) if box is not None else ""
    is_likely = box is not None and not _looks_wrong(standing, expected)
    if box is not None and box.is_plain and is_likely:
        return standing
    text = _main_text(tree, fast=True)
    if not _looks_wrong(text, expected):
        return text
    if is_likely:
        return max(text, standing, key=_likeness)
    if (fresh := parse_html(page)) is None:
        return text
    drop_furniture(fresh)
    return max(text, _main_text(fresh, fast=False), key=_likeness)


def _looks_wrong(text: str, paragraphs: Sequence[Paragraph]) -> bool:
    lines = [count_line_words(line) for line in text.splitlines()]
    found = sum(lines)
    if found < _THIN_WORDS or not _is_prose(lines):
        return True
    missed = sum(one.word_count for one in paragraphs if one.text[:_KNOWN_LETTERS] not in text)
    return missed > _MISSED_RATIO * found


def _likeness(text: str) -> tuple[bool, int]:
    lines = [count_line_words(line) for line in text.splitlines()]
    return _is_prose(lines), sum(lines)


def _is_prose(lines: Sequence[int]) -> bool:
    """Whether enough of a text's words stand in long lines; a line is given by the number of its words."""
    return sum(count for count in lines if count >= _LONG_LINE_WORDS) >= _PROSE_RATIO * max(1, sum(lines))


def _paragraphs(tree: HtmlElement) -> list[Paragraph]:
    shown = (one for one in tree.iter("p") if next(one.iterancestors(*_NO_PROSE), None) is None)
    found = ((one, " ".join(one.text_content().split())) for one in shown)
    counted = (Paragraph(one, text, count_line_words(text)) for one, text in found if text)
    return [one for one in counted if one.word_count >= _PARAGRAPH_WORDS]


def _main_text(tree: HtmlElement, *, fast: bool) -> str:
    found = trafilatura.bare_extraction(tree, options=_FAST if fast else _CAREFUL)
    return _clean_text(str(getattr(found, "text", "") or ""))


def _without_title(text: str, headings: tuple[str, ...]) -> str:
    """The text without first lines that repeat the title or stand above it: a headline is no part of what it heads."""
    titles = {words_of(heading) for heading in headings if heading}
    lines = text.split("\n")
    for number, line in enumerate(lines[:4]):
        if words_of(line) in titles and all(
            count_line_words(above) < _KICKER_WORDS for above in lines[:number]
        ):
            return "\n".join(lines[number + 1 :])
    return text


def _with_standfirst(text: str, standfirst: str | None) -> str:
    clean = _clean_text(standfirst or "")
    if not clean or not text or clean in text or words_of(clean) in words_of(text):
        return text
    return f"{clean}\n{text}"


def _fuller(text: str, stated: str) -> str:
    """The publisher's own ``articleBody`` where it is much fuller than, and holds, what was found."""
    if not stated:
        return text
    words, stated_words = _WORD.findall(text.casefold()), _WORD.findall(stated.casefold())
    if len(stated_words) < max(_THIN_WORDS, 1.3 * len(words)) or _repeats_itself(stated_words):
        return text
    shared = sum((Counter(words) & Counter(stated_words)).values())
    return stated if len(words) < _STRAY_WORDS or shared >= 0.8 * len(words) else text


def _repeats_itself(words: list[str]) -> bool:
    runs = list(zip(words, words[1:], words[2:], words[3:], strict=False))
    return len(set(runs)) < _REPEATED_RATIO * len(runs)


def _plain(body: str) -> str:
    text = html.unescape(body)
    if "<" not in text:
        return text
    tree = parse_html(f"<div>{text}</div>")
    return "\n".join(str(piece) for piece in tree.itertext()) if tree is not None else ""


def _clean_text(text: str) -> str:
    lines = (
        " ".join(_INVISIBLE.sub("", line).split()) for line in unicodedata.normalize("NFC", text).splitlines()
    )
    return "\n".join(line for line in lines if line)[:_MAX_TEXT_CHARS]
