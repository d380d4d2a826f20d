"""What a watch has told already, so that it tells each pair once; judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.models import Setting
from storage.reports import list_pairs
from storage.sql import insert_into
from storage.values import PairFilter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from storage.values import JsonValue, PairSummary

# A writer may commit pairs later than another that found its own after them: so far back is looked again.
_OVERLAP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WatchMark:
    """How far a watch has come: the time of the last pair, and the pairs told shortly before."""

    found_at: datetime
    told: frozenset[tuple[int, int]]


def read_mark(session: Session, name: str) -> WatchMark | None:
    """Where the watch of that name stands; None when it has never run."""
    value = session.scalar(select(Setting.value).where(Setting.name == _key(name)))
    if not isinstance(value, dict):
        return None
    told = value["told"] if isinstance(value["told"], list) else []
    pairs = (pair for pair in told if isinstance(pair, list))
    return WatchMark(
        datetime.fromisoformat(str(value["found_at"])),
        frozenset((int(str(low)), int(str(high))) for low, high in pairs),
    )


def write_mark(session: Session, name: str, mark: WatchMark) -> None:
    """Note where the watch of that name stands. Writes."""
    told: list[JsonValue] = [[low, high] for low, high in sorted(mark.told)]
    value: JsonValue = {"found_at": mark.found_at.isoformat(), "told": told}
    insert = insert_into(session, Setting).values(name=_key(name), value=value)
    session.execute(
        insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
    )


def pairs_since(session: Session, mark: WatchMark | None) -> tuple[PairSummary, ...]:
    """Pairs that were found since the mark and not told yet, oldest first."""
    since = None if mark is None else mark.found_at - _OVERLAP
    told = frozenset() if mark is None else mark.told
    pairs = list_pairs(session, PairFilter(since=since))
    return tuple(pair for pair in reversed(pairs) if (pair.low_id, pair.high_id) not in told)


def next_mark(mark: WatchMark | None, looked_at: Iterable[PairSummary]) -> WatchMark | None:
    """The mark after those pairs were looked at; unchanged when there were none."""
    pairs = tuple(looked_at)
    if not pairs:
        return mark
    latest = max(pair.found_at for pair in pairs)
    found_at = latest if mark is None else max(latest, mark.found_at)
    recent = {(pair.low_id, pair.high_id) for pair in pairs if pair.found_at >= found_at - _OVERLAP}
    return WatchMark(found_at, frozenset(recent) | (mark.told if mark is not None else frozenset()))


def _key(name: str) -> str:
    return f"watch:{name}"
