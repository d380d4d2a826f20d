"""Databases that are locked, read-only, damaged, full or gone: a clear error and exit code 1, nothing lost."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg import OperationalError
from sqlalchemy import event

from dedup import DedupConfig
from storage.checks import check_database
from storage.engine import make_sessions, open_engine
from storage.errors import StorageError
from storage.ingest import resolve_pending, store_articles
from storage.reports import corpus_summary
from tests.support.articles import article, copies, story
from tests.support.postgres import private_server
from tests.support.program import environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.postgres import Server
    from tests.support.program import Ended

CONFIG = DedupConfig()


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    entries = [
        {"id": f"{n}", "url": f"https://s{n}.test/a", "source": f"S{n}", "text": story(n)} for n in range(12)
    ]
    path.write_text("\n".join(json.dumps(entry) for entry in entries))
    return path


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _require_clear_error(result: Ended, message: str) -> None:
    assert result.exit_code == 1, result.stdout
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_locked_database_is_waited_for_and_then_a_clear_error(sqlite_url: str, lines: Path) -> None:
    with closing(sqlite3.connect(_path(sqlite_url), isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = run("import", str(lines), "--database", f"{sqlite_url}?timeout=0.2")
        _require_clear_error(result, "another program is writing; try again when it has finished")
        release = threading.Timer(1.0, other.rollback)
        release.start()
        result = run("import", str(lines), "--database", f"{sqlite_url}?timeout=300")
        release.join()
    assert result.exit_code == 0, result.stderr
    assert run("db", "check", "--database", sqlite_url).exit_code == 0


def test_a_read_only_database_can_be_read_and_says_why_it_is_not_written(
    sqlite_url: str, lines: Path
) -> None:
    assert run("import", str(lines), "--database", sqlite_url).exit_code == 0
    url = f"sqlite:///file:{_path(sqlite_url)}?mode=ro&uri=true"
    assert run("clusters", "--database", url).exit_code == 0
    _require_clear_error(run("import", str(lines), "--database", url), "the file or its folder is read-only")


def test_a_damaged_file_is_named_as_such(sqlite_url: str, lines: Path) -> None:
    assert run("import", str(lines), "--database", sqlite_url).exit_code == 0
    path = _path(sqlite_url)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'article'").fetchone()
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * page_size)
        file.write(b"\xa5" * page_size)
    for arguments in (("db", "check"), ("import", str(lines)), ("export", "articles")):
        _require_clear_error(run(*arguments, "--database", sqlite_url), "restore a backup")


def test_a_full_disk_stops_the_import_and_leaves_what_was_committed(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    full = [False]

    @event.listens_for(engine, "begin")
    def _(connection: object) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()  # type: ignore[attr-defined]  # untyped event
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2 if full[0] else 10**6}")  # type: ignore[attr-defined]  # untyped event

    sessions = make_sessions(engine)
    store_articles(sessions, copies(1, 2, 1), CONFIG)
    full[0] = True
    with pytest.raises(StorageError, match="free some space; what was committed is intact"):
        store_articles(sessions, [article(n) for n in range(100, 160)], CONFIG)
    full[0] = False
    with sessions() as session:
        assert corpus_summary(session).article_count == 2
    store_articles(sessions, [article(n) for n in range(100, 160)], CONFIG)
    resolve_pending(sessions, CONFIG)
    with sessions() as session:
        assert check_database(session) == ()
        assert corpus_summary(session).article_count == 62
    engine.dispose()


def test_a_file_that_may_not_grow_is_a_clear_error(sqlite_url: str, lines: Path) -> None:
    limited = (
        "import resource, sys; limit = 60_000; resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); "
        "from newsdedup.cli import main; main()"
    )
    command = [sys.executable, "-c", limited, "import", str(lines), "--database", sqlite_url]
    # A measurement of coverage could not write its own file under this limit, and would say so.
    unmeasured = {name: value for name, value in environment().items() if not name.startswith("COVERAGE")}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=unmeasured)
    assert result.returncode == 1
    assert "what was committed is intact" in result.stderr
    assert "Traceback" not in result.stderr
    assert run("import", str(lines), "--database", sqlite_url).exit_code == 0
    assert run("db", "check", "--database", sqlite_url).exit_code == 0


@pytest.fixture
def own_server(postgres_server: Server) -> Iterator[Server]:
    assert postgres_server, "skips where PostgreSQL is missing"
    with private_server() as server:
        yield server


@pytest.mark.postgres
@pytest.mark.parametrize("victim", ["backend", "postmaster"])
def test_a_server_killed_under_an_import_is_a_clear_error_and_the_next_one_completes(
    own_server: Server, tmp_path: Path, victim: str
) -> None:
    url = own_server.create_database()
    assert run("db", "upgrade", "--database", url).exit_code == 0
    entries = [
        {"id": f"{n}", "url": f"https://s{n}.test/a", "source": f"S{n}", "text": story(n % 400)}
        for n in range(4000)
    ]
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(json.dumps(entry) for entry in entries))
    command = [sys.executable, "-m", "newsdedup", "import", str(path), "--workers", "1", "--database", url]
    importing = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    engine = open_engine(url)
    sessions = make_sessions(engine)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and importing.poll() is None:
        with sessions() as session:
            if corpus_summary(session).article_count:
                break
        time.sleep(0.05)
    engine.dispose()
    if victim == "postmaster":
        own_server.crash()
    while importing.poll() is None and victim == "backend":
        # One death may fall between two transactions, and is made good by a new connection: not this one.
        with contextlib.suppress(OperationalError):
            own_server.kill_backends()
        time.sleep(0.05)
    _, errors = importing.communicate(timeout=300)
    assert importing.returncode == 1, errors
    assert "database: " in errors
    assert "Traceback" not in errors
    if victim == "postmaster":
        own_server.start()
    else:
        own_server.wait()
    entries = entries[:600]
    path.write_text("\n".join(json.dumps(entry) for entry in entries))
    result = run("import", str(path), "--workers", "1", "--database", url)
    assert result.exit_code == 0, result.stderr
    checked = run("db", "check", "--database", url)
    assert checked.exit_code == 0, checked.stdout
