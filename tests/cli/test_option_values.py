"""Values of options at and beyond their edges, and lines that others are to run: a message, never a traceback."""

from __future__ import annotations

import os
import shlex
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from newsdedup.cli import main
from newsdedup.cli.options import Duration

if TYPE_CHECKING:
    from pathlib import Path

_HUGE = "9" * 20


@pytest.mark.parametrize(
    "words",
    [
        ["clusters", "show", _HUGE],
        ["clusters", "--limit", _HUGE],
        ["clusters", "--min-size", _HUGE],
        ["search", "lamp", "--limit", _HUGE],
        ["report", "cluster", _HUGE],
        ["report", "crawl", "--sources", "--run", _HUGE],
        ["sql", "SELECT 1", "--limit", str(2**31 - 1)],
        ["clusters", "--since", "99999999d"],
        ["clusters", "--since", "9999-12-31T23:59-14:00"],
        ["db", "prune", "--older-than", "9999999d"],
        ["db", "reindex", "--window", f"{_HUGE}w"],
    ],
)
def test_a_value_beyond_what_can_be_is_wrong_use(database: Path, words: list[str]) -> None:
    result = CliRunner().invoke(main, [*words, "--database", str(database)])
    assert result.exit_code == 2, result.output
    assert "Invalid value for" in result.stderr


def test_the_largest_values_allowed_are_taken(database: Path) -> None:
    for words in (["sql", "SELECT 1", "--limit", str(2**31 - 2)], ["clusters", "--since", "365000d"]):
        assert CliRunner().invoke(main, [*words, "--database", str(database)]).exit_code == 0


def test_a_duration_may_be_in_seconds_as_the_help_of_look_says() -> None:
    assert Duration().convert("30s", None, None) == timedelta(seconds=30)
    with pytest.raises(click.BadParameter):
        Duration().convert("0s", None, None)


@pytest.mark.parametrize(
    "words",
    [
        ["dedup", "in.jsonl", "--pairs", "out.jsonl", "--clusters", "./out.jsonl"],
        ["dedup", "in.jsonl", "--pairs", "-", "--clusters", "-"],
        ["export", "articles", "--one-per-cluster", "--output", "out.jsonl", "--dropped", "out.jsonl"],
        ["export", "articles", "--one-per-cluster", "--dropped", "-"],
    ],
)
def test_two_outputs_cannot_be_one_file(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text('{"id": "1", "text": "A lamp."}')
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, "cannot both be" in result.stderr) == (2, True)


def test_what_is_not_wanted_may_all_go_to_the_null_device(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "1", "text": "A lamp."}')
    words = ["dedup", str(tmp_path / "in.jsonl"), "--pairs", os.devnull, "--clusters", os.devnull]
    assert CliRunner().invoke(main, words).exit_code == 0


def test_a_site_named_without_its_scheme_is_told_how_to_write_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["crawl", "news.example", "--database", str(tmp_path / "n.db")])
    assert (result.exit_code, "https://news.example/" in result.stderr) == (2, True)


def test_a_time_that_is_none_is_told_with_its_option(tmp_path: Path) -> None:
    words = ["crawl", "https://news.example/", "--since", "5q", "--database", str(tmp_path / "n.db")]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, "'--since': '5q' is no time" in result.stderr) == (2, True)


def test_a_file_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["import", "nowhere", "--database", str(tmp_path / "n.db")])
    assert (result.exit_code, "nowhere: cannot be read: no such file" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("every", "times"),
    [
        ("1m", "* * * * *"),
        ("300s", "*/5 * * * *"),
        ("1h", "0 * * * *"),
        ("6h", "0 */6 * * *"),
        ("1d", "0 0 * * *"),
    ],
)
def test_the_line_for_cron_keeps_the_interval(every: str, times: str) -> None:
    result = CliRunner().invoke(main, ["schedule", "print", "cron", "--every", every])
    assert result.stdout.startswith(f"{times} cd ")


@pytest.mark.parametrize("every", ["30s", "45m", "90m", "5h", "2d"])
def test_an_interval_that_cron_cannot_keep_is_refused(every: str) -> None:
    result = CliRunner().invoke(main, ["schedule", "print", "cron", "--every", every])
    assert (result.exit_code, "cron cannot keep" in result.stderr) == (2, True)


def test_printed_lines_hold_every_word_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my news 50%"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["/opt/newsdedup"])
    words = ["my seeds.toml", "--database", "postgresql://me:p%40$s@db/news"]
    line = CliRunner().invoke(main, ["schedule", "print", "cron", *words]).stdout
    assert "%" not in line.replace(r"\%", "")
    command = shlex.split(line.split(" * * * * ", 1)[1].replace(r"\%", "%"))
    assert command[:2] == ["cd", os.fspath(folder)]
    assert command[-3:] == ["--database", words[2], words[0]]
    unit = CliRunner().invoke(main, ["schedule", "print", "systemd", *words]).stdout
    assert '"postgresql://me:p%%40$$s@db/news" "my seeds.toml"\n' in unit
    assert f"WorkingDirectory={tmp_path}/my news 50%%\n" in unit
