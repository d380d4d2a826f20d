"""How a claimed address stands after a visit that brought nothing; decides from values alone.

Must not count, log or store.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from storage.values import TRANSIENT_FAILURES, CrawlUrlState, SettledUrl, SkipReason

if TYPE_CHECKING:
    from crawler.refusals import Skipped
    from storage.values import ClaimedUrl

_MAX_ATTEMPTS = 4
# No fault of the page's: it keeps its place.
_WAITING = frozenset({SkipReason.HOST_CAP, SkipReason.HOST_LEASED, SkipReason.JAVASCRIPT_MISSING})


def settled_refusal(
    claimed: ClaimedUrl,
    skipped: Skipped,
    now: datetime,
    *,
    retry_seconds: float = 600.0,
    revisit_at: datetime | None = None,
) -> SettledUrl:
    """How an address stands after a refusal: to be tried again later, or settled until its listing tells of a change.

    No hash is kept: what was refused is read again when it is fetched again, perhaps by a better extractor. Of an
    article that was read before one failed visit says little: it is looked at again as if it had been there.
    """
    if claimed.content_hash is not None and skipped.reason not in _WAITING:
        return _missed(claimed, skipped, now, revisit_at, now + timedelta(seconds=retry_seconds))
    wait = skipped.retry_after_seconds
    again = now + timedelta(seconds=retry_seconds * 4**claimed.attempt_count if wait is None else wait)
    is_transient = skipped.reason in TRANSIENT_FAILURES
    is_waiting = skipped.reason in _WAITING or (is_transient and claimed.attempt_count + 1 < _MAX_ATTEMPTS)
    end = CrawlUrlState.FAILED if is_transient else CrawlUrlState.SKIPPED
    return SettledUrl(
        identity_url=claimed.identity_url,
        state=CrawlUrlState.PENDING if is_waiting else end,
        fetched_at=now,
        reason=skipped.reason,
        next_attempt_at=again if is_waiting else None,
    )


def _missed(
    claimed: ClaimedUrl, skipped: Skipped, now: datetime, revisit_at: datetime | None, retry_at: datetime
) -> SettledUrl:
    """How an article's address stands after a visit that brought nothing: gone when told so, or the second time."""
    is_first, is_transient = claimed.reason is None, skipped.reason in TRANSIENT_FAILURES
    is_gone = skipped.reason is SkipReason.GONE or (not is_transient and claimed.reason == skipped.reason)
    again = min(retry_at, revisit_at or retry_at) if is_transient and is_first else revisit_at
    if again is not None and skipped.retry_after_seconds is not None:
        again = max(again, now + timedelta(seconds=skipped.retry_after_seconds))
    return SettledUrl(
        identity_url=claimed.identity_url,
        state=CrawlUrlState.SKIPPED if is_gone else CrawlUrlState.DONE,
        fetched_at=now,
        reason=skipped.reason,
        next_attempt_at=None if is_gone else again,
    )
