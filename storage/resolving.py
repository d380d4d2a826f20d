"""Second step of ingest: looks up the copies of pending articles, judges them, derives clusters, marks done.

Reads, then judges outside of any transaction, then writes what still holds. A killed run resumes from what is
pending; running twice changes nothing.
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
from storage.engine import retrying
from storage.index import document_id, find_candidates, load_signatures, remember_hot, remove_bands
from storage.models import Article, Signature, Source
from storage.pairs import delete_pairs, pairs_of, upsert_pairs
from storage.sql import chunks, lock_clusters
from storage.storing import require_fingerprint
from storage.values import DedupState, ResolveCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from storage.engine import Sessions
    from storage.index import Int64s
    from storage.pairs import Edge


DocumentPair = tuple[Document, Document]
Verdict = PairValue | RejectedPair
PairMap = Callable[[Callable[[DocumentPair], Verdict], Sequence[DocumentPair]], Iterable[Verdict]]

_utc_now = partial(datetime.now, UTC)
_MAX_PASSES = 3


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pending articles and what they are to be compared with."""

    stamps: Mapping[int, tuple[str, datetime]]  # text hash and fetch time: have they changed since?
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
    for _ in range(_MAX_PASSES):
        after = 0
        while True:
            with sessions() as session:
                require_fingerprint(session, config)
                batch = _read_batch(session, config, after, batch_size, drops_unfound=drops_unfound)
            if batch is None:
                break
            verdicts = _judge(sessions, batch, config, pair_map)
            counts += retrying(partial(_write, sessions, batch, verdicts, config, clock()))
            after = max(batch.stamps)
            if on_progress is not None:
                on_progress(counts, count_pending(sessions))
        if after == 0:
            break
    return counts


def count_pending(sessions: Sessions) -> int:
    """Articles whose copies have not been looked up since their text last changed."""
    with sessions() as session:
        query = select(func.count()).select_from(Article).where(Article.dedup_state == DedupState.PENDING)
        return session.scalar(query) or 0


def _read_batch(
    session: Session, config: DedupConfig, after: int, batch_size: int, *, drops_unfound: bool
) -> _Batch | None:
    query = (
        select(Article.id, Article.text_hash, Article.fetched_at)
        .where(Article.dedup_state == DedupState.PENDING, Article.id > after)
        .order_by(Article.id)
        .limit(batch_size)
    )
    stamps = {row.id: (row.text_hash, row.fetched_at) for row in session.execute(query)}
    if not stamps:
        return None
    signatures = load_signatures(session, stamps)
    representative = _representatives(session, {text_hash for text_hash, _ in stamps.values()})
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
    likely = {
        (low, high)
        for low, high in candidates.pairs
        if low in signatures
        and high in signatures
        and may_be_duplicate(signatures[low], signatures[high], config)
    }
    known = pairs_of(session, stamps)
    stars = _star_edges(session, known) if drops_unfound else known
    return _Batch(
        stamps=stamps,
        edges=frozenset(exact | likely | (known & stars)),
        unfound=frozenset(known - exact - likely - stars),
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


def _star_edges(session: Session, edges: set[Edge]) -> set[Edge]:
    """Those of the edges that tie an article to the representative of its text."""
    hashes = _text_hashes(session, {article_id for edge in edges for article_id in edge})
    chiefs = set(_representatives(session, set(hashes.values())).values())
    return {(a, b) for a, b in edges if hashes[a] == hashes[b] and (a in chiefs or b in chiefs)}


def _judge(sessions: Sessions, batch: _Batch, config: DedupConfig, pair_map: PairMap) -> _Verdicts:
    with sessions() as session:
        documents = _load_documents(session, {article_id for edge in batch.edges for article_id in edge})
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


def _load_documents(session: Session, article_ids: Iterable[int]) -> dict[int, tuple[Document, str]]:
    """Articles as ``dedup`` reads them, with their text hashes; those without a text are left out."""
    documents = {}
    for chunk in chunks(sorted(article_ids)):
        query = (
            select(Article, Source.name, Signature.language)
            .join(Source, Source.id == Article.source_id)
            .join(Signature, Signature.article_id == Article.id)
            .where(Article.id.in_(chunk), Article.text.is_not(None))
        )
        for article, source, language in session.execute(query):
            documents[article.id] = (as_document(article, source, language), article.text_hash)
    return documents


def as_document(article: Article, source: str, language: str | None) -> Document:
    """A stored article as ``dedup`` reads it."""
    return Document(
        id=document_id(article.id),
        text=article.text or "",
        title=article.title,
        url=article.url,
        source=source,
        published_at=article.published_at,
        published_precision=article.published_precision,
        language=language,
        declared_original_url=article.declared_original_url,
        first_seen_at=article.first_seen_at,
    )


def _write(
    sessions: Sessions, batch: _Batch, verdicts: _Verdicts, config: DedupConfig, now: datetime
) -> ResolveCounts:
    with sessions.begin() as session:
        lock_clusters(session)
        current = _text_hashes(session, verdicts.text_hashes.keys() | batch.stamps.keys())

        def still_holds(edge: Edge) -> bool:
            # A text that has changed meanwhile is pending again, and judged again.
            return all(current.get(article_id) == verdicts.text_hashes[article_id] for article_id in edge)

        pairs = [pair for pair in verdicts.pairs if still_holds((int(pair.id_a), int(pair.id_b)))]
        upsert_pairs(session, pairs, config.detector_fingerprint, now)
        gone = {edge for edge in verdicts.rejected if still_holds(edge)} | batch.unfound
        delete_pairs(session, gone & pairs_of(session, batch.stamps))
        remember_hot(session, batch.newly_hot, now)
        _leave_index(session, batch.superfluous)
        touched = {int(article_id) for pair in pairs for article_id in (pair.id_a, pair.id_b)}
        touched |= {article_id for edge in gone for article_id in edge} | batch.stamps.keys()
        clusters = update_clusters(session, touched, now)
        _mark_done(session, batch.stamps)
    return ResolveCounts(
        article_count=len(batch.stamps),
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


def _mark_done(session: Session, stamps: Mapping[int, tuple[str, datetime]]) -> None:
    for chunk in chunks(sorted(stamps)):
        query = select(Article.id, Article.text_hash, Article.fetched_at).where(Article.id.in_(chunk))
        done = [row.id for row in session.execute(query) if (row.text_hash, row.fetched_at) == stamps[row.id]]
        session.execute(update(Article).where(Article.id.in_(done)).values(dedup_state=DedupState.DONE))
