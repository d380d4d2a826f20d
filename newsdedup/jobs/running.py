"""Records a job as a run: begun, alive, ended.

Must not do the job.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from crawler.owners import owner_name
from storage.runs import beat_run, finish_run, start_run
from storage.values import RunState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storage.engine import Sessions
    from storage.values import JsonValue, RunKind, StoreCounts

LEASE_SECONDS = 300.0


@dataclass(slots=True)
class RecordedRun:
    """A run that is under way; ``stats`` are stored when it ends."""

    id: int
    sessions: Sessions
    stats: dict[str, JsonValue] = field(default_factory=dict)

    def beat(self) -> None:
        """Tell that the run is alive."""
        with self.sessions.begin() as session:
            beat_run(session, self.id, datetime.now(UTC), LEASE_SECONDS)

    def count(self, stored: StoreCounts, pair_count: int, refused: Mapping[str, int]) -> None:
        """Note what was stored, found and refused (by reason), under the names by which a crawl counts."""
        self.stats |= {
            "newsdedup/article/new": stored.new_count,
            "newsdedup/article/updated": stored.updated_count,
            "newsdedup/article/unchanged": stored.unchanged_count,
            "newsdedup/pair/found": pair_count,
            **{f"newsdedup/article/skipped/{reason}": count for reason, count in refused.items()},
        }


@contextmanager
def recorded_run(
    sessions: Sessions, kind: RunKind, settings: Mapping[str, JsonValue]
) -> Iterator[RecordedRun]:
    """A run that ends as done, or as failed when the block raises."""
    with sessions.begin() as session:
        run_id = start_run(
            session,
            kind,
            datetime.now(UTC),
            owner=owner_name(),
            lease_seconds=LEASE_SECONDS,
            version=version("newsdedup"),
            settings=settings,
        )
    run = RecordedRun(run_id, sessions)
    state = RunState.FAILED
    try:
        yield run
        state = RunState.DONE
    finally:
        with sessions.begin() as session:
            finish_run(session, run_id, state, datetime.now(UTC), run.stats)
