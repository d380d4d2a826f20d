from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from dedup import DedupConfig
from storage.engine import reading_sessions
from storage.errors import StorageError
from storage.ingest import store_articles
from storage.readonly import run_query
from tests.support.articles import article

if TYPE_CHECKING:
    from storage.engine import Sessions

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
SLOW = ENDLESS.replace("FROM n)", "FROM n WHERE i < 3000000)")


@pytest.fixture(autouse=True)
def _articles(sessions: Sessions) -> None:
    store_articles(sessions, [article(n) for n in range(1, 6)], DedupConfig())


def test_a_query_gives_columns_and_rows(database_url: str) -> None:
    result = run_query(database_url, "SELECT id, title FROM article ORDER BY id LIMIT 2;")
    assert (result.columns, result.is_cut) == (("id", "title"), False)
    assert [row[0] for row in result.rows] == [1, 2]


def test_rows_are_cut_at_the_limit(database_url: str) -> None:
    result = run_query(database_url, "SELECT id FROM article", max_rows=3)
    assert (len(result.rows), result.is_cut) == (3, True)


def test_percent_signs_and_colons_mean_themselves(database_url: str) -> None:
    result = run_query(database_url, "SELECT count(*) FROM article WHERE title LIKE 'Head%' AND ':x' = ':x'")
    assert result.rows == ((5,),)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM article",
        "/* SELECT */ DROP TABLE article",
        "-- SELECT\nUPDATE article SET title = ''",
        "SELECT 1; DELETE FROM article",
        "SELECT 1; COMMIT; DELETE FROM article",
        "WITH gone AS (DELETE FROM article RETURNING id) SELECT * FROM gone",
        "ATTACH DATABASE '/tmp/x.db' AS x",
        "PRAGMA query_only = OFF",
        "COPY article TO PROGRAM 'cat'",
        "SELECT * INTO stolen FROM article",
        "SET TRANSACTION READ WRITE",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT load_extension('x')",
        "EXPLAIN ANALYZE DELETE FROM article",
        "VACUUM INTO '/tmp/x.db'",
        "",
        "-- nothing",
    ],
)
def test_what_is_no_single_query_is_refused_and_changes_nothing(
    database_url: str, sessions: Sessions, statement: str
) -> None:
    with pytest.raises(StorageError):
        run_query(database_url, statement)
    with sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM article WHERE title LIKE 'Head%'")) == 5


def test_an_endless_query_is_stopped(database_url: str) -> None:
    began = time.monotonic()
    with pytest.raises(StorageError, match=r"took longer than 0\.3 seconds"):
        run_query(database_url, ENDLESS, timeout_seconds=0.3)
    assert time.monotonic() - began < 60


def test_a_mistake_is_explained(database_url: str) -> None:
    with pytest.raises(StorageError, match=r"query failed: .*artikel"):
        run_query(database_url, "SELECT * FROM artikel")


def test_a_database_that_is_not_there_is_an_error() -> None:
    with pytest.raises(StorageError):
        run_query("sqlite:////nonexistent/news.db", "SELECT 1")


def test_readers_may_be_given_a_time_limit_that_others_do_not_have(sessions: Sessions) -> None:
    limited = reading_sessions(sessions, query_seconds=1.0)
    begun = time.monotonic()
    with limited() as session, pytest.raises(StorageError, match=r"took too long|statement timeout"):
        session.execute(text(ENDLESS))
    assert time.monotonic() - begun < 60
    with limited() as session:
        assert session.scalar(text("SELECT count(*) FROM article")) == 5
    time.sleep(1.05)
    with sessions() as session:
        assert session.scalar(text(SLOW)) == 3_000_000
