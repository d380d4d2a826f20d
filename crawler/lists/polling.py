"""When to poll a feed again and when to look at an article again: state and outcome in, next state out.

Pure: time is an argument, nothing is fetched or stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.lists.every import next_time
from storage.feeds import FeedPoll
from storage.values import FeedState, SkipReason

if TYPE_CHECKING:
    from datetime import datetime

    from storage.values import FeedRecord

MIN_INTERVAL_SECONDS = 300
START_INTERVAL_SECONDS = 1_800
MAX_INTERVAL_SECONDS = 86_400
# A server that is down recovers; an address that is missing seldom does.
_FAILURES_UNTIL_GONE = {SkipReason.NOT_FOUND: 5, SkipReason.GONE: 1}
_SOFT_FAILURES_UNTIL_FAILING = 3
_NOT_ASKED = frozenset({SkipReason.HOST_LEASED, SkipReason.LIMIT_REACHED, SkipReason.TOO_DEEP})
# Ages at which an article is looked at again: corrections come early or not at all.
_REVISIT_AGES = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72))


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What one poll of a feed brought; ``reason`` is set when it failed, or brought but a part."""

    fetched_at: datetime
    entry_count: int = 0
    new_count: int = 0
    is_unchanged: bool = False
    ttl_seconds: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    reason: SkipReason | None = None
    retry_after_seconds: float | None = None


def next_poll(record: FeedRecord, outcome: PollOutcome) -> FeedPoll:
    """The feed's state after a poll; what its seed asks for goes before what was learnt."""
    if outcome.reason in _NOT_ASKED:
        return _after_no_poll(record, outcome)
    brought_part = outcome.reason is SkipReason.TRUNCATED and outcome.entry_count > 0
    if outcome.reason not in {None, SkipReason.EMPTY_FEED} and not brought_part:
        return _after_failure(record, outcome)
    interval = _adapted_interval(record, outcome)
    adapted = outcome.fetched_at + timedelta(seconds=interval)
    return FeedPoll(
        url=record.url,
        fetched_at=outcome.fetched_at,
        state=FeedState.ACTIVE,
        next_fetch_at=next_time(record.every, outcome.fetched_at) if record.every else adapted,
        poll_interval_seconds=interval,
        failure_count=0,
        etag=record.etag if outcome.is_unchanged else outcome.etag,
        last_modified=record.last_modified if outcome.is_unchanged else outcome.last_modified,
        body_hash=record.body_hash if outcome.is_unchanged else outcome.body_hash,
        last_changed_at=outcome.fetched_at if outcome.new_count else record.last_changed_at,
        reason=outcome.reason,
    )


def next_revisit(first_seen_at: datetime, now: datetime) -> datetime | None:
    """When to look at an article again: 1, 6, 24 and 72 hours after it was first seen, then no more."""
    return next((first_seen_at + age for age in _REVISIT_AGES if first_seen_at + age > now), None)


def _adapted_interval(record: FeedRecord, outcome: PollOutcome) -> int:
    interval = float(record.poll_interval_seconds or START_INTERVAL_SECONDS)
    if record.last_fetched_at is None:
        pass  # all entries are new at the first poll: that says nothing
    elif outcome.new_count == 0:
        interval *= 1.5
    elif 2 * outcome.new_count >= max(outcome.entry_count, 1):
        interval /= 2.0  # half of the list is new: entries may have been missed
    elif 5 * outcome.new_count >= outcome.entry_count:
        interval /= 1.25
    floor = max(MIN_INTERVAL_SECONDS, min(outcome.ttl_seconds or 0, MAX_INTERVAL_SECONDS))
    return int(min(max(interval, floor), MAX_INTERVAL_SECONDS))


def _after_no_poll(record: FeedRecord, outcome: PollOutcome) -> FeedPoll:
    """Another worker was at the host, or the run had enough: nothing was asked, nothing learnt."""
    wait = timedelta(seconds=outcome.retry_after_seconds or MIN_INTERVAL_SECONDS)
    return FeedPoll(
        url=record.url,
        fetched_at=record.last_fetched_at,
        state=record.state,
        next_fetch_at=outcome.fetched_at + wait,
        poll_interval_seconds=record.poll_interval_seconds,
        failure_count=record.failure_count,
        etag=record.etag,
        last_modified=record.last_modified,
        body_hash=record.body_hash,
        last_changed_at=record.last_changed_at,
        reason=outcome.reason,
    )


def _interval(record: FeedRecord, now: datetime) -> float:
    if record.every:
        return (next_time(record.every, now) - now).total_seconds()
    return record.poll_interval_seconds or START_INTERVAL_SECONDS


def _after_failure(record: FeedRecord, outcome: PollOutcome) -> FeedPoll:
    failures = record.failure_count + 1
    hard_limit = _FAILURES_UNTIL_GONE.get(outcome.reason) if outcome.reason else None
    if hard_limit is not None and failures >= hard_limit:
        state = FeedState.GONE
    elif failures >= _SOFT_FAILURES_UNTIL_FAILING:
        state = FeedState.FAILING
    else:
        state = record.state if record.state is not FeedState.GONE else FeedState.ACTIVE
    base = _interval(record, outcome.fetched_at)
    wait = max(min(base * 2 ** min(failures, 8), 7 * MAX_INTERVAL_SECONDS), outcome.retry_after_seconds or 0)
    return FeedPoll(
        url=record.url,
        fetched_at=outcome.fetched_at,
        state=state,
        next_fetch_at=None if state is FeedState.GONE else outcome.fetched_at + timedelta(seconds=wait),
        poll_interval_seconds=record.poll_interval_seconds,
        failure_count=failures,
        etag=record.etag,
        last_modified=record.last_modified,
        body_hash=record.body_hash,
        last_changed_at=record.last_changed_at,
        reason=outcome.reason,
    )
