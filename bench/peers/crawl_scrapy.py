"""The spider that people write first: Scrapy, feeds and sitemaps, trafilatura in the callback, rows into SQLite."""

import sqlite3
import sys
from collections.abc import Iterator

import trafilatura
from crawl_files import lists
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response


class NewsSpider(Spider):
    """Feeds and sitemaps, then their pages."""

    name = "news"

    async def start(self) -> Iterator[Request]:
        for url in (*lists()["feeds"], *lists()["sitemaps"]):
            yield Request(url, self.parse_list)

    def parse_list(self, response: Response) -> Iterator[Request]:
        response.selector.remove_namespaces()
        for url in response.xpath("//item/link/text() | //url/loc/text()").getall():
            yield Request(url, self.parse_page)

    def parse_page(self, response: Response) -> Iterator[dict[str, str | None]]:
        found = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True)
        if found is not None and found.text:
            yield {"url": response.url, "title": found.title, "text": found.text}


class StorePipeline:
    """A row an article, a hundred a transaction."""

    def open_spider(self) -> None:
        self.database = sqlite3.connect(sys.argv[2])
        self.database.execute("CREATE TABLE article (url TEXT, title TEXT, text TEXT)")
        self.count = 0

    def process_item(self, item: dict[str, str | None]) -> dict[str, str | None]:
        self.database.execute("INSERT INTO article VALUES (:url, :title, :text)", item)
        self.count += 1
        if self.count % 100 == 0:
            self.database.commit()
        return item

    def close_spider(self) -> None:
        self.database.commit()
        self.database.close()


def run(spider: type[Spider]) -> None:
    """Crawl to the end."""
    process = CrawlerProcess(
        {
            "ITEM_PIPELINES": {StorePipeline: 1},
            "CONCURRENT_REQUESTS": 32,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
            "DOWNLOAD_DELAY": 0,
            "DOWNLOAD_MAXSIZE": 20_000_000,
            "ROBOTSTXT_OBEY": True,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    process.crawl(spider)
    process.start()


if __name__ == "__main__":
    run(NewsSpider)
