"""What the workers do, and what is said where Java is missing: no Spark needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dedup.boilerplate import OwnLines, SourceArticle, count_shared_lines, mark_boilerplate
from dedup.candidates import pairs_in_buckets
from dedup.lines import is_cut, line_words
from dedup.values import Document
from newsdedup.spark.buckets import walk_buckets
from newsdedup.spark.cli import main

if TYPE_CHECKING:
    from pathlib import Path

CAP = 3
LINES = [f"line {n} " + "word " * (n % 12) for n in range(14)]


@given(
    st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 20))).map(lambda rows: sorted(set(rows))), st.data()
)
def test_buckets_in_batches_give_the_pairs_of_the_whole(
    rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    buckets = np.array([bucket for bucket, _ in rows], dtype=np.int64)
    owners = np.array([owner for _, owner in rows], dtype=np.int64)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)))))
    batches = zip(np.split(buckets, cuts), np.split(owners, cuts), strict=True)
    walked = [
        pair
        for lows, highs in walk_buckets(batches, CAP)
        for pair in zip(lows.tolist(), highs.tolist(), strict=True)
    ]
    lows, highs = pairs_in_buckets(buckets, owners, CAP)
    assert sorted(walked) == sorted(zip(lows.tolist(), highs.tolist(), strict=True))


@given(st.lists(st.lists(st.sampled_from(LINES), max_size=6, unique=True), max_size=12))
def test_lines_of_one_article_may_be_summed_up(articles: list[list[str]]) -> None:
    texts = ["\n".join(lines) for lines in articles]
    holders: dict[int, int] = {}
    for words in map(line_words, texts):
        for line in words:
            holders[line] = holders.get(line, 0) + 1
    summed = []
    for text in texts:
        words = line_words(text)
        own = [count for line, count in words.items() if holders[line] == 1]
        shared = {line: count for line, count in words.items() if holders[line] > 1}
        summed.append(SourceArticle(shared, OwnLines(sum(own), max(own, default=0)), is_cut(text), text))
    documents = [Document(f"{n:02d}", "\n".join(lines), source="s") for n, lines in enumerate(articles)]
    marked = {line for document in mark_boilerplate(documents) for line in document.boilerplate}
    counts = count_shared_lines(summed)
    assert {line for line, count in counts.items() if count.is_boilerplate} == marked


def test_a_missing_java_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    result = CliRunner().invoke(main, ["in.jsonl", "--output", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "needs Java 17 or newer" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in.jsonl"], "nothing to write"),
        (["in.jsonl", "--output", "o", "--conf", "memory=8g"], "no setting of Spark"),
    ],
)
def test_wrong_use_is_told_before_spark_starts(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [("NEWSDEDUP_SPARK_CONF", "memory=8g"), ("NEWSDEDUP_SPARK_PARTITIONS", "0")],
)
def test_options_are_read_from_the_environment_and_from_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, value: str
) -> None:
    (tmp_path / "newsdedup.toml").write_text('database = "sqlite:///n.db"\n')
    monkeypatch.chdir(tmp_path)
    assert "nothing to write" in CliRunner().invoke(main, ["in.jsonl"]).stderr
    monkeypatch.setenv(variable, value)
    result = CliRunner().invoke(main, ["in.jsonl", "--output", "o"])
    assert (result.exit_code, value.partition("=")[0] in result.stderr) == (2, True)
