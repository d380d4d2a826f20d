"""Refuses requests to private addresses and foreign schemes, with a reason, before and after redirects.

Must come first among the downloader middlewares, so that not even a robots.txt is fetched from where it may not.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scrapy.utils.httpobj import urlparse_cached

from crawler.guard.hosts import judge_host
from crawler.guard.loopback import loopback_addresses
from crawler.middlewares.refused import RefusedRequest
from crawler.refusals import Skipped
from storage.values import SkipReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy import Request
    from scrapy.crawler import Crawler

_CACHE_SECONDS = 600.0
_CACHE_SIZE = 10_000
_HOP = "newsdedup_loopback_hop"


class AddressGuardMiddleware:
    """Lets through http(s) to public addresses, and to the hosts of the loopback allow-list by a proxy hop."""

    def __init__(self, loopback_hosts: Mapping[str, str], *, timeout_seconds: float) -> None:
        self._loopback_hosts = loopback_hosts
        self._timeout_seconds = timeout_seconds
        self._verdicts: dict[str, tuple[float, Skipped | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AddressGuardMiddleware:
        """Read the allow-list and the DNS timeout from the settings."""
        return cls(
            loopback_addresses(crawler.settings), timeout_seconds=crawler.settings.getfloat("DNS_TIMEOUT")
        )

    async def process_request(self, request: Request) -> None:
        """Let the request go on, or raise ``RefusedRequest``."""
        parts = urlparse_cached(request)
        host = (parts.hostname or "").lower()
        if parts.scheme not in {"http", "https"}:
            raise RefusedRequest(Skipped(SkipReason.SCHEME_REFUSED, f"scheme {parts.scheme!r}"))
        if hop := self._loopback_hosts.get(host):
            request.meta["proxy"], request.meta[_HOP] = f"http://{hop}", True
            return
        if request.meta.pop(_HOP, False):  # a redirect has left the allow-list
            request.meta.pop("proxy", None)
        if refusal := await self._verdict(host):
            raise RefusedRequest(refusal)

    async def _verdict(self, host: str) -> Skipped | None:
        now = time.monotonic()
        known = self._verdicts.get(host)
        if known is not None and known[0] > now:
            return known[1]
        judged = await judge_host(host, self._timeout_seconds)
        verdict = judged if isinstance(judged, Skipped) else None
        if len(self._verdicts) >= _CACHE_SIZE:
            self._verdicts.clear()
        self._verdicts[host] = (now + _CACHE_SECONDS, verdict)
        return verdict
