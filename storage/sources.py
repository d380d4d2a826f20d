"""Publishers by host; fetches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, func, or_, select

from storage.models import Source as SourceRow
from storage.sql import insert_into, storable
from storage.values import NO_PUBLISHER, Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


def publisher_name() -> ColumnElement[str | None]:
    """The name of a source as a column, null for collections of which nobody said who published them."""
    is_publisher = SourceRow.home_url.not_like(f"{NO_PUBLISHER}%")
    return case((is_publisher, SourceRow.name))


def is_source(named: str) -> ColumnElement[bool]:
    """Whether a source is the one with that name or host."""
    return or_(func.lower(SourceRow.name) == named.lower(), SourceRow.host == named.lower())


def is_known_source(session: Session, named: str) -> bool:
    """Whether a source has that name or host."""
    return session.scalar(select(SourceRow.id).where(is_source(named)).limit(1)) is not None


def source_names(session: Session) -> tuple[str, ...]:
    """The names of all sources, in order, each once."""
    return tuple(session.scalars(select(SourceRow.name).distinct().order_by(SourceRow.name)))


def source_hosts(session: Session) -> tuple[str, ...]:
    """The hosts of all sources, in order."""
    return tuple(session.scalars(select(SourceRow.host).order_by(SourceRow.host)))


def has_javascript_sources(session: Session) -> bool:
    """Whether pages of any source show their articles by script."""
    return session.scalar(select(SourceRow.id).where(SourceRow.needs_javascript).limit(1)) is not None


def as_source(row: SourceRow) -> Source:
    """A stored publisher."""
    return Source(row.name, row.home_url, row.host, row.country, row.language, row.needs_javascript)


def upsert_sources(session: Session, sources: Iterable[Source], now: datetime) -> dict[str, int]:
    """Ids of the sources by host; writes new ones, and adds what was not known of the others."""
    by_host = {source.host.lower(): source for source in sources}
    known = _known(session, by_host)
    rows = [
        {
            "host": host,
            "name": storable(source.name) or host,
            "home_url": storable(source.home_url),
            "country": source.country,
            "language": source.language,
            "needs_javascript": bool(source.needs_javascript),
            "created_at": now,
        }
        for host, source in sorted(by_host.items())
        if host not in known
    ]
    if rows:
        session.execute(insert_into(session, SourceRow).on_conflict_do_nothing(index_elements=["host"]), rows)
        known = _known(session, by_host)
    for host, row in known.items():
        _complete(row, by_host[host])
    return {host: row.id for host, row in known.items()}


def _known(session: Session, by_host: Iterable[str]) -> dict[str, SourceRow]:
    rows = session.scalars(select(SourceRow).where(SourceRow.host.in_(by_host)).order_by(SourceRow.id))
    return {row.host: row for row in rows}


def _complete(row: SourceRow, source: Source) -> None:
    # A page knows its host alone; a seed states name, country and language.
    if row.name == row.host and source.name:
        row.name = storable(source.name)
    if row.country is None and source.country is not None:
        row.country = source.country
    if row.language is None and source.language is not None:
        row.language = source.language
    if source.needs_javascript is not None and row.needs_javascript != source.needs_javascript:
        row.needs_javascript = source.needs_javascript
