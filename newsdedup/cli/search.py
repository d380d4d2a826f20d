"""`newsdedup search`: articles by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.fail_on import exit_on_rows, fail_on_rows_option
from newsdedup.cli.options import Count, database_option, format_options, show
from newsdedup.reports.articles import search_report

if TYPE_CHECKING:
    from newsdedup.render import Format


@frame.command(
    "search",
    examples=(
        "newsdedup search harbour lighthouse",
        "newsdedup search '\"oil price\" opec* -gas' --limit 5",
    ),
)
@click.argument("words", metavar="TEXT ...", nargs=-1, required=True)
@database_option
@click.option("--limit", type=Count(min=1), default=50, show_default=True, help="At most so many.")
@fail_on_rows_option
@format_options
def command(
    words: tuple[str, ...], database: str, limit: int, fail_on: str | None, output_format: Format, output: str
) -> None:
    """List articles that hold all of the words in title or text, the most relevant first.

    Within TEXT, "words in quotes" follow each other, harb* stands for every word that begins so, and -word leaves
    out the articles that hold it. Accents and capitals do not count.
    """
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from storage.search import search_articles  # noqa: PLC0415

    with open_database(database)() as session:
        found = search_articles(session, " ".join(words), limit=limit)
    show(search_report(found), output_format, output)
    exit_on_rows(fail_on, len(found))
