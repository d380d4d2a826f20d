"""Reads articles from web archives, several pages at a time, and tells how far it is.

Must not store anything; a record that gives no article becomes a problem, and the rest is read.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.captures import Capture
from crawler.page.extracted import Extracted, ExtractionConfig
from crawler.refusals import Skipped
from crawler.warc import ArchiveRecord, Position, open_archive, read_archive
from crawler.workers import PageTask, WorkerPool
from newsdedup.jobs.read_articles import FileProblem, ReadingRequest, article_of_page, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from storage.values import Article

_TIMEOUT_SECONDS = 20.0
_BEGINNING = 64 * 1024


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """What one record gave, and where the archive stands after it.

    ``is_damaged`` where the archive could not be read: another try may give more.
    """

    position: Position
    article: Article | None
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """What tells one archive from another, wherever it lies."""

    fingerprint: str
    byte_count: int


def identify_archive(path: str) -> ArchiveFile:
    """The archive's fingerprint and size.

    Raises:
        OSError: it cannot be read.
    """
    with open_archive(path) as stream:
        beginning = stream.read(_BEGINNING)
        size = stream.seek(0, os.SEEK_END)
    return ArchiveFile(hashlib.blake2b(beginning, digest_size=16).hexdigest(), size)


def read_warc(
    path: str,
    request: ReadingRequest,
    after: Position,
    on_problem: Callable[[FileProblem], None],
) -> Iterator[ReadRecord]:
    """The records of an archive after a position, in file order; ``on_problem`` hears of those refused."""
    failures: list[OSError] = []
    with closing(WorkerPool(workers=request.worker_count, timeout_seconds=_TIMEOUT_SECONDS)) as pool:
        records = _records(path, after, failures)
        for record, answer in pool.extract_each(_tasks(records, request)):
            yield _read(record, answer, path, request, on_problem)
    for error in failures:
        on_problem(unreadable(path, error))
        yield ReadRecord(after, None, is_damaged=True)


def _records(path: str, after: Position, failures: list[OSError]) -> Iterator[ArchiveRecord]:
    """An error of the disk comes last: what was read before it stays."""
    try:
        with open_archive(path) as stream:
            yield from read_archive(stream, after)
    except OSError as error:
        failures.append(error)


def _tasks(
    records: Iterable[ArchiveRecord], request: ReadingRequest
) -> Iterator[tuple[ArchiveRecord, PageTask | Skipped]]:
    for record in records:
        match record.content:
            case Skipped() as refusal:
                yield record, refusal
            case Capture(url=url, body=body, content_type=kind, fetched_at=at):
                yield record, PageTask(body, url, at or request.now, kind, ExtractionConfig())


def _read(
    record: ArchiveRecord,
    answer: Extracted | Skipped,
    path: str,
    request: ReadingRequest,
    on_problem: Callable[[FileProblem], None],
) -> ReadRecord:
    match record.content, answer:
        case Capture() as page, Extracted() as extracted:
            at = page.fetched_at or request.now
            if page.refuses_ai_training:
                extracted = replace(extracted, refuses_ai_training=True)
            article = article_of_page(extracted, page.url, page.body, at, request.source_name)
            return ReadRecord(record.position, article)
        case (Skipped() as refusal, _) | (_, Skipped() as refusal):
            number = record.position.record_number
            told = refusal.detail or refusal.reason.value
            on_problem(FileProblem(path, refusal.reason, told, record_number=number, page_url=record.url))
    return ReadRecord(record.position, None, record.is_damaged)
