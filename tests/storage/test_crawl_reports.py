from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.crawl_reports import SourceTally, tally_sources
from storage.feeds import KnownFeed, upsert_feeds
from storage.runs import add_fetch_events, finish_run, list_runs, start_run
from storage.values import (
    FeedKind,
    FetchEvent,
    FetchKind,
    FetchOutcome,
    RunKind,
    RunState,
    SkipReason,
    Source,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from storage.engine import Sessions

_NOW = datetime(2026, 5, 20, tzinfo=UTC)
_HOST = "a.example"


def _event(
    outcome: FetchOutcome, at: datetime, reason: SkipReason | None = None, kind: FetchKind = FetchKind.ARTICLE
) -> FetchEvent:
    return FetchEvent(f"https://{_HOST}/x", kind, outcome, at, reason=reason, host=_HOST)


def _run(session: Session, at: datetime, events: list[FetchEvent]) -> int:
    run_id = start_run(session, RunKind.CRAWL, at, owner="w", lease_seconds=60, version="1")
    add_fetch_events(session, run_id, events)
    return run_id


def _source(session: Session, first_known: datetime) -> None:
    source = Source("A", f"https://{_HOST}/", _HOST)
    upsert_feeds(session, [KnownFeed(f"https://{_HOST}/feed", FeedKind.FEED, source)], first_known)


def _tally(
    sessions: Sessions, before: list[FetchEvent], now: list[FetchEvent], known_days: int
) -> SourceTally:
    with sessions.begin() as session:
        _source(session, _NOW - timedelta(days=known_days))
        _run(session, _NOW - timedelta(days=2), before)
        run_id = _run(session, _NOW, now)
    with sessions() as session:
        [tally] = tally_sources(session, run_id)
    return tally


def test_what_a_source_gave_is_told_from_what_failed_and_what_was_refused(sessions: Sessions) -> None:
    later = _NOW + timedelta(minutes=1)
    events = [
        _event(FetchOutcome.NEW, later),
        _event(FetchOutcome.NEW, later),
        _event(FetchOutcome.UPDATED, later),
        _event(FetchOutcome.NOT_MODIFIED, later),
        _event(FetchOutcome.SKIPPED, later, SkipReason.TOO_SHORT),
        _event(FetchOutcome.SKIPPED, later, SkipReason.ROBOTS),
        _event(FetchOutcome.SKIPPED, later, SkipReason.TIMEOUT),
        _event(FetchOutcome.SKIPPED, later, SkipReason.DNS, FetchKind.FEED),
    ]
    tally = _tally(sessions, [], events, known_days=1)
    assert (tally.new_count, tally.updated_count, tally.unchanged_count) == (2, 1, 1)
    assert tally.fetched_count == 5, "answered pages: robots and time-outs brought none"
    assert (tally.failed_count, tally.skipped_count) == (2, 2)
    assert tally.reasons == {"dns": 1, "robots": 1, "timeout": 1, "too_short": 1}
    assert not tally.is_silent
    assert not tally.has_collapsed


def test_a_source_whose_pages_give_no_article_any_more_has_collapsed(sessions: Sessions) -> None:
    before = [_event(FetchOutcome.NEW, _NOW - timedelta(days=2))] * 9
    now = [_event(FetchOutcome.SKIPPED, _NOW, SkipReason.NO_TEXT)] * 4 + [_event(FetchOutcome.NEW, _NOW)] * 3
    assert _tally(sessions, before, now, known_days=3).has_collapsed


def test_a_source_that_always_gave_little_has_not_collapsed(sessions: Sessions) -> None:
    refused = [_event(FetchOutcome.SKIPPED, _NOW - timedelta(days=2), SkipReason.NO_TEXT)] * 9
    now = [_event(FetchOutcome.SKIPPED, _NOW, SkipReason.NO_TEXT)] * 9
    assert not _tally(sessions, refused, now, known_days=3).has_collapsed


def test_a_source_that_is_asked_and_brings_nothing_for_a_week_is_silent(sessions: Sessions) -> None:
    now = [_event(FetchOutcome.NOT_MODIFIED, _NOW, kind=FetchKind.FEED)]
    assert _tally(sessions, [], now, known_days=8).is_silent
    assert _tally(sessions, [], now, known_days=8).fetched_count == 0


def test_a_run_that_is_not_there_has_no_sources(sessions: Sessions) -> None:
    with sessions() as session:
        assert tally_sources(session, 99) == ()


def test_a_run_that_was_killed_is_listed_with_what_it_fetched_until_then(sessions: Sessions) -> None:
    answered = replace(_event(FetchOutcome.NEW, _NOW), http_status=200)
    events = [
        answered,
        answered,
        replace(_event(FetchOutcome.SKIPPED, _NOW, SkipReason.TOO_SHORT), http_status=200),
        _event(FetchOutcome.SKIPPED, _NOW, SkipReason.ROBOTS),
        replace(_event(FetchOutcome.READ, _NOW, kind=FetchKind.FEED), http_status=200),
    ]
    with sessions.begin() as session:
        killed = _run(session, _NOW, events)
        ended = _run(session, _NOW, events)
        finish_run(session, ended, RunState.DONE, _NOW, {"newsdedup/article/new": 2})
    with sessions() as session:
        stats = {run.id: dict(run.stats) for run in list_runs(session)}
    assert stats[killed] == {
        "newsdedup/article/fetched": 3,
        "newsdedup/article/new": 2,
        "newsdedup/article/skipped/too_short": 1,
        "newsdedup/article/skipped/robots": 1,
        "newsdedup/feed/read": 1,
    }
    assert stats[ended] == {"newsdedup/article/new": 2}
