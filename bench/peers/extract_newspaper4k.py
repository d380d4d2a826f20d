"""newspaper4k as its documentation shows it: an Article of downloaded HTML, parsed."""

from newspaper import Article, Config
from read_pages import Reading, read_all

CONFIG = Config()
CONFIG.fetch_images = False  # it would ask the network for every picture


def read(body: bytes, url: str) -> Reading:
    article = Article(url, config=CONFIG)
    article.download(input_html=body.decode("utf-8", "replace"))
    article.parse()
    return article.title, article.publish_date or None, article.authors, article.text


if __name__ == "__main__":
    read_all(read)
