"""`newsdedup forget`: articles out of the database, with every trace of their text."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import database_option
from newsdedup.plural import counted


@frame.command(
    "forget",
    examples=(
        "newsdedup forget https://one.example/story --dry-run",
        "newsdedup forget one.example --yes",
    ),
)
@click.argument("url_or_source", metavar="URL|SOURCE")
@database_option
@click.option("--dry-run", is_flag=True, help="Count, remove nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_program
def command(program: Program, url_or_source: str, database: str, dry_run: bool, yes: bool) -> None:
    """Remove an article, or all of a source, with every trace of the text; no crawl brings it back."""
    from newsdedup.jobs.addresses import identity_of  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from newsdedup.jobs.errors import JobError  # noqa: PLC0415
    from newsdedup.render.progress import pulse  # noqa: PLC0415
    from storage.ingest import count_pending  # noqa: PLC0415
    from storage.upkeep import find_forgettable, forget_articles  # noqa: PLC0415

    sessions = open_database(database)
    with sessions() as session:
        ids = find_forgettable(session, url_or_source) or find_forgettable(
            session, identity_of(url_or_source)
        )
    if not ids:
        raise JobError(f"no article and no source {url_or_source!r}")
    if dry_run:
        program.say(f"would remove {counted(len(ids), 'article')}")
        return
    if not yes:
        click.confirm(f"remove {counted(len(ids), 'article')} for ever?", abort=True, err=True)
    with pulse("forgetting", is_wanted=program.verbosity >= 0):
        counts = forget_articles(sessions, ids, datetime.now(UTC))
    program.say(
        f"removed {counted(counts.article_count, 'article')} and {counted(counts.pair_count, 'duplicate pair')}"
    )
    if pending := count_pending(sessions):
        program.say(f"{counted(pending, 'article')} to be compared anew: the next crawl or import does it")
