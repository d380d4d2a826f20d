"""Pack the index: postings in sorted segments, in place of one row a bucket and article.

Why: a million articles have more than a hundred million buckets. As rows they can be written at 500 articles a
second at best; packed, sorted and merged they are no longer what takes the time (docs/decisions/0015).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterator

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_POSTING = np.dtype([("key", "<u8"), ("article", "<u4")])
_STEP = 0x9E3779B97F4A7C15
_INVERSE = pow(_STEP, -1, 1 << 64)
_ROWS = 200_000
_COMMENTS = {
    "TABLE hot_bucket": "Buckets that too many articles share to compare all of them with each other",
    "COLUMN hot_bucket.bucket": "Bucket as in band_hot",
    "COLUMN signature.is_indexed": "Whether its buckets are in the index: one article represents all with equal text",
}
_OLD_COMMENTS = {
    "TABLE hot_bucket": "Buckets left out of the index because too many articles share them",
    "COLUMN hot_bucket.bucket": "Bucket as in band, whose rows are gone",
    "COLUMN signature.is_indexed": "Whether its buckets are in band: one article represents all with equal text",
}


def upgrade() -> None:
    _create()
    connection = op.get_bind()
    recent = sa.table(
        "band_recent",
        sa.column("nonce", sa.BigInteger),
        sa.column("posting_count", sa.BigInteger),
        sa.column("postings", sa.LargeBinary),
    )
    query = sa.text("SELECT bucket, article_id FROM band").execution_options(yield_per=_ROWS)
    with connection.execute(query) as result:
        for rows in result.partitions(_ROWS):
            packed = _packed(np.array(rows, dtype=np.int64))
            row = {"nonce": secrets.randbits(63), "posting_count": len(rows), "postings": packed}
            connection.execute(recent.insert(), [row])
    op.drop_table("band")
    _comment(_COMMENTS)


def downgrade() -> None:
    _comment(_OLD_COMMENTS)
    op.create_table(
        "band",
        sa.Column(
            "bucket",
            sa.BigInteger(),
            nullable=False,
            comment="View, band number and the band's values, mixed to signed 64 bits",
        ),
        sa.Column(
            "article_id", sa.BigInteger(), nullable=False, comment="Article whose signature has the bucket"
        ),
        sa.PrimaryKeyConstraint("bucket", "article_id", name=op.f("pk_band")),
        sqlite_with_rowid=False,
        comment="Index of candidate pairs: articles by bucket",
    )
    connection = op.get_bind()
    band = sa.table("band", sa.column("bucket", sa.BigInteger), sa.column("article_id", sa.BigInteger))
    for rows in _unpacked(connection):
        if rows:
            connection.execute(band.insert(), rows)
    connection.execute(sa.text("INSERT INTO band SELECT bucket, article_id FROM band_hot"))
    for table in ("band_hot", "band_page", "band_segment", "band_recent"):
        op.drop_table(table)


def _create() -> None:
    op.create_table(
        "band_hot",
        sa.Column(
            "bucket",
            sa.BigInteger(),
            nullable=False,
            comment="View, band number and the band's values, mixed to signed 64 bits",
        ),
        sa.Column(
            "article_id", sa.BigInteger(), nullable=False, comment="Article whose signature has the bucket"
        ),
        sa.PrimaryKeyConstraint("bucket", "article_id", name=op.f("pk_band_hot")),
        comment="Index of candidate pairs: articles of hot buckets",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "band_page",
        sa.Column(
            "id",
            _ID,
            autoincrement=False,
            nullable=False,
            comment="Number of the segment * 2**20 + number of the page",
        ),
        sa.Column("postings", sa.LargeBinary(), nullable=False, comment="Postings by key, as in band_recent"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_band_page")),
        comment="Index of candidate pairs: pages of segments",
    )
    op.create_table(
        "band_recent",
        sa.Column("id", _ID, nullable=False, comment="Number of the row"),
        sa.Column("nonce", sa.BigInteger(), nullable=False, comment="Random: equal means unchanged"),
        sa.Column("posting_count", sa.BigInteger(), nullable=False, comment="Postings in the row"),
        sa.Column(
            "postings",
            sa.LargeBinary(),
            nullable=False,
            comment="Postings by key: bucket as a key of 64 bits, article of 32, little-endian",
        ),
        sa.CheckConstraint("posting_count >= 1", name=op.f("ck_band_recent_posting_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_band_recent")),
        comment="Index of candidate pairs: postings not settled yet, one row a transaction",
    )
    op.create_table(
        "band_segment",
        sa.Column("id", _ID, nullable=False, comment="Number of the segment"),
        sa.Column("nonce", sa.BigInteger(), nullable=False, comment="Random: equal means the same filter"),
        sa.Column("slice_number", sa.Integer(), nullable=False, comment="The first 7 bits of its keys"),
        sa.Column("level", sa.Integer(), nullable=False, comment="How often its postings have been merged"),
        sa.Column("posting_count", sa.BigInteger(), nullable=False, comment="Postings when it was written"),
        sa.Column(
            "page_bits",
            sa.Integer(),
            nullable=False,
            comment="Bits of the key, after the first 7, that number a page",
        ),
        sa.Column("filter_size", sa.BigInteger(), nullable=False, comment="Bytes of the filter"),
        sa.Column(
            "filter_bits",
            sa.LargeBinary(),
            nullable=False,
            comment="Bloom filter of its keys: 12 bits a posting, 3 probes",
        ),
        sa.CheckConstraint("level >= 0", name=op.f("ck_band_segment_level")),
        sa.CheckConstraint("page_bits BETWEEN 0 AND 20", name=op.f("ck_band_segment_page_bits")),
        sa.CheckConstraint("slice_number BETWEEN 0 AND 127", name=op.f("ck_band_segment_slice_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_band_segment")),
        comment="Index of candidate pairs: sorted segments, merged as they grow in number",
    )
    op.create_index(
        op.f("ix_band_segment_level_slice_number"), "band_segment", ["level", "slice_number"], unique=False
    )
    if op.get_bind().dialect.name == "postgresql":
        # Trying to compress random bits would cost more than writing them.
        for table, column in (
            ("band_recent", "postings"),
            ("band_page", "postings"),
            ("band_segment", "filter_bits"),
        ):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def _comment(comments: dict[str, str]) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        for place, comment in comments.items():
            op.execute(f"COMMENT ON {place} IS '{comment}'")


def _packed(rows: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> bytes:
    keys = np.ascontiguousarray(rows[:, 0]).view(np.uint64) * np.uint64(_STEP)
    order = np.argsort(keys)
    postings = np.empty(len(rows), dtype=_POSTING)
    postings["key"], postings["article"] = keys[order], rows[order, 1]
    return postings.tobytes()


def _unpacked(connection: sa.Connection) -> Iterator[list[dict[str, int]]]:
    for table in ("band_recent", "band_page"):
        query = sa.text(f"SELECT postings FROM {table}").execution_options(yield_per=100)  # noqa: S608 -- two constants
        for (packed,) in connection.execute(query):
            postings = np.frombuffer(packed, dtype=_POSTING)
            postings = postings[postings["article"] > 0]
            buckets = (np.ascontiguousarray(postings["key"]) * np.uint64(_INVERSE)).view(np.int64)
            yield [
                {"bucket": bucket, "article_id": article}
                for bucket, article in zip(buckets.tolist(), postings["article"].tolist(), strict=True)
            ]
