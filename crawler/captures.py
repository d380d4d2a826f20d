"""What one record of a web archive gives: a page as it was fetched, its codings undone, or why there is none.

Must not look at other records; ``crawler.warc`` does.
"""

from __future__ import annotations

import io
import sys
import zlib
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Protocol

from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader
from fastwarc.warc import is_http

from crawler.page.extraction import MAX_PAGE_BYTES
from crawler.page.optout import is_refused_by_headers
from crawler.refusals import Skipped, reason_of_status
from crawler.urls import BadUrlError, canonical_url
from storage.values import SkipReason

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from datetime import datetime

    from fastwarc.warc import WarcRecord

_PAGE_TYPES = ("text/", "application/xhtml", "application/xml", "application/octet-stream", "unk")
# Cut for these, a page lacks its end; one cut for its length was long enough for whoever archived it.
_BROKEN_OFF = frozenset({"disconnect", "time", "unspecified"})


class _Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _InflateReader:
    """``deflate`` is zlib's form by the standard; some servers leave out its header."""

    def __init__(self, packed: io.BytesIO) -> None:
        self._packed = packed.getvalue()

    def read(self, size: int, /) -> bytes:
        try:
            return zlib.decompressobj().decompress(self._packed, size)
        except zlib.error:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(self._packed, size)


_DECODERS = {
    "gzip": GzipReader,
    "x-gzip": GzipReader,
    "br": BrotliReader,
    "zstd": zstd.ZstdFile,
    "deflate": _InflateReader,
}


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


def captured(record: WarcRecord) -> Capture | Skipped:
    """The page of a record that is being read."""
    try:
        url = canonical_url(target_of(record))
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


def target_of(record: WarcRecord) -> str:
    """The address that was asked for, as the archive states it."""
    return (record.headers.get("WARC-Target-URI") or "").strip("<> ")[:2_100]


def cut_when_archived(record: WarcRecord) -> str:
    """Why whoever archived a page did not get its end; empty where they did."""
    cut = (record.headers.get("WARC-Truncated") or "").lower()
    return cut if cut in _BROKEN_OFF else ""


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
    if cut := cut_when_archived(record):
        return Skipped(SkipReason.TRUNCATED, f"the archive says: cut off ({cut})")
    body = _decoded(raw, record)
    if len(body) > MAX_PAGE_BYTES:
        return Skipped(SkipReason.TOO_LARGE, f"decompresses to more than {MAX_PAGE_BYTES} bytes")
    return body


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


def _read(reader: _Reader, otherwise: bytes) -> bytes:
    try:
        return reader.read(MAX_PAGE_BYTES + 1)
    except (OSError, ValueError, EOFError, zlib.error, zstd.ZstdError):
        return otherwise
