"""Checks of what is around the program: clock, resolver, seeds; says what to do where one is wrong.

Must not change anything, nor fetch a page.
"""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.seeds import read_seeds
from newsdedup.jobs.finding import Finding, Health
from storage.leases import database_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storage.engine import Sessions

_LARGEST_SKEW = timedelta(seconds=30)
# No clock that is right shows a time before this program was written.
_WRITTEN_AT = datetime(2026, 1, 1, tzinfo=UTC)
_KNOWN_NAME = "example.com"


def check_clock(now: datetime, sessions: Sessions | None) -> Finding:
    """Whether the machine's clock can be right, and agrees with the database's."""
    if now < _WRITTEN_AT:
        detail = f"shows {now:%Y-%m-%d %H:%M} UTC, which is past; set it, or start time synchronisation"
        return Finding("clock", Health.WRONG, detail)
    if sessions is None:
        return Finding("clock", Health.OK, f"{now:%Y-%m-%d %H:%M} UTC")
    with sessions() as session:
        skew = datetime.now(UTC) - database_time(session)
    detail = f"{now:%Y-%m-%d %H:%M} UTC, {skew.total_seconds():+.1f} s from the database's"
    if abs(skew) > _LARGEST_SKEW:
        return Finding("clock", Health.NOTE, f"{detail}; leases go by the database's, articles by this one")
    return Finding("clock", Health.OK, detail)


def check_resolver(name: str = _KNOWN_NAME) -> Finding:
    """Whether names of hosts are found."""
    try:
        found = socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        detail = (
            f"{name} is not found: {(error.strerror or str(error)).lower()}; crawling needs a name server"
        )
        return Finding("resolver", Health.NOTE, detail)
    return Finding("resolver", Health.OK, f"{name} is {found[0][4][0]}")


def check_seeds(paths: Iterable[str]) -> Iterator[Finding]:
    """Whether the seed files can be read, or where none is given those that ship with the program."""
    given = list(paths)
    if given:
        for path in given:
            yield _seed_file(path, Path(path))
        return
    with as_file(files("seeds")) as folder:
        lists = sorted(folder.glob("*.toml"))
        wrong = [finding for path in lists if (finding := _seed_file(path.name, path)).health is Health.WRONG]
    yield from wrong or [Finding("seeds", Health.OK, f"{len(lists)} packaged lists")]


def _seed_file(name: str, path: Path) -> Finding:
    seeds, problems = read_seeds(path)
    if problems:
        more = (
            f"; and {len(problems) - 1} more, run: newsdedup seeds check {path}" if len(problems) > 1 else ""
        )
        return Finding("seeds", Health.WRONG, f"{problems[0]}{more}")
    return Finding("seeds", Health.OK, f"{name}: {len(seeds.sources)} sources, {seeds.feed_count} feeds")
