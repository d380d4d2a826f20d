"""The same spider without an extractor: pages as they came into SQLite. What no crawl by Scrapy in one process can beat."""

from collections.abc import Iterator

from crawl_scrapy import NewsSpider, run
from scrapy.http import Response


class FetchingSpider(NewsSpider):
    """Fetches and stores, reads nothing."""

    def parse_page(self, response: Response) -> Iterator[dict[str, str | bytes | None]]:
        yield {"url": response.url, "title": None, "text": response.body}


if __name__ == "__main__":
    run(FetchingSpider)
