"""Tables of what is crawled and how it went; articles are in the module beside this one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigId, JsonColumn, PrimaryId, words_of
from storage.values import (
    CrawlUrlState,
    FeedKind,
    FeedState,
    FetchKind,
    FetchOutcome,
    JsonValue,
    LeaseKind,
    RunKind,
    RunState,
)


class Source(Base):
    """A publisher, known by its host name."""

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("host = lower(host) AND host <> ''", name="host_lower"),
        {"comment": "Publishers, one row a host"},
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the source")
    name: Mapped[str] = mapped_column(Text, comment="Name as shown; sources with one name are one publisher")
    host: Mapped[str] = mapped_column(Text, unique=True, comment="Host name, lower case, without port")
    home_url: Mapped[str] = mapped_column(Text, comment="Address of the home page")
    country: Mapped[str | None] = mapped_column(Text, comment="ISO 3166 country, as the seeds state it")
    language: Mapped[str | None] = mapped_column(Text, comment="Main language, as the seeds state it")
    needs_javascript: Mapped[bool] = mapped_column(
        server_default=sql_text("false"), comment="Whether its pages show their articles by script"
    )
    created_at: Mapped[datetime] = mapped_column(comment="When the source was first stored")


class Feed(Base):
    """A list of article addresses that is polled: feed, sitemap or section page."""

    __tablename__ = "feed"
    __table_args__ = (
        CheckConstraint("failure_count >= 0", name="failure_count"),
        CheckConstraint(
            "poll_interval_seconds IS NULL OR poll_interval_seconds > 0", name="poll_interval_seconds"
        ),
        Index(None, "next_fetch_at"),
        {"comment": "Feeds, sitemaps and section pages that are polled"},
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the feed")
    source_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("source.id", ondelete="CASCADE"), index=True, comment="Publisher of the feed"
    )
    url: Mapped[str] = mapped_column(Text, unique=True, comment="Address of the feed")
    kind: Mapped[FeedKind] = mapped_column(words_of(FeedKind, "kind"), comment="feed, sitemap or section")
    state: Mapped[FeedState] = mapped_column(
        words_of(FeedState, "state"), comment="active, failing (asked less often) or gone (asked no more)"
    )
    etag: Mapped[str | None] = mapped_column(Text, comment="ETag of the last full answer")
    last_modified: Mapped[str | None] = mapped_column(Text, comment="Last-Modified of the last full answer")
    body_hash: Mapped[str | None] = mapped_column(Text, comment="Hash of the last body, to see no change")
    every: Mapped[str | None] = mapped_column(
        Text, comment="Interval or cron expression that its seed asks for; none: adaptive"
    )
    poll_interval_seconds: Mapped[int | None] = mapped_column(Integer, comment="Adaptive time between polls")
    next_fetch_at: Mapped[datetime | None] = mapped_column(comment="Earliest next poll")
    last_fetched_at: Mapped[datetime | None] = mapped_column(comment="Last answer of any kind")
    last_changed_at: Mapped[datetime | None] = mapped_column(comment="Last answer that listed something new")
    failure_count: Mapped[int] = mapped_column(
        Integer, default=0, server_default=sql_text("0"), comment="Failures since the last success"
    )
    last_reason: Mapped[str | None] = mapped_column(Text, comment="Why the last poll failed")


class CrawlRun(Base):
    """One execution of a crawl or an import."""

    __tablename__ = "crawl_run"
    __table_args__ = (
        CheckConstraint("(state = 'running') = (finished_at IS NULL)", name="finished_at"),
        Index(None, "started_at"),
        {"comment": "Executions of crawls and imports"},
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the run")
    kind: Mapped[RunKind] = mapped_column(
        words_of(RunKind, "kind"), comment="crawl, import, demo, reindex or reextract"
    )
    state: Mapped[RunState] = mapped_column(
        words_of(RunState, "state"), comment="running, done, failed or interrupted"
    )
    started_at: Mapped[datetime] = mapped_column(comment="When it began")
    finished_at: Mapped[datetime | None] = mapped_column(comment="When it ended")
    owner: Mapped[str | None] = mapped_column(
        Text, comment="Process that holds the run's lease: host, process id"
    )
    heartbeat_at: Mapped[datetime | None] = mapped_column(comment="Last sign of life of the owner")
    lease_expires_at: Mapped[datetime | None] = mapped_column(
        comment="After this the run counts as interrupted"
    )
    reason: Mapped[str | None] = mapped_column(Text, comment="Why it did not do all it was asked to")
    version: Mapped[str] = mapped_column(
        Text, default="", server_default=sql_text("''"), comment="newsdedup version"
    )
    settings: Mapped[dict[str, JsonValue]] = mapped_column(JsonColumn, comment="What it was asked to do")
    stats: Mapped[dict[str, JsonValue]] = mapped_column(JsonColumn, comment="Its counters at the end")


class FetchEvent(Base):
    """One fetch and what became of it."""

    __tablename__ = "fetch_event"
    __table_args__ = (
        # The database's CHECKs admit two words that nothing writes: an outcome 'failed', a kind 'robots'.
        CheckConstraint("(outcome IN ('skipped', 'failed')) = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("byte_count IS NULL OR byte_count >= 0", name="byte_count"),
        Index(None, "fetched_at"),
        Index(None, "run_id", "outcome"),
        {"comment": "Every fetch, with the reason where it brought nothing"},
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the fetch")
    run_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("crawl_run.id", ondelete="CASCADE"), comment="Run that fetched"
    )
    source_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("source.id", ondelete="CASCADE"), index=True, comment="Publisher, where known"
    )
    url: Mapped[str] = mapped_column(Text, comment="Address asked for")
    final_url: Mapped[str | None] = mapped_column(Text, comment="Address that answered, after redirects")
    kind: Mapped[FetchKind] = mapped_column(words_of(FetchKind, "kind"), comment="What was asked for")
    outcome: Mapped[FetchOutcome] = mapped_column(
        words_of(FetchOutcome, "outcome"), comment="What became of it"
    )
    reason: Mapped[str | None] = mapped_column(String(40), comment="Why it was skipped or failed")
    detail: Mapped[str | None] = mapped_column(Text, comment="The reason in more words")
    http_status: Mapped[int | None] = mapped_column(Integer, comment="HTTP status of the answer")
    byte_count: Mapped[int | None] = mapped_column(comment="Bytes of the body, decompressed")
    elapsed_seconds: Mapped[float | None] = mapped_column(Float, comment="From request to answer")
    fetched_at: Mapped[datetime] = mapped_column(comment="When the answer came")


class CrawlUrl(Base):
    """A discovered address that is or was waiting to be fetched."""

    __tablename__ = "crawl_url"
    __table_args__ = (
        CheckConstraint("attempt_count >= 0", name="attempt_count"),
        CheckConstraint("(state = 'leased') = (lease_owner IS NOT NULL)", name="lease_owner"),
        Index(None, "state", "next_attempt_at"),
        Index(None, "slug_key"),
        {"comment": "Addresses found in feeds, sitemaps and pages, and how far they have come"},
    )

    id: Mapped[PrimaryId] = mapped_column(comment="Number of the address")
    identity_url: Mapped[str] = mapped_column(Text, unique=True, comment="Normalised address, one an article")
    url: Mapped[str] = mapped_column(Text, comment="Address to fetch")
    host: Mapped[str] = mapped_column(Text, index=True, comment="Host name of the address")
    source_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("source.id", ondelete="CASCADE"), index=True, comment="Publisher, where known"
    )
    feed_url: Mapped[str | None] = mapped_column(Text, comment="Feed that listed it first")
    state: Mapped[CrawlUrlState] = mapped_column(
        words_of(CrawlUrlState, "state"), comment="pending, leased, done, skipped or failed"
    )
    attempt_count: Mapped[int] = mapped_column(
        Integer, default=0, server_default=sql_text("0"), comment="Fetches so far"
    )
    reason: Mapped[str | None] = mapped_column(String(40), comment="Why it was skipped or failed")
    discovered_at: Mapped[datetime] = mapped_column(comment="When it was first listed")
    next_attempt_at: Mapped[datetime | None] = mapped_column(comment="Earliest (next) fetch; also a revisit")
    fetched_at: Mapped[datetime | None] = mapped_column(comment="Last fetch")
    etag: Mapped[str | None] = mapped_column(Text, comment="ETag of the last full answer")
    last_modified: Mapped[str | None] = mapped_column(Text, comment="Last-Modified of the last full answer")
    content_hash: Mapped[str | None] = mapped_column(Text, comment="Hash of the last body")
    slug_key: Mapped[str | None] = mapped_column(
        Text, comment="Site and number, where the address carries one that may name the article"
    )
    article_identity_url: Mapped[str | None] = mapped_column(
        Text, comment="Article that it led to, after redirects and by the page's own word"
    )
    lease_owner: Mapped[str | None] = mapped_column(Text, comment="Worker that is fetching it")
    lease_expires_at: Mapped[datetime | None] = mapped_column(comment="After this it is pending again")
    hints: Mapped[dict[str, JsonValue]] = mapped_column(
        JsonColumn, comment="What the listing said: title, publication time, language"
    )


class Lease(Base):
    """Who alone may work on a source, or fetch from a host, shared by all workers on all machines."""

    __tablename__ = "lease"
    __table_args__ = (
        CheckConstraint("fencing_token >= 0", name="fencing_token"),
        CheckConstraint("(owner IS NULL) = (expires_at IS NULL)", name="owner"),
        Index(None, "owner"),
        {"comment": "Who alone may work on a source or fetch from a host, and until when"},
    )

    kind: Mapped[LeaseKind] = mapped_column(
        words_of(LeaseKind, "kind"), primary_key=True, comment="source or host"
    )
    name: Mapped[str] = mapped_column(Text, primary_key=True, comment="Host name of the source, or the host")
    owner: Mapped[str | None] = mapped_column(Text, comment="Process that holds it: host, process id, run")
    fencing_token: Mapped[int] = mapped_column(
        default=0,
        server_default=sql_text("0"),
        comment="Grows with every lease; writes under an older one are refused",
    )
    acquired_at: Mapped[datetime | None] = mapped_column(comment="When the last owner got it")
    heartbeat_at: Mapped[datetime | None] = mapped_column(comment="Last sign of life of the owner")
    expires_at: Mapped[datetime | None] = mapped_column(comment="After this it may be taken over")
    next_fetch_at: Mapped[datetime | None] = mapped_column(
        comment="Earliest next fetch from the host, kept when the lease passes on"
    )


class ImportedFile(Base):
    """A large file that is being or was imported."""

    __tablename__ = "imported_file"
    __table_args__ = (
        CheckConstraint("byte_offset >= 0 AND byte_offset <= byte_count", name="byte_offset"),
        CheckConstraint("record_number >= 0", name="record_number"),
        {"comment": "Web archives and how far they have been imported"},
    )

    fingerprint: Mapped[str] = mapped_column(
        String(64), primary_key=True, comment="Hash of the file's beginning"
    )
    path: Mapped[str] = mapped_column(Text, comment="Where it was read from last")
    byte_offset: Mapped[int] = mapped_column(comment="Offset of the record that was stored last")
    record_number: Mapped[int] = mapped_column(comment="Number of that record, from 1; 0 before the first")
    byte_count: Mapped[int] = mapped_column(comment="Size of the file when it was read")
    is_complete: Mapped[bool] = mapped_column(comment="Whether all of it has been read")
    updated_at: Mapped[datetime] = mapped_column(comment="When this was noted")
