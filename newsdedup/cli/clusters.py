"""`newsdedup clusters`: stories that were carried more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from dedup.values import Label
from newsdedup.cli import frame
from newsdedup.cli.fail_on import exit_on_rows, fail_on_rows_option
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import (
    Count,
    Moment,
    OneOf,
    database_option,
    format_options,
    show,
    warn_of_unknown_source,
)
from newsdedup.reports.clusters import cluster_report, clusters_report

if TYPE_CHECKING:
    from datetime import datetime

    from newsdedup.render import Format


class _Wanted(TypedDict):
    since: datetime | None
    until: datetime | None
    source: str | None
    label: Label | None
    min_size: int
    text: str | None
    limit: int | None


@frame.group(
    "clusters",
    examples=(
        "newsdedup clusters --since 7d --label spun",
        "newsdedup clusters --since 1h --source mysite.example --fail-on found",
        "newsdedup clusters show 12",
    ),
    invoke_without_command=True,
)
@database_option
@click.option("--since", type=Moment(), help="First seen at or after: 2026-05-04, 12h, 7d.")
@click.option("--until", type=Moment(), help="First seen before.")
@click.option("--source", metavar="NAME", help="With an article of this source, by name or host.")
@click.option("--label", type=OneOf(Label), help="With a duplicate pair of this label.")
@click.option(
    "--min-size", type=Count(min=2), default=2, show_default=True, help="At least so many articles."
)
@click.option("--query", "text", metavar="TEXT", help="With an article that newsdedup search TEXT finds.")
@click.option("--limit", type=Count(min=1), help="At most so many, the latest first.")
@fail_on_rows_option
@format_options
@click.pass_context
@pass_program
def command(
    program: Program,
    context: click.Context,
    /,
    database: str,
    fail_on: str | None,
    output_format: Format,
    output: str,
    **wanted: Unpack[_Wanted],
) -> None:
    """List clusters, those with the newest articles first, or show one."""
    if context.invoked_subcommand is not None:
        return
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from storage.cluster_lists import list_clusters  # noqa: PLC0415
    from storage.values import ClusterFilter  # noqa: PLC0415

    with open_database(database)() as session:
        clusters = list_clusters(session, ClusterFilter(**wanted))
        warn_of_unknown_source(program, session, wanted["source"])
    show(clusters_report(clusters), output_format, output)
    exit_on_rows(fail_on, len(clusters))


@frame.subcommand(
    command, "show", examples=("newsdedup clusters show 12", "newsdedup clusters show 12 --format json")
)
@click.argument("cluster_id", metavar="ID", type=Count(min=1))
@database_option
@format_options
def show_cluster(cluster_id: int, database: str, output_format: Format, output: str) -> None:
    """Show a cluster: its articles with times and labels, its duplicate pairs, its history."""
    print_cluster(database, cluster_id, output_format, output)


def print_cluster(database: str, cluster_id: int, output_format: Format, output: str) -> None:
    """Print one cluster, which `newsdedup report cluster` does too."""
    from newsdedup.jobs.answers import read_cluster  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.database import open_database  # noqa: PLC0415

    show(cluster_report(read_cluster(open_database(database), cluster_id)), output_format, output)
