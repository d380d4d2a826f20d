"""Robots.txt by Scrapy's own middleware, but that a host whose rules cannot be read is left alone for this run.

Must not read rules itself. Source: RFC 9309, section 2.3.1.4: unreachable rules forbid everything, absent ones nothing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares import robotstxt
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.httpobj import urlparse_cached

from crawler.clock import utc_now
from crawler.failures import refusal_of
from crawler.middlewares.refused import RefusedRequest
from crawler.refusals import Skipped, reason_of_status

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser


class CarefulRobotsTxtMiddleware(robotstxt.RobotsTxtMiddleware):
    """Obeys robots.txt; where it cannot be had, pages are refused for what was wrong, and the log has one line."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unreadable: dict[str, Skipped] = {}
        robotstxt.logger.addFilter(_in_one_line)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse what the rules forbid, and everything of a host whose rules could not be read."""
        if refusal := self._unreadable.get(urlparse_cached(request).netloc):
            raise RefusedRequest(refusal)
        super().process_request_2(rp, request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        # RFC 9309 lets every 4xx pass for "no rules"; a host that is asked too much has not said so.
        if response.status >= 500 or response.status == 429:
            detail = f"robots.txt answers with HTTP status {response.status}: nothing may be fetched"
            raise RefusedRequest(Skipped(reason_of_status(response.status), detail))
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, RefusedRequest) or not isinstance(exc, IgnoreRequest):
            self._unreadable[netloc] = refusal_of(exc, utc_now())
        super()._robots_error(exc, netloc)


def _in_one_line(record: logging.LogRecord) -> bool:
    if record.exc_info:
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True
