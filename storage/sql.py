"""Small pieces of SQL that differ between databases or need care; knows no table's meaning."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import LargeBinary, bindparam, column, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import is_sqlite

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Dialect, Table
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from storage.models import Base

_Item = TypeVar("_Item")

CHUNK = 500
# Longest key that a PostgreSQL B-tree is sure to take (a third of a page).
_MAX_KEY_BYTES = 2000
# Name of the advisory lock under which clusters change.
_CLUSTER_LOCK = 0x6E657773


def insert_into(session: Session, model: type[Base]) -> postgresql.Insert:
    """An INSERT of the session's dialect; both dialects know ``on_conflict_do_update`` and ``..._do_nothing``."""
    # The table, not the model: the unit of work has nothing to add to rows that are given whole.
    table = cast("Table", model.__table__)
    if is_sqlite(session):
        return cast("postgresql.Insert", sqlite.insert(table))
    return postgresql.insert(table)


def insert_all(
    session: Session,
    insert: postgresql.Insert,
    rows: Sequence[Mapping[str, Any]],
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Execute an ``insert_into`` statement with rows of the same columns, and give what it returns. Writes.

    On PostgreSQL one array a column, so that it reads and plans one short statement, whatever the number of rows.
    """
    columns = insert.table.columns
    returned = [columns[name] for name in returning]
    if is_sqlite(session):
        result = session.execute(insert.returning(*returned) if returned else insert, rows)
        return [tuple(row) for row in result] if returned else []
    given = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    dialect = session.get_bind().dialect
    arrays = [bindparam(f"all_{name}", type_=postgresql.ARRAY(columns[name].type)) for name in given]
    named = [column(name, columns[name].type) for name in given]
    unnested = func.unnest(*arrays).table_valued(*named, name="given").render_derived()
    insert = insert.from_select(given, select(*(unnested.c[name] for name in given)))
    compiled = str((insert.returning(*returned) if returned else insert).compile(dialect=dialect))
    values = {f"all_{name}": _bound([row[name] for row in rows], columns[name], dialect) for name in given}
    # The driver writes arrays as text, twice as long and slowly, unless told to write them in binary.
    done = session.connection().exec_driver_sql(compiled.replace(")s::", ")b::"), values)
    return [tuple(row) for row in done] if returned else []


def _bound(values: list[Any], of: ColumnElement[Any], dialect: Dialect) -> list[Any]:
    if isinstance(of.type, LargeBinary):
        return values
    process = of.type.dialect_impl(dialect).bind_processor(dialect)
    return values if process is None else [process(value) for value in values]


def is_among(
    session: Session, tested: InstrumentedAttribute[Any], values: Collection[str] | Collection[int]
) -> ColumnElement[bool]:
    """Whether a column holds one of many values: one parameter for all of them, where ``in_`` has one for each."""
    if is_sqlite(session):
        listed = func.json_each(json.dumps(list(values))).table_valued("value")
        return tested.in_(select(listed.c.value))
    return tested == func.any(bindparam(None, list(values), type_=postgresql.ARRAY(tested.type)))


def chunks(items: Iterable[_Item], size: int = CHUNK) -> Iterator[list[_Item]]:
    """The items in lists of at most ``size``, for statements with one parameter an item."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def lock_clusters(session: Session) -> None:
    """Wait until no other transaction changes clusters; held to the end of this one. SQLite has one writer."""
    if not is_sqlite(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _CLUSTER_LOCK})


def storable(value: str) -> str:
    """The text without what a database refuses: NUL and lone surrogates."""
    if "\0" in value:
        value = value.replace("\0", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value


def storable_key(url: str) -> str:
    """The URL short enough for a unique index: an endless one keeps its start and a hash of the rest."""
    url = storable(url)
    encoded = url.encode()
    if len(encoded) <= _MAX_KEY_BYTES:
        return url
    digest = hashlib.blake2b(encoded, digest_size=16).hexdigest()
    return f"{encoded[: _MAX_KEY_BYTES - 50].decode(errors='ignore')}#cut-{digest}"
