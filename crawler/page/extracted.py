"""What extraction is asked for, and what it gives.

Must import no extractor: the crawl's own process passes these to and fro, and only its workers read pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.hints import PageHints

if TYPE_CHECKING:
    from crawler.dates import StatedTime


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
    extractor: str
    keywords: tuple[str, ...] = ()
