"""`newsdedup report html`: the evidence as a static site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Count, database_option, workers_option
from newsdedup.plural import counted

_PAGES_WORTH_A_POOL = 400


@frame.command(
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
