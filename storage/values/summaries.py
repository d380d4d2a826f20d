"""Counts of what a database holds, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dedup.values import Label
    from storage.values.articles import Source


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
