"""How runs went, source by source: what was fetched, stored and refused, and which sources no longer deliver."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, func, or_, select

from dedup.values import Relation
from storage.models import Article, CrawlRun, CrawlUrl, DuplicatePair, Feed, FetchEvent, Source
from storage.values import FETCH_FAILURES, CrawlUrlState, FetchKind, FetchOutcome, Review, SkipReason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

SILENT_AFTER = timedelta(days=7)
_LOOK_BACK = timedelta(days=30)
_ENOUGH_PAGES = 5
_COLLAPSED_BELOW = 0.5
_WELL_BEFORE = 0.75
_READ = (FetchOutcome.NEW, FetchOutcome.UPDATED, FetchOutcome.UNCHANGED)
_UNREADABLE = tuple(
    reason.value
    for reason in (
        SkipReason.TOO_SHORT,
        SkipReason.NO_TEXT,
        SkipReason.NO_TITLE,
        SkipReason.NOT_ARTICLE,
        SkipReason.NOT_HTML,
        SkipReason.EXTRACTION_FAILED,
        SkipReason.EXTRACTION_TIMEOUT,
    )
)


@dataclass(frozen=True, slots=True)
class SourceTally:
    """How one source fared in a run; ``reasons`` counts what was skipped or failed, lists too.

    ``duplicate_count`` of the articles that the run stored are copies of others. ``is_silent``: asked in this run,
    and without a new article for ``SILENT_AFTER``. ``has_collapsed``: fewer than half of the pages fetched in this
    run hold an article, where before most did.
    """

    name: str
    host: str
    fetched_count: int
    new_count: int
    updated_count: int
    unchanged_count: int
    duplicate_count: int
    failed_count: int
    skipped_count: int
    reasons: Mapping[str, int]
    last_new_at: datetime | None
    is_silent: bool
    has_collapsed: bool


def tally_sources(session: Session, run_id: int) -> tuple[SourceTally, ...]:
    """The sources that a run asked, by name; empty where there is no such run."""
    run = session.get(CrawlRun, run_id)
    if run is None:
        return ()
    outcomes, reasons, statuses = _fetches(session, run_id)
    ids = sorted(outcomes)
    duplicates = _duplicates(session, run_id)
    last_new = _last_new(session, ids)
    now_read, before_read = _readable(session, run, ids)
    has_feed = set(session.scalars(select(Feed.source_id).where(Feed.source_id.in_(ids))))
    found = []
    for source in session.scalars(
        select(Source).where(Source.id.in_(ids)).order_by(Source.name, Source.host)
    ):
        counts, last = outcomes[source.id], last_new.get(source.id)
        found.append(
            SourceTally(
                name=source.name,
                host=source.host,
                fetched_count=statuses[source.id],
                new_count=counts[FetchOutcome.NEW],
                updated_count=counts[FetchOutcome.UPDATED],
                unchanged_count=counts[FetchOutcome.UNCHANGED] + counts[FetchOutcome.NOT_MODIFIED],
                duplicate_count=duplicates.get(source.id, 0),
                failed_count=_failed(reasons[source.id]),
                skipped_count=reasons[source.id].total() - _failed(reasons[source.id]),
                reasons=dict(sorted(reasons[source.id].items())),
                last_new_at=last,
                is_silent=source.id in has_feed
                and (last or source.created_at) < run.started_at - SILENT_AFTER,
                has_collapsed=_has_collapsed(now_read.get(source.id), before_read.get(source.id)),
            )
        )
    return tuple(found)


def refused_before(session: Session, run_id: int) -> dict[str, int]:
    """Why the addresses that a run's lists name stand refused, counted; nothing where one of them does not."""
    asked = select(FetchEvent.url).where(FetchEvent.run_id == run_id, FetchEvent.kind != FetchKind.ARTICLE)
    sources = select(FetchEvent.source_id).where(FetchEvent.run_id == run_id)
    query = (
        select(CrawlUrl.state, CrawlUrl.reason, func.count())
        .where(
            CrawlUrl.source_id.in_(sources) | CrawlUrl.url.in_(asked),
            CrawlUrl.feed_url.in_(asked) | CrawlUrl.url.in_(asked),
        )
        .group_by(CrawlUrl.state, CrawlUrl.reason)
    )
    reasons: Counter[str] = Counter()
    for state, reason, count in session.execute(query):
        if reason is None or state == CrawlUrlState.DONE:
            return {}
        reasons[reason] += count
    return dict(reasons)


def _failed(reasons: Counter[str]) -> int:
    return sum(count for reason, count in reasons.items() if reason in FETCH_FAILURES)


def _fetches(
    session: Session, run_id: int
) -> tuple[dict[int, Counter[FetchOutcome]], dict[int, Counter[str]], Counter[int]]:
    """By source: outcomes of its pages, reasons of all that brought nothing, pages that were answered."""
    query = (
        select(FetchEvent.source_id, FetchEvent.kind, FetchEvent.outcome, FetchEvent.reason, func.count())
        .where(FetchEvent.run_id == run_id)
        .group_by(FetchEvent.source_id, FetchEvent.kind, FetchEvent.outcome, FetchEvent.reason)
    )
    outcomes: dict[int, Counter[FetchOutcome]] = {}
    reasons: dict[int, Counter[str]] = {}
    answered: Counter[int] = Counter()
    for source_id, kind, outcome, reason, count in session.execute(query):
        if source_id is None:
            continue
        own = outcomes.setdefault(source_id, Counter())
        why = reasons.setdefault(source_id, Counter())
        if reason:
            why[reason] += count
        if kind == FetchKind.ARTICLE:
            own[FetchOutcome(outcome)] += count
            if outcome != FetchOutcome.SKIPPED or reason in _UNREADABLE:
                answered[source_id] += count
    return outcomes, reasons, answered


def _duplicates(session: Session, run_id: int) -> dict[int, int]:
    """How many of the articles that a run stored are copies of others, by source."""
    pair = select(DuplicatePair.low_id).where(
        DuplicatePair.relation == Relation.COPY,
        or_(DuplicatePair.review.is_(None), DuplicatePair.review != Review.REJECTED),
    )
    low = pair.where(DuplicatePair.low_id == Article.id).exists()
    high = pair.where(DuplicatePair.high_id == Article.id).exists()
    query = (
        select(Article.source_id, func.count())
        .where(Article.run_id == run_id, low | high)
        .group_by(Article.source_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _last_new(session: Session, ids: list[int]) -> dict[int, datetime]:
    query = select(Article.source_id, func.max(Article.first_seen_at)).where(Article.source_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query.group_by(Article.source_id))}


def _readable(
    session: Session, run: CrawlRun, ids: list[int]
) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]]:
    """Pages with an article and pages without one, by source: in this run, and in those before it."""
    read = func.sum(case((FetchEvent.outcome.in_(_READ), 1), else_=0))
    unreadable = func.sum(case((FetchEvent.reason.in_(_UNREADABLE), 1), else_=0))
    query = (
        select(FetchEvent.source_id, read, unreadable)
        .where(FetchEvent.source_id.in_(ids), FetchEvent.kind == FetchKind.ARTICLE)
        .group_by(FetchEvent.source_id)
    )
    now = session.execute(query.where(FetchEvent.run_id == run.id))
    earlier = session.execute(
        query.where(
            FetchEvent.run_id != run.id,
            FetchEvent.fetched_at < run.started_at,
            FetchEvent.fetched_at >= run.started_at - _LOOK_BACK,
        )
    )
    return {row[0]: (row[1], row[2]) for row in now}, {row[0]: (row[1], row[2]) for row in earlier}


def _has_collapsed(now: tuple[int, int] | None, before: tuple[int, int] | None) -> bool:
    if now is None or before is None or sum(now) < _ENOUGH_PAGES or sum(before) < _ENOUGH_PAGES:
        return False
    return now[0] < _COLLAPSED_BELOW * sum(now) and before[0] >= _WELL_BEFORE * sum(before)
