"""Whether a web archive ends where a record ends: who reads its records alone takes a cut for the end.

Must not read pages; ``crawler.warc`` does.
"""

from __future__ import annotations

import gzip
import sys
import zlib
from dataclasses import dataclass
from typing import BinaryIO, Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_FIRST_WORD = b"WARC/"
_MAX_LINE_BYTES = 1 << 16
_PIECE_BYTES = 1 << 20
_LINES_BETWEEN = 2


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ArchiveEnd:
    """How an archive ends: ``whole_count`` records have all their content; cut, the rest of the file is missing.

    What is damaged and not cut ends the count too.
    """

    whole_count: int
    is_cut: bool


def archive_end(stream: BinaryIO, start: int) -> ArchiveEnd:
    """Walk the records from the one that begins at ``start`` to the end of the file, or to what is no record.

    Source: ISO 28500 (WARC 1.1), section 4 and annex A.
    """
    stream.seek(start)
    records = _Records(_unpacked(stream))
    try:
        is_cut = not records.come_to_an_end()
    except EOFError:
        is_cut = True
    except (OSError, ValueError, zlib.error, zstd.ZstdError) as error:
        # Of the next member one byte is there.
        is_cut = isinstance(error, gzip.BadGzipFile) and str(error).endswith("(b'\\x1f')")
    return ArchiveEnd(records.whole_count, is_cut)


def _unpacked(stream: BinaryIO) -> _Stream:
    start = stream.tell()
    head = stream.read(len(ZSTD_MAGIC))
    stream.seek(start)
    if head and head.startswith(GZIP_MAGIC[: len(head)]):
        return gzip.GzipFile(fileobj=stream)
    return zstd.ZstdFile(stream) if head and ZSTD_MAGIC.startswith(head) else stream


class _Records:
    def __init__(self, stream: _Stream) -> None:
        self.whole_count = 0
        self._stream = stream

    def come_to_an_end(self) -> bool:
        """False where the file ends inside a record; raises ``EOFError`` likewise, ``ValueError`` for what is no record."""
        blank_count = _LINES_BETWEEN
        while line := self._stream.readline(_MAX_LINE_BYTES):
            if _is_blank(line):
                blank_count += 1
                continue
            if line == b"\r":
                return False
            if line[: len(_FIRST_WORD)] != _FIRST_WORD[: len(line)]:
                raise ValueError(line[:20])
            if not self._passes(self._content_length(line)):
                return False
            self.whole_count += 1
            blank_count = 0
        return blank_count >= _LINES_BETWEEN

    def _content_length(self, line: bytes) -> int:
        length: int | None = None
        while not _is_blank(line):
            if not line.endswith(b"\n"):
                raise EOFError
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
            line = self._stream.readline(_MAX_LINE_BYTES)
        if length is None or length < 0:
            raise ValueError(length)
        return length

    def _passes(self, byte_count: int) -> bool:
        while byte_count > 0 and (piece := self._stream.read(min(byte_count, _PIECE_BYTES))):
            byte_count -= len(piece)
        return byte_count == 0


def _is_blank(line: bytes) -> bool:
    return line in (b"\r\n", b"\n")
