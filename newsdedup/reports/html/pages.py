"""The pages of the HTML report, each from values to a complete document.

Must not query or write files: the static report and the live server render through this one path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from newsdedup.reports.aligned import Passage, break_rows, cut_passages
from newsdedup.reports.html.charts import (
    Arrow,
    Bar,
    DayCount,
    Moment,
    copy_graph,
    day_bars,
    ranked_bars,
    spread_line,
)
from newsdedup.reports.lag import spoken_duration
from newsdedup.safe_text import harmless_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsdedup.reports.pair import PairEvidence
    from storage.values import (
        ClusterDetail,
        ClusterMember,
        ClusterSummary,
        CopyEdge,
        CorpusSummary,
        PairSummary,
        SourceSummary,
    )

DEFAULT_EXCERPT_WORDS = 300
CLUSTERS_A_PAGE = 100
_ARROWS_DRAWN = 60
_BARS_DRAWN = 12


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page tells."""

    corpus: CorpusSummary
    days: tuple[DayCount, ...]
    clusters: tuple[ClusterSummary, ...]
    spun_pairs: tuple[PairSummary, ...]
    sources: tuple[SourceSummary, ...]


class Pages:
    """Renders pages; ``made_at`` is printed on each, ``excerpt_words`` limits each text (0: whole)."""

    def __init__(self, made_at: datetime, excerpt_words: int = DEFAULT_EXCERPT_WORDS) -> None:
        self.excerpt_words = excerpt_words
        self.environment = _environment()
        self.environment.globals.update(made_at=made_at, version=version("newsdedup"), root="", here="")

    def style_sheet(self) -> str:
        """The one style sheet of all pages."""
        loader = self.environment.loader
        if not isinstance(loader, PackageLoader):
            raise TypeError("the templates are packaged")
        return loader.get_source(self.environment, "style.css")[0]

    def overview(self, overview: Overview) -> str:
        """The first page: numbers, charts, biggest stories, spun copies."""
        labels = sorted(overview.corpus.labels.items(), key=lambda item: -item[1])
        return self._page(
            "index.html.j2",
            here="index.html",
            corpus=overview.corpus,
            clusters=overview.clusters,
            spun_pairs=overview.spun_pairs,
            day_chart=day_bars(overview.days),
            label_chart=ranked_bars(
                [Bar(label.value, count, label.value) for label, count in labels], "Duplicate pairs"
            ),
            copied_chart=_source_bars(overview.sources, "copied_count", "Articles copied by others"),
            copying_chart=_source_bars(overview.sources, "copying_count", "Articles copied from others"),
        )

    def clusters(self, clusters: Sequence[ClusterSummary], page: int, page_count: int) -> str:
        """One page of the list of clusters."""
        return self._page(
            "clusters.html.j2", here="clusters.html", clusters=clusters, page=page, page_count=page_count
        )

    def sources(self, sources: Sequence[SourceSummary], edges: Sequence[CopyEdge]) -> str:
        """Who copies whom, drawn and as a table."""
        strongest = sorted(edges, key=lambda edge: (-edge.copy_count, edge.from_source, edge.to_source))
        arrows = [
            Arrow(edge.from_source, edge.to_source, edge.copy_count, edge.spun_count)
            for edge in strongest[:_ARROWS_DRAWN]
            if edge.from_source != edge.to_source
        ]
        return self._page(
            "sources.html.j2",
            here="sources.html",
            sources=sources,
            edges=strongest,
            graph=copy_graph(arrows),
            graph_is_partial=len(strongest) > _ARROWS_DRAWN,
        )

    def cluster(self, detail: ClusterDetail) -> str:
        """A story: its spread, its articles, its evidence."""
        moments = [_moment(member) for member in detail.members]
        return self._page("cluster.html.j2", root="../", detail=detail, spread=spread_line(moments))

    def pair(self, evidence: PairEvidence) -> str:
        """The evidence for one pair."""
        a, b, verdict = evidence.article_a, evidence.article_b, evidence.verdict
        rows = break_rows(cut_passages(a.text or "", b.text or "", evidence.spans))
        shown = rows if self.excerpt_words == 0 else _cut(rows, self.excerpt_words)
        substitutions = sorted(verdict.measures.substitutions, key=lambda item: (-item.count, item.words_a))
        original = getattr(verdict, "likely_original_id", None)
        return self._page(
            "pair.html.j2",
            root="../",
            a=a,
            b=b,
            verdict=verdict,
            label=getattr(verdict, "label", None),
            measures=verdict.measures,
            rows=shown,
            is_cut=shown != rows,
            excerpt_words=self.excerpt_words,
            substitutions=substitutions,
            original=None if original is None else ("a" if int(original) == a.id else "b"),
            cluster_id=a.cluster_id if a.cluster_id == b.cluster_id else None,
        )

    def _page(self, template: str, **values: Any) -> str:  # noqa: ANN401  a template takes any value
        return self.environment.get_template(template).render(**values)


def cluster_page(cluster_id: int) -> str:
    """Path of a cluster's page in the report."""
    return f"clusters/{cluster_id}.html"


def pair_page(low_id: int, high_id: int) -> str:
    """Path of a pair's evidence page in the report."""
    return f"pairs/{low_id}-{high_id}.html"


def list_page(number: int) -> str:
    """Path of a page of the list of clusters; the first has the plain name."""
    return "clusters.html" if number == 1 else f"clusters-{number}.html"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("newsdedup.reports.html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        minute=_minute,
        percent=_percent,
        lag=_lag,
        cluster_page=cluster_page,
        pair_page=lambda pair: pair_page(pair.low_id, pair.high_id),
        list_page=list_page,
    )
    environment.tests["web"] = _is_web
    environment.filters["is_web"] = _is_web
    return environment


def _harmless(value: object) -> object:
    """What every value goes through before it is escaped: no control characters, no change of direction."""
    return harmless_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _percent(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.0%}"


def _lag(seconds: float | None) -> str:
    return "" if seconds is None else spoken_duration(seconds)


def _is_web(url: str) -> bool:
    """Whether an address may become a link: http and https only, so that none can run a script."""
    try:
        return urlsplit(url).scheme.lower() in {"http", "https"} and harmless_text(url) == url
    except ValueError:
        return False


def _source_bars(sources: Sequence[SourceSummary], count: str, what: str) -> Markup:
    ranked = sorted(sources, key=lambda entry: (-getattr(entry, count), entry.source.name))
    bars = [Bar(entry.source.name, getattr(entry, count)) for entry in ranked if getattr(entry, count)]
    return ranked_bars(bars[:_BARS_DRAWN], what)


def _moment(member: ClusterMember) -> Moment:
    article = member.article
    css_class = "canonical" if member.is_canonical else (member.label.value if member.label else "")
    return Moment(article.source.name, article.published_at or article.first_seen_at, css_class)


def _cut(rows: Sequence[tuple[Passage, ...]], limit: int) -> tuple[tuple[Passage, ...], ...]:
    """Rows up to the limit of words on the longer side; the last row is cut inside."""
    kept: list[tuple[Passage, ...]] = []
    words_a = words_b = 0
    for row in rows:
        passages: list[Passage] = []
        for passage in row:
            room = limit - max(words_a, words_b)
            if room <= 0:
                break
            passages.append(_first_words(passage, room))
            words_a += len(passage.words_a.split())
            words_b += len(passage.words_b.split())
        if passages:
            kept.append(tuple(passages))
    return tuple(kept)


def _first_words(passage: Passage, limit: int) -> Passage:
    if max(len(passage.words_a.split()), len(passage.words_b.split())) <= limit:
        return passage
    short_a, short_b = (" ".join(words.split()[:limit]) for words in (passage.words_a, passage.words_b))
    return replace(passage, words_a=short_a, tail_a=" …", words_b=short_b, tail_b=" …")
