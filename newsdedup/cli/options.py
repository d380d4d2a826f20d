"""Options that several commands share, the types they read, and the writing of the answer.

Must not open a database.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from newsdedup.config import DEFAULT_DATABASE_URL
from newsdedup.files import open_output
from newsdedup.jobs.parallel import processor_count
from newsdedup.render import Format, FormatUnfitError, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from newsdedup.cli.frame import Program
    from newsdedup.reports.values import Report

Choice = TypeVar("Choice", bound=StrEnum)
_AGO = re.compile(r"(\d+)\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=365_000)  # so long ago is still a date
_LARGEST = 2**31 - 2  # of one more than that no C int and no column is too small


class OneOf(click.Choice[str], Generic[Choice]):
    """A choice by the values of an enum, which is what the command receives."""

    def __init__(self, choices: type[Choice]) -> None:
        super().__init__([choice.value for choice in choices])
        self.enum = choices

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  click's
        """The enum's member."""
        return self.enum(super().convert(value, param, ctx))


class Count(click.IntRange):
    """A whole number that a database takes as well: of rows, of processes, or of one thing among others."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401  click's
        """The number, at least ``min``."""
        number = int(super().convert(value, param, ctx))
        if number > _LARGEST:
            self.fail(f"{number} is too large", param, ctx)
        return number


class Moment(click.ParamType[datetime]):
    """A time: ``2026-05-04``, ``2026-05-04T09:30Z``, or so long ago: ``90m``, ``12h``, ``7d``, ``2w``."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401  click's
        """Aware UTC; a time without zone is read as UTC."""
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        text = str(value).strip()
        if (ago := _span(text)) is not None:
            return datetime.now(UTC) - ago
        try:
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time: write 2026-05-04, 2026-05-04T09:30Z, 12h or 7d", param, ctx)


class Duration(click.ParamType[timedelta]):
    """A span of time: ``90m``, ``12h``, ``7d``, ``2w``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:  # noqa: ANN401  click's
        """The span, longer than nothing."""
        if isinstance(value, timedelta):
            return value
        span = _span(str(value).strip())
        if not span:
            self.fail(f"{value!r} is no span of time: write 90m, 12h, 7d or 2w", param, ctx)
        return span


def _span(text: str) -> timedelta | None:
    match = _AGO.fullmatch(text)
    if match is None:
        return None
    try:
        span = timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError:
        return None
    return span if span <= _LONGEST else None


class DatabaseUrl(click.ParamType[str]):
    """A database URL; a plain path means a SQLite file."""

    name = "url"

    def convert(self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None) -> str:  # noqa: ANN401  click's
        """A URL with its scheme."""
        text = str(value)
        return text if "://" in text else f"sqlite:///{text}"


def database_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--database``, the same for every command that reads or writes one."""
    return click.option(
        "--database",
        type=DatabaseUrl(),
        envvar="NEWSDEDUP_DATABASE_URL",
        default=DEFAULT_DATABASE_URL,
        show_default=True,
        show_envvar=True,
        help="Database URL, or the path of a SQLite file.",
    )(function)


def workers_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--workers``: processes for alignment."""
    return click.option(
        "--workers",
        type=Count(min=1),
        default=processor_count,
        show_default="one a processor",
        help="Processes that align pairs.",
    )(function)


def window_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--window``: how far apart two articles may have appeared to be compared."""
    return click.option(
        "--window",
        type=Duration(),
        envvar="NEWSDEDUP_WINDOW",
        show_envvar=True,
        help="Compare articles that appeared within so long of each other, such as 30d; equal texts always.",
    )(function)


def output_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--output``: a file in place of standard output."""
    return click.option(
        "--output",
        type=click.Path(),
        default="-",
        show_default=True,
        help="File to write; - is standard output.",
    )(function)


def format_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--format`` and ``--output``, the same for every command that lists."""
    chosen = click.option(
        "--format",
        "output_format",
        type=OneOf(Format),
        envvar="NEWSDEDUP_FORMAT",
        default=Format.TABLE.value,
        show_default=True,
        show_envvar=True,
        help="How to write the answer.",
    )
    return chosen(output_option(function))


def warn_of_unknown_source(program: Program, session: Session, named: str | None) -> None:
    """Say so where a list asks for a source that nothing came from: an empty list would pass for good news."""
    from storage.sources import is_known_source  # noqa: PLC0415  keeps --help fast

    if named is not None and not is_known_source(session, named):
        program.warn(f"no source {named!r} is stored; newsdedup report sources lists names and hosts")


def show(report: Report, output_format: Format, output: str) -> None:
    """Write a report where the user asked for it.

    Raises:
        click.UsageError: the report cannot be written in this format.
    """
    try:
        with open_output(output) as stream:
            render(report, output_format, stream)
    except FormatUnfitError as error:
        raise click.UsageError(str(error)) from error
