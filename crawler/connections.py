"""Scrapy's HTTP handler, made to keep as many connections to a proxy as requests may be under way.

Must not change how a request is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class KeptConnectionsHandler(HTTP11DownloadHandler):
    """Scrapy keeps so many as one host may be asked at once; behind a proxy all hosts are one, and the rest were closed."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.maxPersistentPerHost = crawler.settings.getint("CONCURRENT_REQUESTS")
