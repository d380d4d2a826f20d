"""Checks, copies and re-indexes whole databases.

Must not know SQL; storage does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup import DedupConfig
from newsdedup.jobs.database import (
    is_missing_file,
    known_revisions,
    open_database,
    require_fitting,
    schema_differences,
    upgrade,
)
from newsdedup.jobs.running import recorded_run
from storage import checks
from storage.copying import copy_database, count_rows
from storage.engine import open_engine
from storage.pair_lists import count_outdated_pairs
from storage.reindex import reindex
from storage.schema import SchemaState, schema_revision, schema_state
from storage.values import IntegrityProblem, RunKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from newsdedup.jobs.parallel import PairMap
    from newsdedup.render.progress import OnProgress
    from storage.copying import CopiedTable
    from storage.engine import Sessions
    from storage.reindex import ReindexCounts


def check_database(url: str) -> tuple[IntegrityProblem, ...]:
    """Everything wrong with schema and clusters, none when all is well.

    Raises:
        StorageError: the database cannot be read.
    """
    sessions = open_database(url)
    engine = sessions.kw["bind"]
    try:
        difference = schema_differences(engine)
        schema = (
            () if difference is None else (IntegrityProblem("schema agrees with the models", difference),)
        )
        with sessions() as session:
            return (*schema, *checks.check_database(session))
    finally:
        engine.dispose()


def missing_revisions(url: str) -> tuple[str, ...]:
    """The revisions that an upgrade would bring, oldest first; a missing file lacks all. Writes nothing.

    Raises:
        StorageError: it cannot be reached, or is of a newer newsdedup.
    """
    engine = open_engine(url)
    try:
        if is_missing_file(engine):
            return known_revisions()
        state = schema_state(engine)
        if state is SchemaState.NEWER:
            require_fitting(state, engine)
        revision = schema_revision(engine)
    finally:
        engine.dispose()
    known = known_revisions()
    return known if revision is None else known[known.index(revision) + 1 :]


def count_outdated(url: str) -> int:
    """Pairs that an earlier release judged by another detector, and this one could judge anew.

    Raises:
        StorageError: the database cannot be read.
    """
    sessions = open_database(url)
    try:
        with sessions() as session:
            return count_outdated_pairs(session, DedupConfig())
    finally:
        sessions.kw["bind"].dispose()


def count_whole(source_url: str, target_url: str) -> tuple[CopiedTable, ...]:
    """What ``copy_whole`` would copy, without checksums. Writes nothing.

    Raises:
        StorageError: one of them cannot be used, or the target holds rows.
    """
    missing_revisions(target_url)
    source, target = open_engine(source_url), open_engine(target_url)
    try:
        return count_rows(source, None if is_missing_file(target) else target)
    finally:
        source.dispose()
        target.dispose()


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


def reindex_whole(
    sessions: Sessions,
    config: DedupConfig,
    *,
    only_judges: bool,
    window: timedelta | None,
    pair_map: PairMap,
    on_progress: OnProgress,
) -> ReindexCounts:
    """Re-index everything, as ``storage.reindex`` says, and record that as a run. Writes.

    Raises:
        StorageError: the database cannot be read or written, or what is only to be judged must be signed anew.
    """
    settings = {
        "only_judges": only_judges,
        "window_seconds": None if window is None else window.total_seconds(),
    }
    with recorded_run(sessions, RunKind.REINDEX, settings) as run:

        def tell(_stage: str, done: int, total: int) -> None:
            run.beat()
            on_progress(done, total)

        counts = reindex(
            sessions, config, only_judges=only_judges, on_progress=tell, pair_map=pair_map, window=window
        )
        run.stats["newsdedup/article/signed"] = counts.signed_count
        run.stats["newsdedup/pair/found"] = counts.resolved.duplicate_pair_count
    return counts
