"""`newsdedup db`: the database itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import (
    DatabaseUrl,
    Duration,
    database_option,
    format_options,
    show,
    window_option,
    workers_option,
)
from newsdedup.plural import counted
from newsdedup.reports.database import copy_report, stats_report
from newsdedup.reports.summary import problems_report

if TYPE_CHECKING:
    from datetime import timedelta

    from newsdedup.render import Format


@frame.group("db", examples=("newsdedup db upgrade", "newsdedup db stats", "newsdedup db check"))
def command() -> None:
    """Create, check, measure and maintain the database."""


@frame.subcommand(command, "upgrade", examples=("newsdedup db upgrade --database news.db",))
@database_option
@click.option("--dry-run", is_flag=True, help="Tell what the database is, change nothing.")
@pass_program
def upgrade(program: Program, database: str, dry_run: bool) -> None:
    """Bring the database to this version's schema; an empty or missing one is created."""
    from newsdedup.jobs.database import upgrade as upgrade_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.maintenance import count_outdated, missing_revisions  # noqa: PLC0415
    from newsdedup.render.progress import pulse  # noqa: PLC0415

    if dry_run:
        missing = missing_revisions(database)
        told = f"would be brought to {', '.join(missing)}" if missing else "is current"
        program.say(f"the database {told}")
        return
    with pulse("upgrading", is_wanted=program.verbosity >= 0):
        state = upgrade_database(database)
    program.say(f"the database {'is' if state == 'current' else f'was {state} and is now'} current")
    if outdated := count_outdated(database):
        program.warn(
            f"{counted(outdated, 'pair')} judged by another detector; run: newsdedup db reindex --judge-only"
        )


@frame.subcommand(command, "check", examples=("newsdedup db check --format json",))
@database_option
@format_options
@pass_program
def check(program: Program, /, database: str, output_format: Format, output: str) -> None:
    """Look for what should not be: a schema that differs, clusters that do not follow from their pairs.

    Exit code 1 when something is wrong.
    """
    from newsdedup.jobs.maintenance import check_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.render.progress import pulse  # noqa: PLC0415

    with pulse("checking", is_wanted=program.verbosity >= 0):
        problems = check_database(database)
    show(problems_report(problems), output_format, output)
    if problems:
        raise click.exceptions.Exit(1)


@frame.subcommand(command, "stats", examples=("newsdedup db stats",))
@database_option
@format_options
def stats(database: str, output_format: Format, output: str) -> None:
    """Show what the database holds, the size of its tables, the boilerplate it knows, and the bands of each view."""
    from dedup import DedupConfig  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from newsdedup.render.progress import pulse  # noqa: PLC0415
    from storage.boilerplate import count_boilerplate  # noqa: PLC0415
    from storage.pair_lists import count_outdated_pairs  # noqa: PLC0415
    from storage.reports import corpus_summary, table_sizes  # noqa: PLC0415

    with pulse("counting"), open_database(database)() as session:
        report = stats_report(
            corpus_summary(session),
            table_sizes(session),
            count_boilerplate(session),
            DedupConfig(),
            count_outdated_pairs(session, DedupConfig()),
        )
    show(report, output_format, output)


@frame.subcommand(command, "copy", examples=("newsdedup db copy sqlite:///news.db postgresql:///news",))
@click.argument("source", metavar="SRC", type=DatabaseUrl())
@click.argument("target", metavar="DST", type=DatabaseUrl())
@click.option("--dry-run", is_flag=True, help="Count what would be copied, write nothing.")
@format_options
@pass_program
def copy(
    program: Program, source: str, target: str, dry_run: bool, output_format: Format, output: str
) -> None:
    """Copy a whole database into an empty one, SQLite to PostgreSQL or back, and compare both afterwards."""
    from newsdedup.jobs.maintenance import copy_whole, count_whole  # noqa: PLC0415  keeps --help fast
    from newsdedup.render.progress import progress_bar  # noqa: PLC0415

    if dry_run:
        show(copy_report(count_whole(source, target)), output_format, output)
        return
    with progress_bar("copying", is_wanted=program.verbosity >= 0) as on_progress:
        tables = copy_whole(source, target, lambda _table, rows: on_progress(rows, None))
    show(copy_report(tables), output_format, output)


@frame.subcommand(
    command, "reindex", examples=("newsdedup db reindex", "newsdedup db reindex --judge-only --workers 4")
)
@database_option
@workers_option
@window_option
@click.option("--judge-only", is_flag=True, help="Keep signatures and index: only the detector has changed.")
@click.option("--dry-run", is_flag=True, help="Count, change nothing.")
@pass_program
def reindex_database(
    program: Program, database: str, workers: int, window: timedelta | None, judge_only: bool, dry_run: bool
) -> None:
    """Build signatures, index, pairs and clusters anew from the stored texts; a stopped one is continued."""
    from dedup import DedupConfig  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from newsdedup.jobs.maintenance import reindex_whole  # noqa: PLC0415
    from newsdedup.jobs.parallel import PairMap  # noqa: PLC0415
    from newsdedup.render.progress import progress_bar  # noqa: PLC0415
    from storage.reindex import count_reindex  # noqa: PLC0415

    if dry_run:
        signed, unsigned = count_reindex(open_database(database))
        done = "judged" if judge_only else "signed and judged"
        program.say(f"{counted(signed, 'article')} would be {done} anew; without text any more: {unsigned}")
        return
    with (
        progress_bar("re-indexing", is_wanted=program.verbosity >= 0) as bar,
        PairMap(workers) as pair_map,
    ):
        counts = reindex_whole(
            open_database(database),
            DedupConfig(),
            only_judges=judge_only,
            window=window,
            pair_map=pair_map,
            on_progress=bar,
        )
    resolved = counts.resolved
    program.say(
        f"{counted(counts.signed_count, 'article')} signed, "
        f"{counted(resolved.candidate_pair_count, 'candidate pair')}, "
        f"{counted(resolved.duplicate_pair_count, 'duplicate pair')}"
    )
    if counts.unsigned_count:
        program.warn(f"{counted(counts.unsigned_count, 'article')} without text any more: their pairs stay")


@frame.subcommand(command, "prune", examples=("newsdedup db prune --texts-older-than 90d --dry-run",))
@database_option
@click.option(
    "--older-than",
    "--texts-older-than",
    "older_than",
    type=Duration(),
    required=True,
    help="First seen longer ago than: 90d, 52w.",
)
@click.option("--dry-run", is_flag=True, help="Count, drop nothing.")
@pass_program
def prune(program: Program, database: str, older_than: timedelta, dry_run: bool) -> None:
    """Drop the texts of old articles; signatures, pairs and clusters stay, so that copies are found all the same."""
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.render.progress import pulse  # noqa: PLC0415
    from storage.upkeep import prune_texts  # noqa: PLC0415

    with pulse("dropping texts", is_wanted=program.verbosity >= 0):
        counts = prune_texts(open_database(database), datetime.now(UTC) - older_than, dry_run=dry_run)
    did = "would be dropped" if dry_run else "dropped"
    program.say(
        f"texts {did}: {counts.article_count} of articles, {counts.version_count} of earlier versions"
    )
