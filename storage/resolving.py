"""Second step of ingest: looks up the copies of pending articles, judges them, derives clusters, marks done.

Claims, reads, judges outside of any transaction, then writes what still holds. A claim excludes nobody: it only
promises that the claimer reads the index after it, so that a pair of two pending articles is left to the later one
without being lost. A killed run's claims are taken up by the next run; running twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select, update

from dedup.corpus import judge_documents
from dedup.pair_order import reading_order
from dedup.values import DuplicatePair as PairValue
from dedup.values import RejectedPair
from storage.articles import text_hashes_of
from storage.candidates import Batch, read_batch
from storage.clusters import update_clusters
from storage.documents import load_documents
from storage.engine import retrying
from storage.index import remember_hot, remove_bands
from storage.models import Article, Signature
from storage.pairs import delete_pairs, pairs_of, upsert_pairs
from storage.search import index_resolved_articles
from storage.signatures import require_fingerprint
from storage.sql import chunks, lock_clusters
from storage.values import DedupState, ResolveCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from dedup.corpus import PairMap, Verdict
    from storage.engine import Sessions
    from storage.index.postings import Int64s
    from storage.pairs import Edge


_utc_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class _Verdicts:
    pairs: tuple[PairValue, ...]
    rejected: frozenset[Edge]
    text_hashes: Mapping[int, str]


def resolve_pending(
    sessions: Sessions,
    config: DedupConfig,
    *,
    batch_size: int = 500,
    on_progress: Callable[[ResolveCounts, int], None] | None = None,
    drops_unfound: bool = False,
    window: timedelta | None = None,
    pair_map: PairMap = map,
    clock: Callable[[], datetime] = _utc_now,
) -> ResolveCounts:
    """Find the copies of all pending articles; ``on_progress(counts so far, articles left)`` after each batch.

    ``drops_unfound`` deletes stored pairs of these articles that are no longer candidates, as a re-index wants.
    ``window`` compares articles only that appeared within so long of each other (published, else first seen), and
    those of equal texts. ``pair_map`` applies the judge to pairs: ``map``, or a process pool's.

    Raises:
        StorageError: the database cannot be read or written, or was indexed with another configuration.
    """
    counts = ResolveCounts()
    after = -1
    while True:
        claimed = _claim(sessions, config, batch_size, after)
        if claimed is None:
            return counts
        text_hashes, after = claimed
        with sessions() as session:
            batch = read_batch(session, config, text_hashes, drops_unfound=drops_unfound, window=window)
        verdicts = _judge(sessions, batch, config, pair_map)
        retrying(partial(_index_words, sessions, sorted(text_hashes)))
        counts += retrying(partial(_write, sessions, batch, verdicts, config, clock()))
        if on_progress is not None:
            on_progress(counts, count_pending(sessions))


def count_pending(sessions: Sessions) -> int:
    """Articles whose copies have not been looked up since their text last changed."""
    with sessions() as session:
        query = select(func.count()).select_from(Article).where(Article.dedup_state != DedupState.DONE)
        return session.scalar(query) or 0


def _claim(
    sessions: Sessions, config: DedupConfig, batch_size: int, after: int
) -> tuple[dict[int, str], int] | None:
    """Claim pending articles first, then once those whose claimer has not finished: numbers above ``after``.

    Gives text hashes by number, and the next ``after``.
    """

    def claim(*conditions: ColumnElement[bool]) -> dict[int, str]:
        chosen = (
            select(Article.id)
            .where(*conditions)
            .order_by(Article.id)
            .limit(batch_size)
            .with_for_update(skip_locked=True)
            .cte("chosen")
        )
        with sessions.begin() as session:
            rows = session.execute(
                update(Article)
                .where(Article.id.in_(select(chosen.c.id)))
                .values(dedup_state=DedupState.CLAIMED)
                .returning(Article.id, Article.text_hash)
                .execution_options(synchronize_session=False)
            )
            return dict(sorted(rows.all()))

    with sessions() as session:
        require_fingerprint(session, config)
        if session.scalar(select(Article.id).where(Article.dedup_state != DedupState.DONE).limit(1)) is None:
            return None
    if pending := retrying(partial(claim, Article.dedup_state == DedupState.PENDING)):
        return pending, after
    left = retrying(partial(claim, Article.dedup_state == DedupState.CLAIMED, Article.id > after))
    return (left, max(left)) if left else None


def _index_words(sessions: Sessions, article_ids: Sequence[int]) -> None:
    with sessions.begin() as session:
        index_resolved_articles(session, article_ids)


def _judge(sessions: Sessions, batch: Batch, config: DedupConfig, pair_map: PairMap) -> _Verdicts:
    with sessions() as session:
        documents = load_documents(session, {article_id for edge in batch.edges for article_id in edge})
    edges = [(low, high) for low, high in batch.edges if low in documents and high in documents]
    numbers = np.array(edges, dtype=np.int64).reshape(-1, 2)
    pairs = [
        (documents[low][0], documents[high][0])
        for low, high in numbers[reading_order(numbers[:, 0], numbers[:, 1])].tolist()
    ]
    verdicts = sorted(pair_map(partial(judge_documents, config=config), pairs), key=_edge_of)
    return _Verdicts(
        pairs=tuple(verdict for verdict in verdicts if isinstance(verdict, PairValue)),
        rejected=frozenset(map(_edge_of, (one for one in verdicts if isinstance(one, RejectedPair)))),
        text_hashes={article_id: text_hash for article_id, (_, text_hash) in documents.items()},
    )


def _edge_of(verdict: Verdict) -> Edge:
    return int(verdict.id_a), int(verdict.id_b)


def _write(
    sessions: Sessions, batch: Batch, verdicts: _Verdicts, config: DedupConfig, now: datetime
) -> ResolveCounts:
    with sessions.begin() as session:
        lock_clusters(session)
        current = text_hashes_of(session, verdicts.text_hashes)

        def still_holds(edge: Edge) -> bool:
            # A text that has changed meanwhile is pending again, and judged again.
            return all(current.get(article_id) == verdicts.text_hashes[article_id] for article_id in edge)

        pairs = [pair for pair in verdicts.pairs if still_holds(_edge_of(pair))]
        upsert_pairs(session, pairs, config.detector_fingerprint, now)
        gone = {edge for edge in verdicts.rejected if still_holds(edge)} | batch.unfound
        delete_pairs(session, gone & pairs_of(session, batch.text_hashes))
        remember_hot(session, batch.newly_hot, now)
        _leave_index(session, batch.superfluous)
        touched = {int(article_id) for pair in pairs for article_id in (pair.id_a, pair.id_b)}
        touched |= {article_id for edge in gone for article_id in edge} | batch.text_hashes.keys()
        clusters = update_clusters(session, touched, now)
        _mark_done(session, batch.text_hashes)
    return ResolveCounts(
        article_count=len(batch.text_hashes),
        candidate_pair_count=batch.candidate_count,
        aligned_pair_count=len(verdicts.pairs) + len(verdicts.rejected),
        duplicate_pair_count=len(pairs),
        rejected_pair_count=len(verdicts.rejected),
        hot_bucket_count=batch.hot_count,
        cluster_created_count=clusters.created_count,
        cluster_changed_count=clusters.changed_count,
    )


def _leave_index(session: Session, superfluous: Mapping[int, Int64s]) -> None:
    """Two writers may have put equal texts into the index at once; one of them is enough."""
    indexed = {
        article_id
        for chunk in chunks(sorted(superfluous))
        for article_id in session.scalars(
            update(Signature)
            .where(Signature.article_id.in_(chunk), Signature.is_indexed)
            .values(is_indexed=False)
            .returning(Signature.article_id)
        )
    }
    remove_bands(session, {article_id: superfluous[article_id] for article_id in indexed})


def _mark_done(session: Session, text_hashes: Mapping[int, str]) -> None:
    """Whatever has changed since the claim is pending again, and stays so."""
    now = text_hashes_of(session, text_hashes)
    for chunk in chunks(sorted(number for number, hashed in now.items() if hashed == text_hashes[number])):
        session.execute(
            update(Article)
            .where(Article.id.in_(chunk), Article.dedup_state == DedupState.CLAIMED)
            .values(dedup_state=DedupState.DONE)
        )
