"""Leases on sources and hosts: who alone may work on one, until when; what to do with it is the crawl's.

A row lock ends with its transaction; a lease outlives it. Its times are the database's, so the clocks of workers may
differ. Each lease gets a fencing token greater than the last: an owner that slept through the expiry of its lease is
told so inside its own writing transaction, by ``require_held``, and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from storage.engine import is_sqlite
from storage.errors import StorageError
from storage.models import CrawlRun, Lease
from storage.sql import chunks, insert_into
from storage.values import LeaseKind, RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease that was given; ``next_fetch_at`` is what the last owner left to wait for."""

    name: str
    fencing_token: int
    next_fetch_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """A lease as it stands."""

    kind: LeaseKind
    name: str
    owner: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fence:
    """What a writer believes to hold: its run, and sources with the tokens under which it got them."""

    owner: str
    run_id: int
    tokens: Mapping[str, int] = field(default_factory=dict)


class LeaseLostError(StorageError):
    """Another run has taken over what this one held; nothing was written."""


def database_time(session: Session) -> datetime:
    """The database's clock, by which leases are measured."""
    if is_sqlite(session):
        return datetime.now(UTC)
    at: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return at.astimezone(UTC)


def acquire_leases(
    session: Session,
    kind: LeaseKind,
    names: Iterable[str],
    owner: str,
    *,
    seconds: float,
    is_dead: Callable[[str], bool] = lambda _: False,
    limit: int | None = None,
) -> dict[str, HeldLease]:
    """Those of the leases that were free, expired, ``owner``'s own or a dead owner's; at most ``limit``. Writes.

    Rows that another transaction is taking at this moment are passed over, not waited for.
    """
    now = database_time(session)
    held: dict[str, HeldLease] = {}
    for chunk in chunks(dict.fromkeys(names)):
        room = None if limit is None else limit - len(held)
        if room is not None and room <= 0:
            break
        insert = insert_into(session, Lease).on_conflict_do_nothing(index_elements=["kind", "name"])
        session.execute(insert, [{"kind": kind, "name": name} for name in sorted(chunk)])
        query = select(Lease).where(Lease.kind == kind, Lease.name.in_(chunk))
        rows = session.scalars(query.order_by(Lease.name).with_for_update(skip_locked=True)).all()
        place = {name: number for number, name in enumerate(chunk)}
        for row in sorted(rows, key=lambda row: place[row.name]):
            if room is not None and len(held) >= (limit or 0):
                break
            if _may_take(row, owner, now, is_dead):
                held[row.name] = _take(row, owner, now, seconds)
    return held


def renew_leases(
    session: Session, owner: str, kind: LeaseKind, names: Collection[str], seconds: float
) -> frozenset[str]:
    """Prolong what ``owner`` still holds of these, and say what that is. Writes."""
    now = database_time(session)
    renewed: set[str] = set()
    for chunk in chunks(sorted(names)):
        statement = update(Lease).where(Lease.owner == owner, Lease.kind == kind, Lease.name.in_(chunk))
        values = statement.values(heartbeat_at=now, expires_at=now + timedelta(seconds=seconds))
        renewed.update(session.scalars(values.returning(Lease.name)))
    return frozenset(renewed)


def release_leases(session: Session, owner: str, kind: LeaseKind, waits: Mapping[str, float | None]) -> None:
    """Give back what ``owner`` holds of these; a wait in seconds is left to the host's next owner. Writes."""
    now = database_time(session)
    for chunk in chunks(sorted(waits)):
        query = select(Lease).where(Lease.owner == owner, Lease.kind == kind, Lease.name.in_(chunk))
        for row in session.scalars(query.order_by(Lease.name).with_for_update()):
            row.owner, row.expires_at = None, None
            wait = waits[row.name]
            if wait is not None:
                row.next_fetch_at = _later(row.next_fetch_at, now + timedelta(seconds=wait))


def free_leases(session: Session, owners: Iterable[str]) -> None:
    """Take from these owners whatever they hold; their tokens are not enough any more. Writes."""
    for chunk in chunks(sorted(owners)):
        statement = update(Lease).where(Lease.owner.in_(chunk))
        session.execute(statement.values(owner=None, expires_at=None, fencing_token=Lease.fencing_token + 1))


def read_leases(
    session: Session, kind: LeaseKind, names: Iterable[str] | None = None
) -> tuple[LeaseRecord, ...]:
    """Leases that someone holds and that have not expired, sorted by name."""
    query = select(Lease).where(Lease.kind == kind, Lease.expires_at >= database_time(session))
    if names is not None:
        query = query.where(Lease.name.in_(list(names)))
    return tuple(
        LeaseRecord(row.kind, row.name, row.owner, row.expires_at)
        for row in session.scalars(query.order_by(Lease.name))
    )


def require_held(session: Session, fence: Fence) -> None:
    """Make sure that the run goes on and its sources are still its own; holds them to the transaction's end.

    Raises:
        LeaseLostError: the run was declared dead, or a source was taken over.
    """
    state = session.scalar(
        select(CrawlRun.state).where(CrawlRun.id == fence.run_id).with_for_update(read=True)
    )
    if state is not RunState.RUNNING:
        raise LeaseLostError("this run was taken for dead, another one has taken over; nothing was written")
    if not fence.tokens:
        return
    query = select(Lease.name, Lease.fencing_token).where(
        Lease.owner == fence.owner, Lease.kind == LeaseKind.SOURCE
    )
    held = dict(session.execute(query.with_for_update(read=True)).all())
    lost = sorted(name for name, token in fence.tokens.items() if held.get(name) != token)
    if lost:
        raise LeaseLostError(
            f"another run has taken over source {lost[0]!r} from this one; nothing was written", lost[0]
        )


def _may_take(row: Lease, owner: str, now: datetime, is_dead: Callable[[str], bool]) -> bool:
    if row.owner is None or row.owner == owner or row.expires_at is None or row.expires_at < now:
        return True
    return is_dead(row.owner)


def _take(row: Lease, owner: str, now: datetime, seconds: float) -> HeldLease:
    row.owner = owner
    row.fencing_token += 1
    row.acquired_at = row.heartbeat_at = now
    row.expires_at = now + timedelta(seconds=seconds)
    return HeldLease(row.name, row.fencing_token, row.next_fetch_at)


def _later(a: datetime | None, b: datetime) -> datetime:
    return b if a is None else max(a, b)
