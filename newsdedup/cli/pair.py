"""`newsdedup pair`: the evidence for two articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.options import database_option, format_options, show
from newsdedup.reports.pair import pair_report

if TYPE_CHECKING:
    from newsdedup.render import Format


@frame.command(
    "pair",
    examples=(
        "newsdedup pair 17 42",
        "newsdedup pair https://one.example/a https://two.example/b --format json",
    ),
)
@click.argument("article_a", metavar="A")
@click.argument("article_b", metavar="B")
@database_option
@format_options
def command(article_a: str, article_b: str, database: str, output_format: Format, output: str) -> None:
    """Show how two articles resemble each other, side by side.

    A and B are numbers or addresses of stored articles. A stored duplicate pair is shown as it was judged, its likely
    original first; two other articles are compared now, and nothing is stored.
    """
    from dedup import DedupConfig  # noqa: PLC0415  numpy and the lexicon, which --help need not load
    from newsdedup.jobs.answers import read_evidence  # noqa: PLC0415
    from newsdedup.jobs.database import open_database  # noqa: PLC0415

    evidence = read_evidence(open_database(database), article_a, article_b, DedupConfig())
    show(pair_report(evidence), output_format, output)
