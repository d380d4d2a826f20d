"""A news page's bytes into an article's text and metadata.

Pure: must not fetch, log or read a clock. It costs 10-20 ms a page, so the crawl calls it in worker processes.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trafilatura
from htmldate import find_date

from crawler.credits import agency_credit
from crawler.dates import StatedTime, is_plausible, parse_time
from crawler.html import decode_html, looks_like_html, parse_html
from crawler.metadata import PageHints, PageMetadata, read_metadata
from crawler.refusals import Skipped
from storage.values import SkipReason

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.html import HtmlElement

EXTRACTOR_VERSION = 2  # 2: neither the title nor appeals are text
EXTRACTOR = f"newsdedup-{EXTRACTOR_VERSION}/trafilatura-{trafilatura.__version__}"
MAX_PAGE_BYTES = 8_000_000
_MAX_TEXT_CHARS = 1_000_000
_THIN_WORDS = 80  # fewer, and the slower reading or the publisher's articleBody is worth its price
_STRAY_WORDS = 20  # so few are a notice of the page, no beginning of the article
_INDEX_WORDS = 200  # a page that calls itself a list is believed unless it holds this much running text
_FURNITURE_WORDS = 60  # an appeal is short; what holds more may be a page's body with an unlucky name
# Appeals for money and subscriptions, told by what publishers call their boxes; a whole class or id, or a part of it.
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:support(?:-?us)?|donat(?:e|ion)s?|newsletters?|subscri(?:be|ption)s?|sign-?up)"
    r"(?:[\s_-](?:box|banner|block|promo|cta|module|widget|appeal|form|inline|teaser|message))?(?:$|\s)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces: two characters count for a word.
_SPACELESS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
)
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")


@dataclass(frozen=True, slots=True)
class ExtractionConfig:
    """What counts as an article."""

    min_words: int = 30
    use_htmldate: bool = True
    hints: PageHints = field(default_factory=PageHints)


@dataclass(frozen=True, slots=True)
class Extracted:
    """An article as read from one page; times aware UTC, addresses canonical."""

    title: str
    text: str
    word_count: int
    byline: str | None
    language: str | None
    published: StatedTime | None
    modified: StatedTime | None
    section: str | None
    image_url: str | None
    is_paywalled: bool | None
    refuses_ai_training: bool | None
    same_site_url: str | None
    declared_canonical_url: str | None
    declared_original_url: str | None
    credit: str | None
    extractor: str = EXTRACTOR


def extract_article(
    body: bytes,
    url: str,
    *,
    now: datetime,
    content_type: str | None = None,
    config: ExtractionConfig | None = None,
) -> Extracted | Skipped:
    """The article on a page, or why there is none.

    ``url`` is the address the page came from, ``now`` the time of the fetch, ``content_type`` the HTTP header.
    """
    config = config or ExtractionConfig()
    if len(body) > MAX_PAGE_BYTES:
        return Skipped(SkipReason.TOO_LARGE, f"{len(body)} bytes, at most {MAX_PAGE_BYTES} are read")
    if not looks_like_html(body):
        return Skipped(SkipReason.NOT_HTML, f"no HTML markup, content type {content_type!r}")
    page = decode_html(body, content_type)
    tree = parse_html(page)
    if tree is None:
        return Skipped(SkipReason.NOT_HTML, "the markup gives no tree")
    metadata = read_metadata(tree, url, config.hints, now)
    text = _without_title(_best_text(tree, page, metadata), metadata.title)
    word_count = count_words(text)
    if refusal := _refusal(metadata, word_count, config.min_words):
        return refusal
    return _extracted(text, word_count, metadata, _published(metadata, page, url, now, config))


def count_words(text: str) -> int:
    """Words of a text; in scripts without spaces two characters count for one."""
    spaceless = len(_SPACELESS.findall(text))
    return len(_WORD.findall(_SPACELESS.sub(" ", text))) + spaceless // 2


def _refusal(metadata: PageMetadata, word_count: int, min_words: int) -> Skipped | None:
    if metadata.looks_like_index and not metadata.published and word_count < _INDEX_WORDS:
        return Skipped(SkipReason.NOT_ARTICLE, "the page describes itself as a list or a site")
    if word_count == 0:
        return Skipped(SkipReason.NO_TEXT, "no running text found")
    if word_count < min_words:
        return Skipped(SkipReason.TOO_SHORT, f"{word_count} words, at least {min_words} make an article")
    if not metadata.title:
        return Skipped(SkipReason.NO_TITLE, "no title in metadata, headings or feed")
    return None


def _extracted(text: str, word_count: int, metadata: PageMetadata, published: StatedTime | None) -> Extracted:
    return Extracted(
        title=metadata.title or "",
        text=text,
        word_count=word_count,
        byline=metadata.byline,
        language=metadata.language,
        published=published,
        modified=metadata.modified,
        section=metadata.section,
        image_url=metadata.image_url,
        is_paywalled=metadata.is_paywalled,
        refuses_ai_training=metadata.refuses_ai_training,
        same_site_url=metadata.same_site_url,
        declared_canonical_url=metadata.declared_canonical_url,
        declared_original_url=metadata.declared_original_url,
        credit=agency_credit(text, metadata.byline),
    )


def _best_text(tree: HtmlElement, page: str, metadata: PageMetadata) -> str:
    _drop_furniture(tree)
    text = _main_text(tree, fast=True)
    if count_words(text) < _THIN_WORDS and (fresh := parse_html(page)) is not None:
        _drop_furniture(fresh)
        text = max(text, _main_text(fresh, fast=False), key=count_words)
    return _fuller(text, _clean_text(_plain(metadata.article_body or "")))


def _drop_furniture(tree: HtmlElement) -> None:
    for element in tree.xpath("//div | //aside | //section | //form"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if _FURNITURE.search(names) and count_words(element.text_content()) <= _FURNITURE_WORDS:
            element.drop_tree()


def _without_title(text: str, title: str | None) -> str:
    """The text without a first line that only repeats the title: a headline is no part of what it heads."""
    first, _, rest = text.partition("\n")
    words = _WORD.findall(first.casefold())
    return rest if words and words == _WORD.findall((title or "").casefold()) else text


def _main_text(tree: HtmlElement, *, fast: bool) -> str:
    found = trafilatura.bare_extraction(
        tree,
        fast=fast,
        favor_precision=True,
        include_comments=False,
        include_tables=False,
        with_metadata=False,
    )
    return _clean_text(str(getattr(found, "text", "") or ""))


def _fuller(text: str, stated: str) -> str:
    """The publisher's own ``articleBody`` where it is much fuller than, and holds, what was found."""
    words, stated_words = _WORD.findall(text.casefold()), _WORD.findall(stated.casefold())
    if len(stated_words) < max(_THIN_WORDS, 1.3 * len(words)):
        return text
    shared = sum((Counter(words) & Counter(stated_words)).values())
    return stated if len(words) < _STRAY_WORDS or shared >= 0.8 * len(words) else text


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


def _published(
    metadata: PageMetadata, page: str, url: str, now: datetime, config: ExtractionConfig
) -> StatedTime | None:
    if metadata.published is not None or not config.use_htmldate:
        return metadata.published
    found = find_date(page, extensive_search=True, original_date=True, url=url, outputformat="%Y-%m-%d")
    stated = parse_time(found, origin="htmldate") if found else None
    return stated if stated and is_plausible(stated.at, now) else None
