"""Waits as long as a server asks: Retry-After on 429 and 503.

Must not decide whether to retry; Scrapy's retry middleware does, and its retries pass through here.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from crawler.clock import utc_now
from crawler.components import ledger_of
from crawler.middlewares.refused import RefusedRequest
from crawler.refusals import Skipped
from crawler.retry_after import retry_after_seconds
from crawler.urls import host_of
from storage.values import SkipReason

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.statscollectors import StatsCollector

    from crawler.ledger import Ledger

_BUSY = frozenset({429, 503})
_DEFAULT_SECONDS = 5.0


class RetryAfterMiddleware:
    """Holds back a host's requests for as long as its Retry-After says."""

    def __init__(self, stats: StatsCollector, ledger: Ledger, *, max_seconds: float) -> None:
        self._stats = stats
        self._ledger = ledger
        self._max_seconds = max_seconds
        self._not_before: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryAfterMiddleware:
        """Read the longest wait from the settings."""
        longest = crawler.settings.getfloat("NEWSDEDUP_RETRY_AFTER_MAX_SECONDS")
        return cls(crawler.stats, ledger_of(crawler), max_seconds=longest)

    async def process_request(self, request: Request) -> None:
        """Wait a short while, or raise ``RefusedRequest`` where the host asks for a long one."""
        remaining = self._not_before.get(host_of(request.url), 0.0) - time.monotonic()
        if remaining <= 0:
            return
        if remaining > self._max_seconds:
            detail = f"the host asks to wait {remaining:.0f} s"
            raise RefusedRequest(Skipped(SkipReason.TOO_MANY_REQUESTS, detail, remaining))
        await asyncio.sleep(remaining)

    def process_response(self, request: Request, response: Response) -> Response:
        """Remember what a busy host asks for."""
        if response.status in _BUSY:
            seconds = retry_after_seconds(response.headers.get("Retry-After"), utc_now())
            if seconds is not None or response.status == 429:
                wait = _DEFAULT_SECONDS if seconds is None else seconds
                host = host_of(request.url)
                self._not_before[host] = max(self._not_before.get(host, 0.0), time.monotonic() + wait)
                self._ledger.leave_wait(host, wait)
                self._stats.inc_value("newsdedup/host/asked_to_wait")
        return response
