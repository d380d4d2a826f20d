"""Looks up postings by key in all parts of the index; judges no pair.

Filters and recent postings are kept between calls, as they never change: a filter says of nearly every bucket that
nobody has without a page being read. A program that asks little reads pages and no filters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from storage.index.postings import (
    POSTING,
    distinct,
    filter_hashes,
    may_hold,
    no_postings,
    page_ids,
    slice_bounds,
)
from storage.index.segments import list_segments, load_filters, load_recent, read_pages, recent_rows

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.orm import Session

    from storage.index.postings import Bits, Int64s, Keys, Postings
    from storage.index.segments import Segment

# Filters beyond so many bytes are left where they are, and their pages read.
_FILTER_BUDGET = 600_000_000
# What reading a page that a filter would have spared costs, in bytes of filter that could be read meanwhile.
_PAGE_COST = 1000
_TABLE_BITS = 22


@dataclass(slots=True)
class _Memory:
    """What a program remembers of one database's index, by nonce."""

    recent: dict[int, Postings] = field(default_factory=dict)
    filters: dict[int, Bits] = field(default_factory=dict)
    spent: int = 0


_MEMORIES: WeakKeyDictionary[Engine | Connection, _Memory] = WeakKeyDictionary()


def find_postings(session: Session, keys: Keys) -> Postings:
    """All postings with one of the keys, which are sorted and distinct; in no order."""
    memory = _MEMORIES.setdefault(session.get_bind(), _Memory())
    recent = _among_recent(session, keys, memory)
    pages, positions = _locate(session, keys, memory)
    stored = read_pages(session, distinct(pages))
    packed = [stored.get(number, b"") for number in pages.tolist()]
    counts = np.fromiter(map(len, packed), dtype=np.int64, count=len(packed)) // POSTING.itemsize
    settled = np.frombuffer(b"".join(packed), dtype=POSTING)
    is_wanted = settled["key"] == np.repeat(keys[positions], counts)
    return np.concatenate((recent, settled[is_wanted]))


def pages_of(session: Session, keys: Keys) -> dict[int, bytes]:
    """The pages that may hold postings with one of the keys, which are sorted and distinct."""
    memory = _MEMORIES.setdefault(session.get_bind(), _Memory())
    pages, _ = _locate(session, keys, memory)
    return read_pages(session, distinct(pages))


def _among_recent(session: Session, keys: Keys, memory: _Memory) -> Postings:
    rows = recent_rows(session)
    missing = {row_id: nonce for row_id, nonce, _ in rows if nonce not in memory.recent}
    loaded = {missing[row_id]: postings for row_id, postings in load_recent(session, missing).items()}
    known = memory.recent
    memory.recent = {nonce: loaded[nonce] if nonce in loaded else known[nonce] for _, nonce, _ in rows}
    # Most postings are told from the wanted ones by a table of the keys' first bits, without a search.
    shift = np.uint64(64 - _TABLE_BITS)
    table = np.zeros(1 << _TABLE_BITS, dtype=np.bool_)
    table[keys >> shift] = True
    found = [no_postings()]
    for postings in memory.recent.values():
        likely = postings[table[postings["key"] >> shift]]
        if len(likely):
            places = np.minimum(np.searchsorted(keys, likely["key"]), len(keys) - 1)
            found.append(likely[keys[places] == likely["key"]])
    return np.concatenate(found)


def _locate(session: Session, keys: Keys, memory: _Memory) -> tuple[Int64s, Int64s]:
    """Pages, each with the position of a key that it may hold; a page comes once for every such key."""
    segments = list_segments(session)
    bounds = slice_bounds(keys)
    _remember_filters(session, segments, bounds, memory)
    hashes = filter_hashes(keys)
    pages, positions = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for segment in segments:
        start, end = bounds[segment.slice_number], bounds[segment.slice_number + 1]
        if start == end:
            continue
        chosen = np.arange(start, end)
        bits = memory.filters.get(segment.nonce)
        if bits is not None:
            chosen = chosen[may_hold(bits, hashes[:, start:end])]
        pages.append(page_ids(keys[chosen], segment.id, segment.page_bits))
        positions.append(chosen)
    return np.concatenate(pages), np.concatenate(positions)


def _remember_filters(session: Session, segments: list[Segment], bounds: list[int], memory: _Memory) -> None:
    current = {segment.nonce for segment in segments}
    known = {nonce: bits for nonce, bits in memory.filters.items() if nonce in current}
    room = _FILTER_BUDGET - sum(map(len, known.values()))
    missing = []
    for segment in segments:
        if segment.nonce not in known and segment.filter_size <= room:
            missing.append(segment)
            room -= segment.filter_size
    probes = sum(bounds[one.slice_number + 1] - bounds[one.slice_number] for one in missing)
    memory.spent += probes * _PAGE_COST
    if memory.spent >= sum(one.filter_size for one in missing):
        known |= load_filters(session, [one.id for one in missing])
        memory.spent = 0
    memory.filters = known
