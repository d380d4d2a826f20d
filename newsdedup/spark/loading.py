"""Puts the tables of a run into a database, through the functions that a crawl stores with.

Must not find or judge a pair: into an empty database go the pairs that were found, any other compares for itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsdedup.jobs.parallel import PairMap
from newsdedup.jobs.running import recorded_run
from newsdedup.spark.rows import article_of, pair_of, signature_of
from storage.backfill import count_lines_of_run, holds_articles, mark_run_done, store_pairs
from storage.ingest import resolve_pending
from storage.runs import add_fetch_events
from storage.sql import chunks
from storage.storing import Signed, store_signed
from storage.values import FetchEvent, FetchKind, FetchOutcome, RunKind, SkipReason, StoreCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import DataFrame, Row

    from dedup import DedupConfig
    from newsdedup.jobs.running import RecordedRun
    from newsdedup.spark.job import SparkTables
    from storage.engine import Sessions

_BATCH_ARTICLES = 500


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was stored; ``compared_count`` articles were compared with others that were there before."""

    stored: StoreCounts
    pair_count: int
    compared_count: int


def load_tables(
    sessions: Sessions,
    tables: SparkTables,
    config: DedupConfig,
    worker_count: int,
    on_progress: Callable[[int, int | None], None] = lambda _done, _total: None,
) -> LoadReport:
    """Store articles with their signatures, then pairs and clusters; progress counts articles. Killed, run it again.

    Raises:
        StorageError: the database cannot be written, or was indexed with another configuration.
    """
    with recorded_run(sessions, RunKind.IMPORT, {"paths": ["newsdedup-spark"]}) as run:
        is_alone = not holds_articles(sessions)
        stored = _store(run, tables, config, on_progress)
        refused = _record_refusals(run, tables.refused)
        count_lines_of_run(sessions, run.id, keeps_late=not is_alone)
        pair_count = _store_pairs(run, tables.pairs, config) if is_alone else 0
        compared_count = 0
        if not is_alone or pair_count < tables.pairs.count() or not mark_run_done(sessions, run.id):
            with PairMap(worker_count) as pair_map:
                resolved = resolve_pending(
                    sessions, config, pair_map=pair_map, on_progress=lambda _counts, _left: run.beat()
                )
            compared_count, pair_count = resolved.article_count, resolved.duplicate_pair_count
        run.count(stored, pair_count, refused)
    return LoadReport(stored, pair_count, compared_count)


def _store(
    run: RecordedRun,
    tables: SparkTables,
    config: DedupConfig,
    on_progress: Callable[[int, int | None], None],
) -> StoreCounts:
    total = tables.documents.count()
    columns = ["text_hash", "signature.language", "word_count", "minhash", "passages", "buckets"]
    both = tables.documents.alias("document").join(tables.signatures.alias("signature"), "number")
    table = both.orderBy("number").select("id", "text", "article", *columns)
    counts = StoreCounts()
    for group in chunks(_rows(table), _BATCH_ARTICLES):
        signed = [Signed(article_of(row), row["id"], signature_of(row, row["id"])) for row in group]
        counts += store_signed(run.sessions, signed, config, run.id)
        run.beat()
        on_progress(sum((counts.new_count, counts.updated_count, counts.unchanged_count)), total)
    return counts


def _store_pairs(run: RecordedRun, pairs: DataFrame, config: DedupConfig) -> int:
    count = 0
    for group in chunks((pair_of(row) for row in _rows(pairs)), _BATCH_ARTICLES):
        count += store_pairs(run.sessions, group, config, datetime.now(UTC))
        run.beat()
    return count


def _record_refusals(run: RecordedRun, refused: DataFrame) -> Counter[str]:
    """Note what was refused; how often, by reason."""
    now = datetime.now(UTC)
    counts: Counter[str] = Counter()
    for group in chunks(_rows(refused.where("is_refused")), _BATCH_ARTICLES):
        events = [
            FetchEvent(
                url=row["origin"],
                kind=FetchKind.FILE,
                outcome=FetchOutcome.SKIPPED,
                fetched_at=now,
                reason=SkipReason(row["reason"]),
                detail=row["message"],
            )
            for row in group
        ]
        with run.sessions.begin() as session:
            add_fetch_events(session, run.id, events)
        counts.update(row["reason"] for row in group)
    return counts


def _rows(table: DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of a table in its order, a partition at a time."""
    row: Row
    for row in table.toLocalIterator(prefetchPartitions=True):
        yield row.asDict(recursive=True)
