from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sqlite3
import subprocess
import sys
import tracemalloc
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from newsdedup.cli import main
from newsdedup.jobs.export import Exportable, ExportRequest, export
from newsdedup.render.lines import write_csv_rows, write_json_rows
from newsdedup.reports.exports import ARTICLES, CLUSTERS, EDGES, LEFT_OUT, PAIRS, ExportColumn, Kind
from storage.engine import make_sessions, open_engine, read_whole_tables

COLUMNS = {"articles": ARTICLES, "pairs": PAIRS, "clusters": CLUSTERS, "edges": EDGES}
NO_PYARROW = "import sys; sys.modules['pyarrow'] = None; from newsdedup.cli import main; main()"
SKIP = "Parquet needs the extra: pip install -e '.[parquet]'"


def run(database: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", *arguments, "--database", str(database)])


def exported(database: Path, what: str, *options: str) -> list[dict[str, Any]]:
    result = run(database, what, *options)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def as_json(value: object) -> object:
    """A Parquet cell as JSON Lines say it."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return dict(value)
    return value


@pytest.mark.parametrize("what", COLUMNS)
def test_parquet_holds_the_same_as_json_lines_in_typed_columns(
    database: Path, tmp_path: Path, what: str
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason=SKIP)
    path = tmp_path / "out.parquet"
    assert run(database, what, "--format", "parquet", "--output", str(path)).exit_code == 0
    table = parquet.read_table(path)
    assert table.column_names == [column.name for column in COLUMNS[what]]
    rows = [{name: as_json(cell) for name, cell in row.items()} for row in table.to_pylist()]
    assert rows == exported(database, what)
    for column in COLUMNS[what]:
        if column.kind is Kind.TIME:
            assert str(table.schema.field(column.name).type) == "timestamp[us, tz=UTC]"


@pytest.mark.parametrize("what", COLUMNS)
def test_csv_holds_the_same_as_json_lines(database: Path, what: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run(database, what, "--format", "csv").stdout)))
    for row, expected in zip(rows, exported(database, what), strict=True):
        assert list(row) == [column.name for column in COLUMNS[what]]
        for column in COLUMNS[what]:
            value = expected[column.name]
            if column.kind in {Kind.INTEGER, Kind.NUMBER} and value is not None:
                assert float(row[column.name]) == value
            elif isinstance(value, list | dict):
                assert json.loads(row[column.name]) == value
            elif column.kind is Kind.BOOLEAN:
                assert row[column.name] == {None: "", True: "true", False: "false"}[value]


def test_pairs_carry_all_their_evidence(database: Path) -> None:
    pairs = exported(database, "pairs")
    spun = next(pair for pair in pairs if pair["label"] == "spun")
    assert {"talks", "negotiations"} in [
        {substitution["words_a"], substitution["words_b"]} for substitution in spun["substitutions"]
    ]
    assert spun["reason"]
    assert spun["features"]
    assert spun["detector_fingerprint"]
    assert [(pair["id_a"], pair["id_b"]) for pair in pairs] == sorted(
        (pair["id_a"], pair["id_b"]) for pair in pairs
    )


def test_kept_and_dropped_are_all_articles_each_once(database: Path, tmp_path: Path) -> None:
    dropped = tmp_path / "dropped.jsonl.gz"
    kept = {
        row["article_id"]
        for row in exported(database, "articles", "--one-per-cluster", "--dropped", str(dropped))
    }
    left_out = [json.loads(line) for line in gzip.decompress(dropped.read_bytes()).splitlines()]
    assert list(left_out[0]) == sorted(column.name for column in LEFT_OUT)
    everything = {row["article_id"] for row in exported(database, "articles")}
    assert kept | {row["article_id"] for row in left_out} == everything
    assert len(kept) + len(left_out) == len(everything)
    for row in left_out:
        assert row["kept_article_id"] in kept
        assert row["label"] in row["reason"]
        assert str(row["compared_with_id"]) in row["reason"]


def test_exported_articles_can_be_read_again(database: Path, tmp_path: Path) -> None:
    articles, pairs, other = tmp_path / "a.jsonl", tmp_path / "p.jsonl", tmp_path / "o.db"
    with (
        closing(sqlite3.connect(tmp_path / "news.db")) as connection,
        closing(sqlite3.connect(database)) as whole,
    ):
        whole.backup(connection)
        connection.execute("UPDATE article SET published_precision = 'day' WHERE id = 1")
        connection.commit()
    database = tmp_path / "news.db"
    for command in (
        ["export", "articles", "--output", str(articles), "--database", str(database)],
        ["dedup", str(articles), "--pairs", str(pairs)],
        ["import", str(articles), "--database", str(other)],
    ):
        result = CliRunner().invoke(main, command)
        assert (result.exit_code, "refused" in result.stderr) == (0, False), result.output
    named = {
        (line["id_a"], line["id_b"], line["label"])
        for line in map(json.loads, pairs.read_text().splitlines())
    }
    with closing(sqlite3.connect(database)) as connection, closing(sqlite3.connect(other)) as copied:
        stored = connection.execute("SELECT low_id, high_id, label FROM duplicate_pair")
        assert named == {(str(low), str(high), label) for low, high, label in stored}
        told = "SELECT url, title, text, published_at, published_precision FROM article ORDER BY url"
        assert copied.execute(told).fetchall() == connection.execute(told).fetchall()


def test_since_bounds_articles_and_what_was_dropped_alike(database: Path, tmp_path: Path) -> None:
    dropped = tmp_path / "dropped.jsonl"
    options = ("--one-per-cluster", "--since", "2999-01-01", "--dropped", str(dropped))
    assert exported(database, "articles", *options) == []
    assert dropped.read_text() == ""
    for what in ("articles", "pairs", "clusters"):
        assert exported(database, what, "--since", "2999-01-01") == []
        assert exported(database, what, "--since", "1d") == exported(database, what)


def test_hostile_text_is_unchanged_in_parquet_and_harmless_in_csv(database: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason=SKIP)
    path = tmp_path / "out.parquet"
    assert run(database, "articles", "--format", "parquet", "--output", str(path)).exit_code == 0
    titles = parquet.read_table(path)["title"].to_pylist()
    (hostile,) = [title for title in titles if "HYPERLINK" in title]
    text = run(database, "articles", "--format", "csv").stdout
    assert not {"\x1b", "\u202e"} & set(text)
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row if "HYPERLINK" in cell]
    assert [cell[0] for cell in cells] == ["'"]
    assert hostile in {row["title"] for row in exported(database, "articles")}


def test_parquet_wants_a_file(database: Path) -> None:
    pytest.importorskip("pyarrow", reason=SKIP)
    result = run(database, "edges", "--format", "parquet")
    assert result.exit_code == 1
    assert "--output FILE" in result.stderr


def test_a_failed_export_leaves_the_old_file(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "corpus.jsonl"
    target.write_text("old\n")
    engine = open_engine(f"sqlite:///{database}")

    def stop(_done: int, _total: int | None) -> None:
        raise KeyboardInterrupt

    request = ExportRequest(Exportable.ARTICLES, str(target))
    with pytest.raises(KeyboardInterrupt):
        export(make_sessions(engine), request, stop)
    engine.dispose()
    assert target.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [target]


def test_without_the_extra_it_says_what_to_install(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    arguments = ["export", "edges", "--format", "parquet", "--output", str(path), "--database", str(database)]
    result = subprocess.run(
        [sys.executable, "-c", NO_PYARROW, *arguments], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "pip install -e '.[parquet]'" in result.stderr
    assert not path.exists()


@pytest.mark.parametrize("write", ["csv", "jsonl", "parquet"])
def test_writing_many_rows_takes_no_more_memory_than_writing_few(write: str) -> None:
    def peak(row_count: int) -> int:
        rows = ((number, "word " * 100) for number in range(row_count))
        columns = (ExportColumn("article_id", Kind.INTEGER), ExportColumn("text", Kind.TEXT))
        tracemalloc.start()
        with Path(os.devnull).open("wb") as stream, TextIOWrapper(stream, "utf-8") as lines:
            if write == "parquet":
                parquet = pytest.importorskip("newsdedup.render.parquet", reason=SKIP)
                assert parquet.write_parquet(columns, rows, stream) == row_count
            else:
                write_rows = write_csv_rows if write == "csv" else write_json_rows
                assert write_rows(columns, rows, lines) == row_count
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    peak(500)  # what is loaded and remembered once
    assert peak(8_000) < 2 * peak(500) + 100_000


def test_what_an_export_reads_once_is_not_kept(database: Path) -> None:
    engine = open_engine(f"sqlite:///{database}")
    with make_sessions(engine)() as session:
        read_whole_tables(session)
        assert session.scalar(text("PRAGMA cache_size")) == -8192
    engine.dispose()


def test_articles_name_the_run_that_stored_them(database: Path) -> None:
    runs = {row["run_id"] for row in exported(database, "articles")}
    assert len(runs) == 1
    assert all(isinstance(run_id, int) for run_id in runs)


def test_counts_are_said_in_english(database: Path) -> None:
    assert run(database, "clusters").stderr == "1 cluster\n"
    assert run(database, "articles").stderr == "4 articles\n"


def test_times_in_exports_are_utc(database: Path) -> None:
    for row in exported(database, "articles"):
        at = datetime.fromisoformat(row["first_seen_at"])
        assert at.tzinfo is not None
        assert abs(datetime.now(UTC) - at) < timedelta(days=1)
