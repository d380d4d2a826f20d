"""newspaper4k: given the addresses, its own ``fetch_news`` on threads, then ``parse``."""

from collections.abc import Iterator

from crawl_files import listed_pages, store
from newspaper import Article, Config
from newspaper.mthreading import fetch_news

CONFIG = Config()
CONFIG.fetch_images = False  # it would ask the network for every picture
CONFIG.disable_category_cache = True
_BATCH = 50


def rows() -> Iterator[tuple[str, str | None, str | None]]:
    urls = listed_pages()
    for at in range(0, len(urls), _BATCH):
        articles = [Article(url, config=CONFIG) for url in urls[at : at + _BATCH]]
        for article in fetch_news(articles, threads=4):
            article.parse()
            yield article.url, article.title, article.text


if __name__ == "__main__":
    store(rows())
