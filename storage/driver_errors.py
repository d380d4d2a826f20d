"""Turns errors of the database drivers into ``StorageError``: what happened, and what a person can do about it.

A password never gets into a message.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from storage.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import ExceptionContext

# Words that SQLite's messages are recognised by, and what a person can do about each.
_SQLITE_HINTS = (
    ("database is locked", "another program is writing; try again when it has finished", True),
    ("readonly database", "the file or its folder is read-only", False),
    ("unable to open database", "the folder is missing or must not be read", False),
    ("malformed", "the file is damaged; restore a backup", False),
    ("not a database", "the file is not an SQLite database", False),
    ("interrupted", "the query took too long and was stopped; ask for less at once", True),
    ("disk is full", "free some space; what was committed is intact", False),
    ("disk I/O error", "the disk failed; what was committed is intact", False),
)


def redacted(url: str) -> str:
    """The URL without its password, for messages."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "(malformed URL)"


def storage_error(context: ExceptionContext) -> StorageError | None:
    """What the driver's error is to callers; None for a constraint that was violated, which they expect."""
    error = context.sqlalchemy_exception
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError):
        return None
    message, is_transient = _explain(context.original_exception)
    key = redacted(str(context.engine.url)) if context.engine is not None else None
    return StorageError(message, key, is_transient=is_transient)


def _explain(original: BaseException | None) -> tuple[str, bool]:
    text = str(original).strip().splitlines()[0] if str(original).strip() else type(original).__name__
    if isinstance(original, sqlite3.Error):
        for words, hint, is_transient in _SQLITE_HINTS:
            if words in text:
                return f"database: {text}; {hint}", is_transient
        return f"database: {text}", False
    state = getattr(original, "sqlstate", None)
    is_transient = state is None or state.startswith(("08", "40", "53", "57P"))
    return f"database: {text}", is_transient
