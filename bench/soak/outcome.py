"""What a soak has put into the database so far; changes nothing."""

from __future__ import annotations

from sqlalchemy import text

from storage.engine import open_engine
from storage.errors import StorageError


def _rows(database: str, sql: str) -> list[tuple[str, ...]]:
    engine = open_engine(database)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]
    finally:
        engine.dispose()


def waiting(database: str) -> int:
    """Addresses to fetch and articles to compare; -1 while the database is down."""
    try:
        rows = _rows(
            database,
            "SELECT (SELECT count(*) FROM crawl_url WHERE state NOT IN ('done', 'skipped', 'failed'))"
            " + (SELECT count(*) FROM article WHERE dedup_state <> 'done')",
        )
    except StorageError:
        return -1
    return int(rows[0][0])


def articles(database: str) -> dict[str, tuple[str, str]]:
    """Title and text of every article by its address."""
    return {
        url: (title, body) for url, title, body in _rows(database, "SELECT url, title, text FROM article")
    }


def clusters(database: str) -> set[frozenset[str]]:
    """The addresses of each cluster's articles."""
    members: dict[str, set[str]] = {}
    sql = "SELECT m.cluster_id, a.url FROM cluster_member m JOIN article a ON a.id = m.article_id"
    for cluster, url in _rows(database, sql):
        members.setdefault(cluster, set()).add(url)
    return {frozenset(urls) for urls in members.values() if len(urls) > 1}


def runs(database: str) -> list[tuple[str, ...]]:
    """State and reason of every run; none while the database is down."""
    try:
        return _rows(database, "SELECT state, reason FROM crawl_run")
    except StorageError:
        return []
