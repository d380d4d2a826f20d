"""What a watch has told already, so that it tells each pair once; judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.articles import text_hashes_of
from storage.models import Article
from storage.pair_lists import list_pairs
from storage.settings import read_setting, write_setting
from storage.sql import chunks
from storage.values import PairFilter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from storage.values import JsonValue, PairSummary

# A writer may commit pairs later than another that found its own after them: so far back is looked again.
_OVERLAP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WatchMark:
    """How far a watch has come: the time of the last pair, and when each of those told shortly before was found."""

    found_at: datetime
    told: Mapping[tuple[int, int], datetime]


@dataclass(frozen=True, slots=True)
class Located:
    """An article by number and address."""

    id: int
    url: str


def equal_texts(session: Session, article_ids: Iterable[int]) -> dict[int, tuple[Located, ...]]:
    """For each article all that hold the same text, itself among them, in order of number."""
    hashes = text_hashes_of(session, set(article_ids))
    groups: dict[str, list[Located]] = {}
    for texts in chunks(sorted(set(hashes.values()))):
        twins = select(Article.text_hash, Article.id, Article.url).where(Article.text_hash.in_(texts))
        for text_hash, number, url in session.execute(twins.order_by(Article.id)):
            groups.setdefault(text_hash, []).append(Located(number, url))
    shared = {text_hash: tuple(group) for text_hash, group in groups.items()}
    return {number: shared[text_hash] for number, text_hash in hashes.items()}


def read_mark(session: Session, name: str) -> WatchMark | None:
    """Where the watch of that name stands; None when it has never run."""
    value = read_setting(session, _key(name))
    if not isinstance(value, dict):
        return None
    found_at = datetime.fromisoformat(str(value["found_at"]))
    told = value["told"] if isinstance(value["told"], list) else []
    # The first marks did not keep the time of each pair.
    return WatchMark(
        found_at,
        {
            (int(str(one[0])), int(str(one[1]))): datetime.fromisoformat(str(one[2])) if one[2:] else found_at
            for one in told
            if isinstance(one, list)
        },
    )


def write_mark(session: Session, name: str, mark: WatchMark) -> None:
    """Note where the watch of that name stands. Writes."""
    told: list[JsonValue] = [[low, high, at.isoformat()] for (low, high), at in sorted(mark.told.items())]
    write_setting(session, _key(name), {"found_at": mark.found_at.isoformat(), "told": told})


def pairs_since(session: Session, mark: WatchMark | None) -> tuple[PairSummary, ...]:
    """Pairs that were found since the mark and not told yet, oldest first."""
    since = None if mark is None else mark.found_at - _OVERLAP
    told = {} if mark is None else mark.told
    pairs = list_pairs(session, PairFilter(since=since))
    return tuple(pair for pair in reversed(pairs) if (pair.low_id, pair.high_id) not in told)


def next_mark(mark: WatchMark | None, looked_at: Iterable[PairSummary]) -> WatchMark | None:
    """The mark after those pairs were looked at; unchanged when there were none."""
    pairs = tuple(looked_at)
    if not pairs:
        return mark
    latest = max(pair.found_at for pair in pairs)
    found_at = latest if mark is None else max(latest, mark.found_at)
    told = {} if mark is None else dict(mark.told)
    told |= {(pair.low_id, pair.high_id): pair.found_at for pair in pairs}
    return WatchMark(found_at, {pair: at for pair, at in told.items() if at >= found_at - _OVERLAP})


def _key(name: str) -> str:
    return f"watch:{name}"
