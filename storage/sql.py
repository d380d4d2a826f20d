"""Small pieces of SQL that differ between databases or need care; knows no table's meaning."""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, TypeVar, cast

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import is_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

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
