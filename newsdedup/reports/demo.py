"""The report that ends the demonstration.

Must not query: it arranges what the job found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsdedup.reports.clusters import clusters_listing
from newsdedup.reports.pair import substitutions_listing
from newsdedup.reports.summary import corpus_facts
from newsdedup.reports.values import Fact, Facts, Listing, Ratio, Report

if TYPE_CHECKING:
    from newsdedup.jobs.demo import Demonstration
    from newsdedup.reports.pair import PairEvidence
    from newsdedup.reports.values import Section

_SUBSTITUTIONS_SHOWN = 20
_SHOWN = {"article_count", "source_count", "cluster_count", "clustered_article_count", "pair_count", "labels"}
_HEADINGS = {
    "cluster_id": "id",
    "labels": "labels",
    "sources": "sources",
    "first_seen_at": "first seen",
    "canonical_title": "canonical article",
}


def demo_report(demonstration: Demonstration) -> Report:
    """What was crawled, the clusters, and one spun pair with its substitutions."""
    crawl = demonstration.crawl
    sections: list[Section] = [
        Facts(
            "crawl",
            (
                Fact("page_count", "pages fetched", crawl.page_count),
                Fact("new_count", "new articles", crawl.new_count),
                Fact("updated_count", "updated articles", crawl.updated_count),
                Fact("unchanged_count", "unchanged articles", crawl.unchanged_count),
                Fact("skipped", "refused", dict(sorted(crawl.skipped.items())) or None),
            ),
            "Crawled the demo newsroom",
        ),
        Facts(
            "corpus",
            tuple(fact for fact in corpus_facts(demonstration.corpus) if fact.name in _SHOWN),
            "Found",
        ),
        _clusters(demonstration),
    ]
    if demonstration.spun is not None:
        sections += _spun(demonstration.spun)
    return Report("demo", tuple(sections))


def _clusters(demonstration: Demonstration) -> Listing:
    listing = clusters_listing(demonstration.clusters, "Clusters, by first publication")
    columns = tuple(replace(column, heading=_HEADINGS.get(column.name)) for column in listing.columns)
    return replace(listing, columns=columns)


def _spun(evidence: PairEvidence) -> tuple[Section, ...]:
    a, b, measures = evidence.article_a, evidence.article_b, evidence.verdict.measures
    facts = (
        Fact("title_a", "likely original", f"{a.title} ({a.source.name})"),
        Fact("title_b", "spun copy", f"{b.title} ({b.source.name})"),
        Fact("similarity", "similarity", Ratio(measures.similarity)),
        Fact("replaced_ratio", "words replaced", Ratio(measures.replaced_ratio)),
        Fact("synonym_ratio", "of these in the lexicon", Ratio(measures.synonym_ratio)),
        Fact("reason", "why", evidence.verdict.reason),
    )
    substitutions = substitutions_listing(measures, _SUBSTITUTIONS_SHOWN)
    headings = {"words_a": "original", "words_b": "spun"}
    columns = tuple(
        replace(column, heading=headings.get(column.name, column.heading)) for column in substitutions.columns
    )
    return (Facts("spun_pair", facts, "A spun copy"), replace(substitutions, columns=columns))
