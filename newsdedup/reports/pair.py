"""The evidence for one pair of articles: what they share, what was replaced, what speaks against it.

Must not align or judge: it arranges what `dedup` and storage gave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup.values import DuplicatePair
from newsdedup.reports.values import (
    Column,
    Fact,
    Facts,
    Listing,
    Ratio,
    Report,
    SideBySide,
    stated_time,
)

if TYPE_CHECKING:
    from datetime import datetime

    from dedup.values import AlignedSpan, PairMeasures, RejectedPair
    from storage.values import Review, StoredArticle

_SUBSTITUTION_COLUMNS = (
    Column("words_a", "in a", may_wrap=True),
    Column("words_b", "in b", may_wrap=True),
    Column("is_synonym", "in lexicon"),
    Column("count", "times", is_number=True),
)
_CONFLICT_COLUMNS = (Column("anchor_a", "in a"), Column("anchor_b", "in b"))


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """Two articles, the verdict on them, and how their words lie against each other."""

    article_a: StoredArticle
    article_b: StoredArticle
    verdict: DuplicatePair | RejectedPair
    spans: tuple[AlignedSpan, ...]
    review: Review | None = None
    is_stored: bool = False
    review_note: str | None = None
    reviewed_at: datetime | None = None


def pair_report(evidence: PairEvidence) -> Report:
    """Everything about a pair, the sentence that says why first."""
    measures = evidence.verdict.measures
    return Report(
        "pair",
        (
            Facts("pair", (*_verdict_facts(evidence), *_measure_facts(measures))),
            Facts("article_a", _article_facts(evidence.article_a), "Article a"),
            Facts("article_b", _article_facts(evidence.article_b), "Article b"),
            substitutions_listing(measures),
            _agreement_facts(measures),
            _conflicts_listing(measures),
            _side_by_side(evidence),
        ),
    )


def substitutions_listing(measures: PairMeasures, limit: int | None = None) -> Listing:
    """The substitutions, the most frequent first; a table shows ``limit`` of them."""
    ordered = sorted(measures.substitutions, key=lambda item: (-item.count, item.words_a, item.words_b))
    rows = tuple((item.words_a, item.words_b, item.is_synonym, item.count) for item in ordered)
    title = (
        "Substitutions"
        if limit is None or len(ordered) <= limit
        else f"Substitutions, {limit} of {len(ordered)}"
    )
    return Listing("substitutions", _SUBSTITUTION_COLUMNS, rows, title, "no words were replaced", limit)


def _verdict_facts(evidence: PairEvidence) -> tuple[Fact, ...]:
    verdict = evidence.verdict
    pair = verdict if isinstance(verdict, DuplicatePair) else None
    original = None if pair is None or pair.likely_original_id is None else int(pair.likely_original_id)
    return (
        Fact("reason", "why", verdict.reason),
        Fact("is_duplicate", None, pair is not None),
        Fact("label", "label", pair.label if pair else "not a copy"),
        Fact("relation", "relation", pair.relation if pair else None),
        Fact("joins_cluster", "joins a cluster", pair.joins_cluster if pair else None),
        Fact("credit", "agency credited", pair.credit if pair else None),
        Fact("likely_original_id", "likely original", original),
        Fact("direction_reason", "because", pair.direction_reason if pair else None),
        Fact("review", "review", evidence.review),
        Fact("review_note", "its reason", evidence.review_note),
        Fact("reviewed_at", "reviewed", evidence.reviewed_at),
        Fact("is_stored", None, evidence.is_stored),
    )


def _measure_facts(measures: PairMeasures) -> tuple[Fact, ...]:
    return (
        Fact("similarity", "similarity", Ratio(measures.similarity)),
        Fact("containment_a", "of a found in b", Ratio(measures.containment_a)),
        Fact("containment_b", "of b found in a", Ratio(measures.containment_b)),
        Fact("replaced_ratio", "words replaced", Ratio(measures.replaced_ratio)),
        Fact("synonym_ratio", "of these in the lexicon", explained_share(measures)),
        Fact("anchor_agreement_ratio", "names and numbers agree", agreeing_share(measures)),
        Fact("aligned_word_count", None, measures.aligned_word_count),
        Fact("word_count_a", None, measures.word_count_a),
        Fact("word_count_b", None, measures.word_count_b),
    )


def explained_share(measures: PairMeasures) -> Ratio | None:
    """How many of the replaced words the lexicon explains; None where none were replaced."""
    return Ratio(measures.synonym_ratio) if measures.substitutions else None


def agreeing_share(measures: PairMeasures) -> Ratio | None:
    """How many of the names and numbers agree; None where no two stand beside each other."""
    has_any = measures.agreeing_anchors or measures.conflicting_anchors
    return Ratio(measures.anchor_agreement_ratio) if has_any else None


def _article_facts(article: StoredArticle) -> tuple[Fact, ...]:
    return (
        Fact("id", "id", article.id),
        Fact("title", "title", article.title),
        Fact("source", "source", article.source.name),
        Fact("url", "address", article.url),
        Fact("published_at", "published", stated_time(article.published_at, article.published_precision)),
        Fact("first_seen_at", "first seen", article.first_seen_at),
        Fact("word_count", "words", article.word_count),
        Fact("language", "language", article.language),
        Fact("cluster_id", "cluster", article.cluster_id),
    )


def _agreement_facts(measures: PairMeasures) -> Facts:
    return Facts(
        "agreement",
        (Fact("agreeing_anchors", "in both", measures.agreeing_anchors or None),),
        "Names and numbers",
    )


def _conflicts_listing(measures: PairMeasures) -> Listing:
    return Listing(
        "conflicting_anchors",
        _CONFLICT_COLUMNS,
        measures.conflicting_anchors,
        "Names and numbers that differ",
        when_empty="none",
    )


def _side_by_side(evidence: PairEvidence) -> SideBySide:
    article_a, article_b = evidence.article_a, evidence.article_b
    return SideBySide(
        "texts",
        f"a: {article_a.source.name}",
        f"b: {article_b.source.name}",
        article_a.text or "",
        article_b.text or "",
        evidence.spans,
        "Side by side",
    )
