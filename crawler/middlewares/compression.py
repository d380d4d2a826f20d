"""Unpacks answers as Scrapy does, but does not take one that breaks off for whole: what came of it is no page.

Must not judge what is unpacked. A wrong checksum or bytes behind the end are borne, as browsers do.
"""

from __future__ import annotations

import sys
import zlib
from functools import partial
from typing import TYPE_CHECKING, Protocol

import brotli
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

_GZIP = partial(zlib.decompressobj, 16 + zlib.MAX_WBITS)
_BARE_DEFLATE = partial(zlib.decompressobj, -zlib.MAX_WBITS)
_MAGIC = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # how a further part begins, of gzip and zstd


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class WholeBodiesMiddleware(HttpCompressionMiddleware):
    """Raises ``EOFError`` for a compressed answer that has lost its end."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        decoded = HttpCompressionMiddleware._decode(body, encoding, max_size)  # noqa: SLF001  # what it overrides
        # Now known to be of a size that may be unpacked once more.
        if body and not _is_whole(body, encoding):
            raise EOFError(f"{encoding.decode()} that breaks off after {len(body)} bytes")
        return decoded


def _is_whole(body: bytes, encoding: bytes) -> bool:
    match encoding:
        case b"br":
            decompressor = brotli.Decompressor()
            decompressor.process(body)
            return bool(decompressor.is_finished())
        case b"zstd":
            return _ends(body, zstd.ZstdDecompressor)
        case b"deflate":
            try:
                return _ends(body, zlib.decompressobj)
            except zlib.error:  # some servers leave out the header
                return _ends(body, _BARE_DEFLATE)
        case _:
            return _ends(body, _GZIP)


def _ends(body: bytes, begin: Callable[[], _Decompressor]) -> bool:
    """Whether a compressed body comes to its end, and so do all its parts."""
    while True:
        decompressor = begin()
        try:
            decompressor.decompress(body)
        except zlib.error as error:
            if any(what in str(error) for what in ("data check", "length check")):
                return True
            raise
        if not decompressor.eof:
            return False
        body = decompressor.unused_data
        if not body.startswith(_MAGIC):
            return True
