"""The site spider: ``scrapy crawl site -a urls=https://news.example/``; finds feeds and sitemaps by itself.

Must not wander: it reads the pages it was given, what robots.txt names, and the lists that these announce.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from crawler.lists.listings import Listing
from crawler.newsspider import NewsSpider
from crawler.urls import canonical_url, host_of, site_of
from storage.feeds import KnownFeed
from storage.values import FeedKind, Source

if TYPE_CHECKING:
    from collections.abc import Iterable


class SiteSpider(NewsSpider):
    """Crawls sites, feeds, sitemaps or single articles, whatever the addresses turn out to be."""

    name = "site"

    def __init__(self, urls: str | None = None, **arguments: Any) -> None:  # noqa: ANN401  # Scrapy passes -a arguments
        super().__init__(**arguments)
        self._urls = tuple(dict.fromkeys(canonical_url(url) for url in (urls or "").split()))
        self.request["urls"] = list(self._urls)

    def listings(self) -> Iterable[KnownFeed]:
        """The addresses as given, and the robots.txt of their hosts."""
        robots = dict.fromkeys(urljoin(url, "/robots.txt") for url in self._urls)
        for url in dict.fromkeys((*self._urls, *robots)):
            yield KnownFeed(url, FeedKind.SECTION, _source_of(url))

    async def first_lists(self) -> list[Listing]:
        """The addresses as given, each to be found out what it is."""
        return [Listing(one.record, discovers=True) for one in await super().first_lists()]


def _source_of(url: str) -> Source:
    host = site_of(host_of(url))
    return Source(host, urljoin(url, "/"), host)
