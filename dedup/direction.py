"""Which of two copies is the likely original, and why; likely, never proven.

Must not decide whether they are copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dedup.values import Document, TimePrecision

if TYPE_CHECKING:
    from dedup.credit import Credit

_EXACT_TIMES = {TimePrecision.SECOND, TimePrecision.MINUTE, None}
_COARSE_TIMES = {TimePrecision.MONTH, TimePrecision.YEAR}


def likely_original(a: Document, b: Document, credit: Credit | None) -> tuple[str | None, str]:
    """The likely original's id and the reason; None where nothing speaks for either.

    A declared original outweighs time: a copy's clock can run ahead, its own admission cannot.
    """
    for document, other in ((a, b), (b, a)):
        declares = credit and credit.host and credit.document_id == document.id
        if credit and declares and other.url and urlsplit(other.url).hostname == credit.host:
            return other.id, f"the other names {credit.host} as its original"
    earlier = _earlier(a, b)
    if earlier is None:
        return None, "neither is known to be earlier"
    return earlier.id, "published earlier"


def _earlier(a: Document, b: Document) -> Document | None:
    if a.published_at is None or b.published_at is None or a.published_at == b.published_at:
        return None
    precisions = {a.published_precision, b.published_precision}
    if precisions & _COARSE_TIMES:
        return None
    if not precisions <= _EXACT_TIMES and a.published_at.date() == b.published_at.date():
        return None  # never claim "first" on a tie at day precision
    return a if a.published_at < b.published_at else b
