"""`newsdedup-spark`: find the copies in a corpus too large for one machine."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.errors import errors_as_lines
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Count, DatabaseUrl, workers_option
from newsdedup.plural import by_reason, counted
from newsdedup.render.progress import progress_bar
from newsdedup.spark.session import spark_session

if TYPE_CHECKING:
    from newsdedup.spark.job import SparkReport
    from newsdedup.spark.loading import LoadReport


class _Setting(click.ParamType[tuple[str, str]]):
    """A setting of Spark's own: ``spark.executor.memory=8g``."""

    name = "name=value"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Name and value."""
        name, equals, setting = str(value).partition("=")
        if not equals or not name.startswith("spark."):
            self.fail(f"{value!r} is no setting of Spark: write spark.executor.memory=8g", param, ctx)
        return name, setting


@frame.command(
    "newsdedup-spark",
    examples=(
        "newsdedup-spark articles.jsonl.gz --output copies/",
        "newsdedup-spark s3a://archive/2026-*.warc.gz --output s3a://archive/copies --master yarn",
        "newsdedup-spark articles.parquet --database postgresql:///news",
    ),
)
@click.argument("paths", metavar="PATH ...", nargs=-1, required=True)
@click.option(
    "--output", metavar="DIR", help="Folder for the tables as Parquet; it must not hold anything yet."
)
@click.option("--database", type=DatabaseUrl(), help="Database to store articles, pairs and clusters in.")
@click.option(
    "--input-format",
    type=click.Choice(["jsonl", "parquet", "warc"]),
    help="What the files hold, where their names do not tell.",
)
@click.option("--source", metavar="NAME", help="Source of articles that name none; for the database.")
@click.option(
    "--master", metavar="URL", help="Where Spark works; else as it is configured, else all processors here."
)
@click.option("--conf", type=_Setting(), multiple=True, help="A setting of Spark; may be given again.")
@click.option(
    "--partitions",
    type=Count(min=1),
    default=200,
    show_default=True,
    help="Pieces that alignment is divided into.",
)
@workers_option
@click.version_option(version("newsdedup"), prog_name="newsdedup-spark")
@pass_program
def main(  # noqa: PLR0913, PLR0917  # one parameter an option
    program: Program,
    paths: tuple[str, ...],
    output: str | None,
    database: str | None,
    input_format: str | None,
    source: str | None,
    master: str | None,
    conf: tuple[tuple[str, str], ...],
    partitions: int,
    workers: int,
) -> None:
    """Find the copies in a corpus of any size, with Spark.

    PATH is a file, folder or pattern on any file system that Spark reads: JSON Lines (the fields of "newsdedup
    dedup"), Parquet with columns of these names, or web archives (WARC). Pairs and clusters are those of "newsdedup
    dedup". With --output they are written as Parquet; with --database everything is stored as "newsdedup import"
    would, one article an address. Needs Java 17 and the extra "spark". An option not given is read from its
    environment variable, --master from NEWSDEDUP_SPARK_MASTER; no configuration file is read.
    """
    if output is None and database is None:
        raise click.UsageError("nothing to write: give --output DIR, --database URL or both")
    begun = time.perf_counter()
    with errors_as_lines(), ExitStack() as stack:
        spark = stack.enter_context(spark_session(master, dict(conf)))
        from dedup import DedupConfig  # noqa: PLC0415  what only a run needs
        from newsdedup.jobs.read_articles import ReadingRequest  # noqa: PLC0415
        from newsdedup.spark.job import SparkRequest, run_spark  # noqa: PLC0415
        from newsdedup.spark.reading import InputFormat, Inputs  # noqa: PLC0415

        inputs = Inputs(
            paths,
            None if input_format is None else InputFormat(input_format),
            ReadingRequest(datetime.now(UTC), source_name=source),
            is_for_database=database is not None,
        )
        folder = output or stack.enter_context(TemporaryDirectory(prefix="newsdedup-spark-"))
        request = SparkRequest(inputs, folder, partitions)
        tables, report = run_spark(
            spark,
            request,
            DedupConfig(),
            lambda table, rows: program.say(
                f"{time.perf_counter() - begun:7.1f} s  {table}: {counted(rows, 'row')}"
            ),
        )
        _summarise(program, report, time.perf_counter() - begun)
        if database is not None:
            from newsdedup.jobs.database import open_database  # noqa: PLC0415
            from newsdedup.spark.loading import load_tables  # noqa: PLC0415

            sessions = open_database(database, create=True)
            with progress_bar("storing", is_wanted=program.verbosity >= 0) as on_progress:
                _say_loaded(program, load_tables(sessions, tables, DedupConfig(), workers, on_progress))


main.context_settings["auto_envvar_prefix"] = "NEWSDEDUP_SPARK"


def _summarise(program: Program, report: SparkReport, seconds: float) -> None:
    refused = by_reason(report.refused)
    program.say(
        f"{counted(report.document_count, 'document')}"
        + (f", refused: {refused}" if refused else "")
        + (f", fields left out: {report.ignored_field_count}" if report.ignored_field_count else "")
    )
    program.say(
        f"{counted(report.candidate_pair_count, 'candidate pair')}, {report.aligned_pair_count:,} aligned, "
        f"{counted(report.duplicate_pair_count, 'duplicate pair')}, {counted(report.cluster_count, 'cluster')}, "
        f"largest {report.largest_cluster_size:,}"
    )
    program.say(f"{seconds:.1f} s, {report.document_count / seconds:,.0f} documents a second")


def _say_loaded(program: Program, report: LoadReport) -> None:
    stored = report.stored
    program.say(
        f"stored: {stored.new_count} new, {stored.updated_count} updated, {stored.unchanged_count} unchanged; "
        f"{counted(report.pair_count, 'duplicate pair')}"
    )
    if report.compared_count:
        program.say(
            f"{counted(report.compared_count, 'article')} compared with others that were stored before"
        )
