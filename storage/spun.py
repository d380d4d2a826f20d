"""Which articles carry a spun text that was compared in another's name; changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, String, column, select, table, tuple_

from storage.models import Article, DuplicatePair, Source
from storage.sources import is_source

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

_SPUN = table(
    "v_spun",
    column("low_id", BigInteger),
    column("high_id", BigInteger),
    column("spun_article_id", BigInteger),
    column("compared_article_id", BigInteger),
    column("spun_source", String),
)


def is_carried_by(named: str) -> ColumnElement[bool]:
    """Whether a source, by name or host, carries the spun text of a duplicate pair."""
    articles = select(Article.id).join(Source).where(is_source(named))
    carried = select(_SPUN.c.low_id, _SPUN.c.high_id).where(_SPUN.c.spun_article_id.in_(articles))
    return tuple_(DuplicatePair.low_id, DuplicatePair.high_id).in_(carried)


def other_carriers(session: Session) -> dict[tuple[int, int], tuple[str, ...]]:
    """By spun pair the sources, in order, of the other articles that carry the spun text."""
    rows = select(_SPUN.c.low_id, _SPUN.c.high_id, _SPUN.c.spun_source).distinct()
    rows = rows.where(_SPUN.c.spun_article_id != _SPUN.c.compared_article_id).order_by(_SPUN.c.spun_source)
    names: dict[tuple[int, int], tuple[str, ...]] = {}
    for low, high, name in session.execute(rows):
        names[low, high] = (*names.get((low, high), ()), name)
    return names
