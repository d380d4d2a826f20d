"""`newsdedup reextract`: stored articles brought up to this version's extractor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Moment, database_option, workers_option
from newsdedup.plural import by_reason, counted
from newsdedup.render.progress import progress_bar

if TYPE_CHECKING:
    from datetime import datetime

    from newsdedup.jobs.reextract import ReextractReport


@frame.command("reextract", examples=("newsdedup reextract pages/", "newsdedup reextract pages/ --since 7d"))
@click.argument("paths", metavar="PATH ...", type=click.Path(), nargs=-1, required=True)
@database_option
@click.option("--since", type=Moment(), help="Only pages fetched at or after: 2026-05-04, 12h, 7d.")
@workers_option
@pass_program
def command(
    program: Program, paths: tuple[str, ...], database: str, since: datetime | None, workers: int
) -> None:
    """Read the pages that "newsdedup crawl --keep-html" kept again, and update what comes out otherwise.

    PATH is a web archive or a folder of them. An article whose text changes keeps its earlier text as a version,
    with the extractor that read it. A page that was refused for what it held may become an article. Pages that
    this version's extractor has read are passed over, so that a stopped run can be repeated.
    """
    from dedup import DedupConfig  # noqa: PLC0415  numpy and the lexicon, which --help need not load
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from newsdedup.jobs.reextract import ReextractRequest, run_reextract  # noqa: PLC0415

    with progress_bar("reading", is_wanted=program.verbosity >= 0) as on_progress:
        request = ReextractRequest(paths, since, workers)
        report = run_reextract(open_database(database), request, DedupConfig(), on_progress)
    _summarise(program, report)


def _summarise(program: Program, report: ReextractReport) -> None:
    refused = by_reason(report.refused)
    stored = report.stored
    program.say(f"read {counted(report.page_count, 'page')}" + (f"; refused: {refused}" if refused else ""))
    program.say(f"{stored.new_count} new, {stored.updated_count} updated, {stored.unchanged_count} unchanged")
    program.say(
        f"passed over: {report.current_count} read by this extractor before, {report.superseded_count} replaced by "
        f"a later fetch, {report.unknown_count} of no stored article"
    )
    program.say(f"{counted(report.resolved.duplicate_pair_count, 'duplicate pair')} found")
