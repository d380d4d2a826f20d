"""Lists duplicate pairs that pass a filter, as summaries; changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from dedup.values import Label
from storage.models import Article, DuplicatePair, Source
from storage.search import matching_articles
from storage.sources import is_source
from storage.spun import is_carried_by
from storage.values import PairFilter, PairSummary

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    from dedup import DedupConfig

_EVERY_PAIR = PairFilter()


def list_pairs(session: Session, wanted: PairFilter = _EVERY_PAIR) -> tuple[PairSummary, ...]:
    """Duplicate pairs that pass the filter, those found last first."""
    query = pairs_query().where(and_(True, *_pair_conditions(session, wanted)))
    query = query.order_by(DuplicatePair.found_at.desc(), DuplicatePair.low_id, DuplicatePair.high_id)
    return tuple(map(pair_summary, session.execute(query.limit(wanted.limit).offset(wanted.offset))))


def count_pairs(session: Session, wanted: PairFilter = _EVERY_PAIR) -> int:
    """How many duplicate pairs pass the filter, its limit and offset aside."""
    query = select(func.count()).select_from(DuplicatePair)
    return session.scalar(query.where(and_(True, *_pair_conditions(session, wanted)))) or 0


def count_outdated_pairs(session: Session, config: DedupConfig) -> int:
    """Pairs that another detector judged and this one can judge again: both texts are there."""
    low, high = aliased(Article), aliased(Article)
    query = (
        select(func.count())
        .select_from(DuplicatePair)
        .join(low, low.id == DuplicatePair.low_id)
        .join(high, high.id == DuplicatePair.high_id)
        .where(DuplicatePair.detector_fingerprint != config.detector_fingerprint)
        .where(low.text.is_not(None), high.text.is_not(None))
    )
    return session.scalar(query) or 0


def _pair_conditions(session: Session, wanted: PairFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.label is not None:
        conditions.append(DuplicatePair.label == wanted.label)
    if wanted.review is not None:
        conditions.append(DuplicatePair.review == wanted.review)
    if wanted.is_reviewed:
        conditions.append(DuplicatePair.review.is_not(None))
    if wanted.since is not None:
        conditions.append(DuplicatePair.found_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(DuplicatePair.found_at < wanted.until)
    if wanted.source is not None:
        is_of_source = _either_in(select(Article.id).join(Source).where(is_source(wanted.source)))
        is_spun = wanted.label is Label.SPUN
        conditions.append(or_(is_of_source, is_carried_by(wanted.source)) if is_spun else is_of_source)
    if wanted.text:
        conditions.append(_either_in(matching_articles(session, wanted.text)))
    return conditions


def _either_in(articles: Select[int]) -> ColumnElement[bool]:
    return or_(DuplicatePair.low_id.in_(articles), DuplicatePair.high_id.in_(articles))


def pairs_query() -> Select[DuplicatePair, str | None, str | None, str, str, str, str]:
    """Duplicate pairs with titles, addresses and sources, in no order: the rows of ``pair_summary``."""
    low, high = aliased(Article), aliased(Article)
    low_source, high_source = aliased(Source), aliased(Source)
    return (
        select(
            DuplicatePair,
            low.title.label("title_low"),
            high.title.label("title_high"),
            low.url.label("url_low"),
            high.url.label("url_high"),
            low_source.name.label("source_low"),
            high_source.name.label("source_high"),
        )
        .join(low, low.id == DuplicatePair.low_id)
        .join(high, high.id == DuplicatePair.high_id)
        .join(low_source, low_source.id == low.source_id)
        .join(high_source, high_source.id == high.source_id)
    )


def pair_summary(row: Row[DuplicatePair, str | None, str | None, str, str, str, str]) -> PairSummary:
    """A row of ``pairs_query`` as a value."""
    pair: DuplicatePair = row.DuplicatePair
    return PairSummary(
        low_id=pair.low_id,
        high_id=pair.high_id,
        label=pair.label,
        relation=pair.relation,
        joins_cluster=pair.joins_cluster,
        similarity=pair.similarity,
        containment_low=pair.containment_low,
        containment_high=pair.containment_high,
        replaced_ratio=pair.replaced_ratio,
        synonym_ratio=pair.synonym_ratio,
        anchor_agreement_ratio=pair.anchor_agreement_ratio,
        title_low=row.title_low,
        title_high=row.title_high,
        url_low=row.url_low,
        url_high=row.url_high,
        source_low=row.source_low,
        source_high=row.source_high,
        review=pair.review,
        found_at=pair.found_at,
        likely_original_id=pair.likely_original_id,
        review_note=pair.review_note,
        reviewed_at=pair.reviewed_at,
    )
