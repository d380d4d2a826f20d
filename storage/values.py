"""The values that storage takes and gives; rows never leave the package.

Frozen and without behaviour beyond derived ratios: nothing here reads a clock, a database or the network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dedup.values import Label, PairMeasures, Relation, TimePrecision

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"


class SkipReason(StrEnum):
    """Why a page, feed, sitemap or input line was refused; one vocabulary for stats, JSON and SQL."""

    # what the page held
    TOO_SHORT = "too_short"
    NO_TEXT = "no_text"
    NO_TITLE = "no_title"
    NOT_HTML = "not_html"
    NOT_ARTICLE = "not_article"
    TOO_LARGE = "too_large"
    BAD_CHARSET = "bad_charset"
    EXTRACTION_FAILED = "extraction_failed"
    EXTRACTION_TIMEOUT = "extraction_timeout"
    # how the fetch went
    HTTP_ERROR = "http_error"
    NOT_FOUND = "not_found"
    GONE = "gone"
    TOO_MANY_REQUESTS = "too_many_requests"
    TIMEOUT = "timeout"
    DNS = "dns"
    CONNECTION = "connection"
    TLS = "tls"
    REDIRECT_LOOP = "redirect_loop"
    TRUNCATED = "truncated"
    # what the rules forbid
    ROBOTS = "robots"
    ADDRESS_REFUSED = "address_refused"
    SCHEME_REFUSED = "scheme_refused"
    OFFSITE = "offsite"
    BAD_URL = "bad_url"
    TOO_DEEP = "too_deep"
    HOST_CAP = "host_cap"
    URL_TRAP = "url_trap"
    TOO_OLD = "too_old"
    LIMIT_REACHED = "limit_reached"
    DUPLICATE_IN_RUN = "duplicate_in_run"
    HOST_LEASED = "host_leased"
    SOURCE_LEASED = "source_leased"
    FORGOTTEN = "forgotten"
    JAVASCRIPT_MISSING = "javascript_missing"
    # what feeds, sitemaps, archives and files held
    MALFORMED_FEED = "malformed_feed"
    MALFORMED_SITEMAP = "malformed_sitemap"
    MALFORMED_LINE = "malformed_line"
    MALFORMED_WARC = "malformed_warc"
    ENTITY_REFUSED = "entity_refused"
    EMPTY_FEED = "empty_feed"
    EMPTY_TEXT = "empty_text"
    DUPLICATE_ID = "duplicate_id"
    MISSING_FIELD = "missing_field"
    UNREADABLE_FILE = "unreadable_file"


class FetchKind(StrEnum):
    """What was asked for in a fetch."""

    ARTICLE = "article"
    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"
    ROBOTS = "robots"
    FILE = "file"


class FetchOutcome(StrEnum):
    """What became of a fetch."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    NOT_MODIFIED = "not_modified"
    READ = "read"
    SKIPPED = "skipped"
    FAILED = "failed"


class FeedKind(StrEnum):
    """What kind of list of article addresses a feed is."""

    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"


class FeedState(StrEnum):
    """Whether a feed is asked again, and how hopefully."""

    ACTIVE = "active"
    FAILING = "failing"
    GONE = "gone"


class RunKind(StrEnum):
    """What an execution did."""

    CRAWL = "crawl"
    IMPORT = "import"
    DEMO = "demo"
    REINDEX = "reindex"


class RunState(StrEnum):
    """How an execution stands; `interrupted` is set by a later run that finds the lease expired."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class CrawlUrlState(StrEnum):
    """How far a discovered address has come."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


class LeaseKind(StrEnum):
    """What a lease is for."""

    SOURCE = "source"
    HOST = "host"


class DedupState(StrEnum):
    """Whether an article's copies have been looked up since its text last changed."""

    PENDING = "pending"
    CLAIMED = "claimed"
    DONE = "done"


class ClusterState(StrEnum):
    """Whether a cluster still has members of its own."""

    ACTIVE = "active"
    RETIRED = "retired"


class ClusterEventKind(StrEnum):
    """What happened to a cluster."""

    CREATED = "created"
    GROWN = "grown"
    MERGED = "merged"
    SHRUNK = "shrunk"
    SPLIT = "split"
    RETIRED = "retired"


class Review(StrEnum):
    """An analyst's verdict on a duplicate pair; it outranks the detector's."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"


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
    ``published_origin`` names where the time came from (``json_ld``, ``meta``, ``feed``, ``sitemap``, ``htmldate``, ...).
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


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article that a search found, and the part of its text around what was found."""

    article: StoredArticle
    snippet: str


@dataclass(frozen=True, slots=True)
class FetchEvent:
    """One fetch and what became of it; ``reason`` is set when it was skipped or failed."""

    url: str
    kind: FetchKind
    outcome: FetchOutcome
    fetched_at: datetime
    reason: SkipReason | None = None
    detail: str | None = None
    final_url: str | None = None
    host: str | None = None
    http_status: int | None = None
    byte_count: int | None = None
    elapsed_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One execution of a crawl or an import."""

    id: int
    kind: RunKind
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    reason: str | None = None
    stats: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """What is remembered of a feed between polls."""

    id: int
    url: str
    kind: FeedKind
    source: Source
    state: FeedState = FeedState.ACTIVE
    every: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    poll_interval_seconds: int | None = None
    next_fetch_at: datetime | None = None
    last_fetched_at: datetime | None = None
    last_changed_at: datetime | None = None
    failure_count: int = 0


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


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A duplicate pair with its evidence; a is the article with the lower id."""

    article_a: StoredArticle
    article_b: StoredArticle
    label: Label
    relation: Relation
    joins_cluster: bool
    measures: PairMeasures
    reason: str
    credit: str | None
    likely_original_id: int | None
    direction_reason: str | None
    detector_fingerprint: str
    found_at: datetime
    review: Review | None
    review_note: str | None
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PairSummary:
    """One line in a list of duplicate pairs."""

    low_id: int
    high_id: int
    label: Label
    relation: Relation
    joins_cluster: bool
    similarity: float
    containment_low: float
    containment_high: float
    replaced_ratio: float
    synonym_ratio: float
    anchor_agreement_ratio: float
    title_low: str | None
    title_high: str | None
    url_low: str
    url_high: str
    source_low: str
    source_high: str
    review: Review | None
    found_at: datetime
    review_note: str | None = None
    reviewed_at: datetime | None = None


class ClusterOrder(StrEnum):
    """What stands first in a list of clusters."""

    LATEST = "latest"
    BIGGEST = "biggest"


@dataclass(frozen=True, slots=True)
class ClusterFilter:
    """Which clusters to list; every condition that is set must hold. Times bound ``first_seen_at``.

    ``text`` is a search that an article of the cluster answers.
    """

    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    label: Label | None = None
    min_size: int = 2
    text: str | None = None
    limit: int | None = None
    offset: int = 0
    order: ClusterOrder = ClusterOrder.LATEST


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Which duplicate pairs to list; every condition that is set must hold. Times bound ``found_at``.

    ``source`` is the name or host of either article's, ``text`` is a search that either answers.
    ``is_reviewed`` wants an analyst's verdict, whichever.
    """

    label: Label | None = None
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    text: str | None = None
    review: Review | None = None
    is_reviewed: bool = False
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """One line in a list of clusters; ``labels`` are those of its joining pairs, with counts."""

    id: int
    member_count: int
    source_count: int
    sources: tuple[str, ...]
    labels: Mapping[Label, int]
    first_seen_at: datetime
    first_published_at: datetime | None
    last_seen_at: datetime
    canonical_id: int
    canonical_title: str | None
    canonical_url: str
    canonical_source: str
    canonical_reason: str


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """An article in a cluster, and how it relates to the canonical article.

    ``label`` and ``similarity`` are of the pair with the canonical article, else of the member's most similar
    pair in the cluster (then ``compared_with_id`` names that article); None for the canonical article itself.
    ``lag_seconds`` counts from the canonical article's publication (else first sighting).
    """

    article: StoredArticle
    is_canonical: bool
    label: Label | None
    relation: Relation | None
    similarity: float | None
    compared_with_id: int | None
    lag_seconds: float | None


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """Something that happened to a cluster."""

    cluster_id: int
    kind: ClusterEventKind
    happened_at: datetime
    member_count: int
    other_cluster_id: int | None = None


@dataclass(frozen=True, slots=True)
class ClusterDetail:
    """A cluster with its members in order of publication, its pairs and its history.

    ``asked_id`` differs from ``summary.id`` when the id asked for was merged into this cluster.
    """

    asked_id: int
    summary: ClusterSummary
    members: tuple[ClusterMember, ...]
    pairs: tuple[PairSummary, ...]
    events: tuple[ClusterEvent, ...]


@dataclass(frozen=True, slots=True)
class CorpusSummary:
    """How much the database holds."""

    article_count: int
    source_count: int
    cluster_count: int
    clustered_article_count: int
    pending_count: int
    pair_count: int
    labels: Mapping[Label, int]
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    largest_cluster_size: int


@dataclass(frozen=True, slots=True)
class CopyEdge:
    """Copies that ran from one source to another; median lag in seconds, None when times are unknown."""

    from_source: str
    to_source: str
    copy_count: int
    spun_count: int
    median_lag_seconds: float | None

    @property
    def spun_ratio(self) -> float:
        """Share of the copies that were spun."""
        return self.spun_count / self.copy_count


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """One source's articles and the copies it took and gave."""

    source: Source
    article_count: int
    copied_count: int
    copying_count: int
    spun_count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class TableSize:
    """Rows of a table, and bytes with its indexes where the database tells."""

    table: str
    row_count: int
    byte_count: int | None


@dataclass(frozen=True, slots=True)
class IntegrityProblem:
    """Something that ``db check`` found wrong: the rule, and an example."""

    rule: str
    detail: str
