"""Writes the HTML report: every page to a folder that opens from disk.

Must not render; `newsdedup.reports.html.pages` does.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.values import Label
from newsdedup.jobs.answers import evidence_of
from newsdedup.reports.html.charts import DayCount
from newsdedup.reports.html.pages import CLUSTERS_A_PAGE, Overview, Pages, cluster_page, list_page, pair_page
from storage.articles import stream_articles
from storage.reports import (
    cluster_detail,
    copy_edges,
    corpus_summary,
    list_clusters,
    list_pairs,
    pair_detail,
    source_summaries,
)
from storage.values import PairFilter

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from newsdedup.render.progress import OnProgress
    from storage.engine import Sessions
    from storage.values import ClusterSummary

_DAYS_DRAWN = 60


def write_html_report(
    sessions: Sessions, folder: str, made_at: datetime, excerpt_words: int, on_progress: OnProgress
) -> int:
    """Write all pages into the folder, which is created; how many there are.

    Pages of an earlier report are overwritten; those of clusters and pairs that are gone are removed.

    Raises:
        OSError: a page cannot be written.
        StorageError: the database cannot be read.
    """
    pages, target = Pages(made_at, excerpt_words), _Folder(Path(folder))
    with sessions() as session:
        clusters = list_clusters(session)
        pairs = list_pairs(session)
        total = len(clusters) + len(pairs)
        _write_lists(session, pages, target, clusters)
        for done, cluster in enumerate(clusters, start=1):
            if (detail := cluster_detail(session, cluster.id)) is not None:
                target.write(cluster_page(cluster.id), pages.cluster(detail))
            on_progress(done, total)
        for done, pair in enumerate(pairs, start=len(clusters) + 1):
            if (stored := pair_detail(session, pair.low_id, pair.high_id)) is not None:
                target.write(pair_page(pair.low_id, pair.high_id), pages.pair(evidence_of(stored)))
            on_progress(done, total)
    target.remove_others()
    return len(target.written) - 1


def _write_lists(
    session: Session, pages: Pages, target: _Folder, clusters: tuple[ClusterSummary, ...]
) -> None:
    sources = source_summaries(session)
    biggest = tuple(sorted(clusters, key=lambda cluster: (-cluster.member_count, cluster.id)))
    spun_pairs = list_pairs(session, PairFilter(label=Label.SPUN, limit=50))
    overview = Overview(corpus_summary(session), count_days(session), biggest, spun_pairs, sources)
    target.write("style.css", pages.style_sheet())
    target.write("index.html", pages.overview(overview))
    target.write("sources.html", pages.sources(sources, copy_edges(session)))
    page_count = max(1, -(-len(clusters) // CLUSTERS_A_PAGE))
    for number in range(1, page_count + 1):
        shown = clusters[(number - 1) * CLUSTERS_A_PAGE : number * CLUSTERS_A_PAGE]
        target.write(list_page(number), pages.clusters(shown, number, page_count))


def count_days(session: Session) -> tuple[DayCount, ...]:
    """Articles and copies a day, by publication, else first sight; the latest days only."""
    canonical = {cluster.canonical_id for cluster in list_clusters(session)}
    articles: Counter[date] = Counter()
    copies: Counter[date] = Counter()
    for article in stream_articles(session, with_text=False):
        day = (article.published_at or article.first_seen_at).date()
        articles[day] += 1
        copies[day] += article.cluster_id is not None and article.id not in canonical
    days = sorted(articles)[-_DAYS_DRAWN:]
    return tuple(DayCount(day, articles[day], copies[day]) for day in days)


class _Folder:
    """The report's folder, and which of its files this report wrote."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: set[Path] = set()
        for inside in ("", "clusters", "pairs"):
            (path / inside).mkdir(parents=True, exist_ok=True)

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")
        self.written.add(self.path / name)

    def remove_others(self) -> None:
        """Remove pages of an earlier report that this one does not have, and nothing else."""
        for pattern in ("clusters/[0-9]*.html", "pairs/[0-9]*-[0-9]*.html", "clusters-[0-9]*.html"):
            for page in self.path.glob(pattern):
                if page not in self.written:
                    page.unlink()
