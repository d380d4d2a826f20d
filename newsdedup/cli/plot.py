"""`newsdedup plot`: pictures for documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Moment, database_option
from newsdedup.files import open_binary_output
from newsdedup.jobs.errors import JobError
from newsdedup.plural import counted
from newsdedup.reports.plots import labels_plot, sources_plot, timeline_plot, without_stragglers

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from sqlalchemy.orm import Session

    from newsdedup.reports.plots import Plot

_FORMATS = {".png": "png", ".svg": "svg"}


def _picture(_context: click.Context, _option: click.Parameter, value: Path) -> Path:
    if value.suffix.lower() not in _FORMATS:
        raise click.BadParameter("the name must end in .png or .svg")
    return value


def picture_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--database``, and ``--output``: the picture's file, whose ending is its format."""
    picture = click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        required=True,
        callback=_picture,
        metavar="FILE.png|FILE.svg",
        help="Picture to write; the ending tells the format.",
    )
    return database_option(picture(function))


def period_options(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--since`` and ``--until``: when ``what`` happened."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        until = click.option("--until", type=Moment(), help=f"{what} before.")
        since = click.option("--since", type=Moment(), help=f"{what} at or after: 2026-05-04, 7d.")
        return since(until(function))

    return declare


def _draw(program: Program, database: str, read: Callable[[Session], Plot], output: Path) -> None:
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast

    with open_database(database)() as session:
        plot = read(session)
    try:
        from newsdedup.render.plots import draw  # noqa: PLC0415  an extra, and slow to load
    except ModuleNotFoundError as error:
        raise JobError(
            "plots need matplotlib; run where newsdedup was cloned: pip install -e '.[plots]'"
        ) from error
    with open_binary_output(str(output)) as stream:
        notes = draw(plot, _FORMATS[output.suffix.lower()], stream)
    for note in notes:
        program.warn(note)
    program.say(f"wrote {output}")


@frame.group("plot", examples=("newsdedup plot timeline --output timeline.png",))
def command() -> None:
    """Draw a picture for a document: PNG or SVG, on white, times in UTC."""


@frame.subcommand(
    command, "timeline", examples=("newsdedup plot timeline --since 30d --output timeline.svg",)
)
@period_options("Published, else first seen,")
@picture_options
@pass_program
def timeline(
    program: Program, database: str, since: datetime | None, until: datetime | None, output: Path
) -> None:
    """Draw articles a day, with the copies and the spun ones among them; long spans by week, month or year.

    Without --since and --until the few articles that lie far off in time are left out, and counted on standard error.
    """
    from storage.daily import count_days  # noqa: PLC0415  keeps --help fast

    def read(session: Session) -> Plot:
        days, left_out = count_days(session, since=since, until=until), 0
        if since is None and until is None:
            days, left_out = without_stragglers(days)
        if left_out:
            program.warn(
                f"not drawn, far off in time: {counted(left_out, 'article')}; --since draws them too"
            )
        return timeline_plot(days)

    _draw(program, database, read, output)


@frame.subcommand(command, "sources", examples=("newsdedup plot sources --output sources.png",))
@click.option(
    "--limit",
    type=click.IntRange(min=2, max=40),
    default=12,
    show_default=True,
    help="At most so many sources.",
)
@picture_options
@pass_program
def sources(program: Program, database: str, limit: int, output: Path) -> None:
    """Draw who copies whom: a matrix of the sources with the most copies taken and given."""
    from storage.reports import copy_edges  # noqa: PLC0415  keeps --help fast

    _draw(program, database, lambda session: sources_plot(copy_edges(session), limit), output)


@frame.subcommand(command, "labels", examples=("newsdedup plot labels --output labels.svg",))
@period_options("Found")
@picture_options
@pass_program
def labels(
    program: Program, database: str, since: datetime | None, until: datetime | None, output: Path
) -> None:
    """Draw how many duplicate pairs have each label."""
    from storage.daily import count_labels  # noqa: PLC0415  keeps --help fast

    _draw(
        program,
        database,
        lambda session: labels_plot(count_labels(session, since=since, until=until)),
        output,
    )
