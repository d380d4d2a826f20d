"""Says whether a database's schema fits this program; never changes it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

# Every revision in migrations/versions, oldest first; a test compares.
REVISIONS = tuple(f"{number:04d}" for number in range(1, 14))


class SchemaState(StrEnum):
    """How a database's schema compares with this program's."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def schema_state(engine: Engine) -> SchemaState:
    """How the schema at ``engine`` compares with this program's.

    Raises:
        StorageError: the database cannot be reached or read.
    """
    revision = schema_revision(engine)
    if revision is None:
        return SchemaState.EMPTY
    if revision not in REVISIONS:
        return SchemaState.NEWER
    return SchemaState.CURRENT if revision == REVISIONS[-1] else SchemaState.OLDER


def schema_revision(engine: Engine) -> str | None:
    """The revision that the database was last brought to, None for a database without our tables."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
