"""Second step of ingest: looks up the copies of pending articles, judges them, derives clusters, marks done.

Claims, reads, judges outside of any transaction, then writes what still holds. A claim excludes nobody: it only
promises that the claimer reads the index after it, so that a pair of two pending articles is left to the later one
without being lost. A killed run's claims are taken up by the next run; running twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select, update

from dedup import judge_pair, may_be_duplicate
from dedup.values import Document, RejectedPair
from dedup.values import DuplicatePair as PairValue
from storage.clusters import update_clusters
from storage.documents import load_documents
from storage.engine import retrying
from storage.index import find_candidates, load_signatures, remember_hot, remove_bands
from storage.models import Article, Signature
from storage.pairs import delete_pairs, pairs_of, upsert_pairs
from storage.searching import index_resolved_articles
from storage.sql import chunks, lock_clusters
from storage.storing import require_fingerprint
from storage.values import DedupState, ResolveCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from storage.engine import Sessions
    from storage.pairs import Edge
    from storage.postings import Int64s


DocumentPair = tuple[Document, Document]
Verdict = PairValue | RejectedPair
PairMap = Callable[[Callable[[DocumentPair], Verdict], Sequence[DocumentPair]], Iterable[Verdict]]

_utc_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pending articles and what they are to be compared with."""

    text_hashes: Mapping[int, str]
    edges: frozenset[Edge]
    unfound: frozenset[Edge]
    superfluous: Mapping[int, Int64s]
    newly_hot: Mapping[int, int]
    hot_count: int
    candidate_count: int


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
    pair_map: PairMap = map,
    clock: Callable[[], datetime] = _utc_now,
) -> ResolveCounts:
    """Find the copies of all pending articles; ``on_progress(counts so far, articles left)`` after each batch.

    ``drops_unfound`` deletes stored pairs of these articles that are no longer candidates, as a re-index wants.
    ``pair_map`` applies the judge to pairs: ``map``, or a process pool's.

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
            batch = _read_batch(session, config, text_hashes, drops_unfound=drops_unfound)
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


def _read_batch(
    session: Session, config: DedupConfig, text_hashes: Mapping[int, str], *, drops_unfound: bool
) -> _Batch:
    signatures = load_signatures(session, text_hashes)
    representative = _representatives(session, set(text_hashes.values()))
    exact, superfluous, searched = set(), {}, {}
    for article_id, signature in signatures.items():
        chief = representative.get(signature.text_hash, article_id) if signature.word_count else article_id
        buckets = np.array(signature.buckets, dtype=np.int64)
        if chief == article_id:
            searched[article_id] = buckets
        else:
            exact.add((min(chief, article_id), max(chief, article_id)))
            superfluous[article_id] = buckets
    candidates = find_candidates(session, searched, config.bucket_cap)
    others = {article_id for pair in candidates.pairs for article_id in pair} - signatures.keys()
    signatures |= load_signatures(session, others)
    waiting = _pending_among(session, others)
    likely = {
        (low, high)
        for low, high in candidates.pairs
        if not {low, high} & waiting
        and low in signatures
        and high in signatures
        and may_be_duplicate(signatures[low], signatures[high], config)
    }
    known = {edge for edge in pairs_of(session, text_hashes) if not waiting.intersection(edge)}
    lasting = _lasting_edges(session, known) if drops_unfound else known
    return _Batch(
        text_hashes=text_hashes,
        edges=frozenset(exact | likely | (known & lasting)),
        unfound=frozenset(known - exact - likely - lasting),
        superfluous=superfluous,
        newly_hot=candidates.newly_hot,
        hot_count=candidates.hot_count,
        candidate_count=len(candidates.pairs) + len(exact),
    )


def _representatives(session: Session, text_hashes: Iterable[str]) -> dict[str, int]:
    """The article that stands in the index for all with the same words, by text hash."""
    found: dict[str, int] = {}
    for chunk in chunks(sorted(text_hashes)):
        query = (
            select(Article.text_hash, func.min(Article.id))
            .join(Signature, Signature.article_id == Article.id)
            .where(Article.text_hash.in_(chunk), Signature.is_indexed, Article.word_count > 0)
            .group_by(Article.text_hash)
        )
        found.update(session.execute(query).all())
    return found


def _pending_among(session: Session, article_ids: Iterable[int]) -> set[int]:
    """Those that nobody has claimed: whoever does will find this batch in the index, and judge the pair."""
    found: set[int] = set()
    for chunk in chunks(sorted(article_ids)):
        query = select(Article.id).where(Article.id.in_(chunk), Article.dedup_state == DedupState.PENDING)
        found.update(session.scalars(query))
    return found


def _lasting_edges(session: Session, edges: set[Edge]) -> set[Edge]:
    """Those that need no candidate: to the representative of one's text, or with a text that was pruned."""
    ids = {article_id for edge in edges for article_id in edge}
    hashes = _text_hashes(session, ids)
    chiefs = set(_representatives(session, set(hashes.values())).values())
    pruned = {
        article_id
        for chunk in chunks(sorted(ids))
        for article_id in session.scalars(
            select(Article.id).where(Article.id.in_(chunk), Article.text.is_(None))
        )
    }
    return {
        (a, b)
        for a, b in edges
        if (hashes[a] == hashes[b] and (a in chiefs or b in chiefs)) or a in pruned or b in pruned
    }


def _index_words(sessions: Sessions, article_ids: Sequence[int]) -> None:
    with sessions.begin() as session:
        index_resolved_articles(session, article_ids)


def _judge(sessions: Sessions, batch: _Batch, config: DedupConfig, pair_map: PairMap) -> _Verdicts:
    with sessions() as session:
        documents = load_documents(session, {article_id for edge in batch.edges for article_id in edge})
    pairs = [
        (documents[low][0], documents[high][0])
        for low, high in sorted(batch.edges)
        if low in documents and high in documents
    ]
    verdicts = list(pair_map(partial(_judge_pair, config=config), pairs))
    return _Verdicts(
        pairs=tuple(verdict for verdict in verdicts if isinstance(verdict, PairValue)),
        rejected=frozenset(
            (int(verdict.id_a), int(verdict.id_b))
            for verdict in verdicts
            if isinstance(verdict, RejectedPair)
        ),
        text_hashes={article_id: text_hash for article_id, (_, text_hash) in documents.items()},
    )


def _judge_pair(pair: DocumentPair, config: DedupConfig) -> Verdict:
    return judge_pair(*pair, config)


def _write(
    sessions: Sessions, batch: _Batch, verdicts: _Verdicts, config: DedupConfig, now: datetime
) -> ResolveCounts:
    with sessions.begin() as session:
        lock_clusters(session)
        current = _text_hashes(session, verdicts.text_hashes)

        def still_holds(edge: Edge) -> bool:
            # A text that has changed meanwhile is pending again, and judged again.
            return all(current.get(article_id) == verdicts.text_hashes[article_id] for article_id in edge)

        pairs = [pair for pair in verdicts.pairs if still_holds((int(pair.id_a), int(pair.id_b)))]
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


def _text_hashes(session: Session, article_ids: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for chunk in chunks(sorted(article_ids)):
        query = select(Article.id, Article.text_hash).where(Article.id.in_(chunk))
        found.update(session.execute(query).all())
    return found


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
    for chunk in chunks(sorted(text_hashes)):
        query = select(Article.id, Article.text_hash).where(Article.id.in_(chunk))
        same = [article_id for article_id, now in session.execute(query) if now == text_hashes[article_id]]
        session.execute(
            update(Article)
            .where(Article.id.in_(same), Article.dedup_state == DedupState.CLAIMED)
            .values(dedup_state=DedupState.DONE)
        )
