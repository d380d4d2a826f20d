"""`newsdedup export`: the data for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Moment, database_option, output_option
from newsdedup.files import is_one_output
from newsdedup.plural import counted
from newsdedup.render.progress import progress_bar

if TYPE_CHECKING:
    from datetime import datetime


@frame.command(
    "export",
    examples=(
        "newsdedup export articles --one-per-cluster --dropped dropped.jsonl --output corpus.jsonl.gz",
        "newsdedup export pairs --format parquet --output pairs.parquet",
        "newsdedup export edges --format csv",
    ),
)
@click.argument("what", type=click.Choice(["articles", "pairs", "clusters", "edges"]))
@database_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["jsonl", "csv", "parquet"]),
    default="jsonl",
    show_default=True,
    help="One JSON object a line, CSV, or Parquet.",
)
@click.option("--since", type=Moment(), help="First seen, or found, at or after: 2026-05-04, 7d.")
@click.option("--one-per-cluster", is_flag=True, help="Of each cluster the canonical article alone.")
@click.option("--dropped", type=click.Path(), metavar="FILE", help="File for what was left out, and why.")
@output_option
@pass_program
def command(
    program: Program,
    what: str,
    database: str,
    output_format: str,
    since: datetime | None,
    one_per_cluster: bool,
    dropped: str | None,
    output: str,
) -> None:
    """Write articles (with their texts), duplicate pairs, clusters, or who-copies-whom edges.

    A file whose name ends in .gz is compressed. In CSV a cell that a spreadsheet would run as a formula begins with
    an apostrophe; JSON Lines and Parquet hold every text unchanged. Parquet needs the extra "parquet".
    """
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.export import Exportable, ExportFormat, ExportRequest, export  # noqa: PLC0415

    if one_per_cluster and what != Exportable.ARTICLES:
        raise click.UsageError("--one-per-cluster is for articles")
    if dropped is not None and not one_per_cluster:
        raise click.UsageError("--dropped goes with --one-per-cluster")
    if dropped is not None and is_one_output(output, dropped):
        raise click.UsageError(f"--output and --dropped cannot both be {output!r}")
    request = ExportRequest(
        Exportable(what), output, ExportFormat(output_format), since, one_per_cluster, dropped
    )
    with progress_bar(f"exporting {what}", is_wanted=program.verbosity >= 0) as on_progress:
        counts = export(open_database(database), request, on_progress)
    program.say(counted(counts.row_count, what.removesuffix("s")))
    if dropped is not None:
        program.say(f"{counted(counts.left_out_count, 'article')} left out, listed in {dropped}")
