"""Settles the index: recent postings into segments, segments into larger ones; looks nothing up.

Every step is a transaction of its own that moves a bounded number of postings, so that a crash loses nothing and
other writers wait briefly. Each posting moves about once for every fourfold growth of the index.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select

from storage.engine import retrying
from storage.index.postings import (
    HOT_MARK,
    SLICE_COUNT,
    buckets_of,
    keys_of,
    make_postings,
    merged,
    slice_bounds,
)
from storage.index.segments import (
    add_hot,
    add_recent,
    delete_recent,
    delete_segment,
    load_recent,
    load_segment,
    lock_index,
    recent_rows,
    write_segment,
)
from storage.models import BandSegment, HotBucket

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from storage.engine import Sessions
    from storage.index.postings import Postings

_MOST_AT_ONCE = 4_000_000
_MERGED_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class Limits:
    """When settling is due: so many recent postings (about 12,000 articles), recent rows, segments of a level."""

    recent_postings: int = 1_000_000
    recent_rows: int = 64
    segments_a_level: int = 4


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class _Settle:
    row_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Fold:
    row_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Merge:
    level: int
    slice_numbers: tuple[int, ...]


_Step = _Settle | _Fold | _Merge


def settle_index(sessions: Sessions, posting_budget: int | None = None, limits: Limits = LIMITS) -> int:
    """Take the steps that are due until ``posting_budget`` postings have moved, None for all; how many did. Writes.

    Raises:
        StorageError: the database cannot be written.
    """
    moved = 0
    while posting_budget is None or moved < posting_budget:
        with sessions() as session:
            step = _next_step(session, limits)
        if step is None:
            break
        count = retrying(partial(_take, sessions, step))
        if not count:
            # Another writer is at it.
            break
        moved += count
    return moved


def split_hot(session: Session, postings: Postings) -> Postings:
    """Put the postings of buckets known as hot into rows, a mark in their place; what is left. Writes."""
    hot = np.fromiter(session.scalars(select(HotBucket.bucket)), dtype=np.int64)
    keys = np.ascontiguousarray(postings["key"])
    is_hot = np.isin(keys, keys_of(hot))
    if not is_hot.any():
        return postings
    return put_aside(session, postings, is_hot)


def put_aside(
    session: Session, postings: Postings, is_hot: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Postings:
    """Put the chosen postings into rows of hot buckets, one mark a bucket in their place. Writes."""
    hot = postings[is_hot]
    is_article = hot["article"] != HOT_MARK
    articles = hot["article"][is_article].astype(np.int64)
    add_hot(session, buckets_of(hot["key"][is_article]), articles)
    marked = np.unique(hot["key"])
    marks = make_postings(marked, np.full(len(marked), HOT_MARK))
    return merged((postings[~is_hot], marks))


def _next_step(session: Session, limits: Limits) -> _Step | None:
    rows = recent_rows(session)
    if sum(count for *_, count in rows) >= limits.recent_postings:
        ids, total = list[int](), 0
        for row_id, _, count in rows:
            if ids and total + count > _MOST_AT_ONCE:
                break
            ids.append(row_id)
            total += count
        return _Settle(tuple(ids))
    if len(rows) > limits.recent_rows:
        # The smallest, so that what was folded before is not copied again each time.
        smallest = sorted(rows, key=lambda row: row[2])[: -(limits.recent_rows // 2)]
        return _Fold(tuple(row_id for row_id, *_ in smallest))
    return _next_merge(session, limits)


def _next_merge(session: Session, limits: Limits) -> _Merge | None:
    """Slices of the lowest level with too many segments, as many as may be merged in one transaction."""
    crowded = (
        select(BandSegment.level, BandSegment.slice_number, func.sum(BandSegment.posting_count))
        .group_by(BandSegment.level, BandSegment.slice_number)
        .having(func.count() >= limits.segments_a_level)
        .order_by(BandSegment.level, BandSegment.slice_number)
    )
    lowest, chosen, total = None, list[int](), 0
    for level, slice_number, count in session.execute(crowded):
        lowest = level if lowest is None else lowest
        if level != lowest or (chosen and total + count > _MERGED_AT_ONCE):
            break
        chosen.append(slice_number)
        total += count
    return None if lowest is None else _Merge(lowest, tuple(chosen))


def _take(sessions: Sessions, step: _Step) -> int:
    """Take one step; how many postings moved, 0 when another writer holds the index lock."""
    with sessions.begin() as session:
        if not lock_index(session, waits=False):
            return 0
        match step:
            case _Settle(row_ids):
                return _settle(session, row_ids)
            case _Fold(row_ids):
                return _fold(session, row_ids)
            case _Merge(level, slice_numbers):
                return sum(_merge(session, level, slice_number) for slice_number in slice_numbers)


def _settle(session: Session, row_ids: tuple[int, ...]) -> int:
    recent = load_recent(session, row_ids)
    postings = split_hot(session, merged(recent.values()))
    bounds = slice_bounds(np.ascontiguousarray(postings["key"]))
    for slice_number in range(SLICE_COUNT):
        part = postings[bounds[slice_number] : bounds[slice_number + 1]]
        if len(part):
            write_segment(session, slice_number, 0, part)
    delete_recent(session, recent)
    return len(postings)


def _fold(session: Session, row_ids: tuple[int, ...]) -> int:
    recent = load_recent(session, row_ids)
    postings = merged(recent.values())
    add_recent(session, postings)
    delete_recent(session, recent)
    return len(postings)


def _merge(session: Session, level: int, slice_number: int) -> int:
    here = (BandSegment.level == level) & (BandSegment.slice_number == slice_number)
    ids = session.scalars(select(BandSegment.id).where(here).order_by(BandSegment.id)).all()
    if len(ids) < 2:
        # Another writer has merged them meanwhile.
        return 0
    postings = _one_mark(merged(load_segment(session, segment_id) for segment_id in ids))
    if len(postings):
        write_segment(session, slice_number, level + 1, postings)
    for segment_id in ids:
        delete_segment(session, segment_id)
    return max(len(postings), 1)


def _one_mark(postings: Postings) -> Postings:
    """Without the second and further marks of the same hot bucket."""
    marks = np.flatnonzero(postings["article"] == HOT_MARK)
    keys = postings["key"][marks]
    repeated = marks[1:][keys[1:] == keys[:-1]]
    return np.delete(postings, repeated) if len(repeated) else postings
