"""Stores articles from files and finds their copies, as a crawl does.

Must not read a format itself; `read_articles` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.urls import host_of, site_of
from newsdedup.jobs.add_feeds import add_feeds
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.import_batches import Tally, count_articles, read_batches
from newsdedup.jobs.parallel import PairMap
from newsdedup.jobs.read_articles import SEED_SUFFIXES, list_files
from newsdedup.jobs.running import RecordedRun, recorded_run
from storage.imports import save_import
from storage.ingest import count_pending, resolve_pending, store_articles
from storage.runs import add_fetch_events
from storage.values import FetchEvent, FetchKind, FetchOutcome, ResolveCounts, RunKind, StoreCounts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from dedup import DedupConfig
    from newsdedup.jobs.read_articles import FileProblem, ReadingRequest
    from newsdedup.render.progress import OnProgress
    from storage.engine import Sessions
    from storage.imports import ImportedFile


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import.

    ``begins_anew`` reads web archives and pages from their start, though they were imported before. ``window`` compares
    articles only that appeared within so long of each other.
    """

    paths: tuple[str, ...]
    reading: ReadingRequest
    is_strict: bool = False
    worker_count: int = 1
    begins_anew: bool = False
    window: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; ``refused`` counts files, lines and records by reason.

    ``known_file_count`` archives had been imported before and were not read again.
    """

    file_count: int
    read_count: int
    feed_count: int
    stored: StoreCounts
    resolved: ResolveCounts
    refused: dict[str, int]
    known_file_count: int = 0

    @property
    def came_to_nothing(self) -> bool:
        """Whether all that was read was refused."""
        return bool(self.refused) and not (self.read_count or self.feed_count or self.known_file_count)


def run_import(
    sessions: Sessions | None,
    request: ImportRequest,
    config: DedupConfig,
    on_problem: Callable[[FileProblem], None],
    on_progress: OnProgress = lambda _done, _total: None,
) -> ImportReport:
    """Read every file, store its articles, then find their copies; a second time nothing changes.

    ``sessions`` is None for a dry run. Progress counts files first, articles to compare after.

    Raises:
        JobError: there is no file to read, or strict was asked for and something was refused.
        StorageError: the database cannot be written.
    """
    files = list_files(request.paths)
    if not files:
        raise JobError(f"no JSON Lines, HTML or WARC file in {', '.join(request.paths)}")
    tally = Tally(on_problem, request.is_strict)
    if sessions is None:
        count_articles(files, request.reading, tally)
        return ImportReport(
            len(files), tally.read_count, 0, StoreCounts(), ResolveCounts(), dict(tally.refused)
        )
    settings = {"paths": list(request.paths), "is_strict": request.is_strict}
    with recorded_run(sessions, RunKind.IMPORT, settings) as run:  # type: ignore[arg-type]  # list is invariant
        return _import(run, files, request, config, tally, on_progress)


def _import(
    run: RecordedRun,
    files: tuple[str, ...],
    request: ImportRequest,
    config: DedupConfig,
    tally: Tally,
    on_progress: OnProgress,
) -> ImportReport:
    seed_files = tuple(name for name in files if name.lower().endswith(SEED_SUFFIXES))
    feed_count = sum(add_feeds(run.sessions, name, request.reading.now) for name in seed_files)
    stored = StoreCounts()
    for batch in read_batches(
        run.sessions, files, request.reading, tally, on_progress, begins_anew=request.begins_anew
    ):
        if batch.articles:
            stored += store_articles(run.sessions, batch.articles, config, run.id)
        _record_refusals(run, tally, request.reading.now)
        if batch.reached is not None:
            _remember(run, batch.reached, request.reading.now)
        run.beat()
    _record_refusals(run, tally, request.reading.now)
    stored += StoreCounts(unchanged_count=tally.known_page_count)
    total = count_pending(run.sessions)

    def tell(_counts: ResolveCounts, left: int) -> None:
        run.beat()
        on_progress(total - left, total)

    with PairMap(request.worker_count) as pair_map:
        resolved = resolve_pending(
            run.sessions, config, on_progress=tell, pair_map=pair_map, window=request.window
        )
    report = ImportReport(
        len(files),
        tally.read_count,
        feed_count,
        stored,
        resolved,
        dict(tally.refused),
        tally.known_file_count,
    )
    run.count(stored, resolved.duplicate_pair_count, report.refused)
    return report


def _remember(run: RecordedRun, file: ImportedFile, now: datetime) -> None:
    with run.sessions.begin() as session:
        save_import(session, file, now)


def _record_refusals(run: RecordedRun, tally: Tally, now: datetime) -> None:
    if not tally.unrecorded:
        return
    events = [
        FetchEvent(
            url=problem.address,
            kind=FetchKind.FILE,
            outcome=FetchOutcome.SKIPPED,
            fetched_at=now,
            reason=problem.reason,
            detail=problem.message,
            host=site_of(host_of(problem.page_url)) or None,
        )
        for problem in tally.unrecorded
    ]
    with run.sessions.begin() as session:
        add_fetch_events(session, run.id, events)
    tally.unrecorded.clear()
