"""Runs one SQL statement of a person's, which can read everything and change nothing, within a time limit."""

from __future__ import annotations

import re
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy.engine import make_url

from storage.driver_errors import redacted
from storage.engine import open_engine
from storage.errors import StorageError

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

Cell: TypeAlias = (
    "str | int | float | bytes | bool | Decimal | datetime | date | list[object] | dict[str, object] | None"
)

DEFAULT_TIMEOUT_SECONDS = 30.0
_MAX_CELL_BYTES = 50_000_000
_INSTRUCTIONS_BETWEEN_CHECKS = 10_000
# The file is opened for reading; what is refused here reaches beyond it. Table functions need most other actions.
_REFUSED_ACTIONS = {
    sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_DETACH,
    sqlite3.SQLITE_PRAGMA,
    sqlite3.SQLITE_CREATE_TEMP_TABLE,
    sqlite3.SQLITE_CREATE_TEMP_INDEX,
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
    sqlite3.SQLITE_CREATE_TEMP_VIEW,
}
_REFUSED_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}
_COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_READING_WORDS = ("select", "with", "values", "table", "explain")


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Column names and rows; ``is_cut`` when there were more rows than asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_cut: bool


def run_query(
    url: str, sql: str, *, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS, max_rows: int | None = None
) -> QueryResult:
    """The result of one reading statement on the database at ``url``.

    On PostgreSQL the rights of the URL's user still hold: a superuser's functions can do more than read, so give
    people a user of their own.

    Raises:
        StorageError: the statement is not a single query, fails, would change something, or takes too long.
    """
    statement = sql.strip().rstrip(";").strip()
    first_word = _COMMENTS.sub("", statement).split(None, 1)[:1]
    if not first_word or first_word[0].lower().split("(")[0] not in _READING_WORDS:
        raise StorageError("only queries are run: begin with SELECT, WITH, VALUES or EXPLAIN")
    if make_url(url).get_backend_name() == "sqlite":
        return _run_sqlite(url, statement, timeout_seconds, max_rows)
    return _run_postgres(url, statement, timeout_seconds, max_rows)


def _run_sqlite(url: str, statement: str, timeout_seconds: float, max_rows: int | None) -> QueryResult:
    path = make_url(url).database or ""
    deadline = time.monotonic() + timeout_seconds
    try:
        connection = sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True, timeout=timeout_seconds)
    except sqlite3.Error as error:
        raise StorageError(f"database: {error}", redacted(url)) from error
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_CELL_BYTES)
        connection.set_authorizer(_authorize)
        connection.set_progress_handler(
            lambda: int(time.monotonic() > deadline), _INSTRUCTIONS_BETWEEN_CHECKS
        )
        cursor = connection.execute(statement)
        columns = tuple(column[0] for column in cursor.description or ())
        rows = cursor.fetchall() if max_rows is None else cursor.fetchmany(max_rows + 1)
    except (sqlite3.Error, sqlite3.Warning, MemoryError) as error:
        raise StorageError(_sqlite_message(error, timeout_seconds), redacted(url)) from error
    finally:
        connection.close()
    return _result(columns, rows, max_rows)


def _authorize(
    action: int, first: str | None, second: str | None, _database: str | None, _by: str | None
) -> int:
    if action == sqlite3.SQLITE_PRAGMA and first == "data_version" and second is None:
        return sqlite3.SQLITE_OK  # what full text search asks, and tells nothing else
    is_refused = action in _REFUSED_ACTIONS or (
        action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _REFUSED_FUNCTIONS
    )
    return sqlite3.SQLITE_DENY if is_refused else sqlite3.SQLITE_OK


def _sqlite_message(error: BaseException, timeout_seconds: float) -> str:
    message = str(error)
    if "interrupted" in message:
        return f"the query took longer than {timeout_seconds:g} seconds and was stopped"
    if "not authorized" in message or "prohibited" in message or "readonly" in message:
        return f"only reading is allowed: {message}"
    return f"query failed: {message}"


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _run_postgres(url: str, statement: str, timeout_seconds: float, max_rows: int | None) -> QueryResult:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, int(timeout_seconds * 1000))}")
            # SQLAlchemy would wrap errors and give percent signs a meaning: this is the person's own SQL.
            cursor: Any = connection.connection.cursor()
            try:
                # A prepared statement is a single one: the server refuses "SELECT 1; COMMIT; DROP ...".
                cursor.execute(statement, None, prepare=True)
                columns = tuple(column[0] for column in cursor.description or ())
                rows = cursor.fetchall() if max_rows is None else cursor.fetchmany(max_rows + 1)
            finally:
                cursor.close()
                connection.rollback()
    except engine.dialect.loaded_dbapi.Error as error:
        raise StorageError(_postgres_message(error, timeout_seconds), redacted(url)) from error
    finally:
        engine.dispose()
    return _result(columns, rows, max_rows)


def _postgres_message(error: Exception, timeout_seconds: float) -> str:
    state = getattr(error, "sqlstate", None)
    if state == "57014":
        return f"the query took longer than {timeout_seconds:g} seconds and was stopped"
    message = str(error).strip().splitlines()[0]
    if state == "25006":
        return f"only reading is allowed: {message}"
    return f"query failed: {message}"


def _result(columns: tuple[str, ...], rows: list[tuple[Cell, ...]], max_rows: int | None) -> QueryResult:
    is_cut = max_rows is not None and len(rows) > max_rows
    return QueryResult(columns, tuple(tuple(row) for row in rows[:max_rows]), is_cut)
