"""Duplicate pairs and clusters as they are listed and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.values.words import ClusterOrder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dedup.values import Label, PairMeasures, Relation, TimePrecision
    from storage.values.articles import StoredArticle
    from storage.values.words import ClusterEventKind, Review


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A duplicate pair with its evidence; a is the article with the lower id."""

    article_a: StoredArticle
    article_b: StoredArticle
    label: Label
    relation: Relation
    joins_cluster: bool
    measures: PairMeasures
    reason: str
    credit: str | None
    likely_original_id: int | None
    direction_reason: str | None
    detector_fingerprint: str
    found_at: datetime
    review: Review | None
    review_note: str | None
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PairSummary:
    """One line in a list of duplicate pairs."""

    low_id: int
    high_id: int
    label: Label
    relation: Relation
    joins_cluster: bool
    similarity: float
    containment_low: float
    containment_high: float
    replaced_ratio: float
    synonym_ratio: float
    anchor_agreement_ratio: float
    title_low: str | None
    title_high: str | None
    url_low: str
    url_high: str
    source_low: str
    source_high: str
    review: Review | None
    found_at: datetime
    likely_original_id: int | None
    review_note: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Which duplicate pairs to list; every condition that is set must hold. Times bound ``found_at``.

    ``source`` is the name or host of either article's, ``text`` is a search that either answers.
    ``is_reviewed`` wants an analyst's verdict, whichever.
    """

    label: Label | None = None
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    text: str | None = None
    review: Review | None = None
    is_reviewed: bool = False
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ClusterFilter:
    """Which clusters to list; every condition that is set must hold. Times bound ``first_seen_at``.

    ``text`` is a search that an article of the cluster answers.
    """

    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    label: Label | None = None
    min_size: int = 2
    text: str | None = None
    limit: int | None = None
    offset: int = 0
    order: ClusterOrder = ClusterOrder.LATEST


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """One line in a list of clusters; ``labels`` are those of its joining pairs, with counts."""

    id: int
    member_count: int
    source_count: int
    sources: tuple[str, ...]
    labels: Mapping[Label, int]
    first_seen_at: datetime
    first_published_at: datetime | None
    first_published_precision: TimePrecision | None
    last_seen_at: datetime
    canonical_id: int
    canonical_title: str | None
    canonical_url: str
    canonical_source: str
    canonical_reason: str


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """An article in a cluster, and how it relates to the canonical article.

    ``label`` and ``similarity`` are of the pair with the canonical article, else of the member's most similar
    pair in the cluster (then ``compared_with_id`` names that article); None for the canonical article itself.
    ``lag_seconds`` counts from the canonical article's publication (else first sighting).
    """

    article: StoredArticle
    is_canonical: bool
    label: Label | None
    relation: Relation | None
    similarity: float | None
    compared_with_id: int | None
    lag_seconds: float | None


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """Something that happened to a cluster."""

    cluster_id: int
    kind: ClusterEventKind
    happened_at: datetime
    member_count: int
    other_cluster_id: int | None = None


@dataclass(frozen=True, slots=True)
class ClusterDetail:
    """A cluster with its members in order of publication, its pairs and its history.

    ``asked_id`` differs from ``summary.id`` when the id asked for was merged into this cluster.
    """

    asked_id: int
    summary: ClusterSummary
    members: tuple[ClusterMember, ...]
    pairs: tuple[PairSummary, ...]
    events: tuple[ClusterEvent, ...]
