"""What every command shares: settings, verbosity, and examples in help.

Must not do work of its own.
"""

from __future__ import annotations

import importlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from newsdedup.cli.errors import errors_as_lines
from newsdedup.config import Settings
from newsdedup.json_log import JsonFormatter
from newsdedup.safe_text import terminal_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence


@dataclass(slots=True)
class Program:
    """State of one invocation: what the configuration file says and how talkative to be."""

    settings: Settings = field(default_factory=Settings)
    verbosity: int = 0
    log_format: str = "text"

    def say(self, message: str) -> None:
        """One line for people, on standard error, unless ``--quiet``."""
        if self.verbosity >= 0:
            click.echo(terminal_line(message), err=True)

    def warn(self, message: str) -> None:
        """One line about something lost, on standard error, even when quiet."""
        click.echo(f"warning: {terminal_line(message)}", err=True)


pass_program = click.make_pass_decorator(Program, ensure=True)


class Command(click.Command):
    """A command whose options also read the configuration file; its examples keep their line breaks."""

    examples: tuple[str, ...] = ()

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  as click declares it
    ) -> click.Context:
        """Hand the file's values to click, which asks for them after option and environment."""
        return super().make_context(
            info_name, args, parent, **_with_file_values(self, info_name, parent, extra)
        )

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples at the end of the help."""
        if not self.examples:
            return
        with formatter.section("Example" if len(self.examples) == 1 else "Examples"):
            for example in self.examples:
                formatter.write(f"  {example}\n")


class Group(Command, click.Group):
    """A command with subcommands."""


class RootGroup(Group):
    """The program: commands by name, each imported when it is asked for."""

    def __init__(self, *, table: Mapping[str, tuple[str, str]], **attributes: Any) -> None:  # noqa: ANN401  click's own
        super().__init__(**attributes)
        self.table = table

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(self.table)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module that holds the command; None for an unknown name."""
        if cmd_name not in self.table:
            return None
        module = importlib.import_module(f"newsdedup.cli.{self.table[cmd_name][0]}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"newsdedup.cli.{self.table[cmd_name][0]} has no command")
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self.table.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  as click declares it
        """Run the command; what a user can mend becomes one line and exit code 1."""
        with errors_as_lines():
            return super().invoke(ctx)


def _with_file_values(
    command: click.Command,
    info_name: str | None,
    parent: click.Context | None,
    extra: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    if parent is None or info_name is None:
        return extra
    root = parent.find_root()
    path = [*parent.command_path.split()[len(root.command_path.split()) :], info_name]
    options = [option for option in command.params if isinstance(option, click.Option)]
    for option in options:
        _name_variable(option, path)
    names = {option_key(option): option.name for option in options}
    settings = root.ensure_object(Program).settings
    found = settings.options_of(path, names.keys())
    extra["default_map"] = {names[key]: value for key, value in found.items()}
    return extra


def _name_variable(option: click.Option, path: Sequence[str]) -> None:
    """Its environment variable is named as it is typed, where click would take the name of the parameter."""
    if option.envvar is None and option.name != option_key(option):
        option.envvar = "_".join(("newsdedup", *path, option_key(option))).replace("-", "_").upper()


def option_key(option: click.Option) -> str:
    """Name of an option in the configuration file: its longest spelling, with underscores."""
    return max(option.opts, key=len).lstrip("-").replace("-", "_")


def _set_verbosity(ctx: click.Context, parameter: click.Parameter, value: int | bool) -> None:
    if not value:
        return
    program = ctx.find_root().ensure_object(Program)
    program.verbosity = -1 if parameter.name == "quiet" else int(value)
    configure_logging(program.verbosity, program.log_format)


def _set_log_format(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    program = ctx.find_root().ensure_object(Program)
    program.log_format = value
    configure_logging(program.verbosity, value)


def verbosity_options() -> list[click.Parameter]:
    """``-v``, ``-q`` and ``--log-format``, which stand before or after a command's name."""
    verbose = click.Option(
        ["-v", "--verbose"],
        count=True,
        expose_value=False,
        callback=_set_verbosity,
        help="Say more; twice: debug.",
    )
    quiet = click.Option(
        ["-q", "--quiet"],
        is_flag=True,
        expose_value=False,
        callback=_set_verbosity,
        help="Say only what went wrong.",
    )
    log_format = click.Option(
        ["--log-format"],
        type=click.Choice(["text", "json"]),
        envvar="NEWSDEDUP_LOG_FORMAT",
        expose_value=False,
        callback=_set_log_format,
        help="How to write the log on standard error; json: one object a line, with the run's number.",
    )
    return [verbose, quiet, log_format]


def command(name: str, *, examples: tuple[str, ...]) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command with its examples."""

    def declare(function: Callable[..., Any]) -> Command:
        made = click.command(name, cls=Command)(function)
        made.params += verbosity_options()
        made.examples = examples
        return made

    return declare


def group(
    name: str, *, examples: tuple[str, ...], invoke_without_command: bool = False
) -> Callable[[Callable[..., Any]], Group]:
    """Declare a command with subcommands, and its examples."""

    def declare(function: Callable[..., Any]) -> Group:
        made = click.group(name, cls=Group, invoke_without_command=invoke_without_command)(function)
        made.params += verbosity_options()
        made.examples = examples
        return made

    return declare


def subcommand(
    parent: Group, name: str, *, examples: tuple[str, ...]
) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command under a group, with its examples."""

    def declare(function: Callable[..., Any]) -> Command:
        made = command(name, examples=examples)(function)
        parent.add_command(made)
        return made

    return declare


class _HarmlessFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(terminal_line(line) for line in super().format(record).split("\n"))


def configure_logging(verbosity: int, log_format: str = "text") -> None:
    """Send log records to standard error: warnings, with ``-v`` each batch, with ``-vv`` each item."""
    handler = logging.StreamHandler()
    text = _HarmlessFormatter("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if log_format == "json" else text)
    level = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    logging.basicConfig(level=level, handlers=[handler], force=True)
