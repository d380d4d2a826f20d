"""Reads what pending articles are to be compared with: by bucket, by equal text, and by the pairs they have.

Judges nothing beyond the estimate and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select

from dedup.candidates import likely_pairs
from storage.articles import text_hashes_of
from storage.index import find_candidates, load_signatures
from storage.models import Article, Signature
from storage.pairs import pairs_of
from storage.sql import chunks
from storage.values import DedupState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from storage.index.postings import Int64s
    from storage.pairs import Edge


@dataclass(frozen=True, slots=True)
class Batch:
    """Pending articles and what they are to be compared with."""

    text_hashes: Mapping[int, str]
    edges: frozenset[Edge]
    unfound: frozenset[Edge]
    superfluous: Mapping[int, Int64s]
    newly_hot: Mapping[int, int]
    hot_count: int
    candidate_count: int


def read_batch(
    session: Session,
    config: DedupConfig,
    text_hashes: Mapping[int, str],
    *,
    drops_unfound: bool,
    window: timedelta | None,
) -> Batch:
    """What is to be done about articles, given with the hashes of their texts.

    ``window`` leaves out candidates that appeared further apart; equal texts are paired whenever they appeared.
    """
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
    pairs = candidates.pairs if window is None else _near_in_time(session, candidates.pairs, window)
    others = {article_id for pair in pairs for article_id in pair} - signatures.keys()
    signatures |= load_signatures(session, others)
    waiting = _pending_among(session, others)
    comparable = signatures.keys() - waiting
    likely = set(likely_pairs(signatures, (pair for pair in pairs if comparable.issuperset(pair)), config))
    known = {edge for edge in pairs_of(session, text_hashes) if not waiting.intersection(edge)}
    lasting = _lasting_edges(session, known) if drops_unfound else known
    return Batch(
        text_hashes=text_hashes,
        edges=frozenset(exact | likely | (known & lasting)),
        unfound=frozenset(known - exact - likely - lasting),
        superfluous=superfluous,
        newly_hot=candidates.newly_hot,
        hot_count=candidates.hot_count,
        candidate_count=len(pairs) + len(exact),
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
    hashes = text_hashes_of(session, ids)
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


def _near_in_time(session: Session, pairs: Collection[Edge], window: timedelta) -> list[Edge]:
    """The pairs that appeared within the window of each other: published, else first seen."""
    appeared: dict[int, datetime] = {}
    for chunk in chunks(sorted({article_id for pair in pairs for article_id in pair})):
        query = select(Article.id, func.coalesce(Article.published_at, Article.first_seen_at))
        appeared.update(session.execute(query.where(Article.id.in_(chunk))).all())
    return [
        (low, high)
        for low, high in pairs
        if low in appeared and high in appeared and abs(appeared[low] - appeared[high]) <= window
    ]
