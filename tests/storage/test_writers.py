"""Several processes that write at once, and processes and servers that are killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from dedup import DedupConfig
from newsdedup.jobs.database import open_database, upgrade
from storage.checks import check_database
from storage.cluster_lists import list_clusters
from storage.details import cluster_detail
from storage.errors import StorageError
from storage.ingest import count_pending, resolve_pending, store_articles
from storage.reports import corpus_summary
from tests.support.articles import article, copies, edited, story
from tests.support.postgres import private_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.engine import Sessions
    from storage.values import Article
    from tests.support.postgres import Server

CONFIG = DedupConfig()
_WRITER = """
import random, sys
from dedup import DedupConfig
from newsdedup.jobs.database import open_database
from storage.ingest import resolve_pending, store_articles
from tests.storage.test_writers import corpus
url, seed = sys.argv[1], int(sys.argv[2])
sessions = open_database(url)
articles = corpus()
random.Random(seed).shuffle(articles)
for start in range(0, len(articles), 17):
    store_articles(sessions, articles[start:start + 17], DedupConfig())
    resolve_pending(sessions, DedupConfig(), batch_size=11)
print("finished", flush=True)
"""


def corpus() -> list[Article]:
    """60 articles: stories with several copies, equal texts, and some that stand alone."""
    articles = [one for seed in range(1, 7) for one in copies(seed, 5, seed * 100)]
    articles += [article(1000 + n, story(1)) for n in range(6)]
    articles += [article(1100 + n, edited(story(2), seed=50)) for n in range(4)]
    return articles + [article(2000 + n) for n in range(20)]


def _stories(sessions: Sessions) -> set[frozenset[str]]:
    with sessions() as session:
        assert check_database(session) == ()
        details = [cluster_detail(session, cluster.id) for cluster in list_clusters(session)]
    return {frozenset(member.article.url for member in detail.members) for detail in details if detail}


def _expected(url: str) -> set[frozenset[str]]:
    sessions = open_database(url)
    store_articles(sessions, corpus(), CONFIG)
    resolve_pending(sessions, CONFIG)
    stories = _stories(sessions)
    sessions.kw["bind"].dispose()
    return stories


def _writer(url: str, seed: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, url, str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def _require_success(writer: subprocess.Popen[str]) -> None:
    output, errors = writer.communicate(timeout=600)
    assert (writer.returncode, output.strip()) == (0, "finished"), errors


def _count_articles(url: str) -> int:
    sessions = open_database(url)
    try:
        with sessions() as session:
            return corpus_summary(session).article_count
    finally:
        sessions.kw["bind"].dispose()


@pytest.mark.postgres
def test_four_writers_on_one_server_give_what_one_gives(postgres_url: str, sqlite_url: str) -> None:
    expected = _expected(sqlite_url)
    writers = [_writer(postgres_url, seed) for seed in range(4)]
    for writer in writers:
        _require_success(writer)
    sessions = open_database(postgres_url)
    assert count_pending(sessions) == 0
    assert _stories(sessions) == expected
    with sessions() as session:
        assert corpus_summary(session).article_count == len(corpus())
    sessions.kw["bind"].dispose()


def test_two_writers_on_one_sqlite_file_wait_for_each_other(
    sqlite_url: str, migrated_sqlite: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.db"
    shutil.copy(migrated_sqlite, alone)
    expected = _expected(f"sqlite:///{alone}")
    for writer in [_writer(sqlite_url, seed) for seed in range(2)]:
        _require_success(writer)
    sessions = open_database(sqlite_url)
    assert _stories(sessions) == expected
    sessions.kw["bind"].dispose()


def test_a_writer_killed_at_any_time_leaves_a_database_that_the_next_completes(database_url: str) -> None:
    for seed, stored_count in enumerate((1, 25, 45)):
        writer = _writer(database_url, seed)
        while writer.poll() is None and _count_articles(database_url) < stored_count:
            time.sleep(0.05)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    writer = _writer(database_url, 9)
    _require_success(writer)
    sessions = open_database(database_url)
    with sessions() as session:
        assert check_database(session) == ()
        assert corpus_summary(session).article_count == len(corpus())
        assert session.scalar(text("SELECT count(*) FROM article WHERE dedup_state <> 'done'")) == 0
    assert len(_stories(sessions)) == 6
    sessions.kw["bind"].dispose()


@pytest.fixture
def own_server(postgres_server: Server) -> Iterator[Server]:
    assert postgres_server, "skips where PostgreSQL is missing"
    with private_server() as server:
        yield server


@pytest.mark.postgres
def test_a_server_killed_in_the_middle_is_a_clear_error_and_the_next_run_goes_on(own_server: Server) -> None:
    url = own_server.create_database()
    upgrade(url)
    sessions = open_database(url)
    store_articles(sessions, corpus()[:20], CONFIG)

    def kill(_counts: object, _left: int) -> None:
        own_server.stop("immediate")

    with pytest.raises(StorageError, match="database: "):
        resolve_pending(sessions, CONFIG, batch_size=5, on_progress=kill)
    own_server.start()
    store_articles(sessions, corpus(), CONFIG)
    resolve_pending(sessions, CONFIG)
    assert len(_stories(sessions)) == 6
    sessions.kw["bind"].dispose()
