"""Finds the copies in a corpus of any size with Spark: files in, tables out.

Must not change the algorithm: pairs and clusters are those of file mode, which a test compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from newsdedup.jobs.errors import JobError
from newsdedup.spark import matching
from newsdedup.spark.reading import read_inputs
from newsdedup.spark.session import first_line
from newsdedup.spark.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

    from dedup import DedupConfig
    from newsdedup.spark.reading import Inputs


@dataclass(frozen=True, slots=True)
class SparkRequest:
    """What to read, and the folder for the tables; ``partition_count`` is how finely alignment is divided."""

    inputs: Inputs
    output: str
    partition_count: int


@dataclass(frozen=True, slots=True)
class SparkReport:
    """What was read and found; ``refused`` counts lines and records by reason."""

    document_count: int
    refused: dict[str, int]
    ignored_field_count: int
    candidate_pair_count: int
    aligned_pair_count: int
    duplicate_pair_count: int
    cluster_count: int
    largest_cluster_size: int


@dataclass(frozen=True, slots=True)
class SparkTables:
    """The tables of a run; ``refused`` with ``origin``, ``reason`` and ``message``."""

    documents: DataFrame
    signatures: DataFrame
    pairs: DataFrame
    clusters: DataFrame
    refused: DataFrame


@dataclass(slots=True)
class _Steps:
    """Writes each table and tells how many rows it has."""

    tables: Tables
    on_step: Callable[[str, int], None]
    counts: dict[str, int] = field(default_factory=dict)

    def write(self, name: str, table: DataFrame, *, is_work: bool = False) -> DataFrame:
        written = (self.tables.write_work if is_work else self.tables.write)(name, table)
        self.counts[name] = written.count()
        self.on_step(name, self.counts[name])
        return written


def run_spark(
    spark: SparkSession,
    request: SparkRequest,
    config: DedupConfig,
    on_step: Callable[[str, int], None] = lambda _table, _rows: None,
) -> tuple[SparkTables, SparkReport]:
    """Read, find copies, write tables; ``on_step(table, rows)`` as each one is there.

    Raises:
        JobError: an input is missing, the folder is not empty, or Spark gave up.
    """
    try:
        return _run(spark, request, config, on_step)
    except (PySparkException, Py4JJavaError) as error:
        raise JobError(f"Spark gave up: {first_line(error)}") from error


def _run(
    spark: SparkSession, request: SparkRequest, config: DedupConfig, on_step: Callable[[str, int], None]
) -> tuple[SparkTables, SparkReport]:
    tables = Tables(spark, request.output)
    tables.require_empty()
    steps = _Steps(tables, on_step)
    read = steps.write("read", read_inputs(spark, request.inputs), is_work=True)
    refused = steps.write(
        "refused", read.where("reason is not null").select("origin", "reason", "message", "is_refused")
    )
    documents = steps.write("documents", matching.number_documents(read))
    lines = tables.write_work("lines", matching.list_lines(documents))
    marks = matching.mark_boilerplate(lines, documents)
    signatures = steps.write("signatures", matching.sign(documents, marks, config))
    exact = steps.write("exact", matching.pair_exact(documents, signatures), is_work=True)
    candidates = steps.write("candidates", matching.find_candidates(signatures, exact, config), is_work=True)
    likely = matching.keep_likely(candidates, signatures, config)
    verdicts = steps.write(
        "verdicts",
        matching.judge(exact.union(likely), documents, signatures, config, request.partition_count),
        is_work=True,
    )
    pairs = steps.write(
        "pairs", verdicts.where("label is not null").drop("low", "high").orderBy("id_a", "id_b")
    )
    clusters = steps.write("clusters", matching.derive_clusters(verdicts, documents, tables.write_work))
    found = SparkTables(documents, signatures, pairs, clusters, refused)
    report = _report(found, steps.counts)
    tables.drop_work()
    return found, report


def _report(found: SparkTables, counts: dict[str, int]) -> SparkReport:
    refused = {
        row[0]: row[1] for row in found.refused.where("is_refused").groupBy("reason").count().collect()
    }
    refused_count = sum(refused.values())
    ignored_count = counts["refused"] - refused_count
    repeated = counts["read"] - counts["refused"] - counts["documents"]
    largest = found.clusters.selectExpr("max(size(member_ids))").collect()[0][0]
    return SparkReport(
        document_count=counts["documents"],
        refused=refused | ({"duplicate_id": repeated} if repeated else {}),
        ignored_field_count=ignored_count,
        candidate_pair_count=counts["candidates"],
        aligned_pair_count=counts["verdicts"] - counts["exact"],
        duplicate_pair_count=counts["pairs"],
        cluster_count=counts["clusters"],
        largest_cluster_size=largest or 0,
    )
