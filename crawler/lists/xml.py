"""XML from the web, parsed without entities, DOCTYPE or the network.

Must not expand anything: a document that declares a DOCTYPE with entities is refused, not cleaned.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_HTML = re.compile(
    rb"[\xef\xbb\xbf\s]*(?:<!--.{0,2000}?-->\s*)*<!doctype\s+html\b", re.IGNORECASE | re.DOTALL
)
_GZIP_MAGIC = b"\x1f\x8b"
_HEAD_BYTES = 64 * 1024


class TooLargeError(ValueError):
    """A compressed body that grows beyond the allowed size."""


def is_html(body: bytes) -> bool:
    """Whether a document calls itself HTML by its DOCTYPE, and is none that declares entities."""
    return _HTML.match(body) is not None and not declares_entities(body)


def declares_doctype(body: bytes) -> bool:
    """Whether the head of a document declares a DOCTYPE or an entity, in any Unicode encoding form."""
    return bool(_DOCTYPE.search(body[:_HEAD_BYTES].replace(b"\x00", b"")))


def declares_entities(body: bytes) -> bool:
    """Whether a document declares entities of its own; a plain DOCTYPE (as RSS 0.91 has) is none."""
    return b"<!entity" in body[: 4 * _HEAD_BYTES].replace(b"\x00", b"").lower()


def decompressed(body: bytes, max_bytes: int) -> bytes:
    """The body, unpacked when it is gzip; truncated archives give what could be read.

    Raises:
        TooLargeError: more than ``max_bytes`` come out.
    """
    if not body.startswith(_GZIP_MAGIC):
        return body
    pieces: list[bytes] = []
    size = 0
    for piece in _unpacked(body):
        size += len(piece)
        if size > max_bytes:
            raise TooLargeError(f"decompresses to more than {max_bytes} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _unpacked(body: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
        while True:
            try:
                piece = stream.read1(64 * 1024)
            except (OSError, EOFError, zlib.error):
                return
            if not piece:
                return
            yield piece
