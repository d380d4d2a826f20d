"""news-please as its documentation shows it: ``NewsPlease.from_html``."""

import logging

from newsplease import NewsPlease
from read_pages import Reading, read_all


def read(body: bytes, url: str) -> Reading:
    article = NewsPlease.from_html(body.decode("utf-8", "replace"), url=url, fetch_images=False)
    return article.title, article.date_publish, article.authors, article.maintext


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    read_all(read)
