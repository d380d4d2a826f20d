"""AutoThrottle that never goes below the delay a site's robots.txt asks for.

Must not read robots.txt itself; Scrapy announces every one it has parsed.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.extensions.throttle import AutoThrottle

from crawler.components import ledger_of
from crawler.urls import host_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

_MAX_CRAWL_DELAY_SECONDS = 60.0


class CrawlDelayThrottle(AutoThrottle):
    """Scrapy's AutoThrottle with Crawl-delay as the floor of a host's delay."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._agent = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        self._floors: dict[str, float] = {}
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        # Scrapy's parser interface hides the delay; Protego, its default, knows it.
        parsed = getattr(robotparser, "rp", None)
        delay = parsed.crawl_delay(self._agent) if parsed is not None else None
        if delay:
            host = host_of(request.url)
            self._floors[host] = min(float(delay), _MAX_CRAWL_DELAY_SECONDS)
            ledger_of(self.crawler).leave_wait(host, self._floors[host])
            self.crawler.stats.inc_value("newsdedup/host/crawl_delay_kept")
            slot = self.crawler.engine.downloader.slots.get(host) if self.crawler.engine else None
            if slot is not None:
                slot.delay, slot.concurrency, slot.jitter = max(slot.delay, self._floors[host]), 1, 0.0

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        floor = self._floors.get(host_of(response.url), 0.0)
        if floor:
            slot.delay, slot.concurrency, slot.jitter = max(slot.delay, floor), 1, 0.0
