"""The parts of the index in SQL: recent postings, segments with their pages, rows of hot buckets; finds nothing.

Readers must see one consistent state, for settling moves postings from part to part. Whoever changes what is there
already holds the index lock; adding recent postings needs none.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import bindparam, delete, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from storage.engine import BINARY, is_sqlite
from storage.index.postings import build_filter, page_bits, page_range, split_pages, unpack
from storage.models import BandHot, BandPage, BandRecent, BandSegment, HotBucket
from storage.sql import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from storage.index.postings import Bits, Int64s, Postings

# Name of the advisory lock under which what is in the index moves or leaves.
_INDEX_LOCK = 0x6E657774
_ARRAY = ARRAY(BigInteger)


@dataclass(frozen=True, slots=True)
class Segment:
    """What is known of a segment without its pages and its filter."""

    id: int
    nonce: int
    slice_number: int
    level: int
    posting_count: int
    page_bits: int
    filter_size: int


def lock_index(session: Session, *, waits: bool = True) -> bool:
    """Take the index lock to the end of the transaction; False when it is taken and ``waits`` is not set."""
    if is_sqlite(session):
        return True
    if waits:
        session.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _INDEX_LOCK})
        return True
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:name)"), {"name": _INDEX_LOCK}))


def add_recent(session: Session, postings: Postings) -> None:
    """Add sorted postings as one row. Writes."""
    if len(postings):
        row = {"nonce": _nonce(), "posting_count": len(postings), "postings": postings.tobytes()}
        session.execute(insert(BandRecent), [row])


def recent_rows(session: Session) -> list[tuple[int, int, int]]:
    """Number, nonce and posting count of every recent row."""
    query = select(BandRecent.id, BandRecent.nonce, BandRecent.posting_count).order_by(BandRecent.id)
    return [(row.id, row.nonce, row.posting_count) for row in session.execute(query)]


def load_recent(session: Session, row_ids: Iterable[int]) -> dict[int, Postings]:
    """Recent postings by the number of their row."""
    found = {}
    for chunk in chunks(row_ids):
        query = select(BandRecent.id, BandRecent.postings).where(BandRecent.id.in_(chunk))
        found.update(
            {row_id: unpack(packed) for row_id, packed in session.execute(query, execution_options=BINARY)}
        )
    return found


def delete_recent(session: Session, row_ids: Iterable[int]) -> None:
    """Take recent rows away. Writes."""
    for chunk in chunks(row_ids):
        session.execute(delete(BandRecent).where(BandRecent.id.in_(chunk)))


def list_segments(session: Session) -> list[Segment]:
    """Every segment, by slice."""
    query = select(
        BandSegment.id,
        BandSegment.nonce,
        BandSegment.slice_number,
        BandSegment.level,
        BandSegment.posting_count,
        BandSegment.page_bits,
        BandSegment.filter_size,
    )
    return [
        Segment(*row) for row in session.execute(query.order_by(BandSegment.slice_number, BandSegment.id))
    ]


def load_filters(session: Session, segment_ids: Iterable[int]) -> dict[int, Bits]:
    """Filters by the nonce of their segment."""
    found = {}
    for chunk in chunks(segment_ids, 50):
        query = select(BandSegment.nonce, BandSegment.filter_bits).where(BandSegment.id.in_(chunk))
        for nonce, bits in session.execute(query, execution_options=BINARY):
            found[nonce] = np.frombuffer(bits, dtype=np.uint8)
    return found


def write_segment(session: Session, slice_number: int, level: int, postings: Postings) -> None:
    """Write sorted postings of one slice as a segment. Writes."""
    bits = build_filter(postings)
    row = {
        "nonce": _nonce(),
        "slice_number": slice_number,
        "level": level,
        "posting_count": len(postings),
        "page_bits": page_bits(len(postings)),
        "filter_size": len(bits),
        "filter_bits": bits,
    }
    segment_id = session.execute(insert(BandSegment).values(row).returning(BandSegment.id)).scalar_one()
    _write_pages(session, split_pages(postings, segment_id))


def load_segment(session: Session, segment_id: int) -> Postings:
    """All postings of a segment, sorted by key."""
    first, last = page_range(segment_id)
    query = select(BandPage.postings).where(BandPage.id.between(first, last)).order_by(BandPage.id)
    return unpack(b"".join(session.scalars(query, execution_options=BINARY)))


def delete_segment(session: Session, segment_id: int) -> None:
    """Take a segment away with its pages. Writes."""
    first, last = page_range(segment_id)
    session.execute(delete(BandPage).where(BandPage.id.between(first, last)))
    session.execute(delete(BandSegment).where(BandSegment.id == segment_id))


def read_pages(session: Session, page_numbers: Int64s) -> dict[int, bytes]:
    """Pages by number; a page without postings has no row."""
    if not len(page_numbers):
        return {}
    connection = session.connection()
    wanted = page_numbers.tolist()
    if is_sqlite(session):
        result = connection.exec_driver_sql(
            "SELECT page.id, page.postings FROM json_each(?) AS wanted "
            "CROSS JOIN band_page AS page ON page.id = wanted.value",
            (json.dumps(wanted),),
        )
    else:
        result = connection.exec_driver_sql(
            "SELECT wanted.id, page.postings FROM unnest(%b::bigint[]) AS wanted (id) CROSS JOIN LATERAL "
            "(SELECT postings FROM band_page WHERE band_page.id = wanted.id OFFSET 0) AS page",
            (wanted,),
            execution_options=BINARY,
        )
    # The driver's plain tuples: building SQLAlchemy's rows would cost more than the query.
    rows = result.cursor.fetchall() if result.cursor is not None else []
    result.close()
    return dict(rows)


def replace_pages(session: Session, pages: Mapping[int, Postings]) -> None:
    """Write pages anew in place of what they were. Writes."""
    for chunk in chunks(sorted(pages)):
        session.execute(delete(BandPage).where(BandPage.id.in_(chunk)))
    _write_pages(
        session, [(number, pages[number].tobytes()) for number in sorted(pages) if len(pages[number])]
    )


def add_hot(session: Session, buckets: Int64s, articles: Int64s) -> None:
    """Add articles of hot buckets, as parallel arrays. Writes."""
    if not len(buckets):
        return
    if is_sqlite(session):
        session.connection().exec_driver_sql(
            "INSERT OR IGNORE INTO band_hot (bucket, article_id) VALUES (?, ?)",
            list(zip(buckets.tolist(), articles.tolist(), strict=True)),
        )
    else:
        session.execute(
            text(
                "INSERT INTO band_hot (bucket, article_id) SELECT * FROM unnest(:buckets, :articles) "
                "ON CONFLICT DO NOTHING"
            ).bindparams(bindparam("buckets", type_=_ARRAY), bindparam("articles", type_=_ARRAY)),
            {"buckets": buckets.tolist(), "articles": articles.tolist()},
        )


def remove_hot(session: Session, buckets: Int64s, articles: Int64s) -> None:
    """Take articles out of hot buckets. Writes."""
    if is_sqlite(session):
        rows = list(zip(buckets.tolist(), articles.tolist(), strict=True))
        session.connection().exec_driver_sql("DELETE FROM band_hot WHERE bucket = ? AND article_id = ?", rows)
    else:
        session.execute(
            text(
                "DELETE FROM band_hot USING unnest(:buckets, :articles) AS gone (bucket, article_id) "
                "WHERE band_hot.bucket = gone.bucket AND band_hot.article_id = gone.article_id"
            ).bindparams(bindparam("buckets", type_=_ARRAY), bindparam("articles", type_=_ARRAY)),
            {"buckets": buckets.tolist(), "articles": articles.tolist()},
        )


def hot_neighbours(
    session: Session, pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int | None, int | None]]:
    """Bucket, owner, the article before and the one after it in the rows of the hot bucket."""
    keys = (
        "(SELECT json_extract(value, '$[0]') AS bucket, json_extract(value, '$[1]') AS owner FROM json_each(:keys))"
        if is_sqlite(session)
        else "(SELECT (pair->>0)::bigint AS bucket, (pair->>1)::bigint AS owner "
        "FROM jsonb_array_elements(CAST(:keys AS jsonb)) AS pair)"
    )
    query = text(
        f"SELECT bucket, owner, "  # noqa: S608 -- no value is interpolated
        f"(SELECT max(article_id) FROM band_hot WHERE bucket = wanted.bucket AND article_id < owner), "
        f"(SELECT min(article_id) FROM band_hot WHERE bucket = wanted.bucket AND article_id > owner) "
        f"FROM {keys} AS wanted"
    )
    for bucket, owner, before, after in session.execute(query, {"keys": json.dumps(pairs)}).all():
        yield int(bucket), int(owner), before, after


def empty_index(session: Session) -> None:
    """Take everything out of the index. Writes."""
    for table in (BandRecent, BandPage, BandSegment, BandHot, HotBucket):
        session.execute(delete(table) if is_sqlite(session) else text(f"TRUNCATE {table.__tablename__}"))


def _write_pages(session: Session, pages: Sequence[tuple[int, bytes]]) -> None:
    if not pages:
        return
    connection = session.connection()
    if is_sqlite(session):
        connection.exec_driver_sql("INSERT INTO band_page (id, postings) VALUES (?, ?)", list(pages))
    else:
        connection.exec_driver_sql(
            "INSERT INTO band_page (id, postings) SELECT * FROM unnest(%b::bigint[], %b::bytea[])",
            ([number for number, _ in pages], [packed for _, packed in pages]),
        )


def _nonce() -> int:
    return secrets.randbits(63)
