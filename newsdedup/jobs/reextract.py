"""Runs the present extractor over archived pages, and brings stored articles up to it.

Must not fetch. Only the capture that an article was read from may change it; its earlier text stays as a version.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from crawler.articles import body_hash, build_article
from crawler.captures import Capture
from crawler.fetches import unknown_source
from crawler.hints import hints_from_json
from crawler.page.extracted import Extracted, ExtractionConfig
from crawler.page.extraction import EXTRACTOR
from crawler.refusals import Skipped
from crawler.sources import source_of_url
from crawler.urls import identity_url
from crawler.warc import WARC_SUFFIXES, open_archive, read_archive
from crawler.workers import PageTask, WorkerPool
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.parallel import PairMap
from newsdedup.jobs.read_articles import list_files
from newsdedup.jobs.running import RecordedRun, recorded_run
from storage.articles import captured_articles
from storage.frontier import accept_refused, read_frontier
from storage.ingest import resolve_pending, store_articles
from storage.sql import storable_key
from storage.values import ResolveCounts, RunKind, SkipReason, StoreCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dedup import DedupConfig
    from newsdedup.render.progress import OnProgress
    from storage.articles import CapturedArticle
    from storage.engine import Sessions
    from storage.values import Article, FrontierUrl

_BATCH_PAGES = 100
_TIMEOUT_SECONDS = 20.0
# What the page held; refused for one of these, a better extractor may find an article in it.
_MENDABLE = frozenset({
    SkipReason.TOO_SHORT, SkipReason.NO_TEXT, SkipReason.NO_TITLE, SkipReason.NOT_ARTICLE,
    SkipReason.EXTRACTION_FAILED, SkipReason.EXTRACTION_TIMEOUT,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReextractRequest:
    """Which archives to read; captures fetched before ``since`` are passed over."""

    paths: tuple[str, ...]
    since: datetime | None = None
    worker_count: int = 1


@dataclass(slots=True)
class ReextractReport:
    """What became of the archived pages.

    ``current_count`` were read by this very extractor, ``superseded_count`` are not the capture that is stored,
    ``unknown_count`` belong to no article and were not refused for what they held.
    """

    page_count: int = 0
    current_count: int = 0
    superseded_count: int = 0
    unknown_count: int = 0
    stored: StoreCounts = field(default_factory=StoreCounts)
    resolved: ResolveCounts = field(default_factory=ResolveCounts)
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database holds of the pages of a batch, by stored identity."""

    articles: Mapping[str, CapturedArticle]
    frontier: Mapping[str, FrontierUrl]


def run_reextract(
    sessions: Sessions,
    request: ReextractRequest,
    config: DedupConfig,
    on_progress: OnProgress = lambda _done, _total: None,
) -> ReextractReport:
    """Read archived pages anew, store what comes out otherwise, then find copies. Writes; may be repeated.

    Raises:
        JobError: there is no archive to read, or one cannot be read.
        StorageError: the database cannot be written.
    """
    files = tuple(name for name in list_files(request.paths) if name.lower().endswith(WARC_SUFFIXES))
    if not files:
        raise JobError(f"no web archive (.warc, .warc.gz) in {', '.join(request.paths)}")
    settings = {"reextract": list(request.paths), "extractor": EXTRACTOR}
    report = ReextractReport()
    with recorded_run(sessions, RunKind.REEXTRACT, settings) as run:  # type: ignore[arg-type]  # list is invariant
        with closing(WorkerPool(workers=request.worker_count, timeout_seconds=_TIMEOUT_SECONDS)) as pool:
            captures = _captures(files, request.since, report)
            while batch := list(islice(captures, _BATCH_PAGES)):
                _read_batch(run, batch, pool, config, report)
                run.beat()
                on_progress(report.page_count, None)
        with PairMap(request.worker_count, on_progress) as pair_map:
            report.resolved = resolve_pending(sessions, config, pair_map=pair_map)
        stored = replace(report.stored, unchanged_count=report.stored.unchanged_count + report.current_count)
        run.count(stored, report.resolved.duplicate_pair_count, report.refused)
        run.stats["newsdedup/article/fetched"] = report.page_count
    return report


def _captures(files: Iterable[str], since: datetime | None, report: ReextractReport) -> Iterator[Capture]:
    for name in files:
        try:
            with open_archive(name) as stream:
                for record in read_archive(stream):
                    match record.content:
                        case Skipped(reason=reason):
                            report.refused[reason.value] += 1
                        case Capture(fetched_at=at) as capture if since is None or (at and at >= since):
                            report.page_count += 1
                            yield capture
        except OSError as error:
            raise JobError(f"{name} cannot be read: {error}") from error


def _read_batch(
    run: RecordedRun,
    captures: Sequence[Capture],
    pool: WorkerPool,
    config: DedupConfig,
    report: ReextractReport,
) -> None:
    known = _known(run.sessions, [identity_url(capture.url) for capture in captures])
    tasks = []
    for capture in captures:
        stored = known.articles.get(storable_key(identity_url(capture.url)))
        if stored and stored.extractor == EXTRACTOR and stored.content_hash == body_hash(capture.body):
            report.current_count += 1
        else:
            tasks.append((capture, _task(capture, known.frontier)))
    read: dict[str, tuple[Capture, Article]] = {}
    for capture, page in pool.extract_each(tasks):
        match page:
            case Skipped(reason=reason):
                report.refused[reason.value] += 1
            case Extracted():
                article = _article(capture, page, known.frontier)
                read[storable_key(article.identity_url)] = capture, article
    _store(run, read, config, report)


def _task(capture: Capture, frontier: Mapping[str, FrontierUrl]) -> PageTask:
    # The same hints as in the crawl, or a title that only its feed gave would be lost.
    seen = frontier.get(storable_key(identity_url(capture.url)))
    source = seen.source if seen and seen.source else unknown_source(capture.url)
    hints = replace(hints_from_json(seen.hints if seen else {}), source_name=source.name)
    at = capture.fetched_at or datetime.now(UTC)
    return PageTask(capture.body, capture.url, at, capture.content_type, ExtractionConfig(hints=hints))


def _article(capture: Capture, page: Extracted, frontier: Mapping[str, FrontierUrl]) -> Article:
    seen = frontier.get(storable_key(identity_url(capture.url)))
    at = capture.fetched_at or datetime.now(UTC)
    if capture.refuses_ai_training:
        page = replace(page, refuses_ai_training=True)
    return build_article(
        page,
        capture.url,
        source=source_of_url(capture.url, (seen and seen.source) or unknown_source(capture.url)),
        feed_url=seen.feed_url if seen else None,
        first_seen_at=seen.discovered_at if seen else at,
        fetched_at=at,
        content_hash=body_hash(capture.body),
    )


def _store(
    run: RecordedRun,
    read: Mapping[str, tuple[Capture, Article]],
    config: DedupConfig,
    report: ReextractReport,
) -> None:
    known = _known(run.sessions, read)
    wanted: list[Article] = []
    mended: list[str] = []
    for identity, (capture, article) in read.items():
        stored = known.articles.get(identity)
        if stored is not None and stored.content_hash == article.content_hash:
            wanted.append(article)
        elif stored is not None:
            report.superseded_count += 1
        elif (seen := _refused_before(run.sessions, capture)) is not None:
            wanted.append(article)
            mended.append(seen)
        else:
            report.unknown_count += 1
    report.stored += store_articles(run.sessions, wanted, config, run.id)
    with run.sessions.begin() as session:
        accept_refused(session, mended)


def _refused_before(sessions: Sessions, capture: Capture) -> str | None:
    """The frontier's key of a page that an earlier extractor found no article in; nothing else may come back."""
    identity = storable_key(identity_url(capture.url))
    seen = _known(sessions, [identity]).frontier.get(identity)
    return identity if seen is not None and seen.reason in _MENDABLE else None


def _known(sessions: Sessions, identities: Iterable[str]) -> _Known:
    wanted = [storable_key(identity) for identity in identities]
    with sessions() as session:
        return _Known(captured_articles(session, wanted), read_frontier(session, wanted))
