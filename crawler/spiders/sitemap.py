"""The sitemap spider: ``scrapy crawl sitemap -a seeds=PATH``; reads sitemaps and their indexes, nothing else."""

from __future__ import annotations

from typing import ClassVar

from crawler.newsspider import NewsSpider
from storage.values import FeedKind


class SitemapSpider(NewsSpider):
    """Crawls what the sitemaps of a seed file list."""

    name = "sitemap"
    kinds: ClassVar[frozenset[FeedKind]] = frozenset({FeedKind.SITEMAP})
