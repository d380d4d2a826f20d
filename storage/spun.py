"""Which articles carry a spun text that was compared in another's name; changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, tuple_

from storage.models import Article, DuplicatePair, Source
from storage.sources import is_source
from storage.views import SPUN

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


def is_carried_by(named: str) -> ColumnElement[bool]:
    """Whether a source, by name or host, carries the spun text of a duplicate pair."""
    articles = select(Article.id).join(Source).where(is_source(named))
    carried = select(SPUN.c.low_id, SPUN.c.high_id).where(SPUN.c.spun_article_id.in_(articles))
    return tuple_(DuplicatePair.low_id, DuplicatePair.high_id).in_(carried)


def other_carriers(session: Session) -> dict[tuple[int, int], tuple[str, ...]]:
    """By spun pair the sources, in order, of the other articles that carry the spun text."""
    rows = select(SPUN.c.low_id, SPUN.c.high_id, SPUN.c.spun_source).distinct()
    rows = rows.where(SPUN.c.spun_article_id != SPUN.c.compared_article_id).order_by(SPUN.c.spun_source)
    names: dict[tuple[int, int], tuple[str, ...]] = {}
    for low, high, name in session.execute(rows):
        names[low, high] = (*names.get((low, high), ()), name)
    return names
