"""What enters the frontier: addresses not known yet, and known ones of which a listing tells a change."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.models import CrawlUrl
from storage.sources import upsert_sources
from storage.sql import chunks, insert_into, storable_key
from storage.values import CrawlUrlState, FoundUrl, JsonValue, SkipReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

_CHANGED = "listed_changed_at"
_FETCHED = (CrawlUrlState.DONE, CrawlUrlState.FAILED)
# Refused for what the page held or the server said then; what the rules forbid stays forbidden.
_MAY_HOLD_MORE_NOW = frozenset({
    SkipReason.TOO_SHORT, SkipReason.NO_TEXT, SkipReason.NO_TITLE, SkipReason.NOT_HTML, SkipReason.NOT_ARTICLE,
    SkipReason.TOO_LARGE, SkipReason.EXTRACTION_FAILED, SkipReason.EXTRACTION_TIMEOUT,
    SkipReason.NOT_FOUND, SkipReason.GONE, SkipReason.REDIRECT_LOOP, SkipReason.TOO_OLD,
})  # fmt: skip


def add_found_urls(session: Session, found: Sequence[FoundUrl], now: datetime) -> int:
    """Store addresses not known yet as pending, and wake those that the listing says have changed. Writes.

    Returns how many were new.
    """
    new_count = 0
    for chunk in chunks({storable_key(one.identity_url): one for one in found}.items()):
        by_identity = dict(chunk)
        source_ids = upsert_sources(session, [one.source for one in by_identity.values()], now)
        insert = insert_into(session, CrawlUrl).on_conflict_do_nothing(index_elements=["identity_url"])
        rows = [_new_row(key, one, source_ids, now) for key, one in by_identity.items()]
        new = set(session.scalars(insert.returning(CrawlUrl.identity_url), rows))
        new_count += len(new)
        _wake_changed(session, {key: one for key, one in by_identity.items() if key not in new}, now)
    return new_count


def _new_row(key: str, one: FoundUrl, source_ids: Mapping[str, int], now: datetime) -> dict[str, object]:
    return {
        "identity_url": key,
        "url": storable_key(one.url),
        "host": one.host,
        "source_id": source_ids[one.source.host.lower()],
        "feed_url": storable_key(one.feed_url) if one.feed_url else None,
        "state": CrawlUrlState.PENDING,
        "attempt_count": 0,
        "discovered_at": now,
        "hints": _hints(one, None),
        "slug_key": storable_key(one.slug_key) if one.slug_key else None,
    }


def _wake_changed(session: Session, known: Mapping[str, FoundUrl], now: datetime) -> None:
    changed = {key: one.changed_at for key, one in known.items() if one.changed_at is not None}
    if not changed:
        return
    for row in session.scalars(select(CrawlUrl).where(CrawlUrl.identity_url.in_(changed))):
        listed, said_before = changed[row.identity_url], _listed_change(row)
        # By our clock where the listing never gave a time before; else by its own, which may be slow.
        is_news = (row.fetched_at is not None and listed > row.fetched_at) or (
            said_before is not None and listed > said_before
        )
        if is_news and (row.state in _FETCHED or row.reason in _MAY_HOLD_MORE_NOW):
            row.next_attempt_at = now
        if said_before is None or listed > said_before:
            row.hints = _hints(known[row.identity_url], row.hints)


def _hints(one: FoundUrl, before: Mapping[str, JsonValue] | None) -> dict[str, JsonValue]:
    """What the listing says of an address, or what one said before, with the change it tells of now."""
    stated = {_CHANGED: one.changed_at.isoformat()} if one.changed_at is not None else {}
    return {**(one.hints if before is None else before), **stated}


def _listed_change(row: CrawlUrl) -> datetime | None:
    stated = row.hints.get(_CHANGED)
    return datetime.fromisoformat(stated) if isinstance(stated, str) else None
