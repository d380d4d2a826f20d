"""Duplicate pairs in SQL: verdicts in, edges out; judges nothing and leaves clusters to ``storage.clusters``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, or_, select, update

from dedup.values import DuplicatePair as PairValue
from dedup.values import PairMeasures, Substitution
from storage.errors import StorageError
from storage.models import DuplicatePair
from storage.sql import chunks, insert_into, storable
from storage.values import Review

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from storage.values import JsonValue

Edge = tuple[int, int]

_KEPT = frozenset({"low_id", "high_id", "found_at", "review", "review_note", "reviewed_at"})


def is_joining() -> ColumnElement[bool]:
    """Whether a pair puts its articles into one cluster: the analyst's verdict, else the detector's."""
    return or_(
        DuplicatePair.review == Review.CONFIRMED,
        and_(DuplicatePair.review.is_(None), DuplicatePair.joins_cluster),
    )


def upsert_pairs(session: Session, pairs: Sequence[PairValue], fingerprint: str, now: datetime) -> None:
    """Store verified pairs; a pair known before keeps its review and the time it was first found. Writes."""
    rows = [_row(pair, fingerprint, now) for pair in pairs]
    if not rows:
        return
    insert = insert_into(session, DuplicatePair)
    replaced = {name: insert.excluded[name] for name in rows[0] if name not in _KEPT}
    session.execute(
        insert.on_conflict_do_update(index_elements=["low_id", "high_id"], set_=replaced),
        sorted(rows, key=lambda row: (row["low_id"], row["high_id"])),
    )


def delete_pairs(session: Session, edges: Iterable[Edge]) -> int:
    """Delete pairs that no analyst has reviewed; how many there were. Writes."""
    count = 0
    for low_id, high_id in sorted(edges):
        result = session.execute(
            delete(DuplicatePair)
            .where(DuplicatePair.low_id == low_id, DuplicatePair.high_id == high_id)
            .where(DuplicatePair.review.is_(None))
            .returning(DuplicatePair.low_id)
        )
        count += len(result.all())
    return count


def review_pair(
    session: Session, low_id: int, high_id: int, review: Review | None, note: str | None, now: datetime
) -> None:
    """Set or take back an analyst's verdict; the caller updates the clusters of both articles. Writes.

    Raises:
        StorageError: there is no such duplicate pair.
    """
    low_id, high_id = sorted((low_id, high_id))
    result = session.execute(
        update(DuplicatePair)
        .where(DuplicatePair.low_id == low_id, DuplicatePair.high_id == high_id)
        .values(
            review=review,
            review_note=None if note is None or review is None else storable(note),
            reviewed_at=None if review is None else now,
        )
        .returning(DuplicatePair.low_id)
    )
    if not result.all():
        raise StorageError(f"articles {low_id} and {high_id} are not a duplicate pair", f"{low_id} {high_id}")


def joining_edges(session: Session, article_ids: Iterable[int]) -> set[Edge]:
    """All joining pairs with at least one of the given articles."""
    return _edges(session, article_ids, joining_only=True)


def pairs_of(session: Session, article_ids: Iterable[int]) -> set[Edge]:
    """All stored pairs with at least one of the given articles."""
    return _edges(session, article_ids, joining_only=False)


def _edges(session: Session, article_ids: Iterable[int], *, joining_only: bool) -> set[Edge]:
    edges: set[Edge] = set()
    for chunk in chunks(sorted(set(article_ids))):
        for column in (DuplicatePair.low_id, DuplicatePair.high_id):
            query = select(DuplicatePair.low_id, DuplicatePair.high_id).where(column.in_(chunk))
            if joining_only:
                query = query.where(is_joining())
            edges.update(session.execute(query))
    return edges


def measures_of(row: DuplicatePair) -> PairMeasures:
    """The evidence of a stored pair, as ``dedup`` measured it; a is the article with the lower id."""
    return PairMeasures(
        similarity=row.similarity,
        containment_a=row.containment_low,
        containment_b=row.containment_high,
        replaced_ratio=row.replaced_ratio,
        synonym_ratio=row.synonym_ratio,
        anchor_agreement_ratio=row.anchor_agreement_ratio,
        aligned_word_count=row.aligned_word_count,
        word_count_a=row.word_count_low,
        word_count_b=row.word_count_high,
        agreeing_anchors=tuple(str(anchor) for anchor in row.agreeing_anchors),
        conflicting_anchors=tuple(
            (str(both[0]), str(both[1])) for both in row.conflicting_anchors if isinstance(both, list)
        ),
        substitutions=tuple(_substitution(one) for one in row.substitutions if isinstance(one, dict)),
        features={
            name: float(value) for name, value in row.features.items() if isinstance(value, int | float)
        },
    )


def _substitution(stored: Mapping[str, JsonValue]) -> Substitution:
    count = stored["count"]
    return Substitution(
        words_a=str(stored["low"]),
        words_b=str(stored["high"]),
        is_synonym=bool(stored["is_synonym"]),
        count=count if isinstance(count, int) else 1,
    )


def _row(pair: PairValue, fingerprint: str, now: datetime) -> dict[str, JsonValue | datetime]:
    measures = pair.measures
    return {
        "low_id": int(pair.id_a),
        "high_id": int(pair.id_b),
        "label": pair.label,
        "relation": pair.relation,
        "joins_cluster": pair.joins_cluster,
        "similarity": _ratio(measures.similarity),
        "containment_low": _ratio(measures.containment_a),
        "containment_high": _ratio(measures.containment_b),
        "replaced_ratio": _ratio(measures.replaced_ratio),
        "synonym_ratio": _ratio(measures.synonym_ratio),
        "anchor_agreement_ratio": _ratio(measures.anchor_agreement_ratio),
        "aligned_word_count": measures.aligned_word_count,
        "word_count_low": measures.word_count_a,
        "word_count_high": measures.word_count_b,
        "substitutions": [
            {
                "low": storable(one.words_a),
                "high": storable(one.words_b),
                "is_synonym": bool(one.is_synonym),
                "count": one.count,
            }
            for one in measures.substitutions
        ],
        "agreeing_anchors": [storable(anchor) for anchor in measures.agreeing_anchors],
        "conflicting_anchors": [
            [storable(low), storable(high)] for low, high in measures.conflicting_anchors
        ],
        "features": {name: float(value) for name, value in measures.features.items()},
        "reason": pair.reason,
        "credit": None if pair.credit is None else storable(pair.credit),
        "likely_original_id": None if pair.likely_original_id is None else int(pair.likely_original_id),
        "direction_reason": pair.direction_reason,
        "detector_fingerprint": fingerprint,
        "found_at": now,
        "judged_at": now,
    }


def _ratio(value: float) -> float:
    # A sum of rounded shares may pass 1 by the last bit, which the CHECK would refuse.
    return min(max(float(value), 0.0), 1.0)
