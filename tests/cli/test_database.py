"""`db`: checked, measured, copied, judged anew."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

from click.testing import CliRunner

from newsdedup.cli import main
from newsdedup.plural import counted
from tests.support.asking import answer, run

if TYPE_CHECKING:
    from pathlib import Path


def test_database_is_checked_measured_and_copied(database: Path, tmp_path: Path) -> None:
    assert answer(database, "db", "check")["problems"] == []
    stats = answer(database, "db", "stats")
    assert {view["view"] for view in stats["views"]} == {"wording", "skeleton", "anchors"}
    assert {table["table"]: table["row_count"] for table in stats["tables"]}["article"] == 4
    copied = CliRunner().invoke(
        main, ["db", "copy", str(database), str(tmp_path / "copy.db"), "--format", "json"]
    )
    assert copied.exit_code == 0, copied.output
    assert answer(tmp_path / "copy.db", "clusters") == answer(database, "clusters")


def test_pairs_of_another_detector_are_told_and_judged_anew(database: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copy(database, older)
    with sqlite3.connect(older) as connection:
        connection.execute("UPDATE duplicate_pair SET detector_fingerprint = 'earlier'")
    stats = answer(older, "db", "stats")
    count = stats["corpus"]["pair_count"]
    assert stats["index"]["outdated_pair_count"] == count > 0
    assert f"{counted(count, 'pair')} judged by another detector" in run(older, "db", "upgrade").stderr
    judged = run(older, "db", "reindex", "--judge-only", "--workers", "1")
    assert judged.exit_code == 0, judged.output
    assert "0 articles signed" in judged.stderr
    assert answer(older, "db", "stats")["index"]["outdated_pair_count"] == 0
    assert "another detector" not in run(older, "db", "upgrade").stderr
    assert answer(older, "clusters") == answer(database, "clusters")
    latest = answer(older, "report", "crawl")["runs"][0]
    assert (latest["kind"], latest["state"]) == ("reindex", "done")
    assert latest["stats"]["pair/found"] == latest["pair_count"] == count


def test_a_missing_database_is_told_and_not_created(tmp_path: Path) -> None:
    result = run(tmp_path / "none.db", "clusters")
    assert result.exit_code == 1
    assert "no database at" in result.stderr
    assert "run: newsdedup db upgrade" in result.stderr
    assert not (tmp_path / "none.db").exists()
