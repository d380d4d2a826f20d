"""Asks the database what a report needs.

Must not arrange or print: reports do the first, the command line the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dedup  # its functions when they are called: lists need no numpy
from dedup.values import DuplicatePair, Label
from newsdedup.jobs.addresses import article_at
from newsdedup.jobs.errors import JobError
from newsdedup.reports.pair import PairEvidence
from newsdedup.reports.summary import Morning
from storage.articles import count_articles, get_article
from storage.cluster_lists import list_clusters
from storage.crawl_reports import tally_sources
from storage.details import cluster_detail, pair_detail
from storage.pair_lists import list_pairs
from storage.reports import corpus_summary, source_summaries
from storage.runs import latest_crawl, read_run
from storage.values import ClusterFilter, ClusterOrder, PairFilter

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from storage.crawl_reports import SourceTally
    from storage.engine import Sessions
    from storage.values import ClusterDetail, Review, StoredArticle, StoredPair

_BIGGEST = 10


def read_cluster(sessions: Sessions, cluster_id: int) -> ClusterDetail:
    """A cluster with members, pairs and history; an id that was merged away leads to its heir.

    Raises:
        JobError: there is no such cluster.
    """
    with sessions() as session:
        detail = cluster_detail(session, cluster_id)
    if detail is None:
        raise JobError(f"no cluster {cluster_id}; run: newsdedup clusters")
    return detail


def read_article(session: Session, name: str) -> StoredArticle:
    """An article by its number or its address.

    Raises:
        JobError: there is no such article.
    """
    is_number = name.isascii() and name.isdigit() and len(name) < 19
    article = get_article(session, int(name)) if is_number else article_at(session, name)
    if article is None:
        raise JobError(f"no article {name!r}; give its number or its address, as newsdedup search shows them")
    return article


def read_evidence(sessions: Sessions, name_a: str, name_b: str, config: DedupConfig) -> PairEvidence:
    """The evidence for two articles: as stored when they are a duplicate pair, else judged now.

    Raises:
        JobError: an article does not exist, or the two are one.
    """
    with sessions() as session:
        article_a, article_b = read_article(session, name_a), read_article(session, name_b)
        if article_a.id == article_b.id:
            raise JobError(f"{name_a!r} and {name_b!r} are the same article")
        stored = pair_detail(session, article_a.id, article_b.id)
        return _judged_now(session, article_a, article_b, config) if stored is None else evidence_of(stored)


def _judged_now(session: Session, a: StoredArticle, b: StoredArticle, config: DedupConfig) -> PairEvidence:
    from storage.documents import load_documents  # noqa: PLC0415  numpy, which lists need not load

    low, high = sorted((a, b), key=lambda article: article.id)
    if low.text is None or high.text is None:
        raise JobError("the text of one of the articles has been pruned: they cannot be compared any more")
    documents = load_documents(session, (low.id, high.id))
    verdict = dedup.judge_pair(documents[low.id][0], documents[high.id][0], config)
    return PairEvidence(low, high, verdict, dedup.align_texts(low.text, high.text, low.language))


def review(
    sessions: Sessions, name_a: str, name_b: str, verdict: Review | None, note: str | None, now: datetime
) -> None:
    """Record an analyst's verdict on two articles that are a stored duplicate pair; None takes it back.

    Raises:
        JobError: an article does not exist.
        StorageError: they are no duplicate pair.
    """
    from storage.upkeep import set_review  # noqa: PLC0415  numpy, which lists need not load

    with sessions() as session:
        article_a, article_b = read_article(session, name_a), read_article(session, name_b)
    set_review(sessions, article_a.id, article_b.id, verdict, note, now)


def evidence_of(stored: StoredPair) -> PairEvidence:
    """A stored pair as evidence, its likely original first, with its texts aligned for display."""
    is_turned = stored.likely_original_id == stored.article_b.id
    a, b = (stored.article_b, stored.article_a) if is_turned else (stored.article_a, stored.article_b)
    verdict = DuplicatePair(
        id_a=str(a.id),
        id_b=str(b.id),
        label=stored.label,
        relation=stored.relation,
        joins_cluster=stored.joins_cluster,
        measures=stored.measures.turned() if is_turned else stored.measures,
        reason=stored.reason,
        credit=stored.credit,
        likely_original_id=None if stored.likely_original_id is None else str(stored.likely_original_id),
        direction_reason=stored.direction_reason,
    )
    spans = dedup.align_texts(a.text, b.text, a.language) if a.text and b.text else ()
    return PairEvidence(
        a,
        b,
        verdict,
        spans,
        stored.review,
        is_stored=True,
        review_note=stored.review_note,
        reviewed_at=stored.reviewed_at,
    )


def read_source_tallies(sessions: Sessions, run_id: int | None) -> tuple[SourceTally, ...]:
    """How the sources of a run fared; of the latest crawl where no run is named.

    Raises:
        JobError: there is no such run.
    """
    with sessions() as session:
        chosen = run_id if run_id is not None else latest_crawl(session)
        if chosen is None or read_run(session, chosen) is None:
            raise JobError(
                f"no run {chosen}; run: newsdedup report crawl" if chosen else "nothing was crawled yet"
            )
        return tally_sources(session, chosen)


def read_morning(sessions: Sessions, since: datetime) -> Morning:
    """What the morning summary tells about the time since then."""
    with sessions() as session:
        return Morning(
            since=since,
            corpus=corpus_summary(session),
            new_article_count=count_articles(session, since=since),
            new_clusters=list_clusters(session, ClusterFilter(since=since)),
            biggest_clusters=list_clusters(
                session, ClusterFilter(order=ClusterOrder.BIGGEST, limit=_BIGGEST)
            ),
            spun_pairs=list_pairs(session, PairFilter(label=Label.SPUN, since=since)),
            silent_sources=source_summaries(session, silent_since=since),
        )
