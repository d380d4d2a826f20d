"""XML from the web, parsed without entities, DOCTYPE or the network.

Must not expand anything: a document that declares a DOCTYPE with entities is refused, not cleaned.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass

_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_HTML = re.compile(
    rb"[\xef\xbb\xbf\s]*(?:<!--.{0,2000}?-->\s*)*<!doctype\s+html\b", re.IGNORECASE | re.DOTALL
)
_GZIP_MAGIC = b"\x1f\x8b"
_HEAD_BYTES = 64 * 1024


_ROOT_END = re.compile(
    rb"<(?:/(?:[\w.-]{1,40}:)?(?:urlset|sitemapindex|rss|feed|rdf)\s*|urlset\b[^<>]*/)>", re.IGNORECASE
)
_TAIL_BYTES = 4_000


class TooLargeError(ValueError):
    """A compressed body that grows beyond the allowed size."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A body as it is to be read; not ``is_whole`` where its compressed form lacks its end."""

    body: bytes
    is_whole: bool = True


def is_html(body: bytes) -> bool:
    """Whether a document calls itself HTML by its DOCTYPE, and is none that declares entities."""
    return _HTML.match(body) is not None and not declares_entities(body)


def declares_doctype(body: bytes) -> bool:
    """Whether the head of a document declares a DOCTYPE or an entity, in any Unicode encoding form."""
    return bool(_DOCTYPE.search(body[:_HEAD_BYTES].replace(b"\x00", b"")))


def declares_entities(body: bytes) -> bool:
    """Whether a document declares entities of its own; a plain DOCTYPE (as RSS 0.91 has) is none."""
    return b"<!entity" in body[: 4 * _HEAD_BYTES].replace(b"\x00", b"").lower()


def has_root_end(body: bytes) -> bool:
    """Whether the root element of a feed or sitemap is closed where the document ends."""
    return _ROOT_END.search(body[-_TAIL_BYTES:].replace(b"\x00", b"")) is not None


def unpacked(body: bytes, max_bytes: int) -> Unpacked:
    """The body, decompressed when it is gzip, as far as it can be.

    Raises:
        TooLargeError: more than ``max_bytes`` come out.
    """
    if not body.startswith(_GZIP_MAGIC):
        return Unpacked(body)
    pieces: list[bytes] = []
    size = 0
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
        while True:
            try:
                piece = stream.read1(64 * 1024)
            except (OSError, EOFError, zlib.error):
                return Unpacked(b"".join(pieces), is_whole=False)
            if not piece:
                return Unpacked(b"".join(pieces))
            size += len(piece)
            if size > max_bytes:
                raise TooLargeError(f"decompresses to more than {max_bytes} bytes")
            pieces.append(piece)
