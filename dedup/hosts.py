"""An address to its host, and a document to who published it.

Must not raise: addresses come from files and pages, where anything may stand in their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from dedup.values import Document


def host_of(url: str | None) -> str | None:
    """The host of an address without ``www.``; None where there is none that can be read.

    >>> host_of("https://WWW.x.test/1"), host_of("http://[x"), host_of(None)
    ('x.test', None, None)
    """
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


def source_of(document: Document) -> str | None:
    """Who published a document: its source, else the host of its address; None where neither is known."""
    return document.source or host_of(document.url)
