"""`newsdedup import`: articles from files, deduplicated like a crawl."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import database_option, window_option, workers_option
from newsdedup.cli.problems import Problems
from newsdedup.plural import by_reason, counted
from newsdedup.render.progress import progress_bar

if TYPE_CHECKING:
    from datetime import timedelta

    from newsdedup.jobs.import_files import ImportReport


@frame.command(
    "import",
    examples=(
        "newsdedup import archive/ articles.jsonl.gz",
        "newsdedup import CC-NEWS-20260501003126-00001.warc.gz",
        "newsdedup import feeds.opml",
    ),
)
@click.argument("paths", metavar="PATH ...", type=click.Path(), nargs=-1, required=True)
@database_option
@click.option("--base-url", metavar="URL", help="Where the HTML files came from; the file name is added.")
@click.option("--source", metavar="NAME", help="Source of articles that name none.")
@click.option("--strict", is_flag=True, help="Stop at the first file or line that has a problem.")
@click.option("--dry-run", is_flag=True, help="Read everything, store nothing.")
@click.option("--again", is_flag=True, help="Read web archives and pages again, though imported before.")
@workers_option
@window_option
@pass_program
def command(  # noqa: PLR0913, PLR0917  # one parameter an option
    program: Program,
    paths: tuple[str, ...],
    database: str,
    base_url: str | None,
    source: str | None,
    strict: bool,
    dry_run: bool,
    again: bool,
    workers: int,
    window: timedelta | None,
) -> None:
    """Store articles from files and find their copies.

    PATH is a JSON Lines file (the fields of "newsdedup dedup"), a saved HTML page, a web archive (WARC, such as
    CC-NEWS publishes), a folder of these, or an OPML or TOML list of feeds, which are remembered for "newsdedup
    crawl --due". Files may be gzipped; - is JSON Lines on standard input. The database is created where there is
    none. Importing a file again changes nothing; a stopped import continues where it was, and what could not be read of a
    damaged web archive is tried again. Exit code 1 when a file could not be read, or all was refused.
    """
    from dedup import DedupConfig  # noqa: PLC0415  numpy and the lexicon, which --help need not load
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from newsdedup.jobs.import_files import ImportRequest, run_import  # noqa: PLC0415
    from newsdedup.jobs.read_articles import ReadingRequest  # noqa: PLC0415

    problems = Problems(program)
    reading = ReadingRequest(datetime.now(UTC), base_url, source, workers)
    request = ImportRequest(
        paths,
        reading,
        is_strict=strict,
        worker_count=workers,
        begins_anew=again,
        window=window,
    )
    sessions = None if dry_run else open_database(database, create=True)
    with progress_bar("importing", is_wanted=program.verbosity >= 0) as on_progress:
        report = run_import(sessions, request, DedupConfig(), problems.hear, on_progress)
    problems.summarise()
    _summarise(program, report, is_dry_run=dry_run)
    if unreadable := report.refused.get("unreadable_file"):
        raise click.ClickException(f"{counted(unreadable, 'file')} could not be read; everything else was")
    if report.came_to_nothing:
        raise click.ClickException(
            f"nothing came of this import, all was refused ({by_reason(report.refused)})"
        )


def _summarise(program: Program, report: ImportReport, *, is_dry_run: bool) -> None:
    refused = by_reason(report.refused)
    program.say(
        f"read {counted(report.file_count, 'file')}, {counted(report.read_count, 'article')}"
        + (f"; refused: {refused}" if refused else "")
    )
    if report.known_file_count:
        program.say(f"{counted(report.known_file_count, 'archive')} imported before; --again reads anew")
    if report.feed_count:
        program.say(f"{counted(report.feed_count, 'feed')} remembered; run: newsdedup crawl --due")
    if is_dry_run:
        program.say("dry run: nothing was stored")
        return
    stored, resolved = report.stored, report.resolved
    program.say(f"{stored.new_count} new, {stored.updated_count} updated, {stored.unchanged_count} unchanged")
    program.say(
        f"{counted(resolved.candidate_pair_count, 'candidate pair')}, "
        f"{counted(resolved.duplicate_pair_count, 'duplicate pair')}, "
        f"{counted(resolved.cluster_created_count, 'new cluster')}, {resolved.cluster_changed_count} changed"
    )
