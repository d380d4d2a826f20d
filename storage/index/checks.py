"""Proves that the index holds exactly the buckets of the signatures that say so; repairs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select

from storage.index import unpack_buckets
from storage.index.postings import (
    HOT_MARK,
    PAGE_NUMBERS,
    POSTING,
    as_postings,
    filter_hashes,
    keys_of,
    make_postings,
    may_hold,
    page_ids,
    page_range,
    slice_bounds,
    unpack,
)
from storage.index.segments import list_segments, load_filters, load_segment
from storage.models import BandHot, BandPage, BandRecent, BandSegment, Signature
from storage.values import IntegrityProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from storage.index.postings import Postings
    from storage.index.segments import Segment

_EXAMPLES = 5
_ROWS = 2000
_SPREAD = np.uint64(0xD6E8FEB86659FD93)


def check_index(session: Session) -> Iterator[IntegrityProblem]:
    """Where the index and the signatures differ, and pages that no look-up would find; reads all of both.

    Memory grows with the number of articles, a byte each.
    """
    expected, found = _Tally(), _Tally()
    is_indexed = np.zeros(1 + (session.scalar(select(func.max(Signature.article_id))) or 0), dtype=np.bool_)
    query = select(Signature.article_id, Signature.buckets).where(Signature.is_indexed)
    for rows in session.execute(query.execution_options(yield_per=_ROWS)).partitions():
        entries = {article_id: unpack_buckets(packed) for article_id, packed in rows}
        is_indexed[list(entries)] = True
        expected.add(as_postings(entries))
    strays: set[int] = set()
    for postings in stored_postings(session):
        found.add(postings)
        articles = np.unique(postings["article"]).astype(np.int64)
        is_known = articles < len(is_indexed)
        strays.update(
            articles[~is_known].tolist(), articles[is_known][~is_indexed[articles[is_known]]].tolist()
        )
    if found != expected:
        yield IntegrityProblem("index", f"{found} stored, {expected} in the signatures")
    for article_id in sorted(strays)[:_EXAMPLES]:
        yield IntegrityProblem("bucket of no indexed article", f"article {article_id}")
    yield from _check_segments(session)


def stored_postings(session: Session) -> Iterator[Postings]:
    """All postings of the index, part by part; marks of hot buckets are left out."""
    packed = (
        select(BandRecent.postings).execution_options(yield_per=1),
        select(BandPage.postings).execution_options(yield_per=_ROWS),
    )
    for query in packed:
        for rows in session.scalars(query).partitions():
            postings = unpack(b"".join(rows))
            yield postings[postings["article"] != HOT_MARK]
    hot = select(BandHot.bucket, BandHot.article_id).execution_options(yield_per=_ROWS)
    for pairs in session.execute(hot).partitions():
        buckets, articles = np.array(pairs, dtype=np.int64).T
        yield make_postings(keys_of(np.ascontiguousarray(buckets)), articles)


class _Tally:
    """How many postings there are, and a sum that tells different ones apart in any order."""

    def __init__(self) -> None:
        self.count, self.checksum = 0, 0

    def add(self, postings: Postings) -> None:
        mixed = (postings["key"] ^ (postings["article"].astype(np.uint64) * _SPREAD)) * _SPREAD
        mixed ^= mixed >> np.uint64(29)
        self.count += len(postings)
        self.checksum = (self.checksum + int(mixed.sum(dtype=np.uint64))) % 2**64

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Tally) and (self.count, self.checksum) == (other.count, other.checksum)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __str__(self) -> str:
        return f"{self.count} buckets (checksum {self.checksum:016x})"


def _check_segments(session: Session) -> Iterator[IntegrityProblem]:
    segments = list_segments(session)
    owners = select((BandPage.id.op("/")(PAGE_NUMBERS)).label("segment_id")).distinct().subquery()
    orphans = select(owners.c.segment_id).where(owners.c.segment_id.not_in(select(BandSegment.id)))
    for segment_id in session.scalars(orphans.limit(_EXAMPLES)):
        yield IntegrityProblem("pages of no segment", f"segment {segment_id}")
    for segment in segments:
        if not _is_found(session, segment):
            yield IntegrityProblem("postings that no look-up finds", f"segment {segment.id}")


def _is_found(session: Session, segment: Segment) -> bool:
    """Whether the filter and the numbers of the pages lead to every posting of a segment."""
    postings = load_segment(session, segment.id)
    keys = np.ascontiguousarray(postings["key"])
    [bits] = load_filters(session, [segment.id]).values()
    bounds = slice_bounds(keys)
    is_here = bounds[segment.slice_number] == 0 and bounds[segment.slice_number + 1] == len(keys)
    if not is_here or not may_hold(bits, filter_hashes(keys)).all():
        return False
    first, last = page_range(segment.id)
    expected = dict(
        zip(*np.unique(page_ids(keys, segment.id, segment.page_bits), return_counts=True), strict=True)
    )
    query = select(BandPage.id, func.length(BandPage.postings)).where(BandPage.id.between(first, last))
    stored = {number: size // POSTING.itemsize for number, size in session.execute(query)}
    return stored == expected
