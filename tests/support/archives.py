"""Web archives for tests, written byte by byte so that they do not depend on the code that reads them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def page_record(
    url: str,
    body: bytes,
    *,
    kind: str = "response",
    status: int = 200,
    date: str = "2026-05-01T10:00:00Z",
    content_type: str = "text/html",
    headers: Mapping[str, str] | None = None,
    warc: Mapping[str, str] | None = None,
) -> bytes:
    """One record of an archive: a page as a server sent it."""
    sent = {"Content-Type": content_type, **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    block = f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body
    told = {
        "WARC-Type": kind,
        "WARC-Record-ID": "<urn:uuid:12345678-1234-1234-1234-123456789abc>",
        "WARC-Date": date,
        "WARC-Target-URI": url,
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
        **(warc or {}),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def packed(records: Iterable[bytes], form: str = "members") -> bytes:
    """Records as a file: gzip ``members`` as is the custom, ``one gzip``, or ``plain``."""
    if form == "members":
        return b"".join(gzip.compress(record, mtime=0) for record in records)
    plain = b"".join(records)
    return gzip.compress(plain, mtime=0) if form == "one gzip" else plain
