"""A database made by `newsdedup import`, for everything that reads one."""

from __future__ import annotations

import json
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
    return folder / "news.db"
