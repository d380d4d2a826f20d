"""The inside of the crawl process: Scrapy's settings in code, one spider, its counters sent home.

Must be importable without side effects: the process is spawned, and imports it by name.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.queues import Queue

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from storage.values import JsonValue

_PROGRESS_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class CrawlOrder:
    """Which spider to run, with which settings and arguments; everything can be pickled."""

    spider: str
    settings: Mapping[str, JsonValue]
    arguments: Mapping[str, str | None]


def crawl_in_process(order: CrawlOrder, messages: Queue[tuple[str, dict[str, JsonValue]]]) -> None:
    """Run one crawl to its end; sends ``progress``, then ``done`` or ``failed``."""
    from scrapy import signals  # noqa: PLC0415  as below
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415  installs the reactor: only in this process

    process = AsyncCrawlerProcess(_settings(order))
    try:
        crawler = process.create_crawler(order.spider)
        reporter = _Reporter(messages, crawler)
        crawler.signals.connect(reporter.opened, signal=signals.spider_opened)
        crawler.signals.connect(reporter.closed, signal=signals.engine_stopped)
        task = process.crawl(crawler, **order.arguments)
        process.start()
        error = task.exception() if task.done() and not task.cancelled() else None
    except (ValueError, KeyError) as raised:
        error = raised
    if error is not None:
        messages.put(("failed", {"error": str(error)}))
        return
    messages.put(("done", _numbers(crawler.stats)))


def _settings(order: CrawlOrder) -> dict[str, object]:
    from crawler import settings as project  # noqa: PLC0415  reads the environment of this process

    values: dict[str, object] = {name: getattr(project, name) for name in dir(project) if name.isupper()}
    values.update(order.settings)
    return values


class _Reporter:
    """Sends the counters home every half second while the spider is open."""

    def __init__(self, messages: Queue[tuple[str, dict[str, JsonValue]]], crawler: Crawler) -> None:
        self._messages = messages
        self._crawler = crawler
        self._started = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None

    def opened(self) -> None:
        """Report now, and again later."""
        numbers = _numbers(self._crawler.stats)
        numbers["elapsed_time_seconds"] = time.monotonic() - self._started
        self._messages.put(("progress", numbers))
        self._timer = asyncio.get_running_loop().call_later(_PROGRESS_SECONDS, self.opened)

    def closed(self) -> None:
        """Report no more."""
        if self._timer is not None:
            self._timer.cancel()


def _numbers(stats: StatsCollector) -> dict[str, JsonValue]:
    return {key: value for key, value in stats.get_stats().items() if isinstance(value, (int, float, str))}
