"""Fundus: its own publishers, their parsers and filters, with the local feeds and sitemaps as their sources."""

from collections import defaultdict
from collections.abc import Iterator

from crawl_files import lists, store
from fundus import Crawler, PublisherCollection, RSSFeed, Sitemap


def rows() -> Iterator[tuple[str, str | None, str | None]]:
    known = {publisher.__name__: publisher for publisher in PublisherCollection}
    publishers = []
    for name, hosts in lists()["publishers"].items():
        if (publisher := known.get(name)) is None:
            continue
        sources = defaultdict(list)
        for host in hosts:
            sources[RSSFeed].append(RSSFeed(f"http://{host}/newsdedup-bench/feed.xml"))
            sources[Sitemap].append(Sitemap(f"http://{host}/newsdedup-bench/sitemap.xml"))
        publisher._source_mapping = sources  # noqa: SLF001  # it has no way to give a known parser other lists
        publisher.url_filter = None
        publishers.append(publisher)
    crawler = Crawler(*publishers, restrict_sources_to=[RSSFeed, Sitemap], delay=0.0, ignore_robots=True)
    for article in crawler.crawl(only_complete=False, timeout=60):
        yield article.html.requested_url, article.title, str(article.body)


if __name__ == "__main__":
    store(rows())
