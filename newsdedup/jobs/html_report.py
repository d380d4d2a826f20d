"""Writes the HTML report: every page to a folder that opens from disk.

Must not render; `newsdedup.reports.html.pages` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from dedup.values import Label
from newsdedup.jobs.answers import evidence_of
from newsdedup.jobs.html_pages import overview_page, sources_page
from newsdedup.reports.html.addresses import (
    CLUSTERS,
    OVERVIEW,
    PAIRS,
    SOURCES,
    Paging,
    cluster_page,
    list_page,
    pair_page,
)
from newsdedup.reports.html.environment import style_sheet
from newsdedup.reports.html.pages import DEFAULT_EXCERPT_WORDS, Pages
from storage.cluster_lists import list_clusters
from storage.details import cluster_details, pair_details
from storage.pair_lists import list_pairs
from storage.sql import chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import TypeVar

    from sqlalchemy.orm import Session

    from newsdedup.jobs.parallel import PairMap
    from newsdedup.render.progress import OnProgress
    from storage.engine import Sessions
    from storage.values import ClusterSummary, PairSummary, StoredPair

    _Row = TypeVar("_Row")

DEFAULT_MAX_PAIRS = 5_000
_PAIRS_AT_A_TIME = 400
# What shows most comes first: in the list, and where evidence pages are limited.
_TELLING = (Label.SPUN, Label.REWRITTEN, Label.EXCERPT, Label.NEAR, Label.EXACT)


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Where the report goes, and its limits; 0 stands for none."""

    folder: Path
    made_at: datetime
    excerpt_words: int = DEFAULT_EXCERPT_WORDS
    max_pairs: int = DEFAULT_MAX_PAIRS


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """How many pages were written, and how many pairs have no evidence page for the limit."""

    page_count: int
    left_out_pair_count: int


def write_html_report(
    sessions: Sessions, request: ReportRequest, pair_map: PairMap, on_progress: OnProgress
) -> WrittenReport:
    """Write all pages into the folder, which is created; ``pair_map`` lays the texts of pairs side by side.

    Pages of an earlier report are overwritten; those of clusters and pairs that are gone are removed.

    Raises:
        OSError: a page cannot be written.
        StorageError: the database cannot be read.
    """
    target = _Folder(request.folder)
    with sessions() as session:
        clusters = list_clusters(session)
        pairs = sorted(list_pairs(session), key=_telling)
        shown = pairs[: request.max_pairs or None]
        evidence = {(pair.low_id, pair.high_id) for pair in shown}
        pages = Pages(request.made_at, request.excerpt_words, evidence)
        total = len(clusters) + len(shown)
        _write_lists(session, pages, target, clusters, pairs)
        for done, detail in enumerate(cluster_details(session, (one.id for one in clusters)), start=1):
            target.write(cluster_page(detail.summary.id), pages.cluster(detail))
            on_progress(done, total)
        keys = [(pair.low_id, pair.high_id) for pair in shown]
        names = _write_all_evidence(session, request, keys, pair_map)
        for done, name in enumerate(names, start=len(clusters) + 1):
            target.note(name)
            on_progress(done, total)
    target.remove_others()
    return WrittenReport(len(target.written) - 1, len(pairs) - len(shown))


def _write_lists(
    session: Session,
    pages: Pages,
    target: _Folder,
    clusters: Sequence[ClusterSummary],
    pairs: Sequence[PairSummary],
) -> None:
    target.write("style.css", style_sheet())
    target.write(OVERVIEW, overview_page(session, pages))
    target.write(SOURCES, sources_page(session, pages))
    _write_list(target, CLUSTERS, clusters, pages.clusters)
    _write_list(target, PAIRS, pairs, pages.pairs)


def _write_list(
    target: _Folder, first: str, rows: Sequence[_Row], render: Callable[[Sequence[_Row], Paging], str]
) -> None:
    paging = Paging(1, len(rows), lambda number: list_page(first, number))
    for number in range(1, paging.page_count + 1):
        paging = Paging(number, len(rows), paging.address)
        target.write(
            list_page(first, number), render(rows[paging.offset : paging.offset + paging.size], paging)
        )


def _write_all_evidence(
    session: Session, request: ReportRequest, keys: Sequence[tuple[int, int]], pair_map: PairMap
) -> Iterator[str]:
    for lot in chunks(keys, _PAIRS_AT_A_TIME):
        yield from pair_map(partial(_write_evidence, request), tuple(pair_details(session, lot)))


def _write_evidence(request: ReportRequest, stored: StoredPair) -> str:
    """Write a pair's page, here or in a process of its own; the page's address."""
    name = pair_page(stored.article_a.id, stored.article_b.id)
    page = _evidence_pages(request.made_at, request.excerpt_words).pair(evidence_of(stored))
    (request.folder / name).write_text(page, encoding="utf-8")
    return name


@lru_cache(maxsize=1)
def _evidence_pages(made_at: datetime, excerpt_words: int) -> Pages:
    return Pages(made_at, excerpt_words)


def _telling(pair: PairSummary) -> tuple[int, float, int, int]:
    return _TELLING.index(pair.label), -pair.found_at.timestamp(), pair.low_id, pair.high_id


class _Folder:
    """The report's folder, and which of its files this report wrote."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: set[Path] = set()
        for inside in ("", "clusters", "pairs"):
            (path / inside).mkdir(parents=True, exist_ok=True)

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")
        self.note(name)

    def note(self, name: str) -> None:
        """Count a page as written, whoever wrote it."""
        self.written.add(self.path / name)

    def remove_others(self) -> None:
        """Remove pages of an earlier report that this one does not have, and nothing else."""
        patterns = (
            "clusters/[0-9]*.html",
            "pairs/[0-9]*-[0-9]*.html",
            "clusters-[0-9]*.html",
            "pairs-[0-9]*.html",
        )
        for pattern in patterns:
            for page in self.path.glob(pattern):
                if page not in self.written:
                    page.unlink()
