"""`newsdedup find`: is this text a copy of something stored?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.fail_on import exit_on_rows, fail_on_rows_option
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import database_option, format_options, show
from newsdedup.plural import counted

if TYPE_CHECKING:
    from newsdedup.render import Format


_TITLE_CHARACTERS = 80
_FEW_CHARACTERS = 150


@frame.command(
    "find",
    examples=(
        "newsdedup find suspicious.txt",
        "newsdedup find https://buzz.example/story",
        "pbpaste | newsdedup find - --format json",
    ),
)
@click.argument("target", metavar="FILE|URL|-")
@database_option
@fail_on_rows_option
@format_options
@pass_program
def command(
    program: Program, target: str, database: str, fail_on: str | None, output_format: Format, output: str
) -> None:
    """Find copies of a text in the database; nothing is stored.

    FILE is plain text or a saved HTML page; - is standard input. The page of a URL is fetched under the rules of a
    crawl, unless the article is stored already.
    """
    from dedup import DedupConfig  # noqa: PLC0415  numpy and the lexicon, which --help need not load
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from newsdedup.jobs.fetch_page import read_url_query  # noqa: PLC0415
    from newsdedup.jobs.find_copies import find_copies, read_query  # noqa: PLC0415
    from newsdedup.render.progress import pulse  # noqa: PLC0415
    from newsdedup.reports.find import find_report  # noqa: PLC0415

    sessions = open_database(database)
    if target.startswith(("http://", "https://")):
        query, except_id = read_url_query(sessions, target)
    else:
        query, except_id = read_query(target, datetime.now(UTC)), None
    with pulse("comparing", is_wanted=program.verbosity >= 0):
        found = find_copies(sessions, query, DedupConfig(), except_id=except_id)
    show(find_report(found), output_format, output)
    program.say(
        f"{counted(found.candidate_count, 'candidate')}, {counted(len(found.copies), 'copy')} of {_named(query.title or target)}"
    )
    if found.pruned_count:
        pruned = counted(found.pruned_count, "candidate")
        program.warn(f"{pruned} not compared, that may be copies: their texts have been pruned")
    if not found.copies and len(found.text) < _FEW_CHARACTERS:
        program.warn("so short a text is found only where it is the whole article; give a paragraph or more")
    exit_on_rows(fail_on, len(found.copies))


def _named(title: str) -> str:
    return repr(title if len(title) <= _TITLE_CHARACTERS else f"{title[: _TITLE_CHARACTERS - 1].rstrip()}…")
