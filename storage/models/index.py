"""Tables of the index that finds candidate pairs; signatures are in the module beside this one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigId, PrimaryId


class BandRecent(Base):
    """The newest part of the index: what one transaction added, until it is settled into segments.

    Rows are only added or replaced whole; the nonce tells a program that it has read a row before.
    """

    __tablename__ = "band_recent"
    __table_args__ = (
        CheckConstraint("posting_count >= 1", name="posting_count"),
        {"comment": "Index of candidate pairs: postings not settled yet, one row a transaction"},
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the row")
    nonce: Mapped[int] = mapped_column(comment="Random: equal means unchanged")
    posting_count: Mapped[int] = mapped_column(comment="Postings in the row")
    postings: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Postings by key: bucket as a key of 64 bits, article of 32, little-endian"
    )


class BandSegment(Base):
    """A settled part of the index: all postings of a range of keys that were settled together.

    Its postings are in the pages with numbers from id * 2**20.
    """

    __tablename__ = "band_segment"
    __table_args__ = (
        CheckConstraint("slice_number BETWEEN 0 AND 127", name="slice_number"),
        CheckConstraint("level >= 0", name="level"),
        CheckConstraint("page_bits BETWEEN 0 AND 20", name="page_bits"),
        Index(None, "level", "slice_number"),
        {"comment": "Index of candidate pairs: sorted segments, merged as they grow in number"},
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the segment")
    nonce: Mapped[int] = mapped_column(comment="Random: equal means the same filter")
    slice_number: Mapped[int] = mapped_column(Integer, comment="The first 7 bits of its keys")
    level: Mapped[int] = mapped_column(Integer, comment="How often its postings have been merged")
    posting_count: Mapped[int] = mapped_column(comment="Postings when it was written")
    page_bits: Mapped[int] = mapped_column(
        Integer, comment="Bits of the key, after the first 7, that number a page"
    )
    filter_size: Mapped[int] = mapped_column(comment="Bytes of the filter")
    filter_bits: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Bloom filter of its keys: 12 bits a posting, 3 probes"
    )


class BandPage(Base):
    """A page of a segment: the postings whose keys begin with the same bits.

    No foreign key: the number says the segment. ``db check`` looks for orphans.
    """

    __tablename__ = "band_page"
    __table_args__ = ({"comment": "Index of candidate pairs: pages of segments"},)

    id: Mapped[int] = mapped_column(
        BigId,
        primary_key=True,
        autoincrement=False,
        comment="Number of the segment * 2**20 + number of the page",
    )
    postings: Mapped[bytes] = mapped_column(LargeBinary, comment="Postings by key, as in band_recent")


class BandHot(Base):
    """The articles of hot buckets, which are looked up by neighbourhood.

    No foreign key: it would need a second index half as large as the table. ``db check`` looks for orphans.
    """

    __tablename__ = "band_hot"
    __table_args__ = (
        {"comment": "Index of candidate pairs: articles of hot buckets", "sqlite_with_rowid": False},
    )

    bucket: Mapped[int] = mapped_column(
        primary_key=True, comment="View, band number and the band's values, mixed to signed 64 bits"
    )
    article_id: Mapped[int] = mapped_column(
        primary_key=True, comment="Article whose signature has the bucket"
    )


class HotBucket(Base):
    """A bucket that more articles share than the cap allows: boilerplate."""

    __tablename__ = "hot_bucket"
    __table_args__ = (
        CheckConstraint("article_count >= 1", name="article_count"),
        {"comment": "Buckets that too many articles share to compare all of them with each other"},
    )

    bucket: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Bucket as in band_hot"
    )
    article_count: Mapped[int] = mapped_column(Integer, comment="Articles that shared it when it was capped")
    capped_at: Mapped[datetime] = mapped_column(comment="When it was capped")
