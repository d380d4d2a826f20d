"""Addresses of the frontier: as lists tell them, as one run holds them, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.values.articles import Source
    from storage.values.crawling import JsonValue
    from storage.values.words import CrawlUrlState, SkipReason


@dataclass(frozen=True, slots=True)
class FoundUrl:
    """An address that a feed, sitemap or page listed; ``changed_at`` is when the listing says it last changed.

    ``slug_key`` is ``site/number`` where the address carries a number that may name the article.
    """

    url: str
    identity_url: str
    host: str
    source: Source
    feed_url: str | None = None
    hints: Mapping[str, JsonValue] = field(default_factory=dict)
    changed_at: datetime | None = None
    slug_key: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimedUrl:
    """An address that this owner alone may fetch until the lease ends; ``reason`` is why the last fetch brought nothing.

    ``content_hash`` is set where an article was read there before.
    """

    id: int
    url: str
    identity_url: str
    source: Source | None
    feed_url: str | None
    hints: Mapping[str, JsonValue]
    attempt_count: int
    discovered_at: datetime
    fetched_at: datetime | None
    etag: str | None
    last_modified: str | None
    content_hash: str | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FrontierUrl:
    """What is remembered of an address: what listed it and how, and why it was refused."""

    source: Source | None
    feed_url: str | None
    hints: Mapping[str, JsonValue]
    discovered_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class SlugEvidence:
    """What is known of a ``slug_key``: the articles that its addresses led to, first found first.

    ``led`` are addresses of the same site with the article that each led to, where that has another identity.
    """

    identities: tuple[str, ...] = ()
    led: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SettledUrl:
    """What became of a claimed address; ``next_attempt_at`` asks for a retry or a revisit.

    ``article_identity_url`` is the article that it led to, after redirects and by the page's own word;
    ``published_at`` the time for which a page was refused as too old.
    """

    identity_url: str
    state: CrawlUrlState
    fetched_at: datetime
    reason: SkipReason | None = None
    next_attempt_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    content_hash: str | None = None
    article_identity_url: str | None = None
    published_at: datetime | None = None
