"""Ends a crawl within seconds when it is asked to: by a signal, or because who started it is gone.

First the ordinary end, without looking up copies; where requests or pages hold that up, the batch is stored, all that
was claimed is given back, and the rest is dropped. Must not store anything itself: the pipeline hears the signals.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

stop_requested = object()
"""Scrapy signal: the run is to end soon; nothing that takes long is to be begun."""
finish_now = object()
"""Scrapy signal: store what there is and close the books at once; handlers are awaited."""


class Stopper:
    """Stops one crawl, once; ``end`` ends the process's event loop when the ordinary way takes too long."""

    def __init__(self, crawler: Crawler, end: Callable[[], None], *, grace_seconds: float) -> None:
        self._crawler = crawler
        self._end = end
        self._grace_seconds = grace_seconds
        self._task: asyncio.Task[None] | None = None

    def listen(self) -> None:
        """Stop at SIGTERM and SIGINT from now on; a second one changes nothing."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)

    def stop(self) -> None:
        """Begin to stop; may be called again."""
        if self._task is None:
            self._task = asyncio.create_task(self._stop())

    async def _stop(self) -> None:
        logger.info("asked to stop: storing what there is")
        self._crawler.signals.send_catch_log(stop_requested)
        ordinary = asyncio.create_task(self._crawler.stop_async())
        await asyncio.wait({ordinary}, timeout=self._grace_seconds)
        if not ordinary.done():
            await self._crawler.signals.send_catch_log_async(finish_now)
            self._end()
