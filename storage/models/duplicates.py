"""Tables of verified pairs, the clusters derived from them, and what happened to clusters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column

from dedup.values import Label, Relation
from storage.models.base import Base, BigId, JsonColumn, PrimaryId, words_of
from storage.values import ClusterEventKind, ClusterState, JsonValue, Review

_RATIOS = (
    "similarity",
    "containment_low",
    "containment_high",
    "replaced_ratio",
    "synonym_ratio",
    "anchor_agreement_ratio",
)


class DuplicatePair(Base):
    """Two articles that alignment has verified as copies, with the evidence."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="order"),
        *(CheckConstraint(f"{name} BETWEEN 0 AND 1", name=name) for name in _RATIOS),
        CheckConstraint(
            "likely_original_id IS NULL OR likely_original_id IN (low_id, high_id)", name="likely_original_id"
        ),
        CheckConstraint("(review IS NULL) = (reviewed_at IS NULL)", name="reviewed_at"),
        Index(None, "high_id"),
        Index(None, "label"),
        Index(None, "found_at"),
        {"comment": "Verified copies, two articles a row, with the evidence"},
    )

    low_id: Mapped[int] = mapped_column(
        BigId,
        ForeignKey("article.id", ondelete="CASCADE"),
        primary_key=True,
        comment="Article, the lower number",
    )
    high_id: Mapped[int] = mapped_column(
        BigId,
        ForeignKey("article.id", ondelete="CASCADE"),
        primary_key=True,
        comment="Article, the higher number",
    )
    label: Mapped[Label] = mapped_column(
        words_of(Label, "label"), comment="exact, near, excerpt, spun or rewritten"
    )
    relation: Mapped[Relation] = mapped_column(words_of(Relation, "relation"), comment="copy or revision")
    joins_cluster: Mapped[bool] = mapped_column(comment="Whether the detector puts both into one cluster")
    similarity: Mapped[float] = mapped_column(Float, comment="Aligned words of both / words of both")
    containment_low: Mapped[float] = mapped_column(Float, comment="Aligned words of the lower / its words")
    containment_high: Mapped[float] = mapped_column(Float, comment="Aligned words of the higher / its words")
    replaced_ratio: Mapped[float] = mapped_column(
        Float, comment="Words of both in substitutions / words of both in the aligned part"
    )
    synonym_ratio: Mapped[float] = mapped_column(
        Float, comment="Substitutions found in the lexicon / substitutions"
    )
    anchor_agreement_ratio: Mapped[float] = mapped_column(
        Float, comment="Agreeing names and numbers / agreeing and conflicting ones"
    )
    aligned_word_count: Mapped[int] = mapped_column(Integer, comment="Aligned words of the shorter text")
    word_count_low: Mapped[int] = mapped_column(Integer, comment="Words of the lower")
    word_count_high: Mapped[int] = mapped_column(Integer, comment="Words of the higher")
    substitutions: Mapped[list[JsonValue]] = mapped_column(
        JsonColumn, comment="Objects with low, high, is_synonym, count"
    )
    agreeing_anchors: Mapped[list[JsonValue]] = mapped_column(JsonColumn, comment="Names and numbers in both")
    conflicting_anchors: Mapped[list[JsonValue]] = mapped_column(
        JsonColumn, comment="Names and numbers that differ: [of the lower, of the higher]"
    )
    features: Mapped[dict[str, JsonValue]] = mapped_column(JsonColumn, comment="What the decision looked at")
    reason: Mapped[str] = mapped_column(Text, comment="Why it is called a duplicate, in a sentence")
    credit: Mapped[str | None] = mapped_column(Text, comment="Agency or original that a text names")
    likely_original_id: Mapped[int | None] = mapped_column(
        BigId, comment="Article that is likely the original"
    )
    direction_reason: Mapped[str | None] = mapped_column(Text, comment="Why that one is likely the original")
    detector_fingerprint: Mapped[str] = mapped_column(
        String(64), comment="Version tag of thresholds and decision that judged the pair"
    )
    found_at: Mapped[datetime] = mapped_column(comment="When the pair was first found")
    judged_at: Mapped[datetime] = mapped_column(comment="When it was last judged")
    review: Mapped[Review | None] = mapped_column(
        words_of(Review, "review"), comment="Analyst's verdict, outranks the detector: confirmed or rejected"
    )
    review_note: Mapped[str | None] = mapped_column(Text, comment="Analyst's reason")
    reviewed_at: Mapped[datetime | None] = mapped_column(comment="When the verdict was given")


class Cluster(Base):
    """A connected component of joining duplicate pairs; its number stays valid for ever."""

    __tablename__ = "cluster"
    __table_args__ = (
        CheckConstraint(
            "(state = 'active') = (canonical_article_id IS NOT NULL)", name="canonical_article_id"
        ),
        CheckConstraint("merged_into_id IS NULL OR state = 'retired'", name="merged_into_id"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        CheckConstraint(
            "(state = 'active' AND member_count >= 2) OR (state <> 'active' AND member_count = 0)",
            name="member_count",
        ),
        Index(None, "canonical_article_id"),
        Index(None, "updated_at"),
        {"comment": "Stories: articles connected by joining pairs", "sqlite_autoincrement": True},
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the cluster; never used again")
    state: Mapped[ClusterState] = mapped_column(words_of(ClusterState, "state"), comment="active or retired")
    merged_into_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("cluster.id"), index=True, comment="Cluster that took its members"
    )
    canonical_article_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("article.id"), comment="Article kept for the cluster"
    )
    canonical_reason: Mapped[str] = mapped_column(
        Text, default="", server_default=sql_text("''"), comment="Why that article"
    )
    member_count: Mapped[int] = mapped_column(Integer, comment="Members")
    created_at: Mapped[datetime] = mapped_column(comment="When it was first found")
    updated_at: Mapped[datetime] = mapped_column(comment="When its members last changed")


class ClusterMember(Base):
    """An article's place in a cluster; an article is in one at most."""

    __tablename__ = "cluster_member"
    __table_args__ = ({"comment": "Which articles a cluster has"},)

    article_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, comment="Article"
    )
    cluster_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("cluster.id"), index=True, comment="Its cluster"
    )
    joined_at: Mapped[datetime] = mapped_column(comment="When it came into this cluster")


class ClusterEvent(Base):
    """Something that happened to a cluster."""

    __tablename__ = "cluster_event"
    __table_args__ = (
        CheckConstraint("member_count >= 0", name="member_count"),
        Index(None, "cluster_id"),
        Index(None, "happened_at"),
        {"comment": "What happened to clusters, in order"},
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the event; the order of events")
    cluster_id: Mapped[int] = mapped_column(BigId, ForeignKey("cluster.id"), comment="Cluster")
    kind: Mapped[ClusterEventKind] = mapped_column(
        words_of(ClusterEventKind, "kind"), comment="created, grown, merged, shrunk, split or retired"
    )
    member_count: Mapped[int] = mapped_column(Integer, comment="Members after the event")
    other_cluster_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("cluster.id"), comment="Cluster that members went to or came from"
    )
    happened_at: Mapped[datetime] = mapped_column(comment="When")
