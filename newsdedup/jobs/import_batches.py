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
from newsdedup.jobs.read_articles import JSONL_SUFFIXES, SEED_SUFFIXES, read_articles, unreadable
from newsdedup.jobs.read_warc import identify_archive, read_warc
from storage.imports import ImportedFile, read_import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from newsdedup.jobs.read_articles import FileProblem, ReadingRequest
    from newsdedup.jobs.read_warc import ArchiveFile
    from newsdedup.render.progress import OnProgress
    from storage.engine import Sessions
    from storage.values import Article

_BATCH_ARTICLES = 500
_BATCH_RECORDS = 100  # of a web archive; what a killed import reads again


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

    ``begins_anew`` reads them from their start, archives though they were imported before. Progress counts files.
    """
    batch: list[Article] = []
    claimed: dict[str, str | None] = {}
    for done, name in enumerate(files, start=1):
        if name.lower().endswith(WARC_SUFFIXES):
            yield from _archive_batches(sessions, name, reading, tally, begins_anew=begins_anew)
        elif not name.lower().endswith(SEED_SUFFIXES):
            place = _Place(sessions, name, begins_anew=begins_anew)
            for article in read_articles(name, reading, tally.hear, claimed):
                tally.read_count += 1
                if place.passes():
                    batch.append(article)
                if len(batch) >= _BATCH_ARTICLES:
                    yield Batch(tuple(batch), place.reached())
                    batch = []
            if place.is_remembered:
                yield Batch(tuple(batch), place.reached(is_complete=True))
                batch = []
        on_progress(done, len(files))
    if batch:
        yield Batch(tuple(batch))


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
        if batch and (read_count >= _BATCH_RECORDS or (article and article.identity_url in batch)):
            yield Batch(tuple(batch.values()), reached(is_complete=False))
            batch, read_count = {}, 0
        is_whole = is_whole and not record.is_damaged
        position = record.position if is_whole else position
        read_count += 1
        if article is not None:
            tally.read_count += 1
            batch[article.identity_url] = article
    yield Batch(tuple(batch.values()), reached(is_complete=is_whole))


def count_articles_of(name: str, reading: ReadingRequest, tally: Tally) -> None:
    """Read a file for what is wrong with it alone."""
    if name.lower().endswith(SEED_SUFFIXES):
        load_seeds(name)
        return
    if name.lower().endswith(WARC_SUFFIXES):
        records = read_warc(name, reading, Position(), tally.hear)
        tally.read_count += sum(record.article is not None for record in records)
        return
    for _ in read_articles(name, reading, tally.hear):
        tally.read_count += 1
