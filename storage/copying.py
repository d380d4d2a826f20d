"""Copies a whole database into an empty one, SQLite or PostgreSQL in any direction; transforms nothing.

One transaction on either side: the copy is of one moment, and a copy that fails leaves the target empty.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from storage.engine import writing_connection
from storage.errors import StorageError
from storage.models import Base, Cluster
from storage.schema import SchemaState, schema_state
from storage.search import INDEX_ALL_ARTICLES, INDEX_NEW_ARTICLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Row, Table
    from sqlalchemy.engine import Connection, Engine

_ROWS = 1000
_CHECKSUM_BITS = 64


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """Rows of a table that were copied, and the checksum that both sides agree on."""

    table: str
    row_count: int
    checksum: str


def copy_database(
    source: Engine, target: Engine, on_progress: Callable[[str, int], None] | None = None
) -> tuple[CopiedTable, ...]:
    """Copy every table, then read the target back and compare; ``on_progress(table, rows so far)``.

    Memory stays flat. Writes, and commits once at the end.

    Raises:
        StorageError: a schema does not fit this program, the target holds rows, or what was read back differs.
    """
    for engine in (source, target):
        _require_current(engine)
    with _snapshot(source) as reading, writing_connection(target) as writing, writing.begin():
        _require_empty(writing)
        copied = [_copy_table(reading, writing, table, on_progress) for table in Base.metadata.sorted_tables]
        _restore_links(reading, writing)
        writing.execute(INDEX_NEW_ARTICLES if writing.dialect.name == "sqlite" else INDEX_ALL_ARTICLES)
        for one in copied:
            found = _digest_table(writing, Base.metadata.tables[one.table])
            if found != one:
                raise StorageError(
                    f"table {one.table!r} was read back as {found}, copied as {one}", one.table
                )
        _restore_counters(writing)
    return tuple(copied)


def count_rows(source: Engine, target: Engine | None) -> tuple[CopiedTable, ...]:
    """What ``copy_database`` would copy, without checksums; the target, where there is one, is looked at only.

    Raises:
        StorageError: the source's schema does not fit this program, or the target holds rows.
    """
    _require_current(source)
    if target is not None and schema_state(target) is not SchemaState.EMPTY:
        with target.connect() as looking:
            _require_empty(looking)
    with _snapshot(source) as reading:
        return tuple(
            CopiedTable(
                table.name, reading.execute(select(func.count()).select_from(table)).scalar() or 0, ""
            )
            for table in Base.metadata.sorted_tables
        )


def _require_current(engine: Engine) -> None:
    if schema_state(engine) is not SchemaState.CURRENT:
        key = engine.url.render_as_string(hide_password=True)
        raise StorageError(
            f"database {key!r} is not at this program's schema; run: newsdedup db upgrade", key
        )


def _snapshot(engine: Engine) -> Connection:
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


def _require_empty(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if connection.execute(
            select(func.count()).select_from(select(1).select_from(table).limit(1).subquery())
        ).scalar():
            raise StorageError(
                f"the target already holds rows, in table {table.name!r}; copy into an empty database",
                table.name,
            )


def _copy_table(
    reading: Connection, writing: Connection, table: Table, on_progress: Callable[[str, int], None] | None
) -> CopiedTable:
    count = checksum = 0
    for rows in _batches(reading, table):
        writing.execute(insert(table), [_without_links(table, dict(row._mapping)) for row in rows])  # noqa: SLF001 -- SQLAlchemy's public name for it
        checksum += sum(_row_digest(row) for row in rows)
        count += len(rows)
        if on_progress is not None:
            on_progress(table.name, count)
    return CopiedTable(table.name, count, _shown(checksum))


def _digest_table(connection: Connection, table: Table) -> CopiedTable:
    count = checksum = 0
    for rows in _batches(connection, table):
        checksum += sum(_row_digest(row) for row in rows)
        count += len(rows)
    return CopiedTable(table.name, count, _shown(checksum))


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[Row[tuple[object, ...]]]]:
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_ROWS)
    with connection.execute(query) as result:
        yield from result.partitions()


def _without_links(table: Table, row: dict[str, object]) -> dict[str, object]:
    # A cluster may point to one with a higher number, which is not there yet.
    return {**row, "merged_into_id": None} if table.name == "cluster" else row


def _restore_links(reading: Connection, writing: Connection) -> None:
    query = select(Cluster.id, Cluster.merged_into_id).where(Cluster.merged_into_id.is_not(None))
    for cluster_id, merged_into_id in reading.execute(query).all():
        writing.execute(update(Cluster).where(Cluster.id == cluster_id).values(merged_into_id=merged_into_id))


def _restore_counters(connection: Connection) -> None:
    """Let PostgreSQL number new rows after the copied ones; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        if "id" in table.columns:
            highest = select(func.max(table.c.id)).scalar_subquery()
            connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), highest)))


def _row_digest(row: Row[tuple[object, ...]]) -> int:
    """A hash of the row's values; summed, it does not depend on the order of rows."""
    canonical = json.dumps([_canonical(value) for value in row], sort_keys=True, ensure_ascii=False)
    return int.from_bytes(hashlib.blake2b(canonical.encode(), digest_size=_CHECKSUM_BITS // 8).digest())


def _canonical(value: object) -> object:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        # JSONB may give 1e3 back as 1000: equal numbers must look equal.
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return str(value)


def _shown(checksum: int) -> str:
    return f"{checksum % 2**_CHECKSUM_BITS:016x}"
