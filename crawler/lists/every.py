"""When a feed is asked again whose seed states an interval or a cron expression; reads no clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

_INTERVAL = re.compile(r"^(\d{1,4})([smhd])$")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def check_every(every: str) -> None:
    """Refuse what ``next_time`` cannot use.

    Raises:
        ValueError: it is neither an interval nor a cron expression.
    """
    try:
        next_time(every, datetime(2026, 1, 1, tzinfo=UTC))
    except StopIteration:
        raise ValueError(f"every {every!r} names a time that never comes") from None


def next_time(every: str, after: datetime) -> datetime:
    """The next time to ask, later than ``after``; cron expressions are in UTC.

    >>> next_time("15m", datetime(2026, 5, 4, 8, 7, tzinfo=UTC)).isoformat()
    '2026-05-04T08:22:00+00:00'
    >>> next_time("*/15 6-22 * * *", datetime(2026, 5, 4, 22, 50, tzinfo=UTC)).isoformat()
    '2026-05-05T06:00:00+00:00'

    Raises:
        ValueError: it is neither an interval nor a cron expression.
    """
    match = _INTERVAL.match(every)
    if match is not None and int(match[1]) > 0:
        return after + timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    try:
        return next(CronSim(every, after.astimezone(UTC)))
    except CronSimError as error:
        raise ValueError(
            f"every must be an interval such as '30m', '2h' or '1d', or a cron expression, got {every!r}"
        ) from error
