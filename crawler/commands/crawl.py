"""``scrapy crawl`` of this project: a crawl that cannot begin ends with one line that says why.

Must not change what a crawl does. Scrapy finds it by ``COMMANDS_MODULE``.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, cast

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from storage.errors import StorageError

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import AsyncCrawlerProcess, CrawlerProcess


class Command(crawl.Command):
    """Scrapy's own, but for wrong arguments (exit code 2) and a database that cannot be used (1)."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, and ask what became of it."""
        if len(args) != 1:
            raise UsageError("the name of one spider is needed; scrapy list tells them")
        try:
            crawler = self._create_crawler(args[0])
        except KeyError as error:
            raise UsageError(f"{error.args[0]}; scrapy list tells those there are") from error
        process = cast("AsyncCrawlerProcess | CrawlerProcess", self.crawler_process)
        task = process.crawl(crawler, **opts.spargs)
        process.start()
        self.exitcode = int(process.bootstrap_failed)
        if isinstance(task, asyncio.Task) and task.done() and not task.cancelled():
            self._tell(task.exception())

    def _tell(self, error: BaseException | None) -> None:
        match error:
            case None:
                pass
            case ValueError():
                raise UsageError(str(error))
            case StorageError():
                sys.stderr.write(f"scrapy: error: {error.args[0]}\n")
            case _:
                raise error
