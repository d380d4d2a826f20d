"""`newsdedup report crawl`: how runs went, and conditions that end it with exit code 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.fail_on import fail_on_option
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Count, Moment, database_option, format_options, show
from newsdedup.reports.crawls import runs_report, source_tallies_report

if TYPE_CHECKING:
    from datetime import datetime

    from newsdedup.cli.fail_on import CrawlConditions
    from newsdedup.render import Format


@frame.command(
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
