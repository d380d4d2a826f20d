"""Reads what a page tells and has it rendered: for the report on disk and the live server alike.

Must not write files or know HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.values import Label
from newsdedup.reports.html.values import Overview
from newsdedup.reports.plots import timeline_plot, without_stragglers
from storage.cluster_lists import list_clusters
from storage.daily import count_days
from storage.pair_lists import list_pairs
from storage.reports import copy_edges, corpus_summary, source_summaries
from storage.values import ClusterFilter, ClusterOrder, PairFilter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from newsdedup.reports.html.pages import Pages

_FIRST_FEW = 15


def overview_page(session: Session, pages: Pages) -> str:
    """The first page."""
    days, straggler_count = without_stragglers(count_days(session))
    return pages.overview(
        Overview(
            corpus=corpus_summary(session),
            timeline=timeline_plot(days),
            straggler_count=straggler_count,
            clusters=list_clusters(session, ClusterFilter(order=ClusterOrder.BIGGEST, limit=_FIRST_FEW)),
            spun_pairs=list_pairs(session, PairFilter(label=Label.SPUN, limit=_FIRST_FEW)),
            sources=source_summaries(session),
        )
    )


def sources_page(session: Session, pages: Pages) -> str:
    """Who copies whom."""
    return pages.sources(source_summaries(session), copy_edges(session))
