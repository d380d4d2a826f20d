"""Reads what an import is to store, a batch at a time: which file, from where, and how far it has come.

Must not store; what is done with a batch decides whether its file counts as read so far.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.seeds import load_seeds
from crawler.warc import WARC_SUFFIXES, Position
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.read_articles import (
    HTML_SUFFIXES,
    JSONL_SUFFIXES,
    SEED_SUFFIXES,
    read_articles,
    unreadable,
)
from newsdedup.jobs.read_pages import PageFiles
from newsdedup.jobs.read_warc import identify_archive, read_warc
from storage.articles import captured_articles
from storage.imports import ImportedFile, read_import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from newsdedup.jobs.read_articles import FileProblem, ReadingRequest
    from newsdedup.jobs.read_warc import ArchiveFile
    from newsdedup.render.progress import OnProgress
    from storage.articles import CapturedArticle
    from storage.engine import Sessions
    from storage.values import Article

_BATCH_ARTICLES = 500
_BATCH_PAGES = 100  # saved, or of a web archive; what a killed import reads again


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles to be stored, and how far their file has been read once they are."""

    articles: tuple[Article, ...]
    reached: ImportedFile | None = None


@dataclass(slots=True)
class Tally:
    """What reading has come to so far; ``unrecorded`` are refusals that the run does not hold yet."""

    on_problem: Callable[[FileProblem], None]
    is_strict: bool
    read_count: int = 0
    known_file_count: int = 0
    known_page_count: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unrecorded: list[FileProblem] = field(default_factory=list)

    def hear(self, problem: FileProblem) -> None:
        """Count a problem, and tell of it.

        Raises:
            JobError: strict was asked for.
        """
        self.on_problem(problem)
        if problem.is_refused:
            self.refused[problem.reason.value] += 1
            self.unrecorded.append(problem)
        if self.is_strict:
            raise JobError(f"stopped because of --strict at {problem}")


def read_batches(
    sessions: Sessions,
    files: Sequence[str],
    reading: ReadingRequest,
    tally: Tally,
    on_progress: OnProgress,
    *,
    begins_anew: bool,
) -> Iterator[Batch]:
    """The articles of all files in batches, from where a stopped import left off.

    Saved pages come last, and those that are stored as they are cost no reading. ``begins_anew`` reads everything
    from its start, though it was imported before. Progress counts files.
    """
    others = [name for name in files if not _is_page(name)]
    for done, name in enumerate(others, start=1):
        if name.lower().endswith(WARC_SUFFIXES):
            yield from _archive_batches(sessions, name, reading, tally, begins_anew=begins_anew)
        elif not name.lower().endswith(SEED_SUFFIXES):
            yield from _line_batches(sessions, name, reading, tally, begins_anew=begins_anew)
        on_progress(done, len(files))
    pages = PageFiles(reading, tally.hear, lambda keys: {} if begins_anew else _captured(sessions, keys))
    read = pages.read([name for name in files if _is_page(name)])
    for count, batch in enumerate(_page_batches(read, tally), start=1):
        yield batch
        on_progress(min(len(others) + count * _BATCH_PAGES, len(files)), len(files))


def _is_page(name: str) -> bool:
    return name.lower().endswith(HTML_SUFFIXES)


def _captured(sessions: Sessions, identity_urls: Iterable[str]) -> Mapping[str, CapturedArticle]:
    with sessions() as session:
        return captured_articles(session, identity_urls)


def _page_batches(articles: Iterable[Article | None], tally: Tally) -> Iterator[Batch]:
    """What is to be stored of saved pages, and now and then nothing: the run is to be heard of."""
    batch: list[Article] = []
    for count, article in enumerate(articles, start=1):
        tally.read_count += 1
        if article is None:
            tally.known_page_count += 1
        else:
            batch.append(article)
        if count % _BATCH_PAGES == 0:
            yield Batch(tuple(batch))
            batch = []
    yield Batch(tuple(batch))


def _line_batches(
    sessions: Sessions, name: str, reading: ReadingRequest, tally: Tally, *, begins_anew: bool
) -> Iterator[Batch]:
    batch: list[Article] = []
    place = _Place(sessions, name, begins_anew=begins_anew)
    for article in read_articles(name, reading, tally.hear):
        tally.read_count += 1
        if place.passes():
            batch.append(article)
        if len(batch) >= _BATCH_ARTICLES:
            yield Batch(tuple(batch), place.reached())
            batch = []
    yield Batch(tuple(batch), place.reached(is_complete=True) if place.is_remembered else None)


class _Place:
    """How far a file of lines has been read; of what a killed import has stored, nothing is stored again.

    A file that was read to its end is read anew, as its lines may have been mended since.
    """

    def __init__(self, sessions: Sessions, name: str, *, begins_anew: bool) -> None:
        self.is_remembered = False
        self._name = name
        self._count = 0
        self._done_count = 0
        self._file: ArchiveFile | None = None
        if not name.lower().endswith(JSONL_SUFFIXES):
            return
        try:
            self._file = identify_archive(name)
        except OSError:
            return  # whoever reads it says why
        with sessions() as session:
            known = read_import(session, self._file.fingerprint)
        if known and not known.is_complete and known.byte_count == self._file.byte_count:
            self.is_remembered = True
            self._done_count = 0 if begins_anew else known.record_number

    def passes(self) -> bool:
        """Whether the next article is to be stored."""
        self._count += 1
        return self._count > self._done_count

    def reached(self, *, is_complete: bool = False) -> ImportedFile | None:
        """What is to be remembered once all articles so far are stored."""
        if self._file is None:
            return None
        self.is_remembered = True
        return ImportedFile(
            self._file.fingerprint, self._name, 0, self._count, self._file.byte_count, is_complete
        )


def _archive_batches(
    sessions: Sessions, name: str, reading: ReadingRequest, tally: Tally, *, begins_anew: bool
) -> Iterator[Batch]:
    """An archive's articles from where the last import left off; the position is stored after its articles.

    It stays before the first place that could not be read: the next import tries that again.
    """
    try:
        file = identify_archive(name)
    except OSError as error:
        tally.hear(unreadable(name, error))
        return
    with sessions() as session:
        known = None if begins_anew else read_import(session, file.fingerprint)
    if known is not None and known.is_complete and known.byte_count == file.byte_count:
        tally.known_file_count += 1
        return
    position = Position(known.byte_offset, known.record_number) if known else Position()

    def reached(*, is_complete: bool) -> ImportedFile:
        offset = min(position.offset, file.byte_count)
        return ImportedFile(
            file.fingerprint, name, offset, position.record_number, file.byte_count, is_complete
        )

    batch: dict[str, Article] = {}
    read_count, is_whole = 0, True
    for record in read_warc(name, reading, position, tally.hear):
        article = record.article
        # A second capture of a page is a batch of its own: the earlier text is kept as a version.
        if batch and (read_count >= _BATCH_PAGES or (article and article.identity_url in batch)):
            yield Batch(tuple(batch.values()), reached(is_complete=False))
            batch, read_count = {}, 0
        is_whole = is_whole and not record.is_damaged
        position = record.position if is_whole else position
        read_count += 1
        if article is not None:
            tally.read_count += 1
            batch[article.identity_url] = article
    yield Batch(tuple(batch.values()), reached(is_complete=is_whole))


def count_articles(files: Sequence[str], reading: ReadingRequest, tally: Tally) -> None:
    """Read files for what is wrong with them alone."""
    for name in files:
        if name.lower().endswith(SEED_SUFFIXES):
            load_seeds(name)
        elif name.lower().endswith(WARC_SUFFIXES):
            records = read_warc(name, reading, Position(), tally.hear)
            tally.read_count += sum(record.article is not None for record in records)
        elif not _is_page(name):
            tally.read_count += sum(1 for _ in read_articles(name, reading, tally.hear))
    pages = PageFiles(reading, tally.hear, lambda _keys: {})
    tally.read_count += sum(1 for _ in pages.read([name for name in files if _is_page(name)]))
