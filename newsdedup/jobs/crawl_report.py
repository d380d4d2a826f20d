"""What the counters of a crawl tell: how far it is, and what it did in the end; counts nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from newsdedup.jobs.errors import JobError
from storage.values import FeedKind, FetchOutcome, SkipReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.values import JsonValue

_SKIPPED = "/skipped/"
_AS_BEFORE = (FetchOutcome.NOT_MODIFIED, FetchOutcome.UNCHANGED)
_ANSWERED = (FetchOutcome.READ, *_AS_BEFORE)
_AS_WANTED = frozenset({SkipReason.TOO_OLD.value})
_SETTLED = tuple(
    f"newsdedup/article/{what}" for what in ("new", "updated", "unchanged", "not_modified", "skipped/")
)


@dataclass(frozen=True, slots=True)
class CrawlProgress:
    """How far a crawl is; counts so far. ``list_count`` feeds, sitemaps and section pages were answered or refused.

    ``settled_count`` of the ``found_count`` addresses that this run's lists were the first to name are done with;
    it exceeds them where earlier runs left some.
    """

    list_count: int
    page_count: int
    article_count: int
    found_count: int
    settled_count: int
    skipped: Mapping[str, int]
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What a crawl did; ``skipped`` counts refusals by reason, ``stats`` are all counters of the run.

    ``refused_before`` counts, by reason, what the lists name, where earlier runs refused all of it.
    """

    run_id: int | None
    finish_reason: str
    elapsed_seconds: float
    page_count: int
    new_count: int
    updated_count: int
    unchanged_count: int
    listed_count: int
    pair_count: int
    skipped: Mapping[str, int]
    stats: Mapping[str, JsonValue]
    refused_before: Mapping[str, int] = field(default_factory=dict)

    @property
    def was_stopped(self) -> bool:
        """Whether it was asked to stop before it was done."""
        return bool(self.stats.get("newsdedup/run/stopped"))

    @property
    def taken_count(self) -> int:
        """Sources that it worked on."""
        return _count(self.stats, "newsdedup/source/taken")

    @property
    def left_count(self) -> int:
        """Sources that were left to another run, which works on them."""
        return _count(self.stats, "newsdedup/source/skipped/source_leased")

    @property
    def error_count(self) -> int:
        """Pages and lists lost to an error of the program itself; the log tells where."""
        return _count(self.stats, "spider_exceptions/count")

    @property
    def came_to_nothing(self) -> bool:
        """Whether all that it asked for was refused, now or before: nothing stored, and no article known there.

        What is older than the user wants is not refused by anybody: nothing new is an answer.
        """
        if self.refused_before.keys() - _AS_WANTED:
            return True
        count = partial(_count, self.stats)
        answered = sum(count(f"newsdedup/{kind}/{how}") for kind in FeedKind for how in _ANSWERED)
        left_out = _total(self.stats, "newsdedup/url/skipped/")
        is_known = self.listed_count > count("newsdedup/url/new") + left_out or any(
            count(f"newsdedup/{kind}/{how}") for kind in FeedKind for how in _AS_BEFORE
        )
        # Of a dry run, which stores nothing, the articles read are counted.
        is_read = self.unchanged_count > 0 or count("item_scraped_count") > 0
        is_refused = not answered or bool(self.refused_pages.keys() - _AS_WANTED)
        return is_refused and not (is_read or is_known or self.was_stopped or self.left_count)

    @property
    def refused_pages(self) -> Mapping[str, int]:
        """Article pages refused, by reason."""
        return _skipped(self.stats, "newsdedup/article/")

    @property
    def skipped_count(self) -> int:
        """Pages and lists refused for any reason."""
        return sum(self.skipped.values())


def progress_of(stats: Mapping[str, JsonValue]) -> CrawlProgress:
    """How far a crawl is by its counters."""
    return CrawlProgress(
        list_count=_total(
            stats, *(f"newsdedup/{kind}/{what}" for kind in FeedKind for what in (*_ANSWERED, "skipped/"))
        ),
        page_count=_count(stats, "newsdedup/article/fetched"),
        article_count=sum(
            _count(stats, f"newsdedup/article/{what}") for what in ("new", "updated", "unchanged")
        ),
        found_count=_count(stats, "newsdedup/url/new"),
        settled_count=_total(stats, *_SETTLED),
        skipped=_skipped(stats),
        elapsed_seconds=_seconds(stats),
    )


def report_of(stats: Mapping[str, JsonValue], *, is_dry_run: bool) -> CrawlReport:
    """What a crawl did by its last counters.

    Raises:
        JobError: it did not end well.
    """
    failure = stats.get("newsdedup/run/failed")
    if failure:
        raise JobError(f"the crawl stopped: {failure}; what was stored before is kept")
    reason = stats.get("finish_reason", "unknown")
    if not stats.get("newsdedup/run/done") or reason == "start_error":
        # Scrapy goes on after errors of a spider's start and end: without the mark that all was stored, it was not.
        raise JobError(
            f"the crawl did not end well ({reason}); its messages say why, what was stored before is kept"
        )
    run_id = stats.get("newsdedup/run/id")
    return CrawlReport(
        run_id=run_id if isinstance(run_id, int) and not is_dry_run else None,
        finish_reason=str(stats.get("finish_reason", "")),
        elapsed_seconds=_seconds(stats),
        page_count=_count(stats, "newsdedup/article/fetched"),
        new_count=_count(stats, "newsdedup/article/new"),
        updated_count=_count(stats, "newsdedup/article/updated"),
        unchanged_count=_count(stats, "newsdedup/article/unchanged")
        + _count(stats, "newsdedup/article/not_modified"),
        listed_count=_count(stats, "newsdedup/url/listed"),
        pair_count=_count(stats, "newsdedup/pair/found"),
        skipped=_skipped(stats),
        stats=dict(stats),
    )


def _skipped(stats: Mapping[str, JsonValue], what: str = "newsdedup/") -> dict[str, int]:
    counts: dict[str, int] = {}
    for key, value in sorted(stats.items()):
        if key.startswith(what) and _SKIPPED in key and isinstance(value, int):
            reason = key.partition(_SKIPPED)[2]
            counts[reason] = counts.get(reason, 0) + value
    return counts


def _count(stats: Mapping[str, JsonValue], key: str) -> int:
    value = stats.get(key, 0)
    return value if isinstance(value, int) else 0


def _total(stats: Mapping[str, JsonValue], *beginnings: str) -> int:
    return sum(_count(stats, key) for key in stats if key.startswith(beginnings))


def _seconds(stats: Mapping[str, JsonValue]) -> float:
    value = stats.get("elapsed_time_seconds", 0.0)
    return float(value) if isinstance(value, (int, float)) else 0.0
