"""The inside of the crawl process: Scrapy's settings in code, one spider, its counters sent home.

Must be importable without side effects: the process is spawned, and imports it by name.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from newsdedup.json_log import JsonFormatter
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Event

    from scrapy.crawler import Crawler

    from crawler.stopping import Stopper
    from storage.values import JsonValue

logger = logging.getLogger(__name__)

_PROGRESS_SECONDS = 0.5
_PARENT_SECONDS = 1.0
# What a crawl that was asked to stop leaves to requests and pages under way.
_GRACE_SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class CrawlOrder:
    """Which spider to run, with which settings and arguments; everything can be pickled."""

    spider: str
    settings: Mapping[str, JsonValue]
    arguments: Mapping[str, str | None]
    log_format: str = "text"


def crawl_in_process(
    order: CrawlOrder, messages: Queue[tuple[str, dict[str, JsonValue]]], may_begin: Event
) -> None:
    """Run one crawl to its end; sends ``progress``, then ``done`` or ``failed``, and ends the process.

    What it needs is loaded first; no database is touched before ``may_begin`` is set.
    """
    _crawl(order, messages, may_begin)
    messages.close()
    messages.join_thread()
    logging.shutdown()
    # All is stored: to take a program of this size apart, object by object, takes up to a second of processor time.
    os._exit(0)


def _crawl(order: CrawlOrder, messages: Queue[tuple[str, dict[str, JsonValue]]], may_begin: Event) -> None:
    from crawler.workers import start_fork_server  # noqa: PLC0415  as below

    # Or every worker would import anew what this process was spawned from: the program, which needs the database.
    sys.modules["__main__"] = ModuleType("__main__")
    start_fork_server()  # loads beside this process
    from scrapy import signals  # noqa: PLC0415  as below
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415  installs the reactor: only in this process

    from crawler.garbage import collect_seldom  # noqa: PLC0415  as above
    from crawler.stopping import Stopper  # noqa: PLC0415  as above

    reporter = _Reporter(messages)
    try:
        is_json = order.log_format == "json"
        settings = {**_settings(order), "LOG_INSTALL_ROOT_HANDLER": not is_json}
        process = AsyncCrawlerProcess(settings)
        crawler = process.create_crawler(order.spider)
        if is_json:
            _log_as_json(crawler)
        stopper = Stopper(crawler, _end_loop, grace_seconds=_GRACE_SECONDS)
        crawler.signals.connect(stopper.listen, signal=signals.spider_opened)
        _stop_when_orphaned(crawler, stopper)
        crawler.signals.connect(reporter.opened, signal=signals.spider_opened)
        crawler.signals.connect(reporter.closed, signal=signals.engine_stopped)
        reporter.crawler = crawler
        _wait_for(may_begin)
        task = process.crawl(crawler, **order.arguments)
        _log_nothing_below(str(crawler.settings["LOG_LEVEL"]))
        collect_seldom()
        process.start(install_signal_handlers=False)
        error = task.exception() if task.done() and not task.cancelled() else None
    except Exception as raised:  # noqa: BLE001  the boundary of the process: the parent tells the user
        error = raised
    if error is not None:
        messages.put(("failed", {"error": _explained(error)}))
    elif not reporter.has_opened:
        messages.put(("failed", {"error": "stopped before it began"}))
    else:
        messages.put(("done", reporter.numbers()))


def _wait_for(may_begin: Event) -> None:
    parent = multiprocessing.parent_process()
    while not may_begin.wait(_PARENT_SECONDS):
        if parent is not None and not parent.is_alive():
            os._exit(1)  # nobody will ever say so


def _log_nothing_below(level: str) -> None:
    # Scrapy makes a record of every request and item before its handler turns it away.
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is not None:
        logging.disable(number - 1)


def _log_as_json(crawler: Crawler) -> None:
    def run_id() -> object:
        return crawler.stats.get_value("newsdedup/run/id") if crawler.stats is not None else None

    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(run_id))
    logging.basicConfig(level=crawler.settings["LOG_LEVEL"], handlers=[handler], force=True)


def _stop_when_orphaned(crawler: Crawler, stopper: Stopper) -> None:
    """Stop when the process that started this one is gone: nobody else would."""
    from scrapy import signals  # noqa: PLC0415  as above

    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait(loop: asyncio.AbstractEventLoop) -> None:
        parent.join()
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(stopper.stop)

    def watch() -> None:
        threading.Thread(target=wait, args=(asyncio.get_running_loop(),), daemon=True).start()

    crawler.signals.connect(watch, signal=signals.spider_opened, weak=False)


def _end_loop() -> None:
    from twisted.internet import reactor  # noqa: PLC0415  the one that this process has installed

    reactor.stop()  # type: ignore[misc]  # declared without self


def _explained(error: BaseException) -> str:
    """What went wrong first: closing what never opened raises errors of its own."""
    while error.__context__ is not None and not error.__suppress_context__:
        error = error.__context__
    if isinstance(error, (StorageError, ValueError, KeyError)):  # these are worded for the user
        return str(error.args[0]) if error.args else type(error).__name__
    logger.error("the crawl process failed", exc_info=error)
    return f"{type(error).__name__}: {error}"


def _settings(order: CrawlOrder) -> dict[str, object]:
    from crawler import settings as project  # noqa: PLC0415  reads the environment of this process

    values: dict[str, object] = {name: getattr(project, name) for name in dir(project) if name.isupper()}
    values.update(order.settings)
    return values


class _Reporter:
    """Sends the counters home every half second while the spider is open."""

    def __init__(self, messages: Queue[tuple[str, dict[str, JsonValue]]]) -> None:
        self.crawler: Crawler | None = None
        self.has_opened = False
        self._messages = messages
        self._started = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None

    def opened(self) -> None:
        """Report now, and again later."""
        self.has_opened = True
        numbers = self.numbers()
        numbers["elapsed_time_seconds"] = time.monotonic() - self._started
        self._messages.put(("progress", numbers))
        self._timer = asyncio.get_running_loop().call_later(_PROGRESS_SECONDS, self.opened)

    def closed(self) -> None:
        """Report no more."""
        if self._timer is not None:
            self._timer.cancel()

    def numbers(self) -> dict[str, JsonValue]:
        """The counters so far; there are none before the spider has opened."""
        if self.crawler is None or not self.has_opened:
            return {}
        stats = self.crawler.stats.get_stats()
        return {key: value for key, value in stats.items() if isinstance(value, (int, float, str))}
