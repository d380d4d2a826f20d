"""Keeps fetched pages as web archives (WARC), so that a later extractor can read them again.

Must not read archives; ``crawler.warc`` does. What was written before a kill can be read.
"""

from __future__ import annotations

import io
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_FILE_BYTES = 1_000_000_000
# Undone when the page arrived: to repeat them over the stored bytes would be a lie.
_UNDONE = {"content-encoding", "transfer-encoding", "content-length"}


class PageArchive:
    """Web archives in a folder; a new file is begun once one has ``max_file_bytes``. Threads may share it."""

    def __init__(self, folder: Path, *, software: str, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self._folder = folder
        self._software = software
        self._max_file_bytes = max_file_bytes
        self._lock = threading.Lock()
        self._file: io.FileIO | None = None
        self._file_count = 0

    def add(
        self, url: str, status: int, headers: Mapping[str, str], body: bytes, fetched_at: datetime
    ) -> None:
        """Append a page; it is whole in the file, or, after a kill in this very moment, the file's damaged end.

        Raises:
            OSError: the folder or the file cannot be written.

        Source: ISO 28500 (WARC 1.1), annex A: every record a gzip member of its own.
        """
        member = _member(_page_record(url, status, headers, body, fetched_at))
        with self._lock:
            file = self._file if self._file is not None else self._begin(fetched_at)
            file.write(member)
            if file.tell() >= self._max_file_bytes:
                self._end()

    def close(self) -> None:
        """End the present file; the next page begins another."""
        with self._lock:
            self._end()

    def _begin(self, now: datetime) -> io.FileIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file_count += 1
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        name = f"newsdedup-{stamp}-{os.getpid()}-{self._file_count:04d}.warc.gz"
        # Unbuffered, and never a file that is there: what is written is one call a record.
        self._file = io.FileIO(self._folder / name, "xb")
        self._file.write(_member(_info_record(self._software, name, now)))
        return self._file

    def _end(self) -> None:
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None


def _page_record(
    url: str, status: int, headers: Mapping[str, str], body: bytes, fetched_at: datetime
) -> WarcRecord:
    kept = {name: value for name, value in headers.items() if name.lower() not in _UNDONE}
    lines = "".join(f"{name}: {_in_one_line(value)}\r\n" for name, value in kept.items())
    head = f"HTTP/1.1 {status}\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
    record = _record(WarcRecordType.response, fetched_at)
    record.headers["WARC-Target-URI"] = url
    record.is_http = True
    record.headers["Content-Type"] = "application/http; msgtype=response"
    record.set_bytes_content(head.encode("utf-8", "replace") + body)
    return record


def _info_record(software: str, name: str, now: datetime) -> WarcRecord:
    record = _record(WarcRecordType.warcinfo, now)
    record.headers["WARC-Filename"] = name
    record.headers["Content-Type"] = "application/warc-fields"
    record.set_bytes_content(f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode())
    return record


def _record(kind: WarcRecordType, at: datetime) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(record_type=kind)
    record.headers["WARC-Date"] = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return record


def _member(record: WarcRecord) -> bytes:
    packed = io.BytesIO()
    writer = GzipWriter(packed)
    record.write(writer, checksum_data=True)
    writer.finish()
    return packed.getvalue()


def _in_one_line(value: str) -> str:
    return " ".join(value.split())
