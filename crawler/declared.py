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
    """The pages of this run that may not be stored yet: of each identity its own page, else the first that declared it."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def holder(self, identity: str, page: Held) -> Held:
        """The page that holds an identity: this one, where it is its own or no other is known."""
        if page.address == identity:
            self._held[identity] = page
        holder = self._held.setdefault(identity, page)
        if len(self._held) > _RECENT:
            del self._held[next(iter(self._held))]
        return holder


def is_another(page: Held, held: Held) -> bool:
    """Whether two pages of one identity hold different articles: not the page itself, however it was changed since."""
    if held.address == page.address or not held.text or not page.text:
        return False
    return tell_of_different_things(held.text, page.text)
