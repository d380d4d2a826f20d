"""Crawls what is due, again and again: looks, crawls in a process of its own, waits until the next thing is due.

The schedule itself is in the database, feed by feed, so that any number of schedulers on any number of machines share
it and a restart loses nothing. Must not crawl in this process.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.seeds import SeedsError
from newsdedup.jobs.add_feeds import add_feeds
from newsdedup.jobs.crawl import run_crawl
from newsdedup.jobs.database import open_database
from newsdedup.jobs.errors import JobError
from storage.due import due_sources, list_schedule, next_due_at
from storage.errors import StorageError
from storage.leases import database_time

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from newsdedup.jobs.crawl import CrawlRequest
    from newsdedup.jobs.crawl_report import CrawlProgress, CrawlReport
    from storage.due import SourceSchedule

# Between the end of one crawl and the next look: work that others hold must not make this process spin.
_SHORTEST_PAUSE_SECONDS = 2.0
# After each failure in a row twice as long, up to this: what failed may well be over in a minute.
_LONGEST_PAUSE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to hear of rounds: when one ended, failed, or makes progress."""

    ended: Callable[[CrawlReport], None]
    failed: Callable[[Exception], None]
    progress: Callable[[CrawlProgress], None] | None = None


def run_schedule(
    request: CrawlRequest,
    listener: Listener,
    stop: threading.Event,
    *,
    look_seconds: float = 60.0,
    rounds: int | None = None,
) -> None:
    """Crawl what is due until ``stop`` is set, or for so many rounds; a failed round is told, and followed by others.

    The feeds of the request's seeds are added before each look, so that an edited seed file counts from then on;
    feeds known from earlier crawls and imports are asked as well. Waits at most ``look_seconds`` between looks, by a
    clock that nobody sets: a jump of the machine's clock delays nothing for longer.
    """
    failures, done = 0, 0
    while not stop.is_set() and (rounds is None or done < rounds):
        try:
            has_work, wait = _look(request, look_seconds)
            if has_work:
                done += 1
                listener.ended(run_crawl(_of_what_is_due(request), listener.progress, stop=stop))
            failures = 0
        except (JobError, StorageError) as error:
            listener.failed(error)
            failures, wait = failures + 1, 0.0
        pause = min(_SHORTEST_PAUSE_SECONDS * 2**failures, _LONGEST_PAUSE_SECONDS)
        if rounds is None or done < rounds:
            stop.wait(max(wait, pause))


def read_schedule(database_url: str) -> tuple[SourceSchedule, ...]:
    """Every source with its last and next time.

    Raises:
        StorageError: the database cannot be used.
    """
    sessions = open_database(database_url)
    try:
        with sessions() as session:
            return list_schedule(session, database_time(session))
    finally:
        sessions.kw["bind"].dispose()


def knows_sources(database_url: str) -> bool:
    """Whether there is anything that could come due; of a database that cannot be used now, the rounds tell.

    Creates the database where there is none.
    """
    try:
        open_database(database_url, create=True).kw["bind"].dispose()
        return bool(read_schedule(database_url))
    except StorageError:
        return True


def _of_what_is_due(request: CrawlRequest) -> CrawlRequest:
    return replace(request, due=True, seeds=None)


def _look(request: CrawlRequest, look_seconds: float) -> tuple[bool, float]:
    """Whether something is due that nobody works on; else how long to wait before the next look."""
    sessions = open_database(request.database_url, create=True)
    try:
        if request.seeds is not None:
            add_feeds(sessions, str(request.seeds), datetime.now(UTC))
        with sessions() as session:
            now = database_time(session)
            if due_sources(session, now, limit=1, among=None, without=()):
                return True, 0.0
            following = next_due_at(session)
    except SeedsError as error:
        raise JobError(f"seeds cannot be used:\n{error}") from error
    finally:
        sessions.kw["bind"].dispose()
    until = (following - now).total_seconds() if following is not None else look_seconds
    return False, min(max(until, 0.0), look_seconds)
