"""The section spider: ``scrapy crawl section -a seeds=PATH``; follows links that look like articles, one step."""

from __future__ import annotations

from typing import ClassVar

from crawler.newsspider import NewsSpider
from storage.values import FeedKind


class SectionSpider(NewsSpider):
    """Crawls what the section pages of a seed file link to."""

    name = "section"
    kinds: ClassVar[frozenset[FeedKind]] = frozenset({FeedKind.SECTION})
