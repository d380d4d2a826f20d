"""Scrapy's downloader, made to ask for the host's lease before every single fetch.

Here and not in a middleware: a request may wait for its turn long after it has passed the middlewares. Holds for
every kind of fetch: lists, pages, robots.txt, redirects and retries, by whatever handler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.core.downloader import Downloader

from crawler.components import ledger_of
from crawler.middlewares.refused import RefusedRequest
from crawler.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy import Request
    from scrapy.core.downloader import Slot
    from scrapy.core.downloader.handlers import DownloadHandlers
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred

    from crawler.ledger import Ledger


class LeasedDownloader(Downloader):
    """Fetches only from hosts whose lease the run holds."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        ledger = ledger_of(crawler)
        ledger.watch_hosts(self._busy_hosts)
        self.handlers = _LeasedHandlers(self.handlers, ledger)  # type: ignore[assignment]  # acts as one

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        # Scrapy counts a request when its task begins, which is after it has begun all that waited: without a delay
        # between requests, no limit of requests at once would hold.
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)

    def _busy_hosts(self) -> set[str]:
        return {host_of(request.url) for request in list(self.active)}


class _LeasedHandlers:
    def __init__(self, handlers: DownloadHandlers, ledger: Ledger) -> None:
        self._handlers = handlers
        self._ledger = ledger

    async def download_request_async(self, request: Request) -> Response:
        refusal = await self._ledger.hold_host(host_of(request.url))
        if refusal is not None:
            raise RefusedRequest(refusal)
        return await self._handlers.download_request_async(request)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever else Scrapy asks of its handlers
        return getattr(self._handlers, name)
