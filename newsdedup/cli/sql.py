"""`newsdedup sql`: one's own questions, read-only."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.fail_on import exit_on_rows, fail_on_rows_option
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Count, database_option, format_options, show
from newsdedup.plural import counted
from newsdedup.reports.values import Cell, Column, Listing, Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsdedup.render import Format


@frame.command(
    "sql",
    examples=(
        'newsdedup sql "SELECT * FROM v_cluster ORDER BY member_count DESC LIMIT 10"',
        'newsdedup sql "SELECT * FROM v_copy_edge" --format csv --output edges.csv',
        'newsdedup sql "SELECT url FROM article WHERE title IS NULL" --fail-on found',
    ),
)
@click.argument("query", metavar="SELECT")
@database_option
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=30.0, show_default=True, help="Seconds allowed."
)
@click.option("--limit", type=Count(min=1), help="Show at most so many rows.")
@fail_on_rows_option
@format_options
@pass_program
def command(
    program: Program,
    query: str,
    database: str,
    timeout: float,
    limit: int | None,
    fail_on: str | None,
    output_format: Format,
    output: str,
) -> None:
    """Ask the database one SQL query; nothing can be changed by it.

    The views v_cluster, v_cluster_member, v_copy_edge, v_spun, v_source and v_timeline are made for this.
    """
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from storage.readonly import run_query  # noqa: PLC0415

    open_database(database).kw["bind"].dispose()  # says what is wrong with a missing or old database
    result = run_query(database, query, timeout_seconds=timeout, max_rows=limit)
    columns = tuple(Column(name, name, may_wrap=True) for name in _distinct(result.columns))
    rows = tuple(tuple(_cell(value) for value in row) for row in result.rows)
    show(Report("sql", (Listing("rows", columns, rows, when_empty="no rows"),)), output_format, output)
    if result.is_cut:
        program.say(f"there are more than {counted(limit or 0, 'row')}")
    exit_on_rows(fail_on, len(rows))


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Column names with numbers on repeated ones, so that no value hides another."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(distinct)


def _cell(value: object) -> Cell:
    match value:
        case None | bool() | int() | float() | str() | datetime():
            return value
        case Decimal():
            return float(value)
        case date():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
        case _:
            return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
