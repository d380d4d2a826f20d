"""What one run holds of what all runs share: sources to work on, hosts to fetch from; decides nothing else.

A lease counts only as long as this process can be sure of it: by a clock that goes on while the process or the machine
sleeps, measured from before the lease was asked for.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from crawler.owners import is_dead_here
from crawler.refusals import Skipped
from storage.due import due_sources
from storage.leases import (
    Fence,
    LeaseLostError,
    acquire_leases,
    database_time,
    read_leases,
    release_leases,
    renew_leases,
    require_held,
)
from storage.values import LeaseKind, SkipReason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy.orm import Session

    from storage.engine import Sessions
    from storage.leases import HeldLease

# Share of a lease that is left unused, for the way of a request to the wire.
_MARGIN = 0.2


class Holdings:
    """Leases of one run; every method that asks the database blocks, and runs in a thread."""

    def __init__(
        self,
        sessions: Sessions,
        owner: str,
        lease_seconds: float,
        pause_seconds: float,
        max_wait_seconds: float,
    ) -> None:
        self.run_id: int | None = None
        self.tokens: dict[str, int] = {}
        self.returned: set[str] = set()
        self.waits: dict[str, float] = {}
        self.busy_hosts: Callable[[], Collection[str]] = tuple
        self._sessions = sessions
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._pause_seconds = pause_seconds
        self._max_wait_seconds = max_wait_seconds
        self._hosts: dict[str, float] = {}
        self._ready_at: dict[str, float] = {}
        self._denied: dict[str, Skipped] = {}
        self._lost: Skipped | None = None
        self._lock = threading.Lock()

    def fence(self) -> Fence:
        """What this run believes to hold."""
        return Fence(self._owner, self.run_id or 0, dict(self.tokens))

    def take_sources(self, hosts: Collection[str]) -> frozenset[str]:
        """Those of the sources that nobody else works on."""
        with self._sessions.begin() as session:
            held = self._acquire(session, LeaseKind.SOURCE, hosts)
        self.tokens |= {name: lease.fencing_token for name, lease in held.items()}
        self.returned -= held.keys()
        return frozenset(held)

    def take_due_sources(
        self, limit: int, *, among: Collection[str] | None, without: Collection[str]
    ) -> tuple[str, ...]:
        """Up to ``limit`` sources with something due that nobody else works on."""
        with self._sessions() as session:
            # More than asked for: other workers ask at the same moment.
            waiting = due_sources(
                session, database_time(session), limit=4 * limit, among=among, without=without
            )
        if not waiting:
            return ()
        with self._sessions.begin() as session:
            held = self._acquire(session, LeaseKind.SOURCE, waiting, limit=limit)
        self.tokens |= {name: lease.fencing_token for name, lease in held.items()}
        return tuple(held)

    def holds_host(self, host: str) -> bool:
        """Whether this run surely may fetch from the host at this moment."""
        return self._ready_at.get(host, 0.0) <= _now() < self._hosts.get(host, 0.0)

    def verdict_on(self, host: str) -> float | Skipped | None:
        """Seconds to wait before the next fetch from a host of this run's, or why it is not; None: it must be asked for.

        A host that was refused stays so for the run: its robots.txt could not be read either.
        """
        if host in self._denied:
            return self._denied[host]
        if self._lost is not None:
            return self._lost
        now = _now()
        return max(self._ready_at[host] - now, 0.0) if now < self._hosts.get(host, 0.0) else None

    def take_hosts(self, hosts: Collection[str]) -> None:
        """Ask for hosts that requests wait for; there is a verdict on each of them afterwards."""
        hosts, asked_at = [host for host in hosts if self.verdict_on(host) is None], _now()
        try:
            with self._sessions.begin() as session:
                # Who slept through its leases must not fetch under new ones what is another run's now.
                require_held(session, self.fence())
                held = self._acquire(session, LeaseKind.HOST, hosts)
                now = database_time(session).timestamp()
                refused = set(hosts) - held.keys()
                holders = (
                    {one.name: one for one in read_leases(session, LeaseKind.HOST, refused)}
                    if refused
                    else {}
                )
        except LeaseLostError as error:  # the next write says so, and ends the run
            self._lost = Skipped(SkipReason.HOST_LEASED, str(error), self._lease_seconds)
            return
        for host in refused:
            detail = (
                f"{holders[host].owner} fetches from it" if host in holders else "another worker is taking it"
            )
            self._denied[host] = Skipped(SkipReason.HOST_LEASED, detail, self._lease_seconds)
        for host, lease in held.items():
            self._note_taken(host, _wait(lease, now), asked_at)

    def _note_taken(self, host: str, wait: float, asked_at: float) -> None:
        if wait > self._max_wait_seconds:
            why = f"the host asks to wait {wait:.0f} s"
            self._denied[host] = Skipped(SkipReason.TOO_MANY_REQUESTS, why, wait)
            return
        with self._lock:
            self._ready_at[host] = asked_at + wait
            self._hosts[host] = self._surely_until(asked_at)

    def renew(self) -> None:
        """Prolong the leases of sources, and of hosts with requests under way; give idle hosts back."""
        asked_at = _now()
        busy = set(self.busy_hosts())
        with self._lock:
            kept = {host for host in self._hosts if host in busy}
            idle = self._hosts.keys() - kept
            for host in idle:
                del self._hosts[host]
        with self._sessions.begin() as session:
            renew_leases(session, self._owner, LeaseKind.SOURCE, tuple(self.tokens), self._lease_seconds)
            renewed = renew_leases(session, self._owner, LeaseKind.HOST, kept, self._lease_seconds)
            self._release_hosts(session, idle)
        with self._lock:
            for host in kept & self._hosts.keys():
                # What is not this run's any more must be asked for again.
                self._hosts[host] = self._surely_until(asked_at) if host in renewed else 0.0

    def give_back(self) -> None:
        """Leave the returned sources to others."""
        returned, self.returned = self.returned & self.tokens.keys(), set()
        if not returned:
            return
        with self._sessions.begin() as session:
            release_leases(session, self._owner, LeaseKind.SOURCE, dict.fromkeys(returned))
        for name in returned:
            del self.tokens[name]

    def give_back_all(self) -> None:
        """Leave everything to others."""
        self.returned = set(self.tokens)
        self.give_back()
        with self._lock:
            hosts = set(self._hosts)
            self._hosts.clear()
        with self._sessions.begin() as session:
            self._release_hosts(session, hosts)

    def _acquire(
        self, session: Session, kind: LeaseKind, names: Collection[str], limit: int | None = None
    ) -> dict[str, HeldLease]:
        return acquire_leases(
            session, kind, names, self._owner, seconds=self._lease_seconds, is_dead=is_dead_here, limit=limit
        )

    def _release_hosts(self, session: Session, hosts: Collection[str]) -> None:
        waits = {host: self.waits.get(host, self._pause_seconds) for host in hosts}
        release_leases(session, self._owner, LeaseKind.HOST, waits)

    def _surely_until(self, asked_at: float) -> float:
        return asked_at + (1.0 - _MARGIN) * self._lease_seconds


def _wait(held: HeldLease, now: float) -> float:
    return max(held.next_fetch_at.timestamp() - now, 0.0) if held.next_fetch_at is not None else 0.0


def _now() -> float:
    """Seconds of a clock that nobody sets and that counts a suspended machine's sleep."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()
