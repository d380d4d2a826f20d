"""How long a server asks to wait, read from its answer; waits for nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# No server means more; what it says is added to dates, which end in the year 9999.
_LONGEST_SECONDS = 7 * 86_400.0


def retry_after_seconds(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, at most a week, or None. Source: RFC 9110 section 10.2.3."""
    text = (value or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), _LONGEST_SECONDS)
