"""Writes the database's description out of the models' comments: tables, rules, views, an entity diagram.

``docs/storage.md`` holds its output between cog markers; `make docs` rewrites it.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects import postgresql

from newsdedup.jobs.database import upgrade
from storage.models import Base

if TYPE_CHECKING:
    from sqlalchemy import Column, Table

_GROUPS = {
    "What is crawled": ("source", "feed", "crawl_run", "fetch_event", "crawl_url", "lease", "imported_file"),
    "Articles and the index": (
        "article",
        "article_version",
        "article_sighting",
        "signature",
        "band_recent",
        "band_segment",
        "band_page",
        "band_hot",
        "hot_bucket",
        "source_line",
        "setting",
    ),
    "Copies": ("duplicate_pair", "cluster", "cluster_member", "cluster_event"),
}


def tables() -> str:
    """Every table with its columns and rules, in Markdown."""
    return "\n".join(
        line
        for title, names in _GROUPS.items()
        for line in (
            f"## {title}",
            "",
            *(line for name in names for line in _table(Base.metadata.tables[name])),
        )
    )


def diagram() -> str:
    """The tables and their references as a Mermaid entity diagram."""
    lines = ["```mermaid", "erDiagram"]
    for table in _ordered():
        lines += [
            f'    {reference.column.table.name} ||--{"o|" if column.primary_key and len(table.primary_key) == 1 else "o{"} {table.name} : "{column.name}"'
            for column in table.columns
            for reference in sorted(column.foreign_keys, key=lambda key: key.target_fullname)
        ]
    for table in _ordered():
        lines += [
            f"    {table.name} {{",
            *(f"        {_diagram_column(column)}" for column in table.columns),
            "    }",
        ]
    return "\n".join([*lines, "```"])


def views() -> str:
    """Every view with its columns, out of a migrated database."""
    folder = Path(tempfile.mkdtemp())
    try:
        upgrade(f"sqlite:///{folder / 'x.db'}")
        connection = sqlite3.connect(folder / "x.db")
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
        ]
        lines = ["| view | columns |", "|---|---|"]
        for name in names:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            lines.append(f"| `{name}` | {', '.join(f'`{column}`' for column in columns)} |")
        connection.close()
        return "\n".join(lines)
    finally:
        shutil.rmtree(folder)


def _ordered() -> list[Table]:
    return [Base.metadata.tables[name] for names in _GROUPS.values() for name in names]


def _table(table: Table) -> list[str]:
    lines = [
        f"### {table.name}",
        "",
        f"{table.comment}.",
        "",
        "| column | type | null | meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{column.name}`{_key_mark(column)} | {_type(column)} | {'yes' if column.nullable else ''} | {column.comment} |"
        for column in table.columns
    ]
    rules = sorted(_rules(table))
    return [*lines, "", *([*(f"- {rule}" for rule in rules), ""] if rules else [])]


def _rules(table: Table) -> list[str]:
    rules = []
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            rules.append(f"unique: {', '.join(f'`{column.name}`' for column in constraint.columns)}")
        # A closed set of words says so in its column's comment.
        elif isinstance(constraint, CheckConstraint) and "IN (__" not in (rule := str(constraint.sqltext)):
            rules.append(f"check: `{rule}`")
    return rules


def _key_mark(column: Column[object]) -> str:
    marks = ["key"] if column.primary_key else []
    marks += [f"→ `{reference.target_fullname}`" for reference in column.foreign_keys]
    return f" ({', '.join(marks)})" if marks else ""


def _type(column: Column[object]) -> str:
    return column.type.compile(dialect=postgresql.dialect()).lower()  # type: ignore[no-untyped-call]


def _diagram_column(column: Column[object]) -> str:
    keys = [mark for mark, holds in (("PK", column.primary_key), ("FK", column.foreign_keys)) if holds]
    kind = _type(column).split("(")[0].replace(" ", "_")
    return f"{kind} {column.name} {', '.join(keys)}".rstrip()
