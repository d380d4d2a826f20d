"""Stores articles in batches off the reactor thread, and looks up their copies when the crawl ends.

Must not decide what is an article; every item that arrives is one. Usable in another Scrapy project by
``crawler.addon``, which lets it take that project's items too.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import DropItem

from crawler.clock import utc_now
from crawler.components import arrivals_of, ledger_of, pool_of, signer_of
from crawler.failures import in_one_line
from crawler.foreign_items import article_of_item
from crawler.garbage import give_back_memory
from crawler.refusals import Skipped
from crawler.stopping import finish_now, stop_requested
from crawler.waiting import is_set_within
from storage.errors import StorageError
from storage.values import Article, RunState, SkipReason

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from storage.values import JsonValue, ResolveCounts, StoreCounts

logger = logging.getLogger(__name__)

# Workers that are left end with the process that they hear from.
_WORKERS_END_SECONDS = 0.5
_ARTICLES_BETWEEN_TRIMS = 500


class StorePipeline:
    """Gathers articles, stores them every ``batch_size`` or every ``flush_seconds``, whichever comes first."""

    def __init__(self, crawler: Crawler, *, batch_size: int, flush_seconds: float) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        self._ledger = ledger_of(crawler)
        self._arrivals = arrivals_of(crawler)
        self._stores_items = crawler.settings.getbool("NEWSDEDUP_STORES_ITEMS")
        self._batch_size = batch_size
        self._flush_seconds = flush_seconds
        self._batch: list[Article] = []
        self._untrimmed_count = 0
        self._flusher: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._failure: Exception | None = None
        self._closing = asyncio.Event()
        self._is_hurried = False
        self._finishing = asyncio.Lock()
        self._has_finished = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        """Read the batch size and the flush interval from the settings; hear of the spider's errors."""
        pipeline = cls(
            crawler,
            batch_size=max(crawler.settings.getint("NEWSDEDUP_BATCH_SIZE"), 1),
            flush_seconds=crawler.settings.getfloat("NEWSDEDUP_FLUSH_SECONDS"),
        )
        crawler.signals.connect(pipeline.spider_failed, signal=signals.spider_error)
        crawler.signals.connect(pipeline.hurry, signal=stop_requested)
        crawler.signals.connect(pipeline.abandon, signal=finish_now)
        return pipeline

    async def open_spider(self) -> None:
        """Open the books.

        Raises:
            StorageError: the database cannot be used.
        """
        try:
            await self._ledger.open(self._request())
        except StorageError as error:
            self._failure = error
            self._stats.set_value("newsdedup/run/failed", in_one_line(error))
            raise
        if self._ledger.run_id is not None:
            self._stats.set_value("newsdedup/run/id", self._ledger.run_id)
        self._flusher = asyncio.create_task(self._flush_now_and_then())

    async def process_item(self, item: Any) -> Any:  # noqa: ANN401  # items of other kinds pass through
        """Take an article into the next batch."""
        article = item
        if self._stores_items and not isinstance(item, Article):
            article = article_of_item(item, utc_now())
            if isinstance(article, Skipped):
                self._stats.inc_value(f"newsdedup/article/skipped/{article.reason.value}")
                raise DropItem(f"{article.reason.value}: {article.detail}")
        if isinstance(article, Article):
            self._batch.append(article)
            if len(self._batch) >= self._batch_size:
                await self._store()
        return item

    def spider_failed(self, failure: Failure) -> None:
        """End the crawl when the spider lost its books; any other error costs one page, and is counted."""
        if isinstance(failure.value, StorageError):
            self._fail(failure.value)

    async def close_spider(self) -> None:
        """Store what is left, look up copies, end the run."""
        try:
            await asyncio.to_thread(pool_of(self._crawler).close)
        finally:
            await self.finish()

    def hurry(self) -> None:
        """Begin nothing that takes long: copies are looked up by the next run."""
        self._is_hurried = True
        self._ledger.hurry()

    async def abandon(self) -> None:
        """End the run at once, and the workers with whatever they are doing; no longer than a moment is waited for them."""
        await self.finish()
        ending = asyncio.create_task(asyncio.to_thread(pool_of(self._crawler).close))
        await asyncio.wait({ending}, timeout=_WORKERS_END_SECONDS)

    async def finish(self) -> None:
        """Store what is left and end the run; a second time nothing happens."""
        self._closing.set()
        if self._flusher is not None:
            await self._flusher  # not cancelled: it may be storing a batch
        async with self._finishing:
            if not self._has_finished:
                self._has_finished = True
                await self._finish()

    async def _finish(self) -> None:
        await self._store()
        try:
            if self._failure is None:
                if not self._is_hurried:
                    self._count_resolved(await self._ledger.resolve())
                await self._ledger.close(*self._ending())
                # Scrapy logs what is raised while a spider closes, and goes on: only this says that all went well.
                self._stats.set_value("newsdedup/run/done", 1)
        except Exception as error:  # noqa: BLE001  # as in _store
            self._fail(error)
        if self._failure is not None:
            await self._give_up()
        if (signer := signer_of(self._crawler)) is not None:
            await asyncio.to_thread(signer.close)

    async def _give_up(self) -> None:
        try:
            reason = None if self._failure is None else in_one_line(self._failure)
            await self._ledger.close(RunState.FAILED, self._numbers(), reason)
        except StorageError as error:
            logger.warning("the run could not be closed: %(error)s", {"error": error})

    async def _flush_now_and_then(self) -> None:
        while self._failure is None and not await is_set_within(self._closing, self._flush_seconds):
            await self._store()

    async def _store(self) -> None:
        batch, self._batch = self._batch, []
        if self._failure is not None:
            return
        try:
            if batch:
                counts = await self._ledger.store(batch)
                self._settle(counts)
                await self._trim(len(batch))
            await self._ledger.flush()
        except Exception as error:  # noqa: BLE001  # the run's boundary: whatever happens here ends it, loudly
            self._fail(error)

    async def _trim(self, stored_count: int) -> None:
        self._untrimmed_count += stored_count
        if self._untrimmed_count >= _ARTICLES_BETWEEN_TRIMS:
            self._untrimmed_count = 0
            await asyncio.to_thread(give_back_memory)

    def _settle(self, counts: StoreCounts) -> None:
        for identity_url, outcome in counts.outcomes:
            self._stats.inc_value(f"newsdedup/article/{outcome.value}")
            for event, settled in self._arrivals.pop(identity_url, ()):
                self._ledger.note(replace(event, outcome=outcome), settled)

    def _fail(self, error: Exception) -> None:
        # What was committed stays; the rest is still leased and is taken up by the next run.
        if self._failure is None:
            self._failure = error
            said = in_one_line(error)
            # A broken database explains itself in one line; anything else is ours to mend, and needs its place.
            trace = None if isinstance(error, StorageError) else error
            extra = {"spider": self._crawler.spider}
            logger.error("the crawl ends: %(error)s", {"error": said}, exc_info=trace, extra=extra)
            self._stats.set_value("newsdedup/run/failed", said)
            if not self._closing.is_set() and self._crawler.engine.running:
                self._stopping = asyncio.create_task(self._crawler.stop_async())

    def _count_resolved(self, counts: ResolveCounts) -> None:
        self._stats.set_value("newsdedup/article/resolved", counts.article_count)
        self._stats.set_value("newsdedup/pair/compared", counts.aligned_pair_count)
        self._stats.set_value("newsdedup/pair/found", counts.duplicate_pair_count)
        self._stats.set_value("newsdedup/cluster/created", counts.cluster_created_count)
        self._stats.set_value("newsdedup/cluster/changed", counts.cluster_changed_count)

    def _ending(self) -> tuple[RunState, dict[str, JsonValue], str | None]:
        if self._is_hurried:
            self._stats.set_value("newsdedup/run/stopped", 1)
            return RunState.INTERRUPTED, self._numbers(), "asked to stop"
        return RunState.DONE, self._numbers(), self._shortfall()

    def _shortfall(self) -> str | None:
        """Why the run did nothing of what it was asked, if so."""
        count = self._stats.get_value
        has_nothing = not count("newsdedup/source/taken", 0)
        is_left_out = count("newsdedup/source/skipped/source_leased", 0)
        return SkipReason.SOURCE_LEASED if has_nothing and is_left_out else None

    def _numbers(self) -> dict[str, JsonValue]:
        stats = self._stats.get_stats()
        return {key: value for key, value in sorted(stats.items()) if isinstance(value, (int, float, str))}

    def _request(self) -> dict[str, JsonValue]:
        spider = self._crawler.spider
        return {"spider": spider.name if spider else "", **getattr(spider, "request", {})}
