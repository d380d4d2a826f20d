"""How crawling went lately: which sources fell silent, how many fetches failed; judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from storage.models import Article, Feed, FetchEvent
from storage.models import Source as SourceRow
from storage.values import TRANSIENT_FAILURES, FeedState, SkipReason

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

# A page that is not there is no fault of crawling; one that could not be taken apart is.
_FAULTS = TRANSIENT_FAILURES | {SkipReason.EXTRACTION_FAILED, SkipReason.EXTRACTION_TIMEOUT}


@dataclass(frozen=True, slots=True)
class CrawlHealth:
    """Sources (host names) without a new article, and fetches, since a time; ``None``: nothing was fetched."""

    silent_hosts: tuple[str, ...]
    fetch_count: int
    error_count: int

    @property
    def error_ratio(self) -> float | None:
        """Share of the fetches that failed."""
        return self.error_count / self.fetch_count if self.fetch_count else None


def crawl_health(session: Session, since: datetime) -> CrawlHealth:
    """How crawling went since a time; sources that were known before it and have a feed that is not gone count."""
    heard = select(Article.source_id).where(Article.first_seen_at >= since)
    silent = (
        select(SourceRow.host)
        .join(Feed, Feed.source_id == SourceRow.id)
        .where(Feed.state != FeedState.GONE, SourceRow.created_at < since, SourceRow.id.not_in(heard))
        .distinct()
        .order_by(SourceRow.host)
    )
    recent = select(func.count()).select_from(FetchEvent).where(FetchEvent.fetched_at >= since)
    left = FetchEvent.reason.in_([SkipReason.SOURCE_LEASED, SkipReason.HOST_LEASED])
    failed = FetchEvent.reason.in_(sorted(_FAULTS))
    return CrawlHealth(
        tuple(session.scalars(silent)),
        session.scalar(recent.where(~func.coalesce(left, False))) or 0,  # SQL's false
        session.scalar(recent.where(failed)) or 0,
    )
