"""Taking an article out: asked for first, complete, and told."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from newsdedup.cli import main
from tests.support.lighthouse import STORY, article

if TYPE_CHECKING:
    from pathlib import Path

POST = "https://post.example/2"


@pytest.fixture
def news(database: Path, tmp_path: Path) -> Path:
    path = tmp_path / "news.db"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return path


def forget(news: Path, *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(main, ["forget", *arguments, "--database", str(news)], input=answer)


def held(news: Path) -> list[str]:
    with closing(sqlite3.connect(news)) as connection:
        return sorted(url for (url,) in connection.execute("SELECT url FROM article"))


@pytest.mark.parametrize(
    ("options", "answer", "status"), [(["--dry-run"], None, 0), ([], "n\n", 1), (["--yes"], None, 0)]
)
def test_nothing_goes_before_somebody_has_said_yes(
    news: Path, options: list[str], answer: str | None, status: int
) -> None:
    before = held(news)
    done = forget(news, POST, *options, answer=answer)
    assert done.exit_code == status, done.output
    assert set(before) - set(held(news)) == ({POST} if "--yes" in options else set())


def test_what_is_gone_is_in_no_pair_and_the_database_agrees_with_itself(news: Path) -> None:
    assert "removed 1 article" in forget(news, POST, "--yes").stderr
    listed = CliRunner().invoke(main, ["export", "pairs", "--format", "csv", "--database", str(news)])
    assert listed.exit_code == 0
    assert POST not in listed.stdout
    assert CliRunner().invoke(main, ["db", "check", "--database", str(news)]).exit_code == 0


def test_that_a_copy_of_what_is_gone_waits_to_be_compared_is_told(tmp_path: Path) -> None:
    lines = [article(1, "one.example", STORY, "2026-05-04"), article(2, "two.example", STORY, "2026-05-05")]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    words = ["import", str(tmp_path / "in.jsonl"), "--database", str(tmp_path / "n.db")]
    assert CliRunner().invoke(main, words).exit_code == 0
    told = forget(tmp_path / "n.db", "https://one.example/1", "--yes").stderr
    assert "1 article to be compared anew" in told


def test_what_is_not_held_cannot_be_forgotten(news: Path) -> None:
    before = held(news)
    done = forget(news, "https://nobody.example/", "--yes")
    assert (done.exit_code, held(news)) == (1, before)
    assert "no article and no source" in done.stderr
