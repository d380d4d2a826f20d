"""Runs a crawl in a process of its own, and says how it went; the crawl itself is the crawler's.

A reactor cannot be started twice in one process: a spawned one makes a crawl callable as often as one likes.
"""

from __future__ import annotations

import multiprocessing
import queue
import threading
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from newsdedup.jobs.crawl_process import CrawlOrder, crawl_in_process
from newsdedup.jobs.database import open_database
from newsdedup.jobs.errors import JobError
from storage.crawl_reports import refused_before
from storage.values import FeedKind, FetchOutcome, RunKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta
    from multiprocessing.process import BaseProcess
    from multiprocessing.queues import Queue
    from pathlib import Path

    from storage.values import JsonValue

_POLL_SECONDS = 0.2
_STOP_SECONDS = 7.0
_LAST_SECONDS = 1.0
_SKIPPED = "/skipped/"
_AS_BEFORE = (FetchOutcome.NOT_MODIFIED, FetchOutcome.UNCHANGED)
_ANSWERED = (FetchOutcome.READ, *_AS_BEFORE)
_SETTLED = tuple(
    f"newsdedup/article/{what}" for what in ("new", "updated", "unchanged", "not_modified", "skipped/")
)


@dataclass(frozen=True, slots=True)
class CrawlRequest:
    """What to crawl and how; ``settings`` override Scrapy's and the crawler's own."""

    database_url: str
    seeds: Path | str | None = None
    urls: tuple[str, ...] = ()
    limit: int | None = None
    since: str | None = None
    due: bool = False
    dry_run: bool = False
    contact: str | None = None
    keep_html: Path | str | None = None
    window: timedelta | None = None
    loopback_hosts: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, JsonValue] = field(default_factory=dict)
    kind: RunKind = RunKind.CRAWL
    log_level: str = "WARNING"
    log_format: str = "text"


@dataclass(frozen=True, slots=True)
class CrawlProgress:
    """How far a crawl is; counts so far.

    ``settled_count`` of the ``found_count`` addresses that this run's lists were the first to name are done with;
    it exceeds them where earlier runs left some.
    """

    page_count: int
    article_count: int
    found_count: int
    settled_count: int
    skipped: Mapping[str, int]
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What a crawl did; ``skipped`` counts refusals by reason, ``stats`` are all counters of the run.

    ``refused_before`` counts, by reason, what the lists name, where earlier runs refused all of it.
    """

    run_id: int | None
    finish_reason: str
    elapsed_seconds: float
    page_count: int
    new_count: int
    updated_count: int
    unchanged_count: int
    listed_count: int
    pair_count: int
    skipped: Mapping[str, int]
    stats: Mapping[str, JsonValue]
    refused_before: Mapping[str, int] = field(default_factory=dict)

    @property
    def was_stopped(self) -> bool:
        """Whether it was asked to stop before it was done."""
        return bool(self.stats.get("newsdedup/run/stopped"))

    @property
    def taken_count(self) -> int:
        """Sources that it worked on."""
        return _count(self.stats, "newsdedup/source/taken")

    @property
    def left_count(self) -> int:
        """Sources that were left to another run, which works on them."""
        return _count(self.stats, "newsdedup/source/skipped/source_leased")

    @property
    def error_count(self) -> int:
        """Pages and lists lost to an error of the program itself; the log tells where."""
        return _count(self.stats, "spider_exceptions/count")

    @property
    def came_to_nothing(self) -> bool:
        """Whether all that it asked for was refused, now or before: nothing stored, and no article known there."""
        if self.refused_before:
            return True
        count = partial(_count, self.stats)
        answered = sum(count(f"newsdedup/{kind}/{how}") for kind in FeedKind for how in _ANSWERED)
        left_out = _total(self.stats, "newsdedup/url/skipped/")
        is_known = self.listed_count > count("newsdedup/url/new") + left_out or any(
            count(f"newsdedup/{kind}/{how}") for kind in FeedKind for how in _AS_BEFORE
        )
        # Of a dry run, which stores nothing, the articles read are counted.
        is_read = self.unchanged_count > 0 or count("item_scraped_count") > 0
        is_refused = not answered or bool(self.refused_pages)
        return is_refused and not (is_read or is_known or self.was_stopped or self.left_count)

    @property
    def refused_pages(self) -> Mapping[str, int]:
        """Article pages refused, by reason."""
        return _skipped(self.stats, "newsdedup/article/")

    @property
    def skipped_count(self) -> int:
        """Pages and lists refused for any reason."""
        return sum(self.skipped.values())


def run_crawl(
    request: CrawlRequest,
    on_progress: Callable[[CrawlProgress], None] | None = None,
    *,
    stop: threading.Event | None = None,
) -> CrawlReport:
    """Crawl to the end: fetch, extract, store, find copies. Writes to the database, creating it when missing.

    Once ``stop`` is set, the crawl ends within ten seconds, with what it has stored.

    Raises:
        JobError: the crawl could not be started or did not end well; what was stored is kept.
        StorageError: the database cannot be used.
    """
    if request.seeds is None and not request.urls and not request.due:
        raise JobError("nothing to crawl: name a seed file or an address")
    context = multiprocessing.get_context("spawn")
    messages: Queue[tuple[str, dict[str, JsonValue]]] = context.Queue()
    may_begin = context.Event()
    process = context.Process(target=crawl_in_process, args=(_order(request), messages, may_begin))
    process.start()
    try:
        if not request.dry_run:  # made ready while the process loads
            open_database(request.database_url, create=True).kw["bind"].dispose()
        may_begin.set()
        stats = _follow(process, messages, on_progress, stop or threading.Event())
    except BaseException:
        process.terminate()  # Ctrl-C: the crawl stops gracefully and gives back what it had claimed
        process.join(timeout=60)
        raise
    process.join(timeout=_LAST_SECONDS)
    process.kill()  # it has said its last word: all is stored
    process.join()
    report = _report(stats, request)
    return replace(report, refused_before=_refused_before(request, report))


def _refused_before(request: CrawlRequest, report: CrawlReport) -> Mapping[str, int]:
    is_read = report.new_count or report.updated_count or report.unchanged_count
    if report.run_id is None or is_read or report.was_stopped or report.left_count:
        return {}
    sessions = open_database(request.database_url)
    try:
        with sessions() as session:
            return refused_before(session, report.run_id)
    finally:
        sessions.kw["bind"].dispose()


def _order(request: CrawlRequest) -> CrawlOrder:
    settings: dict[str, JsonValue] = {
        "NEWSDEDUP_DATABASE_URL": request.database_url,
        "NEWSDEDUP_DRY_RUN": request.dry_run,
        "NEWSDEDUP_RUN_KIND": request.kind.value,
        "LOG_LEVEL": request.log_level,
    }
    if request.loopback_hosts:
        settings["NEWSDEDUP_LOOPBACK_HOSTS"] = dict(request.loopback_hosts)
    if request.contact:
        settings["NEWSDEDUP_CONTACT"] = request.contact
    if request.keep_html:
        settings["NEWSDEDUP_KEEP_HTML"] = str(request.keep_html)
    if request.window is not None:
        settings["NEWSDEDUP_WINDOW_SECONDS"] = request.window.total_seconds()
    arguments: dict[str, str | None] = {
        "since": request.since,
        "limit": str(request.limit) if request.limit is not None else None,
        "due": "1" if request.due else "0",
    }
    if request.urls:
        spider = "site"
        arguments["urls"] = " ".join(request.urls)
    else:
        spider = "news"
    if request.seeds is not None:
        arguments["seeds"] = str(request.seeds)
    return CrawlOrder(spider, {**settings, **request.settings}, arguments, request.log_format)


def _follow(
    process: BaseProcess,
    messages: Queue[tuple[str, dict[str, JsonValue]]],
    on_progress: Callable[[CrawlProgress], None] | None,
    stop: threading.Event,
) -> Mapping[str, JsonValue]:
    stopped_at: float | None = None
    while True:
        if stop.is_set() and stopped_at is None:
            stopped_at = time.monotonic()
            process.terminate()
        if stopped_at is not None and time.monotonic() - stopped_at > _STOP_SECONDS:
            process.kill()
        try:
            kind, stats = messages.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            if process.is_alive():
                continue
            if stopped_at is not None:
                return {"newsdedup/run/stopped": 1, "newsdedup/run/done": 1}  # killed: the next run goes on
            raise JobError(
                f"the crawl process ended with code {process.exitcode}; see its messages"
            ) from None
        if kind == "failed":
            raise JobError(f"the crawl could not begin: {stats.get('error')}")
        if kind == "done":
            return stats
        if on_progress is not None:
            on_progress(_progress(stats))


def _progress(stats: Mapping[str, JsonValue]) -> CrawlProgress:
    return CrawlProgress(
        page_count=_count(stats, "newsdedup/article/fetched"),
        article_count=sum(
            _count(stats, f"newsdedup/article/{what}") for what in ("new", "updated", "unchanged")
        ),
        found_count=_count(stats, "newsdedup/url/new"),
        settled_count=_total(stats, *_SETTLED),
        skipped=_skipped(stats),
        elapsed_seconds=_seconds(stats),
    )


def _report(stats: Mapping[str, JsonValue], request: CrawlRequest) -> CrawlReport:
    failure = stats.get("newsdedup/run/failed")
    if failure:
        raise JobError(f"the crawl stopped: {failure}; what was stored before is kept")
    reason = stats.get("finish_reason", "unknown")
    if not stats.get("newsdedup/run/done") or reason == "start_error":
        # Scrapy goes on after errors of a spider's start and end: without the mark that all was stored, it was not.
        raise JobError(
            f"the crawl did not end well ({reason}); its messages say why, what was stored before is kept"
        )
    run_id = stats.get("newsdedup/run/id")
    return CrawlReport(
        run_id=run_id if isinstance(run_id, int) and not request.dry_run else None,
        finish_reason=str(stats.get("finish_reason", "")),
        elapsed_seconds=_seconds(stats),
        page_count=_count(stats, "newsdedup/article/fetched"),
        new_count=_count(stats, "newsdedup/article/new"),
        updated_count=_count(stats, "newsdedup/article/updated"),
        unchanged_count=_count(stats, "newsdedup/article/unchanged")
        + _count(stats, "newsdedup/article/not_modified"),
        listed_count=_count(stats, "newsdedup/url/listed"),
        pair_count=_count(stats, "newsdedup/pair/found"),
        skipped=_skipped(stats),
        stats=dict(stats),
    )


def _skipped(stats: Mapping[str, JsonValue], what: str = "newsdedup/") -> dict[str, int]:
    counts: dict[str, int] = {}
    for key, value in sorted(stats.items()):
        if key.startswith(what) and _SKIPPED in key and isinstance(value, int):
            reason = key.partition(_SKIPPED)[2]
            counts[reason] = counts.get(reason, 0) + value
    return counts


def _count(stats: Mapping[str, JsonValue], key: str) -> int:
    value = stats.get(key, 0)
    return value if isinstance(value, int) else 0


def _total(stats: Mapping[str, JsonValue], *beginnings: str) -> int:
    return sum(_count(stats, key) for key in stats if key.startswith(beginnings))


def _seconds(stats: Mapping[str, JsonValue]) -> float:
    value = stats.get("elapsed_time_seconds", 0.0)
    return float(value) if isinstance(value, (int, float)) else 0.0
