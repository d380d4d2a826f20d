"""The news spider: ``scrapy crawl news -a seeds=PATH``; feeds, sitemaps and section pages together."""

from __future__ import annotations

from crawler.newsspider import NewsSpider


class AllNewsSpider(NewsSpider):
    """Crawls every list of a seed file; what ``newsdedup crawl SEEDS`` runs."""

    name = "news"
