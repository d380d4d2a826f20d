"""`newsdedup doctor`: is everything in place?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, option_key, pass_program
from newsdedup.cli.options import database_option, format_options, show
from newsdedup.reports.values import Column, Listing, Report

if TYPE_CHECKING:
    from newsdedup.render import Format

_COLUMNS = (Column("subject", "what"), Column("health", "health"), Column("detail", "detail", may_wrap=True))


@frame.command(
    "doctor",
    examples=("newsdedup doctor", "newsdedup doctor seeds/world.toml --database postgresql:///news"),
)
@click.argument("seeds", metavar="[SEEDS.toml ...]", nargs=-1, type=click.Path())
@database_option
@format_options
@pass_program
def command(
    program: Program, seeds: tuple[str, ...], database: str, output_format: Format, output: str
) -> None:
    """Check program, packages, lexicon, seeds, disk, resolver, database and clock; exit code 1 when one is wrong."""
    from newsdedup.jobs.doctor import examine  # noqa: PLC0415  the whole program, for --help too much
    from newsdedup.jobs.finding import Finding, Health  # noqa: PLC0415

    check_configuration(program)
    settings = Finding("configuration", Health.OK, str(program.settings.path or "no file"))
    findings = (settings, *examine(database, seeds))
    rows = tuple((finding.subject, finding.health, finding.detail) for finding in findings)
    show(Report("doctor", (Listing("findings", _COLUMNS, rows),)), output_format, output)
    wrong = sum(finding.health is Health.WRONG for finding in findings)
    if wrong:
        program.warn("1 thing is wrong" if wrong == 1 else f"{wrong} things are wrong")
        raise click.exceptions.Exit(1)


def check_configuration(program: Program) -> None:
    """Read the file's options for every command, so that a wrong key of any of them is named.

    Raises:
        ConfigError: a key is no option of its command.
    """
    root = click.get_current_context().find_root()
    if isinstance(root.command, click.Group):
        _check(program, root.command, root, ())


def _check(program: Program, group: click.Group, context: click.Context, path: tuple[str, ...]) -> None:
    for name in group.list_commands(context):
        child = group.get_command(context, name)
        if child is None:
            continue
        keys = {option_key(option) for option in child.params if isinstance(option, click.Option)}
        program.settings.options_of((*path, name), keys)
        if isinstance(child, click.Group):
            _check(program, child, context, (*path, name))
