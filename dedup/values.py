"""The values that go in and out of the algorithm: documents, signatures, verdicts, pairs, clusters.

Frozen and free of behaviour beyond derived ratios; nothing here computes a similarity.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray


class Label(StrEnum):
    """What kind of copy a duplicate pair is."""

    EXACT = "exact"
    NEAR = "near"
    EXCERPT = "excerpt"
    SPUN = "spun"
    REWRITTEN = "rewritten"


class Relation(StrEnum):
    """Whether one text copies the other or is a later state of the same article."""

    COPY = "copy"
    REVISION = "revision"


class TimePrecision(StrEnum):
    """How much of a publication time its publisher stated."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Document:
    """One article as the algorithm sees it: an id, a text, and what is known about it.

    ``boilerplate`` are the hashes of lines of the text that its source repeats (``dedup.boilerplate``): they are
    left out of what is signed and judged.
    """

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    source: str | None = None
    published_at: datetime | None = None
    published_precision: TimePrecision | None = None
    language: str | None = None
    declared_original_url: str | None = None
    first_seen_at: datetime | None = None
    boilerplate: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Signature:
    """What is stored so that later documents can find this one.

    ``minhash`` is ``(num_perm,) uint32``: the min-hash values of all views, one view after the other.
    ``passages`` is ``(n_passages,) uint32``, ascending and distinct: the sampled passages of the text.
    ``buckets`` are distinct signed 64-bit numbers: view, band number and the band's values mixed, or a passage.
    """

    document_id: str
    text_hash: str
    language: str
    word_count: int
    minhash: NDArray[np.uint32]
    passages: NDArray[np.uint32]
    buckets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Substitution:
    """Words of the first text that stand, in the alignment, for words of the second."""

    words_a: str
    words_b: str
    is_synonym: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """What alignment measured between two texts; all ratios lie in [0, 1].

    *Aligned* words are equal in both texts or explained by the lexicon; ``aligned_word_count`` is of those of the
    shorter text. ``replaced_ratio`` is of the words of both inside passages.
    """

    similarity: float
    containment_a: float
    containment_b: float
    replaced_ratio: float
    synonym_ratio: float
    anchor_agreement_ratio: float
    aligned_word_count: int
    word_count_a: int
    word_count_b: int
    agreeing_anchors: tuple[str, ...] = ()
    conflicting_anchors: tuple[tuple[str, str], ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)

    def turned(self) -> PairMeasures:
        """The same measures with the sides exchanged."""
        return replace(
            self,
            containment_a=self.containment_b,
            containment_b=self.containment_a,
            word_count_a=self.word_count_b,
            word_count_b=self.word_count_a,
            substitutions=tuple(
                replace(one, words_a=one.words_b, words_b=one.words_a) for one in self.substitutions
            ),
            conflicting_anchors=tuple((right, left) for left, right in self.conflicting_anchors),
        )


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two documents that alignment has verified as copies; ``id_a < id_b``."""

    id_a: str
    id_b: str
    label: Label
    relation: Relation
    joins_cluster: bool
    measures: PairMeasures
    reason: str
    credit: str | None = None
    likely_original_id: str | None = None
    direction_reason: str | None = None


@dataclass(frozen=True, slots=True)
class RejectedPair:
    """A candidate pair that is not a duplicate, and why; ``id_a < id_b``."""

    id_a: str
    id_b: str
    measures: PairMeasures
    reason: str


class SpanKind(StrEnum):
    """How a stretch of two aligned texts relates."""

    EQUAL = "equal"
    SUBSTITUTED = "substituted"
    ONLY_A = "only_a"
    ONLY_B = "only_b"


@dataclass(frozen=True, slots=True)
class AlignedSpan:
    """A stretch of two aligned texts, as half-open character offsets into each original text.

    ``ONLY_A`` and ``ONLY_B`` spans are empty on the other side. Spans come in the order of text a; a moved
    passage therefore jumps in text b.
    """

    kind: SpanKind
    start_a: int
    end_a: int
    start_b: int
    end_b: int
    is_synonym: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """A connected component of joining duplicate pairs; ``member_ids`` sorted, two or more."""

    cluster_id: str
    canonical_id: str
    canonical_reason: str
    member_ids: tuple[str, ...]
    label_counts: Mapping[Label, int]


@dataclass(frozen=True, slots=True)
class DedupResult:
    """Pairs and clusters of a corpus, sorted, with the counts of every stage."""

    pairs: tuple[DuplicatePair, ...]
    clusters: tuple[Cluster, ...]
    document_count: int
    candidate_pair_count: int
    aligned_pair_count: int
    rejected_pair_count: int

    @property
    def largest_cluster_size(self) -> int:
        """Members of the largest cluster, 0 when there is none."""
        return max((len(cluster.member_ids) for cluster in self.clusters), default=0)
