"""An analyst's verdict on a pair: clusters follow, and it is told wherever the pair is."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.asking import answer, run

if TYPE_CHECKING:
    from pathlib import Path

COURIER, POST, BUZZ = "https://courier.example/1", "https://post.example/2", "https://buzz.example/3"
NOTE = "<b>two</b> \x1b[2J stories, =one() template"


@pytest.fixture
def news(database: Path, tmp_path: Path) -> Path:
    path = tmp_path / "news.db"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return path


def sources(news: Path) -> list[list[str]]:
    return [cluster["sources"] for cluster in answer(news, "clusters")["clusters"]]


def reject_the_spun_one(news: Path) -> None:
    for other in (COURIER, POST):
        shown = answer(news, "pair", other, BUZZ, "--reject", NOTE)["pair"]
        assert (shown["review"], shown["review_note"]) == ("rejected", NOTE)
        assert shown["reviewed_at"]


def test_a_rejected_pair_leaves_the_cluster_and_comes_back_when_the_verdict_is_taken_back(news: Path) -> None:
    assert sources(news) == [["Buzz", "Courier", "Post"]]
    reject_the_spun_one(news)
    assert sources(news) == [["Courier", "Post"]]
    assert run(news, "db", "check").exit_code == 0
    shown = answer(news, "pair", POST, BUZZ, "--clear")["pair"]
    assert (shown["review"], shown["review_note"], shown["reviewed_at"]) == (None, None, None)
    assert sources(news) == [["Buzz", "Courier", "Post"]]


def test_a_verdict_survives_a_re_index(news: Path) -> None:
    reject_the_spun_one(news)
    assert run(news, "db", "reindex", "--workers", "1").exit_code == 0
    assert sources(news) == [["Courier", "Post"]]
    assert {one["review_note"] for one in answer(news, "report", "reviews")["reviews"]} == {NOTE}
    assert run(news, "db", "check").exit_code == 0


def test_a_verdict_is_told_in_lists_exports_and_evidence_pages(news: Path, tmp_path: Path) -> None:
    assert answer(news, "report", "reviews")["reviews"] == []
    reject_the_spun_one(news)
    assert run(news, "pair", COURIER, POST, "--confirm", "").exit_code == 0
    listed = answer(news, "report", "reviews")["reviews"]
    assert (
        sorted((one["review"], one["review_note"]) for one in listed if one["review_note"])
        == [("rejected", NOTE)] * 2
    )
    assert [one["review_note"] for one in listed if one["review"] == "confirmed"] == [None]
    exported = run(news, "export", "pairs", "--format", "jsonl").stdout.splitlines()
    assert sorted(str(json.loads(line)["review_note"]) for line in exported) == sorted([NOTE, NOTE, "None"])
    folder = tmp_path / "report"
    assert run(news, "report", "html", "--output", str(folder)).exit_code == 0
    pages = [page.read_text() for page in (folder / "pairs").glob("*.html")]
    assert sum("rejected</span> by an analyst" in page for page in pages) == 2
    assert not any("<b>two" in page or "\x1b" in page for page in pages)
    assert "\x1b" not in run(news, "report", "reviews").stdout


@pytest.mark.parametrize(
    ("options", "exit_code", "message"),
    [
        (["--reject", "x", "--clear"], 2, "give one of"),
        (["--reject", "x", "--confirm", "y"], 2, "give one of"),
        (["--clear", "--confirm", ""], 2, "give one of"),
    ],
)
def test_what_contradicts_itself_is_wrong_use(
    news: Path, options: list[str], exit_code: int, message: str
) -> None:
    result = run(news, "pair", COURIER, POST, *options)
    assert (result.exit_code, message in result.stderr) == (exit_code, True)


def test_a_verdict_on_what_is_no_pair_is_refused(news: Path) -> None:
    result = run(news, "pair", COURIER, "https://weather.example/4", "--confirm", "sure")
    assert result.exit_code == 1
    assert "are not a duplicate pair" in result.stderr
