"""`newsdedup search`: articles by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.options import database_option, format_options, show
from newsdedup.reports.articles import articles_report

if TYPE_CHECKING:
    from newsdedup.render import Format


@frame.command(
    "search", examples=("newsdedup search harbour lighthouse", 'newsdedup search "oil price" --limit 5')
)
@click.argument("words", metavar="TEXT ...", nargs=-1, required=True)
@database_option
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@format_options
def command(words: tuple[str, ...], database: str, limit: int, output_format: Format, output: str) -> None:
    """List articles that hold all of the words in title or text, the newest first."""
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from storage.articles import search_articles  # noqa: PLC0415

    with open_database(database)() as session:
        articles = search_articles(session, " ".join(words), limit=limit)
    show(articles_report(articles), output_format, output)
