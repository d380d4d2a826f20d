"""What one crawl shares: books, workers, counters and limits, read from the settings once.

Must hold no state of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.components import archive_of, arrivals_of, ledger_of, pool_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.archive import PageArchive
    from crawler.ledger import Ledger
    from crawler.workers import WorkerPool
    from storage.values import FetchEvent, SettledUrl


@dataclass(frozen=True, slots=True)
class CrawlContext:
    """Books, workers, counters and limits; ``since`` is the user's, ``oldest_listed`` holds for sitemaps too."""

    ledger: Ledger
    pool: WorkerPool
    arrivals: dict[str, list[tuple[FetchEvent, SettledUrl]]]
    crawler: Crawler
    since: datetime | None
    oldest_listed: datetime
    pages_per_host: int
    sitemaps_per_source: int
    min_words: int
    keeps_revisiting: bool
    retry_seconds: float
    archive: PageArchive | None

    def count(self, key: str, number: int = 1) -> None:
        """Add to a counter of the run; ``key`` goes under ``newsdedup/``."""
        if number:
            self.crawler.stats.inc_value(f"newsdedup/{key}", number)


def context_of(crawler: Crawler, since: datetime | None) -> CrawlContext:
    """The context of a crawl."""
    settings = crawler.settings
    days = settings.getint("NEWSDEDUP_SITEMAP_DAYS")
    return CrawlContext(
        ledger=ledger_of(crawler),
        pool=pool_of(crawler),
        arrivals=arrivals_of(crawler),
        crawler=crawler,
        since=since,
        oldest_listed=since or datetime.now(UTC) - timedelta(days=days),
        pages_per_host=settings.getint("NEWSDEDUP_PAGES_PER_HOST"),
        sitemaps_per_source=settings.getint("NEWSDEDUP_SITEMAPS_PER_SOURCE"),
        min_words=settings.getint("NEWSDEDUP_MIN_WORDS"),
        retry_seconds=settings.getfloat("NEWSDEDUP_RETRY_SECONDS"),
        keeps_revisiting=settings.getbool("NEWSDEDUP_REVISITS"),
        archive=archive_of(crawler),
    )
