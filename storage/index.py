"""The index of candidate pairs in SQL: signatures and the band table; verifies nothing.

Cost: one indexed join a batch. A bucket with more than the cap's articles is *hot*: it links each article with its
neighbours by number alone, as file mode does, so that boilerplate costs no more than its length.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from dedup.values import Signature as SignatureValue
from storage.engine import is_sqlite
from storage.models import Article, HotBucket, Signature
from storage.sql import chunks, insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    Int64s = NDArray[np.int64]

_ARRAY = ARRAY(BigInteger)


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


def add_bands(session: Session, entries: Mapping[int, Int64s]) -> None:
    """Put the buckets of articles into the index; rows go in sorted, which is what a B-tree likes best."""
    buckets, articles = _flatten(entries)
    if not len(buckets):
        return
    if is_sqlite(session):
        rows = list(zip(buckets.tolist(), articles.tolist(), strict=True))
        session.connection().exec_driver_sql(
            "INSERT OR IGNORE INTO band (bucket, article_id) VALUES (?, ?)", rows
        )
    else:
        session.execute(
            text(
                "INSERT INTO band (bucket, article_id) SELECT * FROM unnest(:buckets, :articles) ON CONFLICT DO NOTHING"
            ).bindparams(bindparam("buckets", type_=_ARRAY), bindparam("articles", type_=_ARRAY)),
            {"buckets": buckets.tolist(), "articles": articles.tolist()},
        )


def remove_bands(session: Session, entries: Mapping[int, Int64s]) -> None:
    """Take the buckets of articles out of the index."""
    buckets, articles = _flatten(entries)
    if not len(buckets):
        return
    if is_sqlite(session):
        rows = list(zip(buckets.tolist(), articles.tolist(), strict=True))
        session.connection().exec_driver_sql("DELETE FROM band WHERE bucket = ? AND article_id = ?", rows)
    else:
        session.execute(
            text(
                "DELETE FROM band USING unnest(:buckets, :articles) AS gone (bucket, article_id) "
                "WHERE band.bucket = gone.bucket AND band.article_id = gone.article_id"
            ).bindparams(bindparam("buckets", type_=_ARRAY), bindparam("articles", type_=_ARRAY)),
            {"buckets": buckets.tolist(), "articles": articles.tolist()},
        )


def find_candidates(session: Session, entries: Mapping[int, Int64s], bucket_cap: int) -> Candidates:
    """The pairs that the given articles form with any article of the index, by shared buckets."""
    buckets, owners = _flatten(entries)
    known_hot = np.fromiter(session.scalars(select(HotBucket.bucket)), dtype=np.int64)
    is_hot = np.isin(buckets, known_hot)
    row_buckets, row_articles = _rows_of(session, np.unique(buckets[~is_hot]))
    distinct, starts, counts = np.unique(row_buckets, return_index=True, return_counts=True)
    newly_hot = {
        int(bucket): int(count)
        for bucket, count in zip(distinct.tolist(), counts.tolist(), strict=True)
        if count > bucket_cap
    }
    found = [
        *_all_pairs(buckets[~is_hot], owners[~is_hot], distinct, starts, counts, row_articles, bucket_cap),
        *_neighbours(session, buckets[is_hot], owners[is_hot]),
    ]
    if not found:
        return Candidates((), newly_hot, len(newly_hot) + int(is_hot.sum()))
    pairs = np.unique(np.sort(np.concatenate(found), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return Candidates(
        tuple((low, high) for low, high in pairs.tolist()), newly_hot, len(newly_hot) + int(is_hot.sum())
    )


def remember_hot(session: Session, newly_hot: Mapping[int, int], now: datetime) -> None:
    """Note buckets that have passed the cap."""
    rows = [
        {"bucket": bucket, "article_count": count, "capped_at": now}
        for bucket, count in sorted(newly_hot.items())
    ]
    if rows:
        session.execute(insert_into(session, HotBucket).on_conflict_do_nothing(), rows)


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
    """Empty the index, to be filled again."""
    session.execute(text("DELETE FROM band" if is_sqlite(session) else "TRUNCATE band"))
    session.execute(delete(HotBucket))


def _flatten(entries: Mapping[int, Int64s]) -> tuple[Int64s, Int64s]:
    if not entries:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    buckets = np.concatenate(list(entries.values()))
    owners = np.repeat(np.fromiter(entries, dtype=np.int64), [len(one) for one in entries.values()])
    order = np.lexsort((owners, buckets))
    return buckets[order], owners[order]


def _rows_of(session: Session, buckets: Int64s) -> tuple[Int64s, Int64s]:
    """All rows of the index in the given buckets, sorted by bucket, then article."""
    if not len(buckets):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    connection = session.connection()
    if is_sqlite(session):
        statement = (
            "SELECT band.bucket, band.article_id FROM json_each(?) AS wanted "
            "CROSS JOIN band ON band.bucket = wanted.value"
        )
        result = connection.exec_driver_sql(statement, (json.dumps(buckets.tolist()),))
    else:
        statement = (
            "SELECT wanted.bucket, found.article_id FROM unnest(%s::bigint[]) AS wanted (bucket) "
            "CROSS JOIN LATERAL (SELECT article_id FROM band WHERE band.bucket = wanted.bucket OFFSET 0) AS found"
        )
        result = connection.exec_driver_sql(statement, (buckets.tolist(),))
    # The driver's plain tuples: building SQLAlchemy's rows would cost more than the query.
    rows = result.cursor.fetchall() if result.cursor is not None else []
    result.close()
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    order = np.lexsort((table[:, 1], table[:, 0]))
    return table[order, 0], table[order, 1]


def _all_pairs(
    buckets: Int64s,
    owners: Int64s,
    distinct: Int64s,
    starts: Int64s,
    counts: Int64s,
    row_articles: Int64s,
    bucket_cap: int,
) -> Iterator[Int64s]:
    if not len(distinct):
        return
    positions = np.clip(np.searchsorted(distinct, buckets), 0, len(distinct) - 1)
    is_there = distinct[positions] == buckets
    is_small = is_there & (counts[positions] <= bucket_cap)
    spans = counts[positions[is_small]]
    first = np.repeat(starts[positions[is_small]] - np.cumsum(spans) + spans, spans)
    partners = row_articles[first + np.arange(len(first))]
    yield np.column_stack((np.repeat(owners[is_small], spans), partners))
    for position, owner in zip(
        positions[is_there & ~is_small].tolist(), owners[is_there & ~is_small].tolist(), strict=True
    ):
        members = row_articles[starts[position] : starts[position] + counts[position]]
        place = int(np.searchsorted(members, owner))
        before = members[max(place - 1, 0) : place]
        after = members[members > owner][:1]
        near = np.concatenate((before, after))
        yield np.column_stack((np.full(len(near), owner, dtype=np.int64), near))


def _neighbours(session: Session, buckets: Int64s, owners: Int64s) -> Iterator[Int64s]:
    """The articles before and after each owner in its hot buckets."""
    if not len(buckets):
        return
    keys = (
        "(SELECT json_extract(value, '$[0]') AS bucket, json_extract(value, '$[1]') AS owner FROM json_each(:keys))"
        if is_sqlite(session)
        else "(SELECT (pair->>0)::bigint AS bucket, (pair->>1)::bigint AS owner "
        "FROM jsonb_array_elements(CAST(:keys AS jsonb)) AS pair)"
    )
    query = text(
        f"SELECT owner, (SELECT max(article_id) FROM band WHERE bucket = wanted.bucket AND article_id < owner), "  # noqa: S608 -- no value is interpolated
        f"(SELECT min(article_id) FROM band WHERE bucket = wanted.bucket AND article_id > owner) FROM {keys} AS wanted"
    )
    pairs = list(zip(buckets.tolist(), owners.tolist(), strict=True))
    near = [
        (owner, neighbour)
        for owner, *both in session.execute(query, {"keys": json.dumps(pairs)})
        for neighbour in both
        if neighbour is not None
    ]
    yield np.array(near, dtype=np.int64).reshape(-1, 2)
