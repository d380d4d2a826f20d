"""The feed spider: ``scrapy crawl feed -a seeds=PATH``; polls RSS, Atom and JSON feeds, nothing else."""

from __future__ import annotations

from typing import ClassVar

from crawler.newsspider import NewsSpider
from storage.values import FeedKind


class FeedSpider(NewsSpider):
    """Crawls what the feeds of a seed file list."""

    name = "feed"
    kinds: ClassVar[frozenset[FeedKind]] = frozenset({FeedKind.FEED})
