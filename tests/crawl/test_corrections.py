from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text

from newsdedup.demo import serve_newsroom
from newsdedup.demo.server import last_moment
from newsdedup.jobs.crawl import CrawlRequest, run_crawl

if TYPE_CHECKING:
    from pathlib import Path

_SEEDS = """
[[source]]
name = "The Daily Ledger"
home = "http://ledger.test/"
feeds = ["http://ledger.test/feed.atom"]
"""


def _column(database: str, sql: str) -> list[str]:
    engine = create_engine(database)
    with engine.connect() as connection:
        values = [str(row[0]) for row in connection.execute(text(sql))]
    engine.dispose()
    return values


def test_an_article_whose_feed_tells_of_a_change_is_fetched_again_and_its_old_text_kept(
    tmp_path: Path,
) -> None:
    seeds, database = tmp_path / "ledger.toml", f"sqlite:///{tmp_path}/l.db"
    seeds.write_text(_SEEDS, encoding="utf-8")
    # The corrected article was out at eleven in the morning, the correction came the next day.
    with serve_newsroom(datetime(2026, 3, 10, 20, tzinfo=UTC)) as newsroom:
        request = CrawlRequest(
            database,
            seeds,
            loopback_hosts=newsroom.loopback_hosts,
            since="2000-01-01",
            settings={"AUTOTHROTTLE_ENABLED": False, "NEWSDEDUP_EXTRACTION_WORKERS": 1},
        )
        corrected = newsroom.url_of("ledger/rail-link")
        title = f"SELECT title FROM article WHERE url = '{corrected}'"  # noqa: S608  our own address
        run_crawl(request)
        assert _column(database, title) == ["Airport rail link to cost 2.9 billion crowns, ministry says"]
        newsroom.set_clock(last_moment(newsroom.content))
        second = run_crawl(request)
        visits_before_the_third = len([one for one in newsroom.visits if one.target.endswith("/rail-link")])
        third = run_crawl(request)
        visits = len([one for one in newsroom.visits if one.target.endswith("/rail-link")])
    assert second.updated_count == 1
    assert _column(database, title) == ["Airport rail link to cost 3.9 billion crowns, ministry says"]
    versions = _column(database, "SELECT text FROM article_version")
    assert len(versions) == 1
    assert "2.9 billion crowns and will not carry" in versions[0]
    assert third.updated_count == 0
    assert visits == visits_before_the_third == 2, "the same change is not fetched twice"
