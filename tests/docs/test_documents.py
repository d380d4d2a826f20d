from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from crawler import settings as crawl_settings
from crawler.seeds import load_seeds
from newsdedup.cli import COMMANDS, main
from newsdedup.cli.frame import Command, Group
from newsdedup.config import SHARED_KEYS
from newsdedup.spark.cli import main as spark
from tools.document_commands import commands_markdown, every_command

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EVERY = {" ".join(path): command for path, command, _ in every_command() if path}


def parse(words: list[str]) -> None:
    """Parse a command line down to its last subcommand; nothing is run."""
    current: click.Command = main
    context: click.Context | None = None
    name, rest = "newsdedup", words
    while True:
        context = current.make_context(name, list(rest), parent=context)
        if not isinstance(current, click.Group) or not (below := [*context._protected_args, *context.args]):
            return
        child = current.get_command(context, below[0])
        assert child is not None, below[0]
        current, name, rest = child, below[0], below[1:]


def examples_in(text: str) -> list[list[str]]:
    """The newsdedup calls of shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line.partition(" #")[0] for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("newsdedup ")]


@pytest.mark.parametrize("name", EVERY)
def test_every_command_says_what_it_does_and_has_examples_that_parse(name: str) -> None:
    command = EVERY[name]
    assert isinstance(command, (Command, Group))
    assert command.help
    assert command.examples
    for example in command.examples:
        call = next(part for part in re.split(r"[|>] ", example) if "newsdedup" in part)
        parse(shlex.split(call)[1:])


@pytest.mark.parametrize("name", EVERY)
def test_every_option_has_help_and_is_named_as_it_is_typed(name: str) -> None:
    for option in EVERY[name].params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts}"
            assert option.help.endswith("."), f"{name} {option.opts}"


def test_the_reference_holds_every_command() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name in EVERY:
        assert f" newsdedup {name}\n" in text
    assert commands_markdown() in text, "run: make docs"


def test_the_command_for_spark_is_documented_like_the_others() -> None:
    assert isinstance(spark, Command)
    for example in spark.examples:
        spark.make_context("newsdedup-spark", shlex.split(example)[1:])
    assert all(option.help for option in spark.params if isinstance(option, click.Option))


def test_summaries_in_the_list_of_commands_are_distinct_sentences() -> None:
    summaries = [summary for _, summary in COMMANDS.values()]
    assert len(set(summaries)) == len(summaries)
    assert all(summary.endswith(".") and len(summary) < 60 for summary in summaries)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_shown_in_documents_parse(document: Path) -> None:
    for words in examples_in(document.read_text(encoding="utf-8")):
        parse(words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_resolve(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://")):
            assert (document.parent / target).exists(), target


def test_exit_codes_and_shared_settings_are_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"| {code} |" in readme for code in range(4))
    configuration = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for key in SHARED_KEYS:
        assert re.search(rf"^{key} = ", configuration, re.MULTILINE)


def test_every_setting_that_is_read_is_documented_with_its_default_and_no_other() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("crawler", "newsdedup", "storage")
        for path in (ROOT / folder).rglob("*.py")
    )
    read = set(re.findall(r"""["'](NEWSDEDUP_[A-Z_]+)["']""", code)) | {
        name for name in dir(crawl_settings) if name.startswith("NEWSDEDUP_")
    }
    configuration = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    options = {
        "NEWSDEDUP_CRAWL_LIMIT",
        "NEWSDEDUP_CLUSTERS_MIN_SIZE",
        "NEWSDEDUP_SPARK_",
        "NEWSDEDUP_",
        "NEWSDEDUP_DATA",
    }
    prefixes = {"NEWSDEDUP_", "NEWSDEDUP_SPARK"}
    assert set(re.findall(r"(?<!_)NEWSDEDUP_[A-Z_]*", configuration)) - options == read - prefixes
    rows = re.findall(r"^\| `(NEWSDEDUP_[A-Z_]+)` \| (?:`(.*?)`)? ?\| \w", configuration, re.MULTILINE)
    shown = {name: default for name, default in rows if hasattr(crawl_settings, name)}
    defaults = {name: getattr(crawl_settings, name) for name in shown}
    assert shown == {
        name: f"{value:g}" if type(value) is float else str(value) for name, value in defaults.items()
    } | {"NEWSDEDUP_DATABASE_URL": "sqlite:///newsdedup.db"}
    assert shown.keys() == {name for name in dir(crawl_settings) if name.startswith("NEWSDEDUP_")}


def test_the_configuration_shown_is_one_that_every_command_accepts(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    shown, seeds = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "shown.toml").write_text(shown, encoding="utf-8")
    (tmp_path / "seeds.toml").write_text(seeds, encoding="utf-8")
    assert load_seeds(str(tmp_path / "seeds.toml")).sources
    result = CliRunner().invoke(
        main, ["--config", str(tmp_path / "shown.toml"), "doctor", "--database", str(tmp_path / "none.db")]
    )
    assert result.exit_code == 0, result.output


def test_what_is_missing_is_installed_as_the_readme_installs_it() -> None:
    # There may be another program of this name where packages are published.
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    sources = [file for name in ("crawler", "newsdedup", "storage") for file in (ROOT / name).rglob("*.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in [*sources, *DOCUMENTS])
    hinted = re.findall(r"pip install ((?:-e )?['\"]?[.\w]*\[[\w,]+\]['\"]?)", text)
    assert {"-e '.[plots,parquet,datasette]'", *(f"-e '.[{extra}]'" for extra in extras)} == set(hinted)
    assert not re.findall(r"pip install newsdedup", text)
