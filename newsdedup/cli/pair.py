"""`newsdedup pair`: the evidence for two articles, and an analyst's verdict on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.options import database_option, format_options, show
from newsdedup.reports.pair import pair_report

if TYPE_CHECKING:
    from newsdedup.render import Format
    from storage.values import Review


@frame.command(
    "pair",
    examples=(
        "newsdedup pair 17 42",
        "newsdedup pair https://one.example/a https://two.example/b --format json",
        'newsdedup pair 17 42 --reject "two companies, one template"',
    ),
)
@click.argument("article_a", metavar="A")
@click.argument("article_b", metavar="B")
@click.option("--confirm", metavar="NOTE", help="Record that they are copies, and why; clusters follow.")
@click.option("--reject", metavar="NOTE", help="Record that they are none, and why; clusters follow.")
@click.option("--clear", is_flag=True, help="Take the record back: the detector's word counts again.")
@database_option
@format_options
def command(
    article_a: str,
    article_b: str,
    confirm: str | None,
    reject: str | None,
    clear: bool,
    database: str,
    output_format: Format,
    output: str,
) -> None:
    """Show how two articles resemble each other, side by side; record whether they are copies.

    A and B are numbers or addresses of stored articles. A stored duplicate pair is shown as it was judged, its likely
    original first; two other articles are compared now, and nothing is stored. An analyst's verdict on a stored pair
    outranks the detector's, and outlives re-indexing.
    """
    from dedup import DedupConfig  # noqa: PLC0415  numpy and the lexicon, which --help need not load
    from newsdedup.jobs.answers import read_evidence, review  # noqa: PLC0415
    from newsdedup.jobs.database import open_database  # noqa: PLC0415

    wanted = _wanted(confirm, reject, clear=clear)
    sessions = open_database(database)
    if wanted is not None:
        review(sessions, article_a, article_b, *wanted, datetime.now(UTC))
    evidence = read_evidence(sessions, article_a, article_b, DedupConfig())
    show(pair_report(evidence), output_format, output)


def _wanted(
    confirm: str | None, reject: str | None, *, clear: bool
) -> tuple[Review | None, str | None] | None:
    from storage.values import Review  # noqa: PLC0415  keeps --help fast

    if (confirm is not None) + (reject is not None) + clear > 1:
        raise click.UsageError("give one of --confirm, --reject and --clear")
    if confirm is not None:
        return Review.CONFIRMED, confirm or None
    if reject is not None:
        return Review.REJECTED, reject or None
    return (None, None) if clear else None
