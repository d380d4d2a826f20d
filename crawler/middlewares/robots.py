"""Robots.txt by Scrapy's own middleware, which tells of a host that does not answer with a page of traceback.

Must not read rules itself.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares import robotstxt

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class BriefRobotsTxtMiddleware(robotstxt.RobotsTxtMiddleware):
    """Obeys robots.txt; where it does not come, the log has one line for it, a warning."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        robotstxt.logger.addFilter(_in_one_line)


def _in_one_line(record: logging.LogRecord) -> bool:
    if record.exc_info:
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True
