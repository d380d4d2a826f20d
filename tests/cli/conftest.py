"""A database made by `newsdedup import`, for everything that reads one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from newsdedup.cli import main
from tests.support.lighthouse import ARTICLES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("queries")
    (folder / "in.jsonl").write_text("\n".join(json.dumps(entry) for entry in ARTICLES))
    result = CliRunner().invoke(
        main, ["import", str(folder / "in.jsonl"), "--database", str(folder / "news.db")]
    )
    assert result.exit_code == 0, result.stderr
    with closing(sqlite3.connect(folder / "news.db")) as connection:  # tests copy the file: all must be in it
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "news.db"
