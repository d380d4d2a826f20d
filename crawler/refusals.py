"""The refusal value: something was read and turned away, and why.

Must not log or count: the shell that meets a refusal does both.
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.values import SkipReason

_STATUS_REASONS = {
    404: SkipReason.NOT_FOUND,
    410: SkipReason.GONE,
    429: SkipReason.TOO_MANY_REQUESTS,
    451: SkipReason.GONE,
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A page, feed or sitemap that was turned away; ``detail`` is for a person to read.

    ``retry_after_seconds`` is set where the server, or politeness, asks to come back later.
    """

    reason: SkipReason
    detail: str = ""
    retry_after_seconds: float | None = None


def reason_of_status(status: int) -> SkipReason:
    """Why an answer with this HTTP status brings nothing."""
    return _STATUS_REASONS.get(status, SkipReason.HTTP_ERROR)
