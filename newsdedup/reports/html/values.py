"""What the pages are given.

Must not query or render.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsdedup.reports.plots import TimelinePlot
    from storage.values import ClusterSummary, CorpusSummary, PairSummary, SourceSummary


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page tells; of clusters and spun pairs the first few.

    ``straggler_count`` articles lie too far off in time for the time line.
    """

    corpus: CorpusSummary
    timeline: TimelinePlot
    straggler_count: int
    clusters: tuple[ClusterSummary, ...]
    spun_pairs: tuple[PairSummary, ...]
    sources: tuple[SourceSummary, ...]


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The filters above a list: what was typed, by field, and the names of sources to choose from."""

    typed: Mapping[str, str]
    sources: tuple[str, ...]

    @property
    def is_used(self) -> bool:
        """Whether anything is filtered."""
        return any(self.typed.values())
