"""How long a server asks to wait, read from its answer; waits for nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_seconds(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, or None. Source: RFC 9110 section 10.2.3."""
    text = (value or b"").decode("latin-1").strip()
    if text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)
