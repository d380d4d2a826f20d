"""One article under several slugs: an address whose number the site has shown to name the article.

Must not guess: a site's number counts only after the site itself has led one slug of it to another.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from crawler.urls import host_of, site_of, slug_id

if TYPE_CHECKING:
    from storage.values import SlugEvidence

_RECENT = 1_000  # more than are ever fetched between two writes of the frontier
# 202605 and 20260501 say when, not what.
_DATE = re.compile(r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?$")


def slug_key(url: str) -> str | None:
    """Site and number of an address whose slug carries a number, or None.

    >>> slug_key("https://www.news.example/sport/the-final-10482917.html")
    'news.example/10482917'
    """
    number = slug_id(url)
    if number is None or _DATE.match(number):
        return None
    return f"{site_of(host_of(url))}/{number}"


class RecentSlugs:
    """The numbered addresses of this run that the frontier may not hold yet, with the article each led to."""

    def __init__(self) -> None:
        self._led: deque[tuple[str, str, str]] = deque(maxlen=_RECENT)

    def note(self, key: str, address: str, article: str) -> None:
        """Remember where an address with this ``slug_key`` led."""
        self._led.append((key, address, article))

    def identities(self, key: str) -> tuple[str, ...]:
        """The articles that addresses with this number led to, first found first."""
        return tuple(dict.fromkeys(article for known, _, article in self._led if known == key))

    def led(self, key: str) -> tuple[tuple[str, str], ...]:
        """Addresses of the number's site that led to an article of another identity."""
        site = key.rpartition("/")[0]
        return tuple(
            (address, article)
            for known, address, article in self._led
            if address != article and known.rpartition("/")[0] == site
        )


def article_of_slug(identity: str, evidence: SlugEvidence) -> str:
    """The identity of the article that an address names: an earlier slug's, where its site renames articles."""
    first = next(iter(evidence.identities), identity)
    if first == identity or not any(_is_renamed(address, article) for address, article in evidence.led):
        return identity
    return first


def _is_renamed(address: str, article: str) -> bool:
    key = slug_key(address)
    return key is not None and address != article and key == slug_key(article)
