"""Opens databases: one engine for SQLite and PostgreSQL with the same promises; runs no query of its own.

On SQLite a writing transaction begins with BEGIN IMMEDIATE (a deferred one that reads and then writes fails at
once under a second writer), a reading one cannot write. Driver errors come out as ``StorageError``.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker

from storage.driver_errors import redacted, storage_error
from storage.errors import StorageError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import URL, Connection, Engine

_Result = TypeVar("_Result")

BUSY_TIMEOUT_SECONDS = 30.0
KEPT_CONNECTIONS = 5
"""How many threads may have sessions of an engine at once and never wait for a connection, or in vain."""
# Execution options of queries for large bytes, which PostgreSQL would else spell in hexadecimal.
BINARY = MappingProxyType({"newsdedup_binary": True})
_WRITES = "newsdedup_writes"
_DEADLOCK, _SERIALIZATION = "40P01", "40001"
_MAX_ATTEMPTS = 6
_INSTRUCTIONS_BETWEEN_CHECKS = 10_000


class Sessions(sessionmaker[Session]):
    """Makes sessions: ``begin()`` for writers, a plain call for readers.

    ``with sessions.begin() as session`` holds SQLite's write lock from its start and commits at its end;
    ``with sessions() as session`` reads one consistent state, and writing in it fails on SQLite.
    """

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self() as session, session.begin():
            options: dict[str, Any] = {_WRITES: True}
            if not is_sqlite(session):
                options["isolation_level"] = "READ COMMITTED"
            session.connection(execution_options=options)
            yield session

    def begin(self) -> Any:  # noqa: ANN401 -- the declared type of the overridden method is private to SQLAlchemy
        """A session whose transaction writes, committed at the end of the block, rolled back on an error."""
        return self._writing()


class ReadingSessions(Sessions):
    """Sessions through which nothing can be written, on either database."""

    def begin(self) -> Any:  # noqa: ANN401 -- as in Sessions
        """Refuse.

        Raises:
            StorageError: always.
        """
        raise StorageError("these sessions only read")


def open_engine(url: str, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> Engine:
    """An engine for ``url``; nothing is read or created before its first use.

    Raises:
        StorageError: the URL is malformed, or names a database or driver that is not supported or installed.
    """
    parsed = _parse(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            # A URL may say itself how long to wait: sqlite:///news.db?timeout=120
            waits = {} if "timeout" in parsed.query else {"timeout": busy_timeout_seconds}
            engine = create_engine(parsed, pool_size=KEPT_CONNECTIONS, connect_args=waits)
            _prepare_sqlite(engine)
        else:
            engine = create_engine(
                parsed,
                pool_size=KEPT_CONNECTIONS,
                pool_pre_ping=True,
                isolation_level="REPEATABLE READ",
                connect_args={"connect_timeout": 10},
            )
            _prepare_postgres(engine)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StorageError(
            "PostgreSQL needs its driver; run where newsdedup was cloned: pip install -e '.[postgres]'",
            redacted(url),
        ) from error
    event.listen(engine, "handle_error", storage_error, retval=True)
    return engine


def make_sessions(engine: Engine) -> Sessions:
    """Sessions on ``engine``; values read stay usable after the transaction."""
    return Sessions(engine, expire_on_commit=False)


def reading_sessions(sessions: Sessions, *, query_seconds: float | None = None) -> ReadingSessions:
    """The same database, for those who must not change it: PostgreSQL refuses too, SQLite does so in any reader.

    No query of theirs may take longer than ``query_seconds``.
    """
    engine = sessions.kw["bind"].execution_options(postgresql_readonly=True)
    if query_seconds is not None:
        _limit_queries(engine, query_seconds)
    return ReadingSessions(engine, expire_on_commit=False)


def is_sqlite(session: Session) -> bool:
    """Whether the session's database is SQLite."""
    return session.get_bind().dialect.name == "sqlite"


def sqlite_file(url: str) -> str | None:
    """The file of an SQLite database; None for any other.

    Raises:
        StorageError: the URL is malformed.
    """
    parsed = _parse(url)
    return parsed.database if parsed.get_backend_name() == "sqlite" else None


def read_whole_tables(session: Session) -> None:
    """Let everything that a reading session asks from now on be of one moment, whoever writes meanwhile.

    SQLite reads so by itself; it is told to keep few pages, for what is read from end to end is not asked for twice.
    Must come before the session's first query.
    """
    if is_sqlite(session):
        session.connection().exec_driver_sql("PRAGMA cache_size=-8192")
    else:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def retrying(work: Callable[[], _Result], *, first_pause_seconds: float = 0.05) -> _Result:
    """The result of ``work``, run again when PostgreSQL chose its transaction to break a deadlock.

    Raises:
        StorageError: any other failure, or a deadlock six times in a row.
    """
    for attempt in range(_MAX_ATTEMPTS):
        try:
            return work()
        except StorageError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state not in {_DEADLOCK, _SERIALIZATION} or attempt == _MAX_ATTEMPTS - 1:
                raise
            time.sleep(first_pause_seconds * 2**attempt * (1 + threading.get_ident() % 7 / 7))
    raise AssertionError("unreachable")


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(
            "malformed database URL; write for example sqlite:///newsdedup.db or postgresql://user@host/name"
        ) from error
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StorageError(f"database {backend!r} is not supported; use sqlite or postgresql", redacted(url))
    return parsed


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy's "begin" event alone starts transactions, so that savepoints and IMMEDIATE work.
        connection.isolation_level = None
        for pragma in (
            "foreign_keys=ON",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgres(engine: Engine) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def _(*given: Any) -> None:  # noqa: ANN401 -- the event's six arguments
        cursor, context = given[1], given[4]
        if context is not None and BINARY.keys() & context.execution_options.keys():
            cursor.format = 1


def _limit_queries(engine: Engine, seconds: float) -> None:
    if engine.dialect.name != "sqlite":

        @event.listens_for(engine, "begin")
        def _(connection: Connection) -> None:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")

        return

    @event.listens_for(engine, "before_cursor_execute")
    def _(connection: Connection, *_query: object) -> None:
        deadline = time.monotonic() + seconds
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: int(time.monotonic() > deadline), _INSTRUCTIONS_BETWEEN_CHECKS)

    @event.listens_for(engine.pool, "checkin")
    def _(connection: sqlite3.Connection | None, _record: object) -> None:
        if connection is not None:
            connection.set_progress_handler(None, 0)  # whoever takes it next may have no limit


def writing_connection(engine: Engine) -> Connection:
    """A connection whose transactions may write; the caller closes it."""
    return engine.connect().execution_options(**{_WRITES: True})
