"""Stores articles from files and finds their copies, as a crawl does.

Must not read a format itself; `read_articles` does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.seeds import load_seeds
from crawler.urls import host_of, site_of
from crawler.warc import WARC_SUFFIXES, Position
from newsdedup.jobs.add_feeds import add_feeds
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.parallel import PairMap
from newsdedup.jobs.read_articles import (
    SEED_SUFFIXES,
    FileProblem,
    ReadingRequest,
    list_files,
    read_articles,
    unreadable,
)
from newsdedup.jobs.read_warc import identify_archive, read_warc
from newsdedup.jobs.running import RecordedRun, recorded_run
from storage.imports import ImportedFile, read_import, save_import
from storage.ingest import count_pending, resolve_pending, store_articles
from storage.runs import add_fetch_events
from storage.values import (
    FetchEvent,
    FetchKind,
    FetchOutcome,
    ResolveCounts,
    RunKind,
    StoreCounts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

    from dedup import DedupConfig
    from newsdedup.render.progress import OnProgress
    from storage.engine import Sessions
    from storage.values import Article

_BATCH_ARTICLES = 500
_BATCH_RECORDS = 100  # of a web archive; what a killed import reads again


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import; ``is_dry_run`` reads and judges files without writing.

    ``begins_anew`` reads web archives from their start, though they were imported before. ``window`` compares
    articles only that appeared within so long of each other.
    """

    paths: tuple[str, ...]
    reading: ReadingRequest
    is_strict: bool = False
    is_dry_run: bool = False
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


@dataclass(frozen=True, slots=True)
class _Batch:
    """Articles to be stored, and how far their file has been read once they are."""

    articles: tuple[Article, ...]
    reached: ImportedFile | None = None


@dataclass(slots=True)
class _Progress:
    on_problem: Callable[[FileProblem], None]
    is_strict: bool
    read_count: int = 0
    known_file_count: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unrecorded: list[FileProblem] = field(default_factory=list)

    def hear(self, problem: FileProblem) -> None:
        self.on_problem(problem)
        if problem.is_refused:
            self.refused[problem.reason.value] += 1
            self.unrecorded.append(problem)
        if self.is_strict:
            raise JobError(f"stopped because of --strict at {problem}")


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
    heard = _Progress(on_problem, request.is_strict)
    if sessions is None:
        for name in files:
            _count_only(name, request, heard)
        return ImportReport(
            len(files), heard.read_count, 0, StoreCounts(), ResolveCounts(), dict(heard.refused)
        )
    settings = {"paths": list(request.paths), "is_strict": request.is_strict}
    with recorded_run(sessions, RunKind.IMPORT, settings) as run:  # type: ignore[arg-type]  # list is invariant
        return _import(run, files, request, config, heard, on_progress)


def _import(
    run: RecordedRun,
    files: tuple[str, ...],
    request: ImportRequest,
    config: DedupConfig,
    heard: _Progress,
    on_progress: OnProgress,
) -> ImportReport:
    seed_files = tuple(name for name in files if name.lower().endswith(SEED_SUFFIXES))
    feed_count = sum(add_feeds(run.sessions, name, request.reading.now) for name in seed_files)
    stored = StoreCounts()
    for batch in _batches(run, files, request, heard, on_progress):
        if batch.articles:
            stored += store_articles(run.sessions, batch.articles, config, run.id)
        _record_refusals(run, heard, request.reading.now)
        if batch.reached is not None:
            _remember(run, batch.reached, request.reading.now)
        run.beat()
    _record_refusals(run, heard, request.reading.now)
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
        heard.read_count,
        feed_count,
        stored,
        resolved,
        dict(heard.refused),
        heard.known_file_count,
    )
    run.stats.update(_stats(report))
    return report


def _batches(
    run: RecordedRun,
    files: tuple[str, ...],
    request: ImportRequest,
    heard: _Progress,
    on_progress: OnProgress,
) -> Iterator[_Batch]:
    batch: list[Article] = []
    claimed: dict[str, str | None] = {}
    for done, name in enumerate(files, start=1):
        if name.lower().endswith(WARC_SUFFIXES):
            yield from _archive_batches(run, name, request, heard)
        elif not name.lower().endswith(SEED_SUFFIXES):
            for article in read_articles(name, request.reading, heard.hear, claimed):
                heard.read_count += 1
                batch.append(article)
                if len(batch) >= _BATCH_ARTICLES:
                    yield _Batch(tuple(batch))
                    batch = []
        on_progress(done, len(files))
    if batch:
        yield _Batch(tuple(batch))


def _archive_batches(
    run: RecordedRun, name: str, request: ImportRequest, heard: _Progress
) -> Iterator[_Batch]:
    """An archive's articles from where the last import left off; the position is stored after its articles.

    It stays before the first place that could not be read: the next import tries that again.
    """
    try:
        file = identify_archive(name)
    except OSError as error:
        heard.hear(unreadable(name, error))
        return
    with run.sessions() as session:
        known = None if request.begins_anew else read_import(session, file.fingerprint)
    if known is not None and known.is_complete and known.byte_count == file.byte_count:
        heard.known_file_count += 1
        return
    position = Position(known.byte_offset, known.record_number) if known else Position()

    def reached(*, is_complete: bool) -> ImportedFile:
        offset = min(position.offset, file.byte_count)
        return ImportedFile(
            file.fingerprint, name, offset, position.record_number, file.byte_count, is_complete
        )

    batch: dict[str, Article] = {}
    read_count, is_whole = 0, True
    for record in read_warc(name, request.reading, position, heard.hear):
        article = record.article
        # A second capture of a page is a batch of its own: the earlier text is kept as a version.
        if batch and (read_count >= _BATCH_RECORDS or (article and article.identity_url in batch)):
            yield _Batch(tuple(batch.values()), reached(is_complete=False))
            batch, read_count = {}, 0
        is_whole = is_whole and not record.is_damaged
        position = record.position if is_whole else position
        read_count += 1
        if article is not None:
            heard.read_count += 1
            batch[article.identity_url] = article
    yield _Batch(tuple(batch.values()), reached(is_complete=is_whole))


def _remember(run: RecordedRun, file: ImportedFile, now: datetime) -> None:
    with run.sessions.begin() as session:
        save_import(session, file, now)


def _count_only(name: str, request: ImportRequest, heard: _Progress) -> None:
    if name.lower().endswith(SEED_SUFFIXES):
        load_seeds(name)
        return
    if name.lower().endswith(WARC_SUFFIXES):
        records = read_warc(name, request.reading, Position(), heard.hear)
        heard.read_count += sum(record.article is not None for record in records)
        return
    for _ in read_articles(name, request.reading, heard.hear):
        heard.read_count += 1


def _record_refusals(run: RecordedRun, heard: _Progress, now: datetime) -> None:
    if not heard.unrecorded:
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
        for problem in heard.unrecorded
    ]
    with run.sessions.begin() as session:
        add_fetch_events(session, run.id, events)
    heard.unrecorded.clear()


def _stats(report: ImportReport) -> dict[str, int]:
    counts = {
        "newsdedup/article/new": report.stored.new_count,
        "newsdedup/article/updated": report.stored.updated_count,
        "newsdedup/article/unchanged": report.stored.unchanged_count,
        "newsdedup/pair/found": report.resolved.duplicate_pair_count,
    }
    return counts | {f"newsdedup/article/skipped/{reason}": count for reason, count in report.refused.items()}
