"""Every way out of the program, tried with articles that attack whoever reads it."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from newsdedup.cli.frame import configure_logging
from newsdedup.jobs.crawl_report import CrawlReport
from newsdedup.jobs.metrics import Metrics
from tests.support.asking import run
from tests.support.hook_server import receive
from tests.support.hostile import hostile_database
from tests.support.program import read_terminal

if TYPE_CHECKING:
    from pathlib import Path

FORMULA = '=HYPERLINK("http://evil.example","x")'
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufeff]")
ATTACK = f"{FORMULA} \x1b[2J\x9b5m \u202egnp.exe [bold red]loud[/] [link=http://evil.example]x[/link] <script>alert(9)</script>"
LISTS = (
    ["clusters"],
    ["clusters", "show", "1"],
    ["pair", "1", "2"],
    ["search", "lighthouse"],
    ["report"],
    ["report", "sources"],
    ["report", "sources", "--matrix", "copies"],
    ["report", "cluster", "1"],
    ["report", "spun"],
    ["report", "reviews"],
    ["report", "crawl"],
    ["sql", 'SELECT url, title AS "=1+1", byline AS "\x1b[2J\u202e", credit, source_id, text FROM article'],
    ["sql", "SELECT * FROM v_cluster_member"],
    ["watch", "--domain", "evil1.example", "--dry-run"],
)
EXPORTS = ("articles", "pairs", "clusters", "edges")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles in whose every field something acts; stored as a site might once have slipped them in."""
    path = hostile_database(tmp_path_factory.mktemp("outputs"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE article SET title = :it, byline = :it, section = :it, credit = :it, image_url = :it,"
            " declared_original_url = :it",
            {"it": ATTACK},
        )
        connection.execute("UPDATE source SET name = ? || host, country = ?", (ATTACK, FORMULA))
        connection.execute(
            "UPDATE duplicate_pair SET reason = ?, credit = ?, review = 'confirmed', review_note = ?, reviewed_at = found_at",
            [ATTACK] * 3,
        )
        connection.execute("UPDATE cluster SET canonical_reason = ?", (ATTACK,))
    return path


def answer(database: Path, *arguments: str) -> str:
    result = run(database, *arguments)
    assert result.exit_code == 0, result.output
    assert not STEERING.search(result.stderr)
    return result.stdout


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_no_list_steers_a_terminal_or_reads_markup(database: Path, command: list[str]) -> None:
    table = answer(database, *command)
    assert not STEERING.search(table)
    if "HYPERLINK" in table:
        assert "[bold red]loud[/]" in " ".join(table.split())
    for fmt in ("json", "jsonl"):
        text = answer(database, *command, "--format", fmt)
        assert not STEERING.search(text)
        for line in text.splitlines() if fmt == "jsonl" else [text]:
            json.loads(line)


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_no_cell_and_no_header_of_csv_is_a_formula(database: Path, command: list[str]) -> None:
    result = run(database, *command, "--format", "csv")
    if result.exit_code == 2:  # more than one list is no CSV
        assert result.stdout == ""
        return
    assert_harmless_csv(result.stdout)


@pytest.mark.parametrize("what", EXPORTS)
def test_exports_are_harmless_and_lose_nothing(database: Path, what: str) -> None:
    assert_harmless_csv(answer(database, "export", what, "--format", "csv"))
    text = answer(database, "export", what, "--format", "jsonl")
    assert not STEERING.search(text)
    cells = [cell for line in text.splitlines() for cell in json.loads(line).values()]
    assert any(isinstance(cell, str) and ATTACK in cell for cell in cells), what


def test_on_a_terminal_the_only_escapes_are_colours(database: Path) -> None:
    command = [sys.executable, "-m", "newsdedup", "pair", "1", "2", "--database", str(database)]
    master, slave = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=slave, stderr=subprocess.STDOUT, env=environment) as process:
        os.close(slave)
        text = b"".join(iter(lambda: read_terminal(master), b"")).decode()
        assert process.wait() == 0, text
    os.close(master)
    assert re.search(r"\x1b\[\d+m", text)
    assert not STEERING.search(re.sub(r"\x1b\[[\d;]*m|\r", "", text))


def test_what_is_posted_to_a_webhook_is_data(database: Path) -> None:
    with receive() as hook:
        options = ("--domain", "evil1.example", "--webhook", hook.url, "--allow-private", "127.0.0.1")
        assert run(database, "watch", *options).exit_code == 0
        assert any(ATTACK in str(value) for copy in hook.bodies[0]["copies"] for value in copy.values())
        assert not STEERING.search(hook.raw[0])


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_log_line_steers_or_forges_another(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    before = logging.getLogger().handlers[:]
    configure_logging(0, log_format)
    try:
        logging.getLogger("newsdedup").warning("skipped %s", f"{ATTACK}\nERROR forged: line")
    finally:
        logging.getLogger().handlers[:] = before
    said = capsys.readouterr().err
    assert not STEERING.search(said)
    if log_format == "json":
        assert json.loads(said)["message"].startswith(f"skipped {ATTACK}")
        assert said.count("\n") == 1


def test_metrics_quote_their_labels(database: Path, tmp_path: Path) -> None:
    metrics = Metrics(f"sqlite:///{database}", str(tmp_path / "out.prom"))
    skipped = {f'x"}} 1\nforged_metric 1 {ATTACK}': 1}
    metrics.note(CrawlReport(None, "finished", 1.0, 0, 0, 0, 0, 0, 0, skipped, {}))
    lines = (tmp_path / "out.prom").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.startswith("forged")]


def test_metrics_that_cannot_be_written_end_no_crawls(
    database: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)  # a quiet command of another test may have raised it
    Metrics(f"sqlite:///{database}", str(tmp_path / "nowhere" / "out.prom")).note_failure()
    assert "metrics were not written" in caplog.text


@pytest.mark.parametrize("plot", ["sources", "timeline", "labels"])
def test_a_picture_holds_names_as_text(database: Path, tmp_path: Path, plot: str) -> None:
    pytest.importorskip("matplotlib", reason="plots need the extra: pip install -e '.[plots]'")
    path = tmp_path / "plot.svg"
    assert run(database, "plot", plot, "--output", str(path)).exit_code == 0
    text = path.read_text(encoding="utf-8")
    assert not STEERING.search(text)
    picture = ET.fromstring(text)  # noqa: S314 -- our own file
    tags = {element.tag.rpartition("}")[2] for element in picture.iter()}
    assert not tags & {"script", "a", "foreignObject", "iframe"}
    links = [value for element in picture.iter() for name, value in element.items() if name.endswith("href")]
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    assert run(database, "plot", plot, "--output", str(tmp_path / "plot.png")).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "--limit", "\x1b[2J\u202e"),
        ("clusters", "--since", "\x1b[2J\u202e"),
        ("pair", "\x1b[2J\u202e", "2"),
        ("report", "crawl", "--fail-on", "\x1b[2J\u202e"),
        ("sql", "SELECT \x1b[2J\u202e"),
        ("find", "no-such-\x1b[2J\u202e-file"),
        ("\x1b[2J\u202e",),
    ],
)
def test_an_error_message_repeats_nothing_that_acts(database: Path, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "newsdedup", *arguments, "--database", str(database)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {1, 2}
    assert not STEERING.search(done.stderr), done.stderr


def assert_harmless_csv(text: str) -> None:
    assert not STEERING.search(text)
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "@", "|", "%")), cell
            assert not cell.startswith("-") or re.fullmatch(r"-[\d.]+(e-?\d+)?", cell), cell
