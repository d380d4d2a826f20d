"""Whether to believe a page that gives another address of its own site as its article's: not if another text is there.

A template can name one article as the canonical address of all; believed, each page would take the last one's place.
"""

from __future__ import annotations

from typing import NamedTuple

from dedup.lines import tell_of_different_things

_RECENT = 1_000  # more than are ever fetched between two writes of articles


class Held(NamedTuple):
    """The page that an article was read from: its address, normalised, and its text."""

    address: str
    text: str | None


class RecentArticles:
    """The pages of this run that may not be stored yet, the first of each identity."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def first(self, identity: str, page: Held) -> Held:
        """The first page of this identity: this one, where none is known."""
        first = self._held.setdefault(identity, page)
        if len(self._held) > _RECENT:
            del self._held[next(iter(self._held))]
        return first


def is_another(page: Held, held: Held | None) -> bool:
    """Whether two pages of one identity hold different articles: not the page itself, however it was changed since."""
    if held is None or held.address == page.address or not held.text or not page.text:
        return False
    return tell_of_different_things(held.text, page.text)
