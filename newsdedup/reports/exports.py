"""The columns and rows of exports: those of the lists, and everything else that is stored.

Must not query or write: it arranges what storage gave. What a column holds follows from the house's naming.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from newsdedup.reports.articles import ARTICLE_COLUMNS, article_row
from newsdedup.reports.clusters import CLUSTER_COLUMNS, PAIR_COLUMNS, pair_row
from newsdedup.reports.summary import EDGE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdedup.reports.values import Column
    from storage.exporting import LeftOut, PairRecord
    from storage.values import StoredArticle

Entry: TypeAlias = Mapping[str, str | int | bool]
ExportCell: TypeAlias = (
    str
    | int
    | float
    | bool
    | datetime
    | timedelta
    | tuple[str, ...]
    | tuple[Entry, ...]
    | Mapping[str, float]
    | None
)
ExportRow: TypeAlias = tuple[ExportCell, ...]


class Kind(StrEnum):
    """What a column's cells are, besides None."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    WORDS = "words"
    COUNTS = "counts"
    NUMBERS = "numbers"
    SUBSTITUTIONS = "substitutions"
    ANCHOR_PAIRS = "anchor_pairs"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column's name, which no later version changes, and what it holds."""

    name: str
    kind: Kind


# What the naming rules below do not tell.
_KINDS = {
    "id_a": Kind.INTEGER,
    "id_b": Kind.INTEGER,
    "word_count_a": Kind.INTEGER,
    "word_count_b": Kind.INTEGER,
    "version_number": Kind.INTEGER,
    "similarity": Kind.NUMBER,
    "containment_a": Kind.NUMBER,
    "containment_b": Kind.NUMBER,
    "joins_cluster": Kind.BOOLEAN,
    "refuses_ai_training": Kind.BOOLEAN,
    "sources": Kind.WORDS,
    "agreeing_anchors": Kind.WORDS,
    "labels": Kind.COUNTS,
    "features": Kind.NUMBERS,
    "substitutions": Kind.SUBSTITUTIONS,
    "conflicting_anchors": Kind.ANCHOR_PAIRS,
}
_BY_ENDING = {
    "_id": Kind.INTEGER,
    "_count": Kind.INTEGER,
    "_ratio": Kind.NUMBER,
    "_seconds": Kind.NUMBER,
    "_at": Kind.TIME,
}


def _column(name: str) -> ExportColumn:
    if kind := _KINDS.get(name):
        return ExportColumn(name, kind)
    if name.startswith("is_"):
        return ExportColumn(name, Kind.BOOLEAN)
    endings = (kind for ending, kind in _BY_ENDING.items() if name.endswith(ending))
    return ExportColumn(name, next(endings, Kind.TEXT))


def _columns(listed: Sequence[Column], *more: str) -> tuple[ExportColumn, ...]:
    return tuple(_column(name) for name in (*(column.name for column in listed), *more))


ARTICLES = _columns(
    ARTICLE_COLUMNS,
    "declared_canonical_url",
    "refuses_ai_training",
    "content_hash",
    "dedup_state",
    "run_id",
    "text",
)
PAIRS = _columns(
    PAIR_COLUMNS,
    "aligned_word_count",
    "word_count_a",
    "word_count_b",
    "substitutions",
    "agreeing_anchors",
    "conflicting_anchors",
    "features",
    "reason",
    "credit",
    "likely_original_id",
    "direction_reason",
    "detector_fingerprint",
    "judged_at",
    "review_note",
    "reviewed_at",
)
CLUSTERS = _columns(CLUSTER_COLUMNS)
EDGES = _columns(EDGE_COLUMNS)
LEFT_OUT = _columns(
    (),
    "article_id",
    "url",
    "title",
    "source",
    "cluster_id",
    "kept_article_id",
    "kept_url",
    "label",
    "similarity",
    "compared_with_id",
    "reason",
)


def article_export(article: StoredArticle) -> ExportRow:
    """An article under `ARTICLES`, its text last."""
    return (
        *article_row(article),
        article.declared_canonical_url,
        article.refuses_ai_training,
        article.content_hash,
        article.dedup_state,
        article.run_id,
        article.text,
    )


def pair_export(pair: PairRecord) -> ExportRow:
    """A duplicate pair under `PAIRS`; a is the article with the lower number."""
    measures = pair.measures
    substitutions: tuple[Entry, ...] = tuple(
        {"words_a": one.words_a, "words_b": one.words_b, "is_synonym": one.is_synonym, "count": one.count}
        for one in measures.substitutions
    )
    conflicts: tuple[Entry, ...] = tuple(
        {"anchor_a": anchor_a, "anchor_b": anchor_b} for anchor_a, anchor_b in measures.conflicting_anchors
    )
    return (
        *pair_row(pair.summary),
        measures.aligned_word_count,
        measures.word_count_a,
        measures.word_count_b,
        substitutions,
        measures.agreeing_anchors,
        conflicts,
        measures.features,
        pair.reason,
        pair.credit,
        pair.likely_original_id,
        pair.direction_reason,
        pair.detector_fingerprint,
        pair.judged_at,
        pair.review_note,
        pair.reviewed_at,
    )


def left_out_export(left: LeftOut) -> ExportRow:
    """Why an article is not in a corpus of one article a cluster, under `LEFT_OUT`."""
    compared = left.kept_id if left.compared_with_id is None else left.compared_with_id
    how = f"{left.label} copy of" if left.label else "in one cluster with"
    return (
        left.article_id,
        left.url,
        left.title,
        left.source,
        left.cluster_id,
        left.kept_id,
        left.kept_url,
        left.label,
        left.similarity,
        compared,
        f"{how} article {compared}; kept is {left.kept_id}: {left.kept_reason}",
    )
