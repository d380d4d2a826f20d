from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.retry_after import retry_after_seconds

_NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
_WEEK = 7 * 86_400.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120.0),
        (b"Fri, 01 May 2026 12:01:00 GMT", 60.0),
        (b"Fri, 01 May 2020 12:01:00 GMT", 0.0),
        (b"9" * 30, _WEEK),
        (b"9" * 400, _WEEK),
        (b"Wed, 21 Oct 9999 07:28:00 GMT", _WEEK),
        (b"\xb2", None),
        (b"soon", None),
        (b"-5", None),
        (None, None),
    ],
)
def test_a_wait_is_read_and_bounded(value: bytes | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, _NOW) == seconds
