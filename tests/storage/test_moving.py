"""Whole databases moved by the command line, backed up and restored by the databases' own tools."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dedup import DedupConfig
from newsdedup.jobs.database import upgrade
from storage.engine import make_sessions, open_engine
from storage.ingest import resolve_pending, store_articles
from storage.reports import corpus_summary
from tests.support.articles import article, copies
from tests.support.program import run

if TYPE_CHECKING:
    from pathlib import Path

    from storage.values import CorpusSummary
    from tests.support.postgres import Server
    from tests.support.program import Ended

CONFIG = DedupConfig()


def _fill(url: str) -> None:
    engine = open_engine(url)
    sessions = make_sessions(engine)
    store_articles(sessions, [*copies(1, 3, 10), *copies(2, 2, 20), article(90, "新聞 ✓")], CONFIG)
    resolve_pending(sessions, CONFIG)
    engine.dispose()


def _summary(url: str) -> CorpusSummary:
    engine = open_engine(url)
    with make_sessions(engine)() as session:
        summary = corpus_summary(session)
    engine.dispose()
    return summary


def _tables(result: Ended) -> dict[str, dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    return {one["table"]: one for one in json.loads(result.stdout)["tables"]}


@pytest.mark.postgres
def test_there_and_back_again(sqlite_url: str, postgres_url: str, tmp_path: Path) -> None:
    _fill(sqlite_url)
    back = f"sqlite:///{tmp_path / 'back.db'}"
    would = _tables(run("db", "copy", sqlite_url, postgres_url, "--dry-run", "--format", "json"))
    assert _summary(postgres_url).article_count == 0
    there = _tables(run("db", "copy", sqlite_url, postgres_url, "--format", "json"))
    again = _tables(run("db", "copy", postgres_url, back, "--format", "json"))
    assert there == again
    assert {name: one["row_count"] for name, one in would.items()} == {
        name: one["row_count"] for name, one in there.items()
    }
    assert there["article"]["row_count"] == 6
    assert there["source_line"]["row_count"] > 6
    for url in (postgres_url, back):
        assert run("db", "check", "--database", url).exit_code == 0
        assert _summary(url) == _summary(sqlite_url)
    refused = run("db", "copy", back, postgres_url, "--dry-run")
    assert (refused.exit_code, "already holds rows" in refused.stderr) == (1, True)


@pytest.mark.parametrize("how", ["VACUUM INTO", ".backup"])
def test_a_backup_of_sqlite_taken_under_a_writer_is_whole(sqlite_url: str, tmp_path: Path, how: str) -> None:
    _fill(sqlite_url)
    expected = _summary(sqlite_url)
    path = sqlite_url.removeprefix("sqlite:///")
    engine = open_engine(sqlite_url)
    with make_sessions(engine).begin() as session, closing(sqlite3.connect(path)) as source:
        session.connection().exec_driver_sql("DELETE FROM article_sighting")
        if how == "VACUUM INTO":
            source.execute("VACUUM INTO ?", (str(tmp_path / "backup.db"),))
        else:
            with closing(sqlite3.connect(tmp_path / "backup.db")) as target:
                source.backup(target)
    engine.dispose()
    backup = f"sqlite:///{tmp_path / 'backup.db'}"
    assert run("db", "check", "--database", backup).exit_code == 0
    assert _summary(backup) == expected
    _fill(backup)


@pytest.mark.postgres
def test_a_dump_of_postgres_is_restored_whole(
    postgres_url: str, postgres_server: Server, tmp_path: Path
) -> None:
    dump = postgres_server.bin_folder / "pg_dump"
    if not dump.exists():
        pytest.skip("pg_dump is not installed beside the server")
    _fill(postgres_url)
    name = postgres_url.rsplit("/", 1)[1]
    restored = postgres_server.create_database()
    at = ("-h", "127.0.0.1", "-p", str(postgres_server.port), "-U", "tester")
    file = str(tmp_path / "news.dump")
    subprocess.run([dump, *at, "-Fc", "-f", file, name], check=True)
    restore = [str(dump.with_name("pg_restore")), *at, "--no-owner", "-d", restored.rsplit("/", 1)[1], file]
    subprocess.run(restore, check=True)
    assert run("db", "check", "--database", restored).exit_code == 0
    assert _summary(restored) == _summary(postgres_url)
    _fill(restored)
    postgres_server.drop_database(restored)


def test_a_dry_run_tells_and_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    _fill(sqlite_url)
    missing = tmp_path / "missing.db"
    assert "0001, 0002" in run("db", "upgrade", "--database", f"sqlite:///{missing}", "--dry-run").stderr
    assert "source_line" in _tables(
        run("db", "copy", sqlite_url, f"sqlite:///{missing}", "--dry-run", "--format", "json")
    )
    assert not missing.exists()
    older = tmp_path / "older.db"
    upgrade(f"sqlite:///{older}", "0002")
    told = run("db", "upgrade", "--database", f"sqlite:///{older}", "--dry-run").stderr
    assert "0003" in told
    assert "0002" not in told
    for options in (("--dry-run",), ()):
        assert run("db", "upgrade", "--database", sqlite_url, *options).stderr == "the database is current\n"
    before = _summary(sqlite_url)
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), tmp_path / "before.db")
    assert "6 articles would be signed" in run("db", "reindex", "--database", sqlite_url, "--dry-run").stderr
    assert _summary(sqlite_url) == before
    copied = f"sqlite:///{tmp_path / 'before.db'}"
    compared = [
        _tables(run("db", "copy", url, f"sqlite:///{tmp_path / name}", "--format", "json"))
        for url, name in ((sqlite_url, "a.db"), (copied, "b.db"))
    ]
    assert compared[0] == compared[1]
