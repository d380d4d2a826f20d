"""Pages for crawl tests: articles of distinct made-up sentences, feeds and sitemaps that list them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.support.site_server import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS = [
    "harbour",
    "council",
    "engineer",
    "budget",
    "winter",
    "ferry",
    "school",
    "minister",
    "orchard",
    "bridge",
    "signal",
    "market",
    "valley",
    "report",
    "library",
    "station",
    "river",
    "museum",
    "factory",
    "captain",
    "garden",
    "village",
    "theatre",
    "hospital",
    "compass",
    "lantern",
    "meadow",
    "quarry",
    "pension",
    "railway",
    "tunnel",
    "festival",
    "archive",
    "bakery",
    "turbine",
    "parliament",
    "glacier",
    "vineyard",
    "observatory",
    "lighthouse",
    "committee",
]


def article_text(seed: int, words: int = 160) -> str:
    """Running text that no other seed gives."""
    rng = random.Random(seed)  # noqa: S311  # made-up text, the same in every run
    sentences = []
    while words > 0:
        length = rng.randint(9, 16)
        sentence = [rng.choice(_WORDS) + rng.choice(("", "s", "")) for _ in range(length)]
        sentences.append("The " + " ".join(sentence) + f" met on day {rng.randint(1, 999)}.")
        words -= length
    return " ".join(sentences)


def article_page(
    title: str, seed: int, *, day: str = "2026-05-01", head: str = "", etag: str | None = None
) -> Page:
    """An article page as a content management system writes it."""
    paragraphs = "".join(f"<p>{part}.</p>" for part in article_text(seed).split(". "))
    html = (
        f'<!doctype html><html lang="en"><head><title>{title} | Test Site</title>'
        f'<meta property="og:title" content="{title}"><meta property="og:site_name" content="Test Site">'
        f'<meta property="article:published_time" content="{day}T08:30:00Z">{head}</head>'
        f"<body><nav><a href='/'>Home</a></nav><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )
    return Page(html.encode(), etag=etag)


def rss(urls: Iterable[str], *, extra: str = "") -> bytes:
    """A feed that lists addresses."""
    items = "".join(f"<item><title>Entry {n}</title><link>{url}</link></item>" for n, url in enumerate(urls))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{extra}{items}</channel></rss>'.encode()


def news_sitemap(urls: Iterable[str], *, day: str, keywords: str = "") -> bytes:
    """A Google-News sitemap that lists addresses."""
    entries = "".join(
        f"<url><loc>{url}</loc><news:news><news:publication><news:name>Test Site</news:name>"
        f"<news:language>en</news:language></news:publication><news:publication_date>{day}</news:publication_date>"
        f"<news:title>Entry {number}</news:title><news:keywords>{keywords}</news:keywords></news:news></url>"
        for number, url in enumerate(urls)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'
    ).encode()
