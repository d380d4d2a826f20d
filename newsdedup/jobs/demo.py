"""The demonstration: serve the bundled newsroom on loopback, crawl it, gather what was found.

Must not know what there is to find: it reads the database like any report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from dedup import DedupConfig, align_texts, judge_pair
from dedup.values import Label
from newsdedup.demo import serve_newsroom
from newsdedup.jobs.answers import evidence_of
from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from newsdedup.jobs.database import open_database
from storage.cluster_lists import list_clusters
from storage.details import pair_detail
from storage.documents import load_documents
from storage.pair_lists import list_pairs
from storage.reindex import reindex
from storage.reports import corpus_summary
from storage.values import PairFilter, RunKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from newsdedup.jobs.crawl_report import CrawlProgress, CrawlReport
    from newsdedup.reports.pair import PairEvidence
    from storage.values import ClusterSummary, CorpusSummary, JsonValue, StoredPair

_BEFORE_ALL = "2000-01-01"  # the newsroom's days lie in the past, and sitemaps are read from a week ago on
_FAST: dict[str, JsonValue] = {
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the crawl did, what the database now holds, and the spun pair with the most substitutions."""

    crawl: CrawlReport
    corpus: CorpusSummary
    clusters: tuple[ClusterSummary, ...]
    spun: PairEvidence | None


def run_demo(database_url: str, on_progress: Callable[[CrawlProgress], None] | None = None) -> Demonstration:
    """Crawl the demo newsroom into a database, which is created; a second time only what is new is stored.

    Raises:
        JobError: the crawl did not end well.
        StorageError: the database cannot be used.
    """
    with serve_newsroom() as newsroom, as_file(files("seeds").joinpath("demo.toml")) as seeds:
        request = CrawlRequest(
            database_url=database_url,
            seeds=seeds,
            loopback_hosts=newsroom.loopback_hosts,
            since=_BEFORE_ALL,
            kind=RunKind.DEMO,
            settings=_FAST,
            log_level="ERROR",
        )
        report = run_crawl(request, on_progress)
    sessions = open_database(database_url)
    # Pages come in another order every time, and what a site repeats is learnt on the way: now all of it is known.
    reindex(sessions, DedupConfig())
    with sessions() as session:
        clusters = list_clusters(session)
        spun = [
            pair_detail(session, pair.low_id, pair.high_id)
            for pair in list_pairs(session, PairFilter(label=Label.SPUN))
        ]
        corpus = corpus_summary(session)
        shown = max((pair for pair in spun if pair is not None), key=_telling, default=None)
        evidence = _from_original(session, shown) if shown else None
    ordered = sorted(
        clusters, key=lambda cluster: (cluster.first_published_at is None, cluster.first_published_at)
    )
    return Demonstration(report, corpus, tuple(ordered), evidence)


def _telling(pair: StoredPair) -> tuple[int, str, str]:
    """How much a pair shows: its substitutions; addresses decide between equals, so that every run shows the same."""
    first, second = sorted((pair.article_a.url, pair.article_b.url))
    return len(pair.measures.substitutions), first, second


def _from_original(session: Session, pair: StoredPair) -> PairEvidence:
    """The pair read from its likely original to the copy, whichever was stored first."""
    if pair.likely_original_id != pair.article_b.id or not (pair.article_a.text and pair.article_b.text):
        return evidence_of(pair)
    documents = load_documents(session, (pair.article_a.id, pair.article_b.id))
    original, copy = documents[pair.article_b.id][0], documents[pair.article_a.id][0]
    verdict = judge_pair(replace(original, id="a"), replace(copy, id="b"), DedupConfig())
    spans = align_texts(original.text, copy.text, original.language)
    return replace(
        evidence_of(pair), article_a=pair.article_b, article_b=pair.article_a, verdict=verdict, spans=spans
    )
