"""Takes in pairs that were found elsewhere, by the same functions, between articles that are stored as pending.

Must not judge: whoever hands over the pairs has seen every article of the database.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage.boilerplate import count_anew
from storage.clusters import update_clusters
from storage.engine import retrying
from storage.index import document_id
from storage.models import Article
from storage.pairs import upsert_pairs
from storage.sql import chunks, lock_clusters
from storage.values import DedupState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from dedup.values import DuplicatePair
    from storage.engine import Sessions


def holds_articles(sessions: Sessions) -> bool:
    """Whether there is any article."""
    with sessions() as session:
        return session.scalar(select(Article.id).limit(1)) is not None


def count_lines_of_run(sessions: Sessions, run_id: int, *, keeps_late: bool) -> None:
    """Count anew the lines of every source that a run has brought articles of; ``keeps_late`` as in a takedown. Writes."""
    with sessions() as session:
        source_ids = session.scalars(
            select(Article.source_id).where(Article.run_id == run_id).distinct()
        ).all()
    for source_id in sorted(source_ids):
        retrying(partial(_count_lines, sessions, source_id, keeps_late=keeps_late))


def _count_lines(sessions: Sessions, source_id: int, *, keeps_late: bool) -> None:
    with sessions.begin() as session:
        count_anew(session, source_id, keeps_late=keeps_late)


def store_pairs(
    sessions: Sessions, pairs: Sequence[DuplicatePair], config: DedupConfig, now: datetime
) -> int:
    """Store pairs of articles that are named by their identity URLs, and derive the clusters; how many. Writes.

    A pair is left out whose articles were not stored in the order of their URLs: what was measured of one would be
    said of the other.
    """
    return retrying(partial(_store_pairs, sessions, pairs, config, now))


def _store_pairs(
    sessions: Sessions, pairs: Sequence[DuplicatePair], config: DedupConfig, now: datetime
) -> int:
    with sessions.begin() as session:
        lock_clusters(session)
        numbers = _numbers(session, {url for pair in pairs for url in (pair.id_a, pair.id_b)})
        known = [
            _renumbered(pair, numbers)
            for pair in pairs
            if numbers.keys() >= {pair.id_a, pair.id_b} and numbers[pair.id_a] < numbers[pair.id_b]
        ]
        upsert_pairs(session, known, config.detector_fingerprint, now)
        touched = {int(article_id) for pair in known for article_id in (pair.id_a, pair.id_b)}
        update_clusters(session, touched, now)
        return len(known)


def mark_run_done(sessions: Sessions, run_id: int) -> bool:
    """Mark a run's articles as compared, where there are no others; whether that was so. Writes."""
    with sessions.begin() as session:
        is_other = Article.run_id.is_distinct_from(run_id)
        if session.scalar(select(Article.id).where(is_other).limit(1)) is not None:
            return False
        session.execute(
            update(Article)
            .where(Article.run_id == run_id, Article.dedup_state == DedupState.PENDING)
            .values(dedup_state=DedupState.DONE)
            .execution_options(synchronize_session=False)
        )
        return True


def _numbers(session: Session, identity_urls: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(sorted(identity_urls)):
        query = select(Article.identity_url, Article.id).where(Article.identity_url.in_(chunk))
        found.update(session.execute(query).all())
    return found


def _renumbered(pair: DuplicatePair, numbers: Mapping[str, int]) -> DuplicatePair:
    original = pair.likely_original_id
    return replace(
        pair,
        id_a=document_id(numbers[pair.id_a]),
        id_b=document_id(numbers[pair.id_b]),
        likely_original_id=None if original is None else document_id(numbers[original]),
    )
