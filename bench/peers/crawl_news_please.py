"""news-please: given the addresses, ``NewsPlease.from_urls`` in batches; it fetches on threads, parses in processes."""

import logging
from collections.abc import Iterator

from crawl_files import listed_pages, store
from newsplease import NewsPlease

_BATCH = 100


def rows() -> Iterator[tuple[str, str | None, str | None]]:
    urls = listed_pages()
    for at in range(0, len(urls), _BATCH):
        found = NewsPlease.from_urls(urls[at : at + _BATCH], request_args={"timeout": 60}, fetch_images=False)
        for url, article in found.items():
            if article:
                yield url, article.title, article.maintext


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    store(rows())
