"""Web archives (WARC, CC-NEWS): captured pages out of a file, one at a time, past whatever is damaged.

Must not extract or store. A position in a file is where a killed reader goes on.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, cast

from fastwarc import ArchiveIterator
from fastwarc.warc import WarcRecordType

from crawler.archive_end import GZIP_MAGIC, ZSTD_MAGIC, ArchiveEnd, archive_end
from crawler.captures import Capture, captured, cut_when_archived, target_of
from crawler.refusals import Skipped
from storage.values import SkipReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastwarc.warc import WarcRecord

WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
_PAGES = (WarcRecordType.response, WarcRecordType.resource)
_MARK = b"WARC/1."
_SCAN_BYTES = 1 << 20
_CUT = Skipped(SkipReason.TRUNCATED, "the file ends inside a record")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in an archive: the record that was read last, by offset in bytes and by number from 1."""

    offset: int = 0
    record_number: int = 0


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """One record that claims to be a page, or a damaged place: what it gave, and where it stands.

    ``is_damaged`` where the file does not hold what was archived; a whole copy of it may.
    """

    position: Position
    url: str
    content: Capture | Skipped
    is_damaged: bool = False


def read_archive(stream: BinaryIO, after: Position | None = None) -> Iterator[ArchiveRecord]:
    """The pages of a seekable archive in file order, those up to ``after`` left out.

    Requests, revisits and metadata are passed over. After a damaged record the next whole
    one is looked for, in compressed files too. Memory: one record, at most ``MAX_PAGE_BYTES`` of it.

    Raises:
        OSError: the file cannot be read any further.

    Source: ISO 28500 (WARC 1.1).
    """
    done = after or Position()
    start, number = _resume_at(stream, done), 0
    if start:
        number = done.record_number - 1
    while True:
        records = _Records(stream, start, number)
        yield from records.pages(done.record_number)
        yield from records.last_page()
        number = records.number
        if records.is_cut:
            return
        if records.error is None:
            yield from () if number else _told_of_nothing(stream)
            return
        number += 1
        if number > done.record_number:
            yield ArchiveRecord(Position(records.last, number), "", _damaged(records.error), is_damaged=True)
        if records.following is None:
            return
        start = records.following


class _Records:
    """The records from an offset to the end of the file, or to the first damage: ``error``.

    ``last`` is the offset of the last one, ``number`` how many pages there were with those before; after a damage
    ``following`` is the offset of the next record.
    """

    def __init__(self, stream: BinaryIO, start: int, number: int) -> None:
        self.last = start
        self.number = number
        self.error: Exception | None = None
        self.is_cut = False
        self.following: int | None = None
        self._stream = stream
        self._start = start
        self._count = 0
        self._held: list[ArchiveRecord] = []

    def pages(self, done_count: int) -> Iterator[ArchiveRecord]:
        """The pages after so many, but for one that is the last record: the file may be cut inside it."""
        self._stream.seek(self._start)
        try:
            for record in ArchiveIterator(self._stream, strict_mode=False):
                yield from self._held
                self._held.clear()
                self._count += 1
                self.last = record.stream_pos
                if record.record_type in _PAGES:
                    self.number += 1
                    if self.number > done_count:
                        self._held.append(_read_record(record, self.number))
        except (OSError, ValueError, EOFError) as raised:
            self.error = raised

    def last_page(self) -> Iterator[ArchiveRecord]:
        """The page that is the last record, and a record for what a cut has left of another.

        Raises:
            OSError: the file cannot be read any further.
        """
        if isinstance(self.error, OSError) and self.error.errno is not None:
            yield from self._held
            raise self.error  # of the disk or the network, not of what the file holds
        end = self._end()
        following = None if self.error is None else _next_record(self._stream, self.last + 1)
        self.is_cut = end.is_cut and (following is None or _is_cut_at(self._stream, following))
        self.following = None if self.is_cut else following
        if self._held and self.is_cut and not end.whole_count:
            yield from map(_cut_off, self._held)
            return
        yield from self._held
        if self.is_cut:
            self.number += 1
            yield ArchiveRecord(Position(self.last, self.number), "", _CUT, is_damaged=True)

    def _end(self) -> ArchiveEnd:
        """How the file ends, from the last record on."""
        if _is_record(self._stream, self.last):
            return archive_end(self._stream, self.last)
        end = archive_end(self._stream, self._start)
        return replace(end, whole_count=max(0, end.whole_count - max(0, self._count - 1)))


def _is_cut_at(stream: BinaryIO, start: int) -> bool:
    return archive_end(stream, start) == ArchiveEnd(0, is_cut=True)


def _cut_off(page: ArchiveRecord) -> ArchiveRecord:
    """Of a page without its end the address may lack its own, and what was read of it is none."""
    return page if _is_truncated(page.content) else replace(page, url="", content=_CUT, is_damaged=True)


def _told_of_nothing(stream: BinaryIO) -> Iterator[ArchiveRecord]:
    """A file without a page may hold records of other kinds; one without any is none that was archived."""
    stream.seek(0)
    if stream.read(len(ZSTD_MAGIC)) != ZSTD_MAGIC and _next_record(stream, 0) is None:
        nothing = Skipped(SkipReason.MALFORMED_WARC, "no WARC record in it")
        yield ArchiveRecord(Position(), "", nothing, is_damaged=True)


def _resume_at(stream: BinaryIO, done: Position) -> int:
    """Where to begin: at the record read last, where the file has one there; else at the start, to count."""
    if done.offset and _is_record(stream, done.offset):
        return done.offset
    return 0


def _damaged(error: Exception) -> Skipped:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return Skipped(SkipReason.MALFORMED_WARC, f"damaged record: {said}")


def _read_record(record: WarcRecord, number: int) -> ArchiveRecord:
    content = captured(record)
    is_damaged = _is_truncated(content) and not cut_when_archived(record)
    return ArchiveRecord(Position(record.stream_pos, number), target_of(record), content, is_damaged)


def _is_truncated(content: Capture | Skipped) -> bool:
    return isinstance(content, Skipped) and content.reason is SkipReason.TRUNCATED


def _next_record(stream: BinaryIO, start: int) -> int | None:
    """Offset of the first whole record at or after ``start``; None at the end of the file."""
    mark = GZIP_MAGIC if _is_gzip(stream) else _MARK
    offset, kept = start, b""
    while True:
        stream.seek(offset + len(kept))
        piece = stream.read(_SCAN_BYTES)
        window = kept + piece
        found = window.find(mark)
        while found >= 0:
            if _is_record(stream, offset + found):
                return offset + found
            found = window.find(mark, found + 1)
        if not piece:
            return None
        kept = window[-len(mark) + 1 :]
        offset += len(window) - len(kept)


def _is_gzip(stream: BinaryIO) -> bool:
    stream.seek(0)
    return stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC


def _is_record(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    head = stream.read(512)
    if head.startswith(GZIP_MAGIC):
        try:
            head = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, 64)
        except zlib.error:
            return False
    return head.startswith(_MARK)


def open_archive(path: str) -> BinaryIO:
    """A file opened for ``read_archive``.

    Raises:
        OSError: it cannot be opened.
    """
    return cast("BinaryIO", open(path, "rb"))  # noqa: PTH123  # the caller's with block closes it
