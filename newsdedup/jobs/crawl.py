"""Runs a crawl in a process of its own, and says how it went; the crawl itself is the crawler's.

A reactor cannot be started twice in one process: a spawned one makes a crawl callable as often as one likes.
"""

from __future__ import annotations

import multiprocessing
import queue
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crawler.seeds import SeedsError, load_seeds
from newsdedup.jobs.crawl_process import CrawlOrder, crawl_in_process
from newsdedup.jobs.crawl_report import progress_of, report_of
from newsdedup.jobs.database import open_database
from newsdedup.jobs.errors import JobError
from storage.crawl_reports import refused_before
from storage.values import RunKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta
    from multiprocessing.process import BaseProcess
    from multiprocessing.queues import Queue
    from pathlib import Path

    from newsdedup.jobs.crawl_report import CrawlProgress, CrawlReport
    from storage.values import JsonValue

_POLL_SECONDS = 0.2
_STOP_SECONDS = 7.0
_LAST_SECONDS = 1.0


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
        if request.seeds is not None:
            _check_seeds(request.seeds)
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
    report = report_of(stats, is_dry_run=request.dry_run)
    return replace(report, refused_before=_refused_before(request, report))


def _check_seeds(path: Path | str) -> None:
    """Tell what is wrong with a seed list before the crawl's own process has loaded to say so."""
    try:
        load_seeds(path)
    except SeedsError as error:
        raise JobError(f"the crawl could not begin: seeds cannot be used:\n{error}") from error


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
            on_progress(progress_of(stats))
