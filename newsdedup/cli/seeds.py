"""`newsdedup seeds`: judge seed files before a crawl does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import format_options, show
from newsdedup.plural import counted
from newsdedup.reports.values import Column, Listing, Report

if TYPE_CHECKING:
    from crawler.seeds import SeedProblem
    from newsdedup.render import Format

_PROBLEM_COLUMNS = (
    Column("file", "file"),
    Column("entry", "entry"),
    Column("problem", "problem", may_wrap=True),
)


@frame.group("seeds", examples=("newsdedup seeds check seeds/world.toml",))
def command() -> None:
    """Check lists of what to crawl."""


@frame.subcommand(command, "check", examples=("newsdedup seeds check seeds/world.toml feeds.opml",))
@click.argument("files", metavar="FILE ...", type=click.Path(), nargs=-1, required=True)
@format_options
@pass_program
def check(program: Program, files: tuple[str, ...], output_format: Format, output: str) -> None:
    """Name every entry of a seed file (TOML or OPML) that is wrong; exit code 1 when there is one."""
    from crawler.seeds import read_seeds  # noqa: PLC0415  keeps --help fast

    problems: list[SeedProblem] = []
    for name in files:
        seeds, found = read_seeds(name)
        problems += found
        lists = sum(len(source.sitemaps) + len(source.sections) for source in seeds.sources)
        program.say(
            f"{name}: {counted(len(seeds.sources), 'source')}, {counted(seeds.feed_count, 'feed')}, "
            f"{counted(lists, 'other list')}, "
            f"{counted(len(found), 'problem')}"
        )
    rows = tuple((problem.path, problem.entry, problem.message) for problem in problems)
    show(
        Report(
            "seed_problems", (Listing("problems", _PROBLEM_COLUMNS, rows, when_empty="nothing is wrong"),)
        ),
        output_format,
        output,
    )
    if problems:
        raise click.exceptions.Exit(1)
