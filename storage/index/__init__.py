"""The index of candidate pairs in SQL: which articles share a bucket with given ones; verifies nothing.

Cost: one look-up a batch. A bucket with more than the cap's articles is *hot*: it links each article with its
neighbours by number alone, as file mode does, so that boilerplate costs no more than its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from sqlalchemy import select

from dedup.values import Signature as SignatureValue
from storage.index.lookup import find_postings, pages_of
from storage.index.postings import HOT_MARK, as_postings, buckets_of, distinct, keys_of, unpack
from storage.index.segments import (
    add_recent,
    delete_recent,
    empty_index,
    hot_neighbours,
    load_recent,
    lock_index,
    recent_rows,
    remove_hot,
    replace_pages,
)
from storage.index.settling import put_aside
from storage.models import Article, HotBucket, Signature
from storage.sql import chunks, insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from storage.index.postings import Int64s, Postings

    _Neighbours: TypeAlias = Mapping[tuple[int, int], tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of article ids ``(low, high)``, sorted and distinct, and buckets found hot with their counts."""

    pairs: tuple[tuple[int, int], ...]
    newly_hot: Mapping[int, int]
    hot_count: int


def pack_buckets(buckets: Iterable[int]) -> bytes:
    """Buckets as the ``signature`` table keeps them: sorted little-endian int64."""
    return np.sort(np.fromiter(buckets, dtype="<i8")).tobytes()


def unpack_buckets(packed: bytes) -> Int64s:
    """The buckets of a stored signature, sorted: ``(n,) int64``."""
    return np.frombuffer(packed, dtype="<i8").astype(np.int64)


def document_id(article_id: int) -> str:
    """An article's id inside ``dedup``: text that sorts as the number does."""
    return f"{article_id:019d}"


def add_bands(session: Session, entries: Mapping[int, Int64s]) -> int:
    """Put the buckets of articles into the index; how many. ``settle_index`` is due afterwards. Writes."""
    postings = as_postings(entries)
    add_recent(session, postings)
    return len(postings)


def remove_bands(session: Session, entries: Mapping[int, Int64s]) -> None:
    """Take articles out of the index, with all of their buckets. Writes."""
    if not any(len(buckets) for buckets in entries.values()):  # a text of a few words has none
        return
    lock_index(session)
    gone = as_postings(entries)
    for row_id, _, _ in recent_rows(session):
        [postings] = load_recent(session, [row_id]).values()
        is_gone = _are_among(postings, gone)
        if is_gone.any():
            delete_recent(session, [row_id])
            add_recent(session, postings[~is_gone])
    pages = {number: unpack(packed) for number, packed in pages_of(session, distinct(gone["key"])).items()}
    left = {number: postings[~_are_among(postings, gone)] for number, postings in pages.items()}
    replace_pages(
        session, {number: postings for number, postings in left.items() if len(postings) < len(pages[number])}
    )
    remove_hot(session, buckets_of(gone["key"]), gone["article"].astype(np.int64))


def find_candidates(session: Session, entries: Mapping[int, Int64s], bucket_cap: int) -> Candidates:
    """The pairs that the given articles form with any article of the index, by shared buckets."""
    buckets, owners = _flatten(entries)
    if not len(buckets):
        return Candidates((), {}, 0)
    found = find_postings(session, distinct(keys_of(buckets)))
    is_mark = found["article"] == HOT_MARK
    known_hot = buckets_of(distinct(found["key"][is_mark]))
    row_buckets, row_articles = _sorted_rows(found[~is_mark])
    present, starts, counts = np.unique(row_buckets, return_index=True, return_counts=True)
    is_crowded = (counts > bucket_cap) & ~np.isin(present, known_hot)
    newly_hot = dict(zip(present[is_crowded].tolist(), counts[is_crowded].tolist(), strict=True))
    is_hot = np.isin(buckets, known_hot)
    is_chained = is_hot | np.isin(buckets, present[is_crowded])
    pairs = np.concatenate(
        (
            _all_pairs(buckets[~is_chained], owners[~is_chained], present, starts, counts, row_articles),
            _chained(
                buckets[is_chained],
                owners[is_chained],
                row_buckets,
                row_articles,
                _settled_neighbours(session, buckets[is_hot], owners[is_hot]),
            ),
        )
    )
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return Candidates(
        tuple((low, high) for low, high in pairs.tolist()), newly_hot, len(newly_hot) + int(is_hot.sum())
    )


def remember_hot(session: Session, newly_hot: Mapping[int, int], now: datetime) -> None:
    """Note buckets that have passed the cap; their settled postings become rows. Writes."""
    rows = [
        {"bucket": bucket, "article_count": count, "capped_at": now}
        for bucket, count in sorted(newly_hot.items())
    ]
    if not rows:
        return
    lock_index(session)
    session.execute(insert_into(session, HotBucket).on_conflict_do_nothing(), rows)
    keys = np.sort(keys_of(np.fromiter(newly_hot, dtype=np.int64)))
    changed = {}
    for number, packed in pages_of(session, keys).items():
        postings = unpack(packed)
        is_hot = np.isin(postings["key"], keys)
        if is_hot.any():
            changed[number] = put_aside(session, postings, is_hot)
    replace_pages(session, changed)


def load_signatures(session: Session, article_ids: Iterable[int]) -> dict[int, SignatureValue]:
    """Signatures by article id, as ``dedup`` reads them."""
    found = {}
    for chunk in chunks(sorted(set(article_ids))):
        query = (
            select(
                Signature.article_id,
                Signature.language,
                Signature.minhash,
                Signature.passages,
                Signature.buckets,
                Article.text_hash,
                Article.word_count,
            )
            .join(Article, Article.id == Signature.article_id)
            .where(Signature.article_id.in_(chunk))
        )
        for article_id, language, minhash, passages, buckets, text_hash, word_count in session.execute(query):
            found[article_id] = SignatureValue(
                document_id=document_id(article_id),
                text_hash=text_hash,
                language=language,
                word_count=word_count,
                minhash=np.frombuffer(minhash, dtype="<u4"),
                passages=np.frombuffer(passages, dtype="<u4"),
                buckets=tuple(unpack_buckets(buckets).tolist()),
            )
    return found


def clear_index(session: Session) -> None:
    """Empty the index, to be filled again. Writes."""
    lock_index(session)
    empty_index(session)


def _flatten(entries: Mapping[int, Int64s]) -> tuple[Int64s, Int64s]:
    if not entries:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    buckets = np.concatenate(list(entries.values()))
    return buckets, np.repeat(np.fromiter(entries, dtype=np.int64), [len(one) for one in entries.values()])


def _are_among(postings: Postings, gone: Postings) -> NDArray[np.bool_]:
    # An article leaves with all of its buckets, so that bucket and article need not be looked up as a pair.
    found: NDArray[np.bool_] = np.isin(postings["article"], np.unique(gone["article"]))
    found[found] = np.isin(postings["key"][found], gone["key"])
    return found


def _sorted_rows(postings: Postings) -> tuple[Int64s, Int64s]:
    buckets, articles = buckets_of(postings["key"]), postings["article"].astype(np.int64)
    order = np.lexsort((articles, buckets))
    return buckets[order], articles[order]


def _all_pairs(
    buckets: Int64s, owners: Int64s, present: Int64s, starts: Int64s, counts: Int64s, row_articles: Int64s
) -> Int64s:
    """Each owner with every article of its buckets."""
    if not len(present):
        return np.zeros((0, 2), dtype=np.int64)
    positions = np.clip(np.searchsorted(present, buckets), 0, len(present) - 1)
    is_there = present[positions] == buckets
    spans = counts[positions[is_there]]
    first = np.repeat(starts[positions[is_there]] - np.cumsum(spans) + spans, spans)
    partners = row_articles[first + np.arange(len(first))]
    return np.column_stack((np.repeat(owners[is_there], spans), partners))


def _chained(
    buckets: Int64s, owners: Int64s, row_buckets: Int64s, row_articles: Int64s, settled: _Neighbours
) -> Int64s:
    """Each owner with the articles before and after it in its hot buckets."""
    near = []
    firsts = np.searchsorted(row_buckets, buckets, side="left").tolist()
    ends = np.searchsorted(row_buckets, buckets, side="right").tolist()
    for bucket, owner, first, end in zip(buckets.tolist(), owners.tolist(), firsts, ends, strict=True):
        members = row_articles[first:end]
        place = int(np.searchsorted(members, owner))
        before, after = settled.get((bucket, owner), (None, None))
        lower = [*members[max(place - 1, 0) : place].tolist(), *([] if before is None else [before])]
        higher = [*members[members > owner][:1].tolist(), *([] if after is None else [after])]
        near += [(owner, max(lower))] if lower else []
        near += [(owner, min(higher))] if higher else []
    return np.array(near, dtype=np.int64).reshape(-1, 2)


def _settled_neighbours(session: Session, buckets: Int64s, owners: Int64s) -> _Neighbours:
    if not len(buckets):
        return {}
    pairs = list(zip(buckets.tolist(), owners.tolist(), strict=True))
    return {
        (bucket, owner): (before, after) for bucket, owner, before, after in hot_neighbours(session, pairs)
    }
