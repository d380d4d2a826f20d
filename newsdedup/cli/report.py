"""`newsdedup report`: the morning summary and its relatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dedup.values import Label
from newsdedup.cli import frame
from newsdedup.cli.clusters import print_cluster
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
from newsdedup.cli.report_crawl import crawl
from newsdedup.cli.report_html import html
from newsdedup.reports.clusters import reviews_report, spun_report
from newsdedup.reports.matrix import Told, matrix_report
from newsdedup.reports.summary import morning_report, sources_report

if TYPE_CHECKING:
    from datetime import datetime

    from newsdedup.render import Format


@frame.group(
    "report",
    examples=(
        "newsdedup report --since 24h",
        "newsdedup report sources",
        "newsdedup report html --output evidence",
    ),
    invoke_without_command=True,
)
@database_option
@click.option(
    "--since", type=Moment(), default="24h", show_default=True, help="What counts as new: 24h, 7d, a date."
)
@format_options
@click.pass_context
def command(
    context: click.Context, /, database: str, since: datetime, output_format: Format, output: str
) -> None:
    """Summarise: new articles, new clusters, biggest stories, spun copies, silent sources."""
    if context.invoked_subcommand is not None:
        return
    from newsdedup.jobs.answers import read_morning  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from newsdedup.render.progress import pulse  # noqa: PLC0415

    with pulse("summing up"):
        report = morning_report(read_morning(open_database(database), since))
    show(report, output_format, output)


@frame.subcommand(
    command,
    "sources",
    examples=("newsdedup report sources --format json", "newsdedup report sources --matrix spun"),
)
@database_option
@click.option(
    "--matrix",
    type=OneOf(Told),
    help="As a matrix instead of lists; a cell tells copies, the share of them that is spun, or their lag.",
)
@click.option(
    "--limit",
    type=Count(min=1),
    default=12,
    show_default=True,
    help="Sources in the matrix, the busiest.",
)
@format_options
def sources(database: str, matrix: Told | None, limit: int, output_format: Format, output: str) -> None:
    """Show who copies whom, how fast, and how much of it is spun."""
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.render.progress import pulse  # noqa: PLC0415
    from storage.reports import copy_edges, source_summaries  # noqa: PLC0415

    with pulse("summing up"), open_database(database)() as session:
        edges = copy_edges(session)
        if matrix is None:
            report = sources_report(source_summaries(session), edges)
        else:
            report = matrix_report(edges, matrix, limit)
    show(report, output_format, output)


@frame.subcommand(command, "cluster", examples=("newsdedup report cluster 12",))
@click.argument("cluster_id", metavar="ID", type=Count(min=1))
@database_option
@format_options
def cluster(cluster_id: int, database: str, output_format: Format, output: str) -> None:
    """Show a story's time line: who carried it when, and what happened to the cluster."""
    print_cluster(database, cluster_id, output_format, output)


@frame.subcommand(command, "spun", examples=("newsdedup report spun --since 7d --format csv",))
@database_option
@click.option("--since", type=Moment(), help="Found at or after.")
@click.option("--source", metavar="NAME", help="Of this source, by name or host.")
@fail_on_rows_option
@format_options
@pass_program
def spun(
    program: Program,
    /,
    database: str,
    since: datetime | None,
    source: str | None,
    fail_on: str | None,
    output_format: Format,
    output: str,
) -> None:
    """List spun copies, the latest found first, and the other sources that carry the same spun text."""
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from storage.pair_lists import list_pairs  # noqa: PLC0415
    from storage.spun import other_carriers  # noqa: PLC0415
    from storage.values import PairFilter  # noqa: PLC0415

    with open_database(database)() as session:
        pairs = list_pairs(session, PairFilter(label=Label.SPUN, since=since, source=source))
        carriers = other_carriers(session)
        warn_of_unknown_source(program, session, source)
    show(spun_report(pairs, carriers), output_format, output)
    exit_on_rows(fail_on, len(pairs))


@frame.subcommand(command, "reviews", examples=("newsdedup report reviews --format csv",))
@database_option
@fail_on_rows_option
@format_options
def reviews(database: str, fail_on: str | None, output_format: Format, output: str) -> None:
    """List the duplicate pairs that an analyst has confirmed or rejected, with the reason given."""
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from storage.pair_lists import list_pairs  # noqa: PLC0415
    from storage.values import PairFilter  # noqa: PLC0415

    with open_database(database)() as session:
        pairs = list_pairs(session, PairFilter(is_reviewed=True))
    show(reviews_report(pairs), output_format, output)
    exit_on_rows(fail_on, len(pairs))


command.add_command(crawl)
command.add_command(html)
