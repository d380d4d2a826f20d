"""Writes the reference of every command for docs/commands.md, from the commands' own help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsdedup.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator


def every_command() -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    """Each command and subcommand with its path, in the order of ``--help``."""
    yield from _walk((), main, None)


def commands_markdown() -> str:
    """The whole reference: a heading and the help text a command."""
    return "\n\n".join(_section(path, command, context) for path, command, context in every_command())


def _walk(
    path: tuple[str, ...], command: click.Command, parent: click.Context | None
) -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    context = command.context_class(
        command,
        info_name=path[-1] if path else "newsdedup",
        parent=parent,
        terminal_width=100,
        max_content_width=100,
    )
    yield path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (child := command.get_command(context, name)) is not None:
                yield from _walk((*path, name), child, context)


def _section(path: tuple[str, ...], command: click.Command, context: click.Context) -> str:
    heading = "#" * min(2 + max(len(path) - 1, 0), 4)
    return f"{heading} {' '.join(('newsdedup', *path))}\n\n```text\n{command.get_help(context)}\n```"
