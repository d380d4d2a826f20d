"""Executions of crawls and imports, and the fetches they made; decides nothing about what to fetch."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from storage.models import CrawlRun, FetchEvent, Source
from storage.sql import chunks, storable, storable_key
from storage.values import FetchKind, RunKind, RunRecord, RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from storage.values import FetchEvent as FetchEventValue
    from storage.values import JsonValue

_MAX_DETAIL = 500
# Why a run was interrupted that gave no sign of life any more.
DEAD_OWNER = "dead_owner"


def start_run(
    session: Session,
    kind: RunKind,
    now: datetime,
    *,
    owner: str,
    lease_seconds: float,
    version: str,
    settings: Mapping[str, JsonValue] | None = None,
) -> int:
    """Id of a new running run of this ``version`` of newsdedup, whose lease ``owner`` holds. Writes."""
    run = CrawlRun(
        kind=kind,
        state=RunState.RUNNING,
        started_at=now,
        owner=owner,
        heartbeat_at=now,
        lease_expires_at=now + timedelta(seconds=lease_seconds),
        version=version,
        settings=dict(settings or {}),
        stats={},
    )
    session.add(run)
    session.flush()
    return run.id


def beat_run(session: Session, run_id: int, now: datetime, lease_seconds: float) -> None:
    """Prolong the lease of a running run. Writes."""
    statement = update(CrawlRun).where(CrawlRun.id == run_id, CrawlRun.state == RunState.RUNNING)
    session.execute(
        statement.values(heartbeat_at=now, lease_expires_at=now + timedelta(seconds=lease_seconds))
    )


def finish_run(
    session: Session,
    run_id: int,
    state: RunState,
    now: datetime,
    stats: Mapping[str, JsonValue],
    reason: str | None = None,
) -> None:
    """End a running run with its counters; one that was declared interrupted stays so. Writes."""
    session.execute(
        update(CrawlRun)
        .where(CrawlRun.id == run_id, CrawlRun.state == RunState.RUNNING)
        .values(
            state=state,
            finished_at=now,
            lease_expires_at=None,
            stats=dict(stats),
            reason=storable(reason)[:_MAX_DETAIL] if reason else None,
        )
    )


def interrupt_dead_runs(session: Session, now: datetime, is_dead: Callable[[str], bool]) -> tuple[str, ...]:
    """Owners of running runs that are over: lease expired, or ``is_dead(owner)``. Writes; marks them interrupted."""
    running = session.execute(
        select(CrawlRun.id, CrawlRun.owner, CrawlRun.lease_expires_at).where(
            CrawlRun.state == RunState.RUNNING
        )
    ).all()
    dead = {
        run_id: owner or ""
        for run_id, owner, expires_at in running
        if expires_at is None or expires_at < now or is_dead(owner or "")
    }
    if dead:
        statement = update(CrawlRun).where(CrawlRun.id.in_(dead))
        session.execute(
            statement.values(
                state=RunState.INTERRUPTED, finished_at=now, lease_expires_at=None, reason=DEAD_OWNER
            )
        )
    return tuple(sorted(set(dead.values())))


def read_run(session: Session, run_id: int) -> RunRecord | None:
    """A run by its id, or None."""
    row = session.get(CrawlRun, run_id)
    return _record(row) if row is not None else None


def latest_crawl(session: Session) -> int | None:
    """Id of the latest run that fetched from the web, or None."""
    kinds = (RunKind.CRAWL, RunKind.DEMO)
    return session.scalar(select(func.max(CrawlRun.id)).where(CrawlRun.kind.in_(kinds)))


def list_runs(session: Session, limit: int = 20) -> tuple[RunRecord, ...]:
    """The latest runs, newest first; one that has not ended, or was killed, with what its fetches tell so far."""
    rows = session.scalars(select(CrawlRun).order_by(CrawlRun.id.desc()).limit(limit))
    runs = [_record(row) for row in rows]
    counted = _count_fetches(session, [run.id for run in runs if not run.stats])
    return tuple(replace(run, stats=counted[run.id]) if run.id in counted else run for run in runs)


def _count_fetches(session: Session, run_ids: Sequence[int]) -> dict[int, Counter[str]]:
    """Counters of runs by their fetches, named as a run names them when it ends."""
    query = (
        select(FetchEvent.run_id, FetchEvent.kind, FetchEvent.outcome, FetchEvent.reason, func.count())
        .add_columns(func.count(FetchEvent.http_status))
        .where(FetchEvent.run_id.in_(run_ids))
        .group_by(FetchEvent.run_id, FetchEvent.kind, FetchEvent.outcome, FetchEvent.reason)
    )
    found: dict[int, Counter[str]] = {}
    for run_id, kind, outcome, reason, count, answered_count in session.execute(query):
        counters = found.setdefault(run_id, Counter())
        counters[f"newsdedup/{kind}/" + (f"skipped/{reason}" if reason else outcome)] += count
        if kind == FetchKind.ARTICLE:
            counters["newsdedup/article/fetched"] += answered_count
    return found


def add_fetch_events(session: Session, run_id: int | None, events: Iterable[FetchEventValue]) -> None:
    """Store fetches, with their source where its host is known. Writes."""
    for chunk in chunks(events):
        hosts = {event.host for event in chunk if event.host}
        known = session.execute(select(Source.host, Source.id).where(Source.host.in_(hosts)))
        sources = {row.host: row.id for row in known}
        session.execute(
            insert(FetchEvent), [_event_row(event, run_id, sources.get(event.host or "")) for event in chunk]
        )


def _event_row(event: FetchEventValue, run_id: int | None, source_id: int | None) -> dict[str, object]:
    return {
        "run_id": run_id,
        "source_id": source_id,
        "url": storable_key(event.url),
        "final_url": storable_key(event.final_url) if event.final_url else None,
        "kind": event.kind,
        "outcome": event.outcome,
        "reason": event.reason.value if event.reason else None,
        "detail": storable(event.detail)[:_MAX_DETAIL] if event.detail else None,
        "http_status": event.http_status,
        "byte_count": event.byte_count,
        "elapsed_seconds": event.elapsed_seconds,
        "fetched_at": event.fetched_at,
    }


def _record(row: CrawlRun) -> RunRecord:
    return RunRecord(
        id=row.id,
        kind=row.kind,
        state=row.state,
        started_at=row.started_at,
        finished_at=row.finished_at,
        reason=row.reason,
        stats=dict(row.stats),
    )
