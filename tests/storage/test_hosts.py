"""Hosts that a crawl's requests wait for are asked for together, and are one run's at a time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event

from crawler.ledger.books import Books
from crawler.ledger.database import DatabaseLedger
from crawler.refusals import Skipped
from newsdedup.jobs.database import open_database
from storage.leases import acquire_leases
from storage.values import LeaseKind, RunState, SkipReason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_HOSTS = [f"paper{number}.test" for number in range(40)]


@asynccontextmanager
async def _run(url: str) -> AsyncIterator[DatabaseLedger]:
    ledger = DatabaseLedger(Books(url, lease_seconds=60.0))
    await ledger.open({})
    try:
        yield ledger
    finally:
        await ledger.close(RunState.DONE, {})


def test_hosts_that_are_waited_for_are_taken_in_few_statements(database_url: str) -> None:
    taken: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO lease"):
            taken.append(statement)

    async def take() -> list[Skipped | None]:
        async with _run(database_url) as ledger:
            return await asyncio.gather(*(ledger.hold_host(host) for host in (*_HOSTS, *_HOSTS)))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert asyncio.run(take()) == [None] * 2 * len(_HOSTS)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert 1 <= len(taken) <= 2


def test_of_hosts_asked_for_together_another_runs_are_refused(database_url: str) -> None:
    sessions = open_database(database_url)
    with sessions.begin() as session:
        acquire_leases(session, LeaseKind.HOST, _HOSTS[:3], "elsewhere:1", seconds=60.0)
    sessions.kw["bind"].dispose()

    async def take() -> list[Skipped | None]:
        async with _run(database_url) as ledger:
            return await asyncio.gather(*(ledger.hold_host(host) for host in _HOSTS[:6]))

    found = asyncio.run(take())
    assert [isinstance(one, Skipped) and one.reason for one in found[:3]] == [SkipReason.HOST_LEASED] * 3
    assert all(isinstance(one, Skipped) and "elsewhere:1 fetches from it" in one.detail for one in found[:3])
    assert found[3:] == [None] * 3
