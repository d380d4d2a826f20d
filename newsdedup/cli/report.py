"""`newsdedup report`: the morning summary and its relatives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.values import Label
from newsdedup.cli import frame
from newsdedup.cli.clusters import print_cluster
from newsdedup.cli.fail_on import exit_on_rows, fail_on_option, fail_on_rows_option
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import (
    Count,
    Moment,
    OneOf,
    database_option,
    format_options,
    show,
    warn_of_unknown_source,
    workers_option,
)
from newsdedup.plural import counted
from newsdedup.reports.clusters import reviews_report, spun_report
from newsdedup.reports.crawls import runs_report, source_tallies_report
from newsdedup.reports.matrix import Told, matrix_report
from newsdedup.reports.summary import morning_report, sources_report

if TYPE_CHECKING:
    from newsdedup.cli.fail_on import CrawlConditions
    from newsdedup.render import Format

_PAGES_WORTH_A_POOL = 400


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


@frame.subcommand(
    command,
    "crawl",
    examples=(
        "newsdedup report crawl --limit 5",
        "newsdedup report crawl --sources --run 12",
        "newsdedup report crawl --fail-on silent-sources,error-rate=0.1 --since 24h",
    ),
)
@database_option
@click.option("--limit", type=Count(min=1), default=20, show_default=True, help="At most so many runs.")
@click.option("--sources", "by_source", is_flag=True, help="List the sources of the latest crawl instead.")
@click.option("--run", "run_id", type=Count(min=1), help="Or of this run; with --sources.")
@fail_on_option
@click.option(
    "--since",
    type=Moment(),
    default="24h",
    show_default=True,
    help="What --fail-on looks at: 24h, 7d, a date.",
)
@format_options
@pass_program
def crawl(  # noqa: PLR0913  one parameter an option
    program: Program,
    /,
    database: str,
    limit: int,
    output_format: Format,
    output: str,
    *,
    by_source: bool,
    run_id: int | None,
    conditions: CrawlConditions | None,
    since: datetime,
) -> None:
    """List runs, the latest first: fetched, stored, failed, skipped and why; or so of one run's sources.

    A source is silent when it brought no new article for a week though it was asked. Its extraction has collapsed
    when fewer than half of its pages gave an article, where in the month before most did.
    """
    from newsdedup.jobs.answers import read_source_tallies  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from storage.health import crawl_health  # noqa: PLC0415
    from storage.runs import list_runs  # noqa: PLC0415

    sessions = open_database(database)
    if by_source or run_id is not None:
        report = source_tallies_report(read_source_tallies(sessions, run_id))
    else:
        with sessions() as session:
            report = runs_report(list_runs(session, limit))
    show(report, output_format, output)
    if conditions is None:
        return
    with sessions() as session:
        held = conditions.held_by(crawl_health(session, since))
    for condition in held:
        program.warn(condition)
    if held:
        raise click.exceptions.Exit(3)


@frame.subcommand(
    command,
    "html",
    examples=("newsdedup report html --output evidence", "newsdedup report html --excerpt-words 0"),
)
@database_option
@click.option(
    "--output", type=click.Path(), default="newsdedup-report", show_default=True, help="Folder for the pages."
)
@click.option(
    "--excerpt-words",
    type=Count(min=0),
    default=300,
    show_default=True,
    help="Words of each text that are shown; 0 shows all.",
)
@click.option(
    "--max-pairs",
    type=Count(min=0),
    default=5_000,
    show_default=True,
    help="Evidence pages at most, spun copies first; 0 writes all.",
)
@workers_option
@pass_program
def html(
    program: Program, database: str, output: str, excerpt_words: int, max_pairs: int, workers: int
) -> None:
    """Write a static site: overview, clusters, sources, and an evidence page for each duplicate pair."""
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.html_report import ReportRequest, write_html_report  # noqa: PLC0415
    from newsdedup.jobs.parallel import PairMap  # noqa: PLC0415
    from newsdedup.render.progress import progress_bar  # noqa: PLC0415

    begun = datetime.now(UTC)
    request = ReportRequest(Path(output), begun, excerpt_words, max_pairs)
    with (
        progress_bar("writing pages", is_wanted=program.verbosity >= 0) as on_progress,
        PairMap(workers, worth_a_pool=_PAGES_WORTH_A_POOL) as pair_map,
    ):
        written = write_html_report(open_database(database), request, pair_map, on_progress)
    if written.left_out_pair_count:
        program.warn(
            f"no evidence page for {counted(written.left_out_pair_count, 'pair')}: --max-pairs {max_pairs}; 0 writes all"
        )
    seconds = (datetime.now(UTC) - begun) / timedelta(seconds=1)
    program.say(f"{counted(written.page_count, 'page')} in {seconds:.1f} s; open {output}/index.html")
