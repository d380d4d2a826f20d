"""The pages of the HTML report, each from values to a complete document.

Must not query or write files: the static report and the live server render through this one path.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from dedup.values import DuplicatePair, Label
from newsdedup.reports.aligned import break_rows, cut_passages, first_rows
from newsdedup.reports.html.addresses import CLUSTERS, OVERVIEW, PAIRS, SOURCES, clusters_of, pairs_of
from newsdedup.reports.html.charts import Bar, meter, ranked_bars, spread, timeline_chart
from newsdedup.reports.html.environment import build_environment
from newsdedup.reports.html.graph import copy_graph

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from newsdedup.reports.html.addresses import Paging
    from newsdedup.reports.html.values import FilterForm, Overview
    from newsdedup.reports.pair import PairEvidence
    from storage.values import (
        ClusterDetail,
        ClusterMember,
        ClusterSummary,
        CopyEdge,
        PairSummary,
        SourceSummary,
    )

DEFAULT_EXCERPT_WORDS = 300
_BARS_DRAWN = 8
_PAIRS_OF_A_CLUSTER = 200


class Pages:
    """Renders pages; ``excerpt_words`` limits each text (0: whole).

    A report on disk says when it was ``made_at``, and may have evidence pages for some pairs alone, (low id, high id);
    without ``made_at`` the pages are live: filters and lists are links.
    """

    def __init__(
        self,
        made_at: datetime | None,
        excerpt_words: int = DEFAULT_EXCERPT_WORDS,
        evidence: AbstractSet[tuple[int, int]] | None = None,
    ) -> None:
        self.excerpt_words = excerpt_words
        self.is_live = made_at is None
        self.environment = build_environment()
        self.environment.globals.update(
            made_at=made_at,
            is_live=self.is_live,
            meter=meter,
            label_names=[label.value for label in Label],
            evidence_count=None if evidence is None else len(evidence),
            has_evidence=lambda low, high: evidence is None or (low, high) in evidence,
        )

    def overview(self, overview: Overview) -> str:
        """The first page: numbers, charts, biggest stories, spun copies."""
        labels = sorted(overview.corpus.labels.items(), key=lambda item: (-item[1], item[0]))
        return self._page(
            "index.html.j2",
            here=OVERVIEW,
            overview=overview,
            corpus=overview.corpus,
            timeline=timeline_chart(overview.timeline),
            labels=ranked_bars(
                [
                    (label.value, count, label.value, pairs_of(label=label.value) if self.is_live else None)
                    for label, count in labels
                ]
            ),
            copied=self._source_bars(overview.sources, "copied_count"),
            copying=self._source_bars(overview.sources, "copying_count"),
        )

    def clusters(
        self, clusters: Sequence[ClusterSummary], paging: Paging, form: FilterForm | None = None
    ) -> str:
        """One page of the list of clusters."""
        return self._page("clusters.html.j2", here=CLUSTERS, clusters=clusters, paging=paging, form=form)

    def pairs(self, pairs: Sequence[PairSummary], paging: Paging, form: FilterForm | None = None) -> str:
        """One page of the list of duplicate pairs."""
        return self._page("pairs.html.j2", here=PAIRS, pairs=pairs, paging=paging, form=form)

    def sources(self, sources: Sequence[SourceSummary], edges: Sequence[CopyEdge]) -> str:
        """Who copies whom, drawn and as a table."""
        return self._page(
            "sources.html.j2", here=SOURCES, sources=sources, edges=edges, graph=copy_graph(edges)
        )

    def cluster(self, detail: ClusterDetail) -> str:
        """A story: its spread, its articles, its evidence."""
        moments = spread([_moment(member) for member in detail.members])
        return self._page(
            "cluster.html.j2",
            root="../",
            detail=detail,
            members=tuple(zip(detail.members, moments, strict=True)),
            pairs=detail.pairs[:_PAIRS_OF_A_CLUSTER],
            evidence_ids=_evidence_ids(detail),
        )

    def pair(self, evidence: PairEvidence) -> str:
        """The evidence for one pair."""
        a, b, verdict = evidence.article_a, evidence.article_b, evidence.verdict
        has_texts = a.text is not None and b.text is not None  # else there is nothing to lay side by side
        rows = break_rows(cut_passages(a.text or "", b.text or "", evidence.spans)) if has_texts else ()
        shown = rows if self.excerpt_words == 0 else first_rows(rows, self.excerpt_words)
        pair = verdict if isinstance(verdict, DuplicatePair) else None
        original = pair.likely_original_id if pair else None
        return self._page(
            "pair.html.j2",
            root="../",
            evidence=evidence,
            a=a,
            b=b,
            verdict=verdict,
            label=pair.label if pair else None,
            credit=pair.credit if pair else None,
            measures=verdict.measures,
            rows=shown,
            is_cut=shown != rows,
            excerpt_words=self.excerpt_words,
            substitutions=sorted(verdict.measures.substitutions, key=lambda one: (-one.count, one.words_a)),
            original=None if original is None else ("a" if int(original) == a.id else "b"),
            cluster_id=a.cluster_id if a.cluster_id == b.cluster_id else None,
        )

    def problem(self, title: str, message: str) -> str:
        """A page in place of one that cannot be shown."""
        return self._page("problem.html.j2", root="/", title=title, message=message)

    def _source_bars(self, sources: Sequence[SourceSummary], count: str) -> tuple[Bar, ...]:
        ranked = sorted(sources, key=lambda entry: (-getattr(entry, count), entry.source.name))
        entries = [
            (
                entry.source.name,
                getattr(entry, count),
                "near",
                clusters_of(source=entry.source.host) if self.is_live else None,
            )
            for entry in ranked[:_BARS_DRAWN]
            if getattr(entry, count)
        ]
        return ranked_bars(entries)

    def _page(self, template: str, **values: Any) -> str:  # noqa: ANN401  a template takes any value
        return self.environment.get_template(template).render(**values)


def _evidence_ids(detail: ClusterDetail) -> dict[int, tuple[int, int]]:
    """By each member's number the pair that shows how it was copied; equal texts are paired once for all of them."""
    paired = {(pair.low_id, pair.high_id) for pair in detail.pairs}
    hashes = {member.article.id: member.article.text_hash for member in detail.members}
    same_text: dict[str, list[int]] = {}
    for number, text_hash in hashes.items():
        same_text.setdefault(text_hash, []).append(number)
    found: dict[int, tuple[int, int]] = {}
    for member in detail.members:
        own, other = member.article.id, member.compared_with_id
        if other is None or other not in hashes:
            continue
        choices = [(own, other), *product(same_text[hashes[own]], same_text[hashes[other]])]
        pairs = ((min(choice), max(choice)) for choice in choices)
        if (shown := next((pair for pair in pairs if pair in paired), None)) is not None:
            found[own] = shown
    return found


def _moment(member: ClusterMember) -> tuple[datetime, str]:
    kind = "canonical" if member.is_canonical else (member.label.value if member.label else "")
    return member.article.published_at or member.article.first_seen_at, kind
