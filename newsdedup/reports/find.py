"""The answer to `newsdedup find`: which stored articles are copies of a text, and why.

Must not query: it arranges what the job found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsdedup.reports.pair import agreeing_share, explained_share, substitutions_listing
from newsdedup.reports.values import Cell, Column, Listing, Ratio, Report, stated_time

if TYPE_CHECKING:
    from newsdedup.jobs.find_copies import FindReport, FoundCopy
    from newsdedup.reports.values import Section

_COLUMNS = (
    Column("article_id", "id", is_number=True),
    Column("label", "label"),
    Column("similarity", "similarity", is_number=True),
    Column("containment_article", "of the article", is_number=True),
    Column("containment_text", "of the text", is_number=True),
    Column("replaced_ratio", "replaced", is_number=True),
    Column("synonym_ratio"),
    Column("anchor_agreement_ratio", "names agree", is_number=True),
    Column("cluster_id", "cluster", is_number=True),
    Column("source", "source"),
    Column("published_at", "published"),
    Column("title", "title", may_wrap=True),
    Column("reason", "why", may_wrap=True),
    Column("url"),
)
_SUBSTITUTIONS_SHOWN = 30


def find_report(found: FindReport) -> Report:
    """The copies, then the substitutions of the most similar one (a: the stored article, b: the text)."""
    rows = tuple(_row(copy) for copy in found.copies)
    sections: list[Section] = [
        Listing("copies", _COLUMNS, rows, "Copies of this text", when_empty="no copies")
    ]
    if found.copies and found.copies[0].pair.measures.substitutions:
        sections.append(_substitutions(found.copies[0]))
    return Report("find", tuple(sections))


def _substitutions(copy: FoundCopy) -> Listing:
    listing = substitutions_listing(copy.pair.measures, _SUBSTITUTIONS_SHOWN)
    headings = {"words_a": f"in article {copy.article.id}", "words_b": "in the text"}
    columns = (
        replace(column, heading=headings.get(column.name, column.heading)) for column in listing.columns
    )
    return replace(listing, columns=tuple(columns))


def _row(copy: FoundCopy) -> tuple[Cell, ...]:
    article, measures = copy.article, copy.pair.measures
    return (
        article.id,
        copy.pair.label,
        Ratio(measures.similarity),
        Ratio(measures.containment_a),
        Ratio(measures.containment_b),
        Ratio(measures.replaced_ratio),
        explained_share(measures),
        agreeing_share(measures),
        article.cluster_id,
        article.source.name,
        stated_time(article.published_at, article.published_precision),
        article.title,
        copy.pair.reason,
        article.url,
    )
