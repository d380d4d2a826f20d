"""Tables of articles, their earlier versions, and the index that finds their copies."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column

from dedup.values import TimePrecision
from storage.models.base import Base, BigId, JsonColumn, NullableJson, PrimaryId, words_of
from storage.values import DedupState, JsonValue


class Article(Base):
    """One fetched news text at one URL, in its current version."""

    __tablename__ = "article"
    __table_args__ = (
        CheckConstraint("word_count >= 0", name="word_count"),
        CheckConstraint("version_number >= 1", name="version_number"),
        CheckConstraint("(published_at IS NULL) = (published_precision IS NULL)", name="published"),
        # Of times stored before it was noted the precision is not known.
        CheckConstraint("modified_precision IS NULL OR modified_at IS NOT NULL", name="modified"),
        Index(None, "text_hash"),
        Index(None, "source_id", "first_seen_at"),
        Index(None, "first_seen_at"),
        Index(
            "ix_article_unresolved",
            "id",
            sqlite_where=sql_text("dedup_state <> 'done'"),
            postgresql_where=sql_text("dedup_state <> 'done'"),
        ),
        {
            "comment": "Fetched news texts, one row a URL, in their current version",
            "sqlite_autoincrement": True,
        },
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the article")
    source_id: Mapped[int] = mapped_column(BigId, ForeignKey("source.id"), comment="Publisher")
    run_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("crawl_run.id", ondelete="SET NULL"), index=True, comment="Run that stored it first"
    )
    url: Mapped[str] = mapped_column(Text, comment="Address it was fetched from")
    identity_url: Mapped[str] = mapped_column(Text, unique=True, comment="Normalised address, one an article")
    declared_canonical_url: Mapped[str | None] = mapped_column(
        Text, comment="rel=canonical, as the page has it"
    )
    declared_original_url: Mapped[str | None] = mapped_column(
        Text, comment="Address on another host that the page names as its original"
    )
    title: Mapped[str | None] = mapped_column(Text, comment="Headline without the site's suffix")
    byline: Mapped[str | None] = mapped_column(Text, comment="Authors, as printed")
    language: Mapped[str | None] = mapped_column(Text, comment="Language of the text")
    section: Mapped[str | None] = mapped_column(Text, comment="Section that the page names")
    image_url: Mapped[str | None] = mapped_column(Text, comment="Lead image")
    credit: Mapped[str | None] = mapped_column(Text, comment="Agency named in the page")
    is_paywalled: Mapped[bool | None] = mapped_column(comment="Whether the page says it is not free")
    refuses_ai_training: Mapped[bool | None] = mapped_column(
        comment="Whether the page opts out of AI training"
    )
    published_at: Mapped[datetime | None] = mapped_column(
        comment="Publication time that the publisher states"
    )
    published_precision: Mapped[TimePrecision | None] = mapped_column(
        words_of(TimePrecision, "published_precision"), comment="second, minute, day, month or year"
    )
    published_origin: Mapped[str | None] = mapped_column(Text, comment="Where that time was found")
    modified_at: Mapped[datetime | None] = mapped_column(
        comment="Modification time that the publisher states"
    )
    modified_precision: Mapped[TimePrecision | None] = mapped_column(
        words_of(TimePrecision, "modified_precision"), comment="second, minute, day, month or year"
    )
    modified_origin: Mapped[str | None] = mapped_column(Text, comment="Where that time was found")
    keywords: Mapped[list[JsonValue] | None] = mapped_column(
        NullableJson, comment="Keywords that its listing or its page gives"
    )
    first_seen_at: Mapped[datetime] = mapped_column(comment="When a feed or page first listed it")
    fetched_at: Mapped[datetime] = mapped_column(comment="When its current version was fetched")
    extractor: Mapped[str] = mapped_column(
        Text,
        default="",
        server_default=sql_text("''"),
        comment="Program and version that read the page",
    )
    content_hash: Mapped[str | None] = mapped_column(Text, comment="Hash of the fetched bytes")
    text: Mapped[str | None] = mapped_column(Text, comment="Text of the article; NULL once pruned")
    text_hash: Mapped[str] = mapped_column(String(64), comment="Hash of the normalised text: equal texts")
    word_count: Mapped[int] = mapped_column(Integer, comment="Words of the text")
    version_number: Mapped[int] = mapped_column(
        Integer, default=1, server_default=sql_text("1"), comment="1 for the first text seen at this URL"
    )
    dedup_state: Mapped[DedupState] = mapped_column(
        words_of(DedupState, "dedup_state"),
        comment="pending, claimed (being looked up) or done: whether its copies are known",
    )


class ArticleVersion(Base):
    """An earlier text of an article."""

    __tablename__ = "article_version"
    __table_args__ = (
        CheckConstraint("version_number >= 1", name="version_number"),
        {"comment": "Earlier texts of articles: changed by their publisher, or read by an earlier extractor"},
    )

    article_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, comment="Article"
    )
    version_number: Mapped[int] = mapped_column(
        Integer, primary_key=True, comment="1 for the first text seen"
    )
    title: Mapped[str | None] = mapped_column(Text, comment="Headline of that version")
    text: Mapped[str | None] = mapped_column(Text, comment="Text of that version; NULL once pruned")
    text_hash: Mapped[str] = mapped_column(String(64), comment="Hash of its normalised text")
    word_count: Mapped[int] = mapped_column(Integer, comment="Words of its text")
    modified_at: Mapped[datetime | None] = mapped_column(comment="Modification time stated then")
    fetched_at: Mapped[datetime] = mapped_column(comment="When it was fetched")
    replaced_at: Mapped[datetime] = mapped_column(comment="When the next version was fetched")
    extractor: Mapped[str] = mapped_column(
        Text, server_default=sql_text("''"), comment="Program and version that read that version"
    )


class ArticleSighting(Base):
    """A feed, sitemap or page that listed an article."""

    __tablename__ = "article_sighting"
    __table_args__ = (
        CheckConstraint("last_seen_at >= first_seen_at", name="last_seen_at"),
        {"comment": "Which feed listed an article, and when"},
    )

    article_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, comment="Article"
    )
    feed_url: Mapped[str] = mapped_column(Text, primary_key=True, comment="Address of the feed or page")
    first_seen_at: Mapped[datetime] = mapped_column(comment="First fetch that came from this listing")
    last_seen_at: Mapped[datetime] = mapped_column(comment="Last fetch that came from this listing")


class Signature(Base):
    """The min-hash signature of an article's current text."""

    __tablename__ = "signature"
    __table_args__ = (
        Index(None, "signature_fingerprint", "article_id"),
        {"comment": "Signatures of current texts; comparable only under one signature_fingerprint"},
    )

    article_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, comment="Article"
    )
    signature_fingerprint: Mapped[str] = mapped_column(
        String(64), comment="Version tag of hash, normaliser, views, lexicon, word lists, permutations"
    )
    language: Mapped[str] = mapped_column(Text, comment="Language whose word lists were used")
    minhash: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Min-hash values of all views, little-endian uint32, one after the other"
    )
    passages: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Sampled passages of the text, little-endian uint32, ascending"
    )
    buckets: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Buckets of the signature, little-endian int64, sorted"
    )
    is_indexed: Mapped[bool] = mapped_column(
        comment="Whether its buckets are in the index: one article represents all with equal text"
    )


class SourceLine(Base):
    """A line of a source's articles, and how many hold it."""

    __tablename__ = "source_line"
    __table_args__ = (
        CheckConstraint("unrelated_count >= 0 AND article_count >= unrelated_count", name="article_count"),
        CheckConstraint(
            "late_article_count >= 0 AND (is_boilerplate OR late_article_count = 0)",
            name="late_article_count",
        ),
        Index(
            "ix_source_line_boilerplate",
            "source_id",
            "line_hash",
            sqlite_where=sql_text("is_boilerplate"),
            postgresql_where=sql_text("is_boilerplate"),
        ),
        {
            "comment": "Lines of each source's articles, to tell what a source repeats (boilerplate)",
            "sqlite_with_rowid": False,
        },
    )

    source_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("source.id", ondelete="CASCADE"), primary_key=True, comment="Publisher"
    )
    line_hash: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Hash of the line without case and spaces"
    )
    article_count: Mapped[int] = mapped_column(
        Integer, comment="Articles that hold it and are not a revision of an earlier one"
    )
    unrelated_count: Mapped[int] = mapped_column(
        Integer, comment="Those of them that share little else with earlier articles of the source"
    )
    is_boilerplate: Mapped[bool] = mapped_column(
        comment="Whether it is left out of what is signed and judged"
    )
    late_article_count: Mapped[int] = mapped_column(
        Integer, comment="Articles signed with it before it was known as boilerplate; 0 after a re-index"
    )


class Setting(Base):
    """What the whole database was built with."""

    __tablename__ = "setting"
    __table_args__ = ({"comment": "What the whole database was built with"},)

    name: Mapped[str] = mapped_column(
        String(60), primary_key=True, comment="signature_fingerprint, reindex, ..."
    )
    value: Mapped[JsonValue] = mapped_column(JsonColumn, comment="Its value")
