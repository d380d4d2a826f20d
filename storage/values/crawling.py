"""What is remembered of fetches, feeds and runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from storage.values.words import FeedState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.values.articles import Source
    from storage.values.words import FeedKind, FetchKind, FetchOutcome, RunKind, RunState, SkipReason

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"


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
