"""Checks and copies whole databases.

Must not know SQL; storage does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdedup.jobs.database import open_database, schema_differences, upgrade
from storage import checks
from storage.copying import copy_database
from storage.engine import open_engine
from storage.values import IntegrityProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.copying import CopiedTable


def check_database(url: str) -> tuple[IntegrityProblem, ...]:
    """Everything wrong with schema and clusters, none when all is well.

    Raises:
        StorageError: the database cannot be read.
    """
    sessions = open_database(url)
    engine = open_engine(url)
    try:
        difference = schema_differences(engine)
    finally:
        engine.dispose()
    schema = () if difference is None else (IntegrityProblem("schema agrees with the models", difference),)
    with sessions() as session:
        return (*schema, *checks.check_database(session))


def copy_whole(
    source_url: str, target_url: str, on_progress: Callable[[str, int], None]
) -> tuple[CopiedTable, ...]:
    """Copy a database into an empty one, which gets its tables first.

    Raises:
        StorageError: one of them cannot be used, the target holds rows, or the copy differs.
    """
    upgrade(target_url)
    source, target = open_engine(source_url), open_engine(target_url)
    try:
        return copy_database(source, target, on_progress)
    finally:
        source.dispose()
        target.dispose()
