"""`newsdedup db`: the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import DatabaseUrl, database_option, format_options, show
from newsdedup.reports.database import copy_report, stats_report
from newsdedup.reports.summary import problems_report

if TYPE_CHECKING:
    from newsdedup.render import Format


@frame.group("db", examples=("newsdedup db upgrade", "newsdedup db stats", "newsdedup db check"))
def command() -> None:
    """Create, check, measure and maintain the database."""


@frame.subcommand(command, "upgrade", examples=("newsdedup db upgrade --database news.db",))
@database_option
@pass_program
def upgrade(program: Program, database: str) -> None:
    """Bring the database to this version's schema; an empty or missing one is created."""
    from newsdedup.jobs.database import upgrade as upgrade_database  # noqa: PLC0415  keeps --help fast

    program.say(f"the database was {upgrade_database(database)} and is now current")


@frame.subcommand(command, "check", examples=("newsdedup db check --format json",))
@database_option
@format_options
def check(database: str, output_format: Format, output: str) -> None:
    """Look for what should not be: a schema that differs, clusters that do not follow from their pairs.

    Exit code 1 when something is wrong.
    """
    from newsdedup.jobs.maintenance import check_database  # noqa: PLC0415  keeps --help fast

    problems = check_database(database)
    show(problems_report(problems), output_format, output)
    if problems:
        raise click.exceptions.Exit(1)


@frame.subcommand(command, "stats", examples=("newsdedup db stats",))
@database_option
@format_options
def stats(database: str, output_format: Format, output: str) -> None:
    """Show what the database holds, the size of its tables, and the bands of each view."""
    from dedup import DedupConfig  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from storage.reports import corpus_summary, table_sizes  # noqa: PLC0415

    with open_database(database)() as session:
        report = stats_report(corpus_summary(session), table_sizes(session), DedupConfig())
    show(report, output_format, output)


@frame.subcommand(command, "copy", examples=("newsdedup db copy sqlite:///news.db postgresql:///news",))
@click.argument("source", metavar="SRC", type=DatabaseUrl())
@click.argument("target", metavar="DST", type=DatabaseUrl())
@format_options
@pass_program
def copy(program: Program, source: str, target: str, output_format: Format, output: str) -> None:
    """Copy a whole database into an empty one, SQLite to PostgreSQL or back, and compare both afterwards."""
    from newsdedup.jobs.maintenance import copy_whole  # noqa: PLC0415  keeps --help fast
    from newsdedup.render.progress import progress_bar  # noqa: PLC0415

    with progress_bar("copying", is_wanted=program.verbosity >= 0) as on_progress:
        tables = copy_whole(source, target, lambda _table, rows: on_progress(rows, None))
    show(copy_report(tables), output_format, output)
