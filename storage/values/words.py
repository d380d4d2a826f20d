"""The closed sets of words that storage knows: states, kinds, outcomes and reasons."""

from __future__ import annotations

from enum import StrEnum


class SkipReason(StrEnum):
    """Why a page, feed, sitemap or input line was refused; one vocabulary for stats, JSON and SQL."""

    # what the page held
    TOO_SHORT = "too_short"
    NO_TEXT = "no_text"
    NO_TITLE = "no_title"
    NOT_HTML = "not_html"
    NOT_ARTICLE = "not_article"
    TOO_LARGE = "too_large"
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
    BAD_COMPRESSION = "bad_compression"
    # what the rules forbid
    ROBOTS = "robots"
    ADDRESS_REFUSED = "address_refused"
    SCHEME_REFUSED = "scheme_refused"
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


# Fetches that brought no usable answer; what a page held and what the rules forbid are refusals of ours.
FETCH_FAILURES = frozenset({
    SkipReason.HTTP_ERROR, SkipReason.NOT_FOUND, SkipReason.GONE, SkipReason.TOO_MANY_REQUESTS, SkipReason.TIMEOUT,
    SkipReason.DNS, SkipReason.CONNECTION, SkipReason.TLS, SkipReason.REDIRECT_LOOP, SkipReason.TRUNCATED,
    SkipReason.BAD_COMPRESSION,
})  # fmt: skip
# Of these, what may well succeed when asked again later.
TRANSIENT_FAILURES = FETCH_FAILURES - {SkipReason.NOT_FOUND, SkipReason.GONE, SkipReason.REDIRECT_LOOP}


class FetchKind(StrEnum):
    """What was asked for in a fetch."""

    ARTICLE = "article"
    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"
    FILE = "file"


class FetchOutcome(StrEnum):
    """What became of a fetch."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    NOT_MODIFIED = "not_modified"
    READ = "read"
    SKIPPED = "skipped"


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
    REEXTRACT = "reextract"


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


class ClusterOrder(StrEnum):
    """What stands first in a list of clusters."""

    LATEST = "latest"
    BIGGEST = "biggest"
