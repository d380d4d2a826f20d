"""`report crawl --fail-on`: exit code 3 when sources fell silent or too many fetches failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from newsdedup.cli import main
from newsdedup.jobs.database import open_database
from storage.feeds import KnownFeed, upsert_feeds
from storage.runs import add_fetch_events
from storage.values import FeedKind, FetchEvent, FetchKind, FetchOutcome, SkipReason, Source

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/c.db"
    sessions = open_database(url, create=True)
    source = Source("Silent", "http://silent.test/", "silent.test")
    failed = FetchEvent(
        "http://silent.test/a", FetchKind.ARTICLE, FetchOutcome.SKIPPED, NOW, reason=SkipReason.TIMEOUT
    )
    read = FetchEvent("http://silent.test/f", FetchKind.FEED, FetchOutcome.READ, NOW)
    with sessions.begin() as session:
        feed = KnownFeed("http://silent.test/f", FeedKind.FEED, source)
        upsert_feeds(session, [feed], NOW - timedelta(days=3))
        add_fetch_events(session, None, [failed, read, read, read])
    return url


@pytest.mark.parametrize(
    ("conditions", "code", "said"),
    [
        ("silent-sources", 3, "silent.test"),
        ("error-rate=0.2", 3, "1 of 4 fetches failed"),
        ("error-rate=0.3", 0, ""),
        ("silent-sources,error-rate=0.3", 3, "silent.test"),
        ("loud-sources", 2, "no condition"),
        ("error-rate=2", 2, "no condition"),
    ],
)
def test_a_condition_that_holds_is_named_and_ends_with_code_3(
    database: str, conditions: str, code: int, said: str
) -> None:
    result = CliRunner().invoke(main, ["report", "crawl", "--database", database, "--fail-on", conditions])
    assert result.exit_code == code, result.output
    assert said in result.stderr
