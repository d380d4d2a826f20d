"""What Spark finds is what file mode and an import find, in files and in the database."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from dedup import DedupConfig
from dedup.boilerplate import mark_boilerplate
from dedup.clusters import connected_components as connected_components_of_names
from dedup.lines import line_words
from dedup.values import Document, Label
from newsdedup.cli import main as newsdedup
from newsdedup.jobs.database import open_database
from newsdedup.spark.cli import main
from newsdedup.spark.components import connected_components
from newsdedup.spark.job import SparkTables
from newsdedup.spark.loading import load_tables
from storage.boilerplate import count_boilerplate
from storage.checks import check_database
from storage.exporting import stream_clusters, stream_pairs
from storage.ingest import count_pending, resolve_pending, store_articles
from storage.reindex import reindex
from storage.runs import list_runs
from tests.support.archives import packed, page_record
from tests.support.articles import article
from tests.support.stories import edit_story, make_story, spin_story

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from storage.engine import Sessions


CONFIG = DedupConfig()
FOOTER = """\
Sign up for our morning newsletter and never miss the stories that matter to you and to your family.
All rights reserved; no part of this page may be published, broadcast or rewritten without our consent."""
BAD_LINES = [
    "not json",
    '{"id": "no text"}',
    '{"id": 7, "text": "x"}',
    '{"id": "blank", "text": " "}',
    "[]",
    "",
]


def entry(source: str, number: int, text: str) -> dict[str, str]:
    return {
        "id": f"{source}-{number:02d}",
        "text": text,
        "source": source,
        "url": f"https://{source}.test/{number}",
        "published_at": f"2026-05-{1 + number % 28:02d}T10:00:00Z",
    }


def corpus() -> list[dict[str, str]]:
    """Stories under one footer, spun, edited, excerpted and equal copies, and one story in more papers than the cap."""
    return [
        *(entry("courier", n, f"{make_story(n)}\n{FOOTER}") for n in range(12)),
        *(entry("spinner", n, spin_story(make_story(n))) for n in range(8)),
        *(entry("ledger", n, edit_story(make_story(n), n)) for n in range(4, 10)),
        *(entry("echo", n, edit_story(make_story(3), n, 0.04)) for n in range(CONFIG.bucket_cap + 2)),
        *(entry("wire", n, make_story(7)) for n in range(3)),
        *(entry("brief", n, make_story(n).split("\n")[0]) for n in (5, 6)),
        {"id": "unsourced", "text": make_story(30)},
        {"id": "unsourced-copy", "text": spin_story(make_story(30)), "published_at": "2026-05-04"},
        {"id": "unlike", "text": make_story(31)},
    ]


def write_lines(path: Path, entries: list[dict[str, str]], *more: str) -> str:
    lines = [json.dumps(one) for one in entries] + list(more)
    random.Random(1).shuffle(lines)  # noqa: S311 - an order, no secret
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def run_spark(*arguments: str) -> Result:
    result = CliRunner().invoke(main, [*arguments, "--partitions", "2"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.usefixtures("spark")
def test_pairs_and_clusters_are_those_of_file_mode(tmp_path: Path) -> None:
    again = {**corpus()[0], "text": "zero: a text under an id that was given before"}
    name = write_lines(tmp_path / "in.jsonl", [*corpus(), again], *BAD_LINES)
    outputs = ("--pairs", str(tmp_path / "pairs"), "--clusters", str(tmp_path / "clusters"))
    told = CliRunner().invoke(newsdedup, ["dedup", name, *outputs], catch_exceptions=False)
    result = run_spark(name, "--output", str(tmp_path / "out"))

    pairs = pq.read_table(tmp_path / "out" / "pairs").to_pylist()
    expected = rows(tmp_path / "pairs")
    shown = [{key: rounded(pair[key]) for key in expected[0]} for pair in pairs]
    assert shown == expected
    assert {pair["label"] for pair in pairs} >= {"exact", "near", "spun", "excerpt"}
    clusters = pq.read_table(tmp_path / "out" / "clusters").to_pylist()
    kept = ("cluster_id", "canonical_id", "member_ids")
    assert [{key: one[key] for key in kept} | {"labels": dict(one["labels"])} for one in clusters] == rows(
        tmp_path / "clusters"
    )
    signatures = pq.read_table(tmp_path / "out" / "signatures").to_pylist()
    ids = {one["number"]: one["id"] for one in pq.read_table(tmp_path / "out" / "documents").to_pylist()}
    marked = {ids[one["number"]]: frozenset(one["boilerplate"]) for one in signatures}
    documents = [Document(one["id"], one["text"], source=one.get("source")) for one in corpus()]
    assert marked == {one.id: one.boilerplate for one in mark_boilerplate(documents)}
    assert marked["courier-00"] == line_words(FOOTER).keys()
    assert biggest_bucket(signatures) > CONFIG.bucket_cap
    counts = "1 duplicate_id, 1 empty_text, 2 malformed_line, 2 missing_field"
    assert counts in result.stderr
    assert counts in told.stderr
    refused = pq.read_table(tmp_path / "out" / "refused").to_pylist()
    assert {one["message"].split(":")[0] for one in refused} >= {
        "not JSON",
        "a JSON object is wanted, not list",
    }
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("clusters", "documents", "pairs", "refused", "signatures"),
    ]


def rounded(value: object) -> object:
    return round(value, 6) if isinstance(value, float) else value


def biggest_bucket(signatures: list[dict[str, list[int]]]) -> int:
    counts: dict[int, int] = {}
    for one in signatures:
        for bucket in one["buckets"]:
            counts[bucket] = counts.get(bucket, 0) + 1
    return max(counts.values())


def page(number: int, text: str) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    body = (
        f"<html><head><title>Story {number}</title></head><body><article><h1>Story {number}</h1>{paragraphs}"
    )
    return page_record(f"https://archive.test/news/{number}", body.encode())


def write_table(path: Path, entries: list[dict[str, str]]) -> str:
    """Parquet, with times as times."""
    table = pa.Table.from_pylist([{"published_at": None, **one} for one in entries])
    stated = [time and datetime.fromisoformat(time) for time in table.column("published_at").to_pylist()]
    times = pa.array([time and time.replace(tzinfo=UTC) for time in stated], pa.timestamp("us", tz="UTC"))
    place = table.schema.get_field_index("published_at")
    pq.write_table(table.set_column(place, "published_at", times), path)
    return str(path)


def write_archive(path: Path) -> str:
    pages = [page(n, spin_story(make_story(n))) for n in (1, 30)]
    path.write_bytes(packed([*pages, page_record("https://archive.test/gone", b"", status=404)]))
    return str(path)


@pytest.fixture(scope="module")
def loaded(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """A database that Spark filled, one that an import filled, and Spark's tables."""
    folder = tmp_path_factory.mktemp("loaded")
    entries = [
        {**one, "published_at": "2026-05-04T00:00:00Z"}
        for one in corpus()
        if not one["id"].startswith("echo")
    ]
    assert spark.version
    archive = write_archive(folder / "archive.warc.gz")
    table = write_table(folder / "in.parquet", entries)
    ours, theirs = f"sqlite:///{folder / 'spark.db'}", f"sqlite:///{folder / 'import.db'}"
    told = run_spark(
        f"file://{archive}", table, "--database", ours, "--output", str(folder / "tables")
    ).stderr
    lines = write_lines(folder / "in.jsonl", entries)
    imported = CliRunner().invoke(newsdedup, ["import", archive, lines, "--database", theirs])
    assert imported.exit_code == 0, imported.output
    return Loaded(open_database(ours), open_database(theirs), str(folder / "tables"), told)


@dataclass(frozen=True, slots=True)
class Loaded:
    spark: Sessions
    imported: Sessions
    folder: str
    told: str


def pairs_of(sessions: Sessions) -> list[tuple[object, ...]]:
    with sessions() as session:
        return sorted(
            (
                pair.summary.url_low,
                pair.summary.url_high,
                pair.summary.label,
                pair.summary.joins_cluster,
                pair.measures,
                pair.reason,
                pair.direction_reason,
            )
            for pair in stream_pairs(session)
        )


def clusters_of(sessions: Sessions) -> list[tuple[object, ...]]:
    with sessions() as session:
        return sorted(
            (one.canonical_url, one.canonical_reason, one.member_count, sorted(one.labels.items()))
            for one in stream_clusters(session)
        )


def test_the_database_gets_what_an_import_and_a_reindex_would_leave(loaded: Loaded) -> None:
    assert "refused: 1 not_found" in loaded.told
    assert "stored: 36 new" in loaded.told
    reindex(loaded.imported, CONFIG)
    assert len(pairs_of(loaded.spark)) > 20
    assert pairs_of(loaded.spark) == pairs_of(loaded.imported)
    assert clusters_of(loaded.spark) == clusters_of(loaded.imported)
    with loaded.spark() as session:
        assert check_database(session) == ()
        assert count_boilerplate(session).line_count == 2
    assert count_pending(loaded.spark) == 0


def test_articles_that_were_there_before_are_compared_too(
    spark: SparkSession, loaded: Loaded, tmp_path: Path
) -> None:
    copy = article(0, edit_story(make_story(31), 1), host="before.test")
    sessions = open_database(f"sqlite:///{tmp_path / 'news.db'}", create=True)
    store_articles(sessions, [copy], CONFIG)
    resolve_pending(sessions, CONFIG)
    report = load_tables(sessions, read_tables(spark, loaded.folder), CONFIG, worker_count=1)
    assert report.compared_count == report.stored.new_count
    with sessions() as session:
        assert check_database(session) == ()
        found = {(one.summary.url_low, one.summary.label) for one in stream_pairs(session)}
    assert (copy.url, Label.NEAR) in found
    again = load_tables(sessions, read_tables(spark, loaded.folder), CONFIG, worker_count=1)
    assert (again.stored.new_count, again.compared_count) == (0, 0)
    with sessions() as session:
        second, first = list_runs(session)
    assert first.stats["newsdedup/article/new"] == second.stats["newsdedup/article/unchanged"]
    assert first.stats["newsdedup/article/skipped/not_found"] == 1


def read_tables(spark: SparkSession, folder: str) -> SparkTables:
    names = ("documents", "signatures", "pairs", "clusters", "refused")
    return SparkTables(**{name: spark.read.parquet(f"{folder}/{name}") for name in names})


def test_components_are_those_of_the_pairs_whatever_their_form(spark: SparkSession) -> None:
    chance = random.Random(4)  # noqa: S311 - a graph, no secret
    chain = [(n, n + 1) for n in range(100, 110)]
    edges = [*chain, *(tuple(sorted(chance.sample(range(60), 2))) for _ in range(40))]
    table = spark.createDataFrame(edges, "low long, high long")
    found = connected_components(table, lambda _name, one: one.localCheckpoint()).collect()
    names = connected_components_of_names((f"{a:03d}", f"{b:03d}") for a, b in edges)
    assert {(row.number, row.root) for row in found} == {(int(a), int(b)) for a, b in names.items()}


@pytest.mark.usefixtures("spark")
def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    name = write_lines(tmp_path / "in.jsonl", corpus()[:1])
    result = CliRunner().invoke(main, [name, "--output", str(tmp_path)])
    assert result.exit_code == 1
    assert "is not empty; give another folder" in result.stderr


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["missing.jsonl"], "PATH_NOT_FOUND"),
        (["articles.txt"], "does not tell what it holds; give --input-format"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path: Path, names: list[str], message: str) -> None:
    result = CliRunner().invoke(main, [*names, "--output", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
