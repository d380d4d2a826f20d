"""The time that all who share a database agree on, whatever the clock of this machine says or does.

A crawl sets it by the database now and then; in between it goes on by a clock that nobody sets. Where there is no
database it is this machine's. One for the process, as a crawl is. Must not ask the database itself.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_told: tuple[datetime, float] | None = None


def set_clock(now: datetime) -> None:
    """Go on from this time, aware UTC."""
    global _told  # noqa: PLW0603  # one clock a process
    _told = now, time.monotonic()


def utc_now() -> datetime:
    """The time, aware UTC."""
    told = _told
    return datetime.now(UTC) if told is None else told[0] + timedelta(seconds=time.monotonic() - told[1])
