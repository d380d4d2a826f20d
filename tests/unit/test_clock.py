from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler import clock

if TYPE_CHECKING:
    import pytest


def test_the_time_is_this_machines_until_a_database_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_told", None)
    assert abs(clock.utc_now() - datetime.now(UTC)) < timedelta(minutes=5)
    told = datetime(2031, 5, 4, tzinfo=UTC)
    clock.set_clock(told)
    first, second = clock.utc_now(), clock.utc_now()
    assert told <= first <= second < told + timedelta(minutes=5)
