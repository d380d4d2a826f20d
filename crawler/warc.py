"""Web archives (WARC, CC-NEWS): captured pages out of a file, one at a time, past whatever is damaged.

Must not extract or store. A position in a file is where a killed reader goes on.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, BinaryIO, cast

from fastwarc import ArchiveIterator
from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader
from fastwarc.warc import is_http, resource, response

from crawler.page.extraction import MAX_PAGE_BYTES
from crawler.page.optout import is_refused_by_headers
from crawler.refusals import Skipped, reason_of_status
from crawler.urls import BadUrlError, canonical_url
from storage.values import SkipReason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from fastwarc.warc import WarcRecord

WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
_GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_MARK = b"WARC/1."
_SCAN_BYTES = 1 << 20
_PAGE_TYPES = ("text/", "application/xhtml", "application/xml", "application/octet-stream", "unk")
# Cut for these, a page lacks its end; one cut for its length was long enough for whoever archived it.
_BROKEN_OFF = frozenset({"disconnect", "time", "unspecified"})
_DECODERS = {"gzip": GzipReader, "x-gzip": GzipReader, "br": BrotliReader}


@dataclass(frozen=True, slots=True)
class Position:
    """A place in an archive: the record that was read last, by offset in bytes and by number from 1."""

    offset: int = 0
    record_number: int = 0


@dataclass(frozen=True, slots=True)
class Capture:
    """A page as it was fetched; ``fetched_at`` is aware UTC, None where the archive does not say.

    ``refuses_ai_training`` where the headers of the answer do.
    """

    url: str
    body: bytes
    content_type: str | None
    fetched_at: datetime | None
    refuses_ai_training: bool = False


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
        last, error = start, None
        stream.seek(start)
        try:
            for record in ArchiveIterator(stream, record_types=response | resource, strict_mode=False):
                number += 1
                last = record.stream_pos
                if number > done.record_number:
                    position = Position(last, number)
                    content = _content(record)
                    yield ArchiveRecord(position, _target(record), content, _is_short(content, record))
        except (OSError, ValueError, EOFError) as raised:
            if isinstance(raised, OSError) and raised.errno is not None:
                raise  # of the disk or the network, not of what the file holds
            error = raised
        if error is None:
            yield from () if number else _told_of_nothing(stream)
            return
        number += 1
        following = _next_record(stream, last + 1)
        if number > done.record_number:
            yield ArchiveRecord(Position(last, number), "", _damaged(error), is_damaged=True)
        if following is None:
            return
        start = following


def _told_of_nothing(stream: BinaryIO) -> Iterator[ArchiveRecord]:
    """A file without a page may hold records of other kinds; one without any is none that was archived."""
    stream.seek(0)
    if stream.read(len(_ZSTD_MAGIC)) != _ZSTD_MAGIC and _next_record(stream, 0) is None:
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


def _is_short(content: Capture | Skipped, record: WarcRecord) -> bool:
    is_truncated = isinstance(content, Skipped) and content.reason is SkipReason.TRUNCATED
    return is_truncated and not _cut_when_archived(record)


def _target(record: WarcRecord) -> str:
    return (record.headers.get("WARC-Target-URI") or "").strip("<> ")[:2_100]


def _content(record: WarcRecord) -> Capture | Skipped:
    address = _target(record)
    try:
        url = canonical_url(address)
    except BadUrlError as error:
        return Skipped(SkipReason.BAD_URL, str(error))
    head = record.http_headers if is_http(record) else None
    status = head.status_code if head is not None else 200
    if status is not None and status != 200:
        return Skipped(reason_of_status(status), f"HTTP status {status}")
    content_type = (head if head is not None else record.headers).get("Content-Type")
    if content_type and not content_type.lower().strip().startswith(_PAGE_TYPES):
        return Skipped(SkipReason.NOT_HTML, f"content type {content_type[:100]!r}")
    body = _body(record)
    if isinstance(body, Skipped):
        return body
    refuses = head is not None and is_refused_by_headers(head.items())
    return Capture(url, body, content_type, _utc(record.record_date), refuses)


def _utc(stated: datetime | None) -> datetime | None:
    if stated is None:
        return None
    return stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)


def _body(record: WarcRecord) -> bytes | Skipped:
    if record.content_length > MAX_PAGE_BYTES:
        detail = f"{record.content_length} bytes, at most {MAX_PAGE_BYTES} are read"
        return Skipped(SkipReason.TOO_LARGE, detail)
    raw = record.reader.read(MAX_PAGE_BYTES + 1)
    if len(raw) < record.content_length:
        return Skipped(SkipReason.TRUNCATED, f"{len(raw)} of {record.content_length} bytes")
    if cut := _cut_when_archived(record):
        return Skipped(SkipReason.TRUNCATED, f"the archive says: cut off ({cut})")
    body = _decoded(raw, record)
    if len(body) > MAX_PAGE_BYTES:
        return Skipped(SkipReason.TOO_LARGE, f"decompresses to more than {MAX_PAGE_BYTES} bytes")
    return body


def _cut_when_archived(record: WarcRecord) -> str:
    cut = (record.headers.get("WARC-Truncated") or "").lower()
    return cut if cut in _BROKEN_OFF else ""


def _decoded(raw: bytes, record: WarcRecord) -> bytes:
    """The body without its codings; where a header claims one that is not there, as it stands."""
    head = record.http_headers if is_http(record) else None
    if head is None:
        return raw
    if (head.get("Transfer-Encoding") or "").lower() == "chunked":
        raw = _read(ChunkedReader(io.BytesIO(raw)), raw)
    for coding in reversed((head.get("Content-Encoding") or "").lower().split(",")):
        if (decoder := _DECODERS.get(coding.strip())) is not None:
            raw = _read(decoder(io.BytesIO(raw)), raw)
    return raw


def _read(reader: GzipReader | BrotliReader | ChunkedReader, otherwise: bytes) -> bytes:
    try:
        return reader.read(MAX_PAGE_BYTES + 1)
    except (OSError, ValueError, EOFError):
        return otherwise


def _next_record(stream: BinaryIO, start: int) -> int | None:
    """Offset of the first whole record at or after ``start``; None at the end of the file."""
    mark = _GZIP_MAGIC if _is_gzip(stream) else _MARK
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
    return stream.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC


def _is_record(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    head = stream.read(512)
    if head.startswith(_GZIP_MAGIC):
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
