from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.lists.polling import (
    MAX_INTERVAL_SECONDS,
    MIN_INTERVAL_SECONDS,
    PollOutcome,
    next_poll,
    next_revisit,
)
from storage.values import FeedKind, FeedRecord, FeedState, SkipReason, Source

_NOW = datetime(2026, 5, 1, tzinfo=UTC)
_SOURCE = Source("A", "http://a.test/", "a.test")


def _record(
    interval: int | None = 3_600, failures: int = 0, state: FeedState = FeedState.ACTIVE
) -> FeedRecord:
    return FeedRecord(
        1, "http://a.test/f", FeedKind.FEED, _SOURCE, state, etag='"old"', poll_interval_seconds=interval,
        last_fetched_at=_NOW - timedelta(hours=1), failure_count=failures,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "new", "interval"),
    [(20, 0, 5_400), (20, 1, 3_600), (20, 5, 2_880), (20, 15, 1_800)],
)
def test_a_livelier_feed_is_asked_more_often(entries: int, new: int, interval: int) -> None:
    assert next_poll(_record(), PollOutcome(_NOW, entries, new)).poll_interval_seconds == interval


def test_the_interval_stays_within_bounds_and_above_the_feeds_own_wish() -> None:
    fast = next_poll(_record(MIN_INTERVAL_SECONDS), PollOutcome(_NOW, 10, 10))
    slow = next_poll(_record(MAX_INTERVAL_SECONDS), PollOutcome(_NOW, 10, 0))
    asked = next_poll(_record(MIN_INTERVAL_SECONDS), PollOutcome(_NOW, 10, 10, ttl_seconds=1_200))
    assert fast.poll_interval_seconds == MIN_INTERVAL_SECONDS
    assert slow.poll_interval_seconds == MAX_INTERVAL_SECONDS
    assert asked.poll_interval_seconds == 1_200


@pytest.mark.parametrize(
    ("every", "minutes"), [("10m", 10), ("2h", 120), ("5,35 * * * *", 5), ("0 6 * * *", 360)]
)
def test_what_the_seed_asks_for_goes_before_what_was_learnt(every: str, minutes: int) -> None:
    record = replace(_record(), every=every)
    assert next_poll(record, PollOutcome(_NOW, 20, 15)).next_fetch_at == _NOW + timedelta(minutes=minutes)


def test_a_host_that_another_worker_holds_is_no_failure_of_the_feed() -> None:
    poll = next_poll(_record(), PollOutcome(_NOW, reason=SkipReason.HOST_LEASED, retry_after_seconds=60.0))
    assert (poll.failure_count, poll.state, poll.etag) == (0, FeedState.ACTIVE, '"old"')
    assert (poll.fetched_at, poll.next_fetch_at) == (
        _NOW - timedelta(hours=1), _NOW + timedelta(minutes=1)
    )  # fmt: skip


def test_an_unchanged_feed_keeps_its_validators_and_a_read_one_takes_new_ones() -> None:
    assert next_poll(_record(), PollOutcome(_NOW, is_unchanged=True)).etag == '"old"'
    assert next_poll(_record(), PollOutcome(_NOW, 5, 1, etag='"new"')).etag == '"new"'


def test_failures_are_waited_out_and_soon_count_as_failing() -> None:
    first = next_poll(_record(), PollOutcome(_NOW, reason=SkipReason.TIMEOUT))
    third = next_poll(_record(failures=2), PollOutcome(_NOW, reason=SkipReason.TIMEOUT))
    assert (first.state, first.failure_count) == (FeedState.ACTIVE, 1)
    assert third.state is FeedState.FAILING
    assert first.next_fetch_at is not None
    assert third.next_fetch_at is not None
    assert third.next_fetch_at > first.next_fetch_at
    assert next_poll(_record(failures=9, state=FeedState.FAILING), PollOutcome(_NOW, 1, 1)).failure_count == 0


def test_a_feed_that_is_gone_is_asked_no_more() -> None:
    assert next_poll(_record(), PollOutcome(_NOW, reason=SkipReason.GONE)).state is FeedState.GONE
    assert (
        next_poll(_record(failures=3), PollOutcome(_NOW, reason=SkipReason.NOT_FOUND)).state
        is not FeedState.GONE
    )
    gone = next_poll(_record(failures=4), PollOutcome(_NOW, reason=SkipReason.NOT_FOUND))
    assert (gone.state, gone.next_fetch_at) == (FeedState.GONE, None)


def test_a_host_is_left_alone_as_long_as_it_asks() -> None:
    outcome = PollOutcome(_NOW, reason=SkipReason.TOO_MANY_REQUESTS, retry_after_seconds=90_000.0)
    assert next_poll(_record(), outcome).next_fetch_at == _NOW + timedelta(seconds=90_000)


def test_revisits_grow_rarer_and_end() -> None:
    assert next_revisit(_NOW, _NOW) == _NOW + timedelta(hours=1)
    assert next_revisit(_NOW, _NOW + timedelta(hours=2)) == _NOW + timedelta(hours=6)
    assert next_revisit(_NOW, _NOW + timedelta(hours=100)) is None


@pytest.mark.parametrize("reason", [SkipReason.LIMIT_REACHED, SkipReason.TOO_DEEP, SkipReason.HOST_LEASED])
def test_a_list_that_was_not_asked_has_not_failed(reason: SkipReason) -> None:
    poll = next_poll(_record(failures=2), PollOutcome(_NOW, reason=reason))
    assert (poll.state, poll.failure_count, poll.etag) == (FeedState.ACTIVE, 2, '"old"')
