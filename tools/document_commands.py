"""Writes the reference of every command for docs/commands.md, from the commands' own help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import main
from newsdedup.spark.cli import main as spark

if TYPE_CHECKING:
    from collections.abc import Iterator


def every_command() -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    """Each command and subcommand with its path, in the order of ``--help``."""
    yield from _walk((), main, None)


def commands_markdown() -> str:
    """The whole reference: a heading and the help text a command."""
    sections = [
        _section(" ".join(("newsdedup", *path)), command, context)
        for path, command, context in every_command()
    ]
    name, context = "newsdedup-spark", _context(spark, "newsdedup-spark", None)
    return "\n\n".join((*sections, _section(name, spark, context)))


def _walk(
    path: tuple[str, ...], command: click.Command, parent: click.Context | None
) -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    context = _context(command, path[-1] if path else "newsdedup", parent)
    yield path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (child := command.get_command(context, name)) is not None:
                yield from _walk((*path, name), child, context)


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return command.context_class(
        command, info_name=name, parent=parent, terminal_width=100, max_content_width=100
    )


def _section(name: str, command: click.Command, context: click.Context) -> str:
    heading = "#" * min(max(1 + len(name.split()), 2), 4)
    return f"{heading} {name}\n\n```text\n{command.get_help(context)}\n```"
