"""Articles as they come in and as they are stored, and what ingest did with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dedup.values import TimePrecision
    from storage.values.words import DedupState, FetchOutcome

# The home address of a collection of texts of which nobody said who published them: a place, no host.
NO_PUBLISHER = "import:///"


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher; ``host`` (lower case, no port) identifies it.

    A ``home_url`` under ``NO_PUBLISHER`` marks a collection, not a publisher: its texts do not share a source.
    ``needs_javascript`` is None where nobody has said whether its pages are written by script.
    """

    name: str
    home_url: str
    host: str
    country: str | None = None
    language: str | None = None
    needs_javascript: bool | None = None

    @property
    def is_publisher(self) -> bool:
        """Whether its texts come from one publisher."""
        return not self.home_url.startswith(NO_PUBLISHER)


@dataclass(frozen=True, slots=True)
class Article:
    """One fetched news text as a crawl or an import hands it over; also the Scrapy item.

    Times are aware UTC. ``identity_url`` decides whether this is an article already stored;
    ``published_origin`` and ``modified_origin`` name where a time came from (``json_ld``, ``meta``, ``feed``,
    ``sitemap``, ``htmldate``, ...); ``keywords`` are the listing's, else the page's.
    ``content_hash`` is of the fetched bytes, so that an unchanged page is recognised before extraction.
    """

    url: str
    identity_url: str
    source: Source
    title: str | None
    text: str
    first_seen_at: datetime
    fetched_at: datetime
    byline: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    published_precision: TimePrecision | None = None
    published_origin: str | None = None
    modified_at: datetime | None = None
    modified_precision: TimePrecision | None = None
    modified_origin: str | None = None
    keywords: tuple[str, ...] = ()
    section: str | None = None
    image_url: str | None = None
    is_paywalled: bool | None = None
    refuses_ai_training: bool | None = None
    declared_canonical_url: str | None = None
    declared_original_url: str | None = None
    credit: str | None = None
    extractor: str = ""
    feed_url: str | None = None
    content_hash: str | None = None


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the database holds it; ``text`` is None once pruned, or where a list leaves it out."""

    id: int
    url: str
    identity_url: str
    source: Source
    title: str | None
    text: str | None
    byline: str | None
    language: str | None
    published_at: datetime | None
    published_precision: TimePrecision | None
    published_origin: str | None
    modified_at: datetime | None
    first_seen_at: datetime
    fetched_at: datetime
    section: str | None
    image_url: str | None
    is_paywalled: bool | None
    declared_original_url: str | None
    credit: str | None
    extractor: str
    word_count: int
    text_hash: str
    version_number: int
    dedup_state: DedupState
    cluster_id: int | None
    declared_canonical_url: str | None = None
    refuses_ai_training: bool | None = None
    content_hash: str | None = None
    run_id: int | None = None
    modified_precision: TimePrecision | None = None
    modified_origin: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article that a search found, and the part of its text around what was found."""

    article: StoredArticle
    snippet: str


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """What storing a batch of articles did; ``outcomes`` by ``identity_url`` are not carried into a sum."""

    new_count: int = 0
    updated_count: int = 0
    unchanged_count: int = 0
    outcomes: tuple[tuple[str, FetchOutcome], ...] = ()

    def __add__(self, other: StoreCounts) -> StoreCounts:
        return StoreCounts(
            self.new_count + other.new_count,
            self.updated_count + other.updated_count,
            self.unchanged_count + other.unchanged_count,
        )


@dataclass(frozen=True, slots=True)
class ResolveCounts:
    """What looking up the copies of pending articles did.

    ``candidate_pair_count`` shared a bucket, ``aligned_pair_count`` passed the estimate and were aligned,
    ``hot_bucket_count`` buckets were left out because more articles share them than the cap allows.
    """

    article_count: int = 0
    candidate_pair_count: int = 0
    aligned_pair_count: int = 0
    duplicate_pair_count: int = 0
    rejected_pair_count: int = 0
    hot_bucket_count: int = 0
    cluster_created_count: int = 0
    cluster_changed_count: int = 0

    def __add__(self, other: ResolveCounts) -> ResolveCounts:
        return ResolveCounts(
            *(getattr(self, name) + getattr(other, name) for name in ResolveCounts.__slots__),
        )
