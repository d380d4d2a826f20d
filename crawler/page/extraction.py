"""A news page's bytes into an article's text and metadata.

Pure: must not fetch, log or read a clock. It costs about 10 ms a page, so the crawl calls it in worker processes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import trafilatura
from htmldate import find_date

from crawler.dates import StatedTime, is_plausible, parse_time
from crawler.page.bodytext import read_text
from crawler.page.credits import agency_credit
from crawler.page.extracted import Extracted, ExtractionConfig
from crawler.page.html import decode_html, looks_like_html, parse_html
from crawler.page.metadata import PageMetadata, read_metadata
from crawler.page.standins import standing_in
from crawler.page.words import count_words
from crawler.refusals import Skipped
from storage.values import SkipReason

if TYPE_CHECKING:
    from datetime import datetime

# 8: paragraphs that stand in boxes of one kind are the text;
# 7: of several articles that a page describes the one that it shows; pages that stand in for others are refused;
# 6: the text is looked for in the article's part of the page; 5: of two titles the one that a heading repeats;
# 4: icons inside a sentence cut it no more; 3: standfirst in, lists of links and captions out
EXTRACTOR_VERSION = 8
EXTRACTOR = f"newsdedup-{EXTRACTOR_VERSION}/trafilatura-{trafilatura.__version__}"
MAX_PAGE_BYTES = 8_000_000
# Where a page itself says when it was published: a feed goes on to say so of a page that is gone.
_OWN_WORD = frozenset({"json_ld", "meta", "microdata"})
_FIRST_DAY = re.compile(r"\b(?:0?1[./-]0?1|jan\w*\.? 0?1|0?1\W{1,3}jan\w*)\b|1月1日|0101", re.IGNORECASE)
_INDEX_WORDS = 200  # a page that calls itself a list is believed unless it holds this much running text


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
    text = read_text(tree, page, metadata)
    word_count = count_words(text)
    if refusal := _refusal(metadata, word_count, config.min_words):
        return refusal
    return _extracted(text, word_count, metadata, _published(metadata, page, url, now, config))


def _refusal(metadata: PageMetadata, word_count: int, min_words: int) -> Skipped | None:
    if metadata.part_of_url is not None:
        return Skipped(SkipReason.NOT_ARTICLE, f"a later part of {metadata.part_of_url}"[:300])
    if metadata.looks_like_index and not metadata.published and word_count < _INDEX_WORDS:
        return Skipped(SkipReason.NOT_ARTICLE, "the page describes itself as a list or a site")
    if (name := _stand_in_name(metadata, word_count)) is not None:
        return Skipped(SkipReason.NOT_ARTICLE, f"the page stands in for another: {name[:100]!r}")
    if word_count == 0:
        return Skipped(SkipReason.NO_TEXT, "no running text found")
    if word_count < min_words:
        return Skipped(SkipReason.TOO_SHORT, f"{word_count} words, at least {min_words} make an article")
    if not metadata.title:
        return Skipped(SkipReason.NO_TITLE, "no title in metadata, headings or feed")
    return None


def _stand_in_name(metadata: PageMetadata, word_count: int) -> str | None:
    is_dated = metadata.published is not None and metadata.published.origin in _OWN_WORD
    if metadata.describes_article or is_dated:
        return None
    return standing_in(metadata.document_title, metadata.headings, word_count)


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
        keywords=metadata.keywords,
        extractor=EXTRACTOR,
    )


def _published(
    metadata: PageMetadata, page: str, url: str, now: datetime, config: ExtractionConfig
) -> StatedTime | None:
    if metadata.published is not None or not config.use_htmldate:
        return metadata.published
    found = find_date(page, extensive_search=True, original_date=True, url=url, outputformat="%Y-%m-%d")
    stated = parse_time(found, origin="htmldate") if found else None
    if stated is None or not is_plausible(stated.at, now):
        return None
    # Of a year alone ("/2026/the-story") htmldate makes its first day.
    is_year = (stated.at.month, stated.at.day) == (1, 1) and not _FIRST_DAY.search(page)
    return None if is_year else stated
