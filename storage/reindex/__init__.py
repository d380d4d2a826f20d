"""Builds line counts, signatures, index, pairs and clusters anew from the stored texts, as file mode would; resumable.

Reads go on meanwhile: pairs and clusters change article by article. A database that is being re-indexed takes new
articles of the new configuration only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.boilerplate import count_anew
from storage.engine import retrying
from storage.models import Article, Source
from storage.reindex.signatures import count_signed, index_all, sign_all
from storage.reindex.stages import INDEX, LEARN, RESOLVE, SIGN, begin, begin_judging, enter, finish
from storage.resolving import resolve_pending
from storage.search import rebuild_index
from storage.values import DedupState, ResolveCounts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from dedup import DedupConfig
    from dedup.corpus import PairMap
    from storage.engine import Sessions


@dataclass(frozen=True, slots=True)
class ReindexCounts:
    """What re-indexing did; texts that were pruned cannot be signed again and keep the pairs they have."""

    signed_count: int
    unsigned_count: int
    resolved: ResolveCounts


def reindex(
    sessions: Sessions,
    config: DedupConfig,
    *,
    only_judges: bool = False,
    batch_size: int = 500,
    on_progress: Callable[[str, int, int], None] | None = None,
    pair_map: PairMap = map,
    window: timedelta | None = None,
) -> ReindexCounts:
    """Re-index everything; ``on_progress(stage, done, total)``. A killed call is continued by the next.

    ``only_judges`` keeps signatures and index, and judges all candidates anew, those stored as pairs too; it is enough
    where only the detector has changed. Reviews stay, and so do pairs without a text. ``window`` as for
    ``resolve_pending``: pairs that lie further apart are dropped.

    Raises:
        StorageError: the database cannot be read or written; or, where it is only to be judged, was indexed with
            another configuration, or a killed re-index has left its index half full.
    """
    progress = on_progress or (lambda _stage, _done, _total: None)
    if only_judges:
        retrying(partial(begin_judging, sessions, config))
        signed_count = 0
    else:
        signed_count = _index(sessions, config, batch_size, progress)
    resolved = _resolve_all(sessions, config, batch_size, progress, pair_map, window)
    return ReindexCounts(signed_count, count_signed(sessions, Article.text.is_(None)), resolved)


def _index(
    sessions: Sessions, config: DedupConfig, batch_size: int, progress: Callable[[str, int, int], None]
) -> int:
    """Learn, sign and index what is left of it; gives how many articles were signed."""
    stage, after = retrying(partial(begin, sessions, config))
    signed_count = 0
    if stage == LEARN:
        _learn_all(sessions, progress)
        retrying(partial(enter, sessions, config, SIGN))
        stage = SIGN
    if stage == SIGN:
        signed_count = sign_all(sessions, config, batch_size, after, progress)
        retrying(partial(enter, sessions, config, INDEX))
        stage = INDEX
    if stage == INDEX:
        index_all(sessions, config, batch_size, progress)
        with sessions.begin() as session:
            rebuild_index(session)
        retrying(partial(enter, sessions, config, RESOLVE))
    return signed_count


def _resolve_all(
    sessions: Sessions,
    config: DedupConfig,
    batch_size: int,
    progress: Callable[[str, int, int], None],
    pair_map: PairMap,
    window: timedelta | None,
) -> ResolveCounts:
    total = count_signed(sessions, Article.dedup_state != DedupState.DONE)
    resolved = resolve_pending(
        sessions,
        config,
        batch_size=batch_size,
        drops_unfound=True,
        window=window,
        pair_map=pair_map,
        on_progress=lambda _counts, left: progress(RESOLVE, total - left, total),
    )
    retrying(partial(finish, sessions))
    return resolved


def count_reindex(sessions: Sessions) -> tuple[int, int]:
    """How many articles a re-index would sign, and how many cannot be signed because their texts were pruned."""
    return count_signed(sessions, Article.text.is_not(None)), count_signed(sessions, Article.text.is_(None))


def _learn_all(sessions: Sessions, progress: Callable[[str, int, int], None]) -> None:
    with sessions() as session:
        source_ids = session.scalars(select(Source.id).order_by(Source.id)).all()
    for done, source_id in enumerate(source_ids, start=1):
        retrying(partial(_count_source, sessions, source_id))
        progress(LEARN, done, len(source_ids))


def _count_source(sessions: Sessions, source_id: int) -> None:
    with sessions.begin() as session:
        count_anew(session, source_id, keeps_late=False)
