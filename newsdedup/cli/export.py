"""`newsdedup export`: the data for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Moment, database_option, output_option
from newsdedup.files import open_output

if TYPE_CHECKING:
    from datetime import datetime


@frame.command(
    "export",
    examples=(
        "newsdedup export articles --one-per-cluster --dropped dropped.jsonl --output corpus.jsonl.gz",
        "newsdedup export edges --format csv",
    ),
)
@click.argument("what", type=click.Choice(["articles", "pairs", "clusters", "edges"]))
@database_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="One JSON object a line, or CSV.",
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
    an apostrophe; JSON Lines hold every text unchanged.
    """
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.export import Exportable, ExportFormat, export, export_dropped  # noqa: PLC0415

    if one_per_cluster and what != Exportable.ARTICLES:
        raise click.UsageError("--one-per-cluster is for articles")
    if dropped is not None and not one_per_cluster:
        raise click.UsageError("--dropped goes with --one-per-cluster")
    sessions, fmt = open_database(database), ExportFormat(output_format)
    with open_output(output) as stream:
        count = export(sessions, Exportable(what), fmt, stream, since=since, one_per_cluster=one_per_cluster)
    program.say(f"{count} {what}")
    if dropped is not None:
        with open_output(dropped) as stream:
            program.say(f"{export_dropped(sessions, fmt, stream)} left out, listed in {dropped}")
