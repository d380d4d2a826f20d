"""What the frontier knows of the numbers by which sites name articles: an article renamed keeps its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.models import CrawlUrl
from storage.sql import chunks, storable_key
from storage.values import SlugEvidence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

_EVIDENCE = 200


def slug_evidence(
    session: Session, slug_key: str, identity_url: str, unwritten: Collection[str] = ()
) -> SlugEvidence:
    """What the frontier knows of a site's number, and, where it led to another article, of the site's numbers.

    ``unwritten`` are articles that addresses with this number have led to since the frontier was last written.
    """
    article = CrawlUrl.article_identity_url
    query = select(article).where(CrawlUrl.slug_key == slug_key, article.is_not(None)).order_by(CrawlUrl.id)
    stored = [one for one in session.scalars(query) if one is not None]
    identities = tuple(dict.fromkeys((*stored, *map(storable_key, unwritten))))
    if not set(identities) - {identity_url}:
        return SlugEvidence(identities)
    site = slug_key.rpartition("/")[0]
    led = (
        select(CrawlUrl.identity_url, article)
        .where(
            CrawlUrl.host.in_([site, f"www.{site}"]),
            CrawlUrl.slug_key.is_not(None),
            article != CrawlUrl.identity_url,
        )
        .order_by(CrawlUrl.id.desc())
        .limit(_EVIDENCE)
    )
    return SlugEvidence(identities, tuple((row[0], row[1] or "") for row in session.execute(led)))


def known_slug_keys(session: Session, slug_keys: Iterable[str]) -> frozenset[str]:
    """Those of the sites' numbers of which the frontier knows an article."""
    known: set[str] = set()
    for chunk in chunks(sorted(slug_keys)):
        query = select(CrawlUrl.slug_key).where(
            CrawlUrl.slug_key.in_(chunk), CrawlUrl.article_identity_url.is_not(None)
        )
        known.update(key for key in session.scalars(query) if key is not None)
    return frozenset(known)
