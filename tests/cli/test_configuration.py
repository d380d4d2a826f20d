from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from newsdedup.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = '[[source]]\nname = "One"\nhome = "https://one.example/"\nfeeds = ["https://one.example/rss"]\nevery = "often"\n'


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "NEWSDEDUP_FORMAT",
        "NEWSDEDUP_CONFIG",
        "NEWSDEDUP_DATABASE_URL",
        "NEWSDEDUP_SEEDS_CHECK_OUTPUT",
    ):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "seeds.toml").write_text(SEEDS)
    return tmp_path


def check(*options: str, before: tuple[str, ...] = ()) -> Result:
    return CliRunner().invoke(main, [*before, "seeds", "check", "seeds.toml", *options])


def format_of(result: Result) -> str:
    text = result.stdout
    if text.startswith("file,"):
        return "csv"
    if not text.startswith("{"):
        return "table"
    return "jsonl" if len(text.splitlines()) == 1 else "json"


def test_option_beats_environment_beats_file_beats_default(
    in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert format_of(check()) == "table"
    (in_folder / "newsdedup.toml").write_text('[seeds.check]\nformat = "csv"\n')
    assert format_of(check()) == "csv"
    monkeypatch.setenv("NEWSDEDUP_FORMAT", "jsonl")
    assert format_of(check()) == "jsonl"
    assert format_of(check("--format", "json")) == "json"


def test_a_key_at_the_top_holds_for_every_command_and_a_table_for_its_own(in_folder: Path) -> None:
    (in_folder / "newsdedup.toml").write_text('format = "json"\n')
    assert format_of(check()) == "json"
    (in_folder / "newsdedup.toml").write_text('format = "json"\n[seeds.check]\nformat = "csv"\n')
    assert format_of(check()) == "csv"


def test_the_file_asked_for_is_read_in_place_of_the_one_in_the_folder(
    in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_folder / "newsdedup.toml").write_text('format = "json"\n')
    (in_folder / "other.toml").write_text('format = "csv"\n')
    assert format_of(check(before=("--config", "other.toml"))) == "csv"
    monkeypatch.setenv("NEWSDEDUP_CONFIG", "other.toml")
    assert format_of(check()) == "csv"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("format = ", "cannot read configuration file"),
        ('colour = "red"\n', "'colour' is neither a command nor one of database, format"),
        ("[crawll]\nlimit = 3\n", "'crawll' is neither a command"),
        ("[seeds.check]\nspeed = 3\n", "[seeds.check] 'speed' is no option of 'newsdedup seeds check'"),
    ],
)
def test_a_wrong_configuration_file_is_told_with_file_and_key(
    in_folder: Path, text: str, message: str
) -> None:
    (in_folder / "newsdedup.toml").write_text(text)
    result = check()
    assert result.exit_code == 1
    assert "newsdedup.toml" in result.stderr
    assert message in result.stderr


def test_a_wrong_value_in_the_file_is_a_usage_error_that_names_the_option(in_folder: Path) -> None:
    (in_folder / "newsdedup.toml").write_text('format = "xml"\n')
    result = check()
    assert result.exit_code == 2
    assert "'xml' is not one of 'table', 'json', 'jsonl', 'csv'" in result.stderr


def test_a_missing_file_asked_for_is_an_error() -> None:
    result = check(before=("--config", "nowhere.toml"))
    assert result.exit_code == 1
    assert "cannot read configuration file nowhere.toml" in result.stderr


def test_output_goes_to_the_file_named_and_only_there(in_folder: Path) -> None:
    result = check("--format", "json", "--output", "problems.json")
    assert result.stdout == ""
    assert json.loads((in_folder / "problems.json").read_text())["problems"][0]["entry"] == "source 1 (One)"
    assert sorted(path.name for path in in_folder.iterdir()) == ["problems.json", "seeds.toml"]


def test_quiet_says_nothing_but_the_answer() -> None:
    assert check("-q", "--format", "csv").stderr == ""
    assert check("--format", "csv", before=("-q",)).stderr == ""


@pytest.mark.parametrize(
    ("variable", "command", "message"),
    [
        ("NEWSDEDUP_WATCH_DOMAIN", ["watch"], "is no host name"),
        ("NEWSDEDUP_REPORT_CRAWL_RUN", ["report", "crawl"], "is not a valid integer"),
        ("NEWSDEDUP_REPORT_CRAWL_FAIL_ON", ["report", "crawl"], "is no condition"),
        ("NEWSDEDUP_CLUSTERS_MIN_SIZE", ["clusters"], "is not a valid integer"),
    ],
)
def test_a_variable_is_named_as_its_option_is_typed(
    monkeypatch: pytest.MonkeyPatch, variable: str, command: list[str], message: str
) -> None:
    monkeypatch.setenv(variable, "a/b")
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
