"""Asks a database through the command line, as a person or a script would."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner, Result

from newsdedup.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def run(database: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [*arguments, "--database", str(database)], input=stdin)


def answer(database: Path, *arguments: str) -> Any:  # noqa: ANN401  JSON
    result = run(database, *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    assert value["schema_version"] == 1
    return value


def whole(database: Path) -> bytes:
    """The database's bytes, with what stood beside the file in its log."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.read_bytes()


def number_of(database: Path, host: str) -> int:
    return int(answer(database, "sql", f"SELECT id FROM article WHERE url LIKE '%{host}%'")["rows"][0]["id"])  # noqa: S608
