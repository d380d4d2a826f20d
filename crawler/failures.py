"""Why a request brought nothing: Scrapy's failures into skip reasons.

Must know every way in which a fetch ends; what it does not know is a connection failure with its name.
"""

from __future__ import annotations

import zlib
from gzip import BadGzipFile
from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.guard.proxy import REFUSED_HEADER
from crawler.middlewares.refused import RefusedRequest
from crawler.refusals import Skipped, reason_of_status
from crawler.retry_after import retry_after_seconds
from storage.values import SkipReason

if TYPE_CHECKING:
    from datetime import datetime

_RAISED_REASONS: tuple[tuple[type[BaseException], SkipReason], ...] = (
    (DownloadTimeoutError, SkipReason.TIMEOUT),
    (TimeoutError, SkipReason.TIMEOUT),
    (CannotResolveHostError, SkipReason.DNS),
    (DownloadConnectionRefusedError, SkipReason.CONNECTION),
    (DownloadCancelledError, SkipReason.TOO_LARGE),
    (ResponseDataLossError, SkipReason.TRUNCATED),
    (UnsupportedURLSchemeError, SkipReason.SCHEME_REFUSED),
    (NotSupported, SkipReason.SCHEME_REFUSED),
    (BadGzipFile, SkipReason.BAD_COMPRESSION),
    (zlib.error, SkipReason.BAD_COMPRESSION),
    (EOFError, SkipReason.TRUNCATED),  # a compressed answer that ends before its first word
)
# Their errors have no base class that could be named without importing what Scrapy has chosen.
_DECODERS = frozenset({"brotli", "brotlicffi", "backports.zstd", "compression.zstd"})


def refusal_of(error: BaseException, now: datetime) -> Skipped:
    """The refusal that a failed request amounts to."""
    if isinstance(error, RefusedRequest):
        return error.skipped
    if isinstance(error, HttpError):
        response = error.response
        if refused := response.headers.get(REFUSED_HEADER):
            return Skipped(SkipReason.ADDRESS_REFUSED, f"a page led the browser there: {refused!r}")
        reason = reason_of_status(response.status)
        wait = retry_after_seconds(response.headers.get("Retry-After"), now)
        return Skipped(reason, f"HTTP status {response.status}", wait)
    if isinstance(error, IgnoreRequest):
        return _of_ignored(str(error))
    for kind, reason in _RAISED_REASONS:
        if isinstance(error, kind):
            return Skipped(reason, _detail(error))
    if type(error).__name__ == "TimeoutError":  # the browser's own, which need not be installed
        return Skipped(SkipReason.TIMEOUT, _detail(error))
    if type(error).__module__ in _DECODERS:
        return Skipped(SkipReason.BAD_COMPRESSION, _detail(error))
    if "SSL" in repr(error) or "certificate" in str(error).lower():
        return Skipped(SkipReason.TLS, _detail(error))
    return Skipped(SkipReason.CONNECTION, _detail(error))


def in_one_line(error: BaseException) -> str:
    """An error's message, shortened to its first line; its kind where it has none."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:500]


def _of_ignored(message: str) -> Skipped:
    if "robots.txt" in message:
        return Skipped(SkipReason.ROBOTS, "robots.txt forbids it")
    if "redirect" in message:
        return Skipped(SkipReason.REDIRECT_LOOP, message)
    if "larger than" in message or "MAXSIZE" in message or "decompress" in message.lower():
        return Skipped(SkipReason.TOO_LARGE, message[:300])
    return Skipped(SkipReason.HTTP_ERROR, message[:300])


def _detail(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
