"""Counts of articles and copies by day, for charts; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Date, case, cast, func, select

from dedup.values import Label, Relation
from storage.engine import is_sqlite
from storage.models import Article, DuplicatePair
from storage.views import CLUSTER_MEMBER

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Articles published (else first seen) on a UTC day, the copies of others among them, the spun among these."""

    day: date
    article_count: int
    copy_count: int
    spun_count: int


@dataclass(frozen=True, slots=True)
class LabelCount:
    """Duplicate pairs of a label that are copies, or revisions by the same source."""

    label: Label
    relation: Relation
    pair_count: int


def count_days(
    session: Session, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[DayCounts, ...]:
    """Days on which anything appeared, in order; days without an article are left out."""
    appeared_at = func.coalesce(Article.published_at, Article.first_seen_at)
    day = _utc_day(session, appeared_at)
    is_copy = CLUSTER_MEMBER.c.relation == Relation.COPY.value
    is_spun = is_copy & (CLUSTER_MEMBER.c.label == Label.SPUN.value)
    query = (
        select(day, func.count(), _sum_where(is_copy), _sum_where(is_spun))
        .select_from(Article)
        .outerjoin(CLUSTER_MEMBER, CLUSTER_MEMBER.c.article_id == Article.id)
        .group_by(day)
        .order_by(day)
    )
    if since is not None:
        query = query.where(appeared_at >= since)
    if until is not None:
        query = query.where(appeared_at < until)
    return tuple(
        DayCounts(date.fromisoformat(str(found)), articles, copies, spun)
        for found, articles, copies, spun in session.execute(query)
    )


def count_labels(
    session: Session, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[LabelCount, ...]:
    """Duplicate pairs by label and relation, found in that time."""
    query = select(DuplicatePair.label, DuplicatePair.relation, func.count()).group_by(
        DuplicatePair.label, DuplicatePair.relation
    )
    if since is not None:
        query = query.where(DuplicatePair.found_at >= since)
    if until is not None:
        query = query.where(DuplicatePair.found_at < until)
    return tuple(
        LabelCount(Label(label), Relation(relation), count)
        for label, relation, count in session.execute(
            query.order_by(DuplicatePair.label, DuplicatePair.relation)
        )
    )


def _utc_day(session: Session, moment: ColumnElement[datetime]) -> ColumnElement[date]:
    if is_sqlite(session):
        return func.substr(moment, 1, 10)  # times are kept as text, in UTC
    return cast(func.timezone("UTC", moment), Date)


def _sum_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
