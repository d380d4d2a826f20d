"""One article under several slugs: an address whose number the site has shown to name the article.

Must not guess: a site's number counts only after the site itself has led one slug of it to another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.urls import host_of, site_of, slug_id

if TYPE_CHECKING:
    from storage.crawl_urls import SlugEvidence

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


def article_of_slug(identity: str, evidence: SlugEvidence) -> str:
    """The identity of the article that an address names: an earlier slug's, where its site renames articles."""
    first = next(iter(evidence.identities), identity)
    if first == identity or not any(_is_renamed(address, article) for address, article in evidence.led):
        return identity
    return first


def _is_renamed(address: str, article: str) -> bool:
    key = slug_key(address)
    return key is not None and address != article and key == slug_key(article)
