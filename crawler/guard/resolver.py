"""The resolver as the last door: a name that leads to a private address resolves to nothing.

Must stay a backstop: refusals with a reason are the address guard's, this one looks like a DNS failure.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from crawler.guard.addresses import is_public
from crawler.guard.loopback import loopback_addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, without private, loopback and link-local answers, but for the allow-list."""

    allowed: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        """Read cache size, timeout and the allow-list from the settings."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.allowed = _allowed(crawler.settings)
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802  # Twisted's name
        """The public IPv4 address of a name; fails with ``DNSLookupError`` otherwise."""
        return super().getHostByName(name, timeout).addCallback(self._refuse_private, name)

    def _refuse_private(self, address: str, name: str) -> str:
        if address not in self.allowed and not is_public(ipaddress.ip_address(address)):
            raise DNSLookupError(f"{name!r} resolves to {address}, which is not a public address")
        return address


def _allowed(settings: BaseSettings) -> frozenset[str]:
    return frozenset(address.rpartition(":")[0] for address in loopback_addresses(settings).values())
