"""The demo newsroom's sites and articles, read from the package's own data files into values.

Must not render a page or open a socket; what a site looks like is `pages`' business.
"""

from __future__ import annotations

import re
import tomllib
import zlib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from importlib.resources.abc import Traversable

_FENCE = "+++"
_INCLUDE = re.compile(r"^\{\{ (\S+) \}\}$")


@dataclass(frozen=True, slots=True)
class Site:
    """One invented news site; paths are on its own host."""

    key: str
    host: str
    name: str
    tagline: str
    article_path: str
    metadata: str
    dateline: str
    section_path: str = "/{section}/"
    is_curly: bool = False
    feed_path: str | None = None
    feed_format: str | None = None
    feed_query: str = ""
    news_sitemap_path: str | None = None
    sitemap_index_path: str | None = None
    dead_links: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()
    disallow: tuple[str, ...] = ()

    @property
    def home_url(self) -> str:
        """Address of the front page."""
        return f"http://{self.host}/"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a site changed in an article after it was published, and when."""

    at: datetime
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """One article of the newsroom; `key` is ``site/slug``."""

    key: str
    site: Site
    section: str
    title: str
    summary: str
    byline: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    modified_at: datetime | None = None
    credit: str | None = None
    original: str | None = None
    correction: Correction | None = None
    is_forbidden: bool = False
    is_too_short: bool = False

    @property
    def slug(self) -> str:
        """Last part of the key."""
        return self.key.partition("/")[2]

    @property
    def number(self) -> int:
        """A five-digit number for sites that number their articles."""
        return 10_000 + zlib.crc32(self.key.encode()) % 90_000

    @property
    def path(self) -> str:
        """Where the site serves the article."""
        at = self.published_at
        return self.site.article_path.format(
            section=self.section, slug=self.slug, number=self.number, year=at.year, month=at.month, day=at.day
        )

    @property
    def url(self) -> str:
        """Full address on the invented host."""
        return f"http://{self.site.host}{self.path}"

    @property
    def text(self) -> str:
        """Paragraphs with an empty line between them, without title and byline."""
        return "\n\n".join(self.paragraphs)

    def as_of(self, moment: datetime) -> DemoArticle:
        """The article as its site showed it at that moment."""
        change = self.correction
        if change is None or moment < change.at:
            return self
        return replace(self, title=change.title, paragraphs=change.paragraphs, modified_at=change.at)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything the newsroom publishes; articles by key, in key order."""

    sites: Mapping[str, Site]
    articles: Mapping[str, DemoArticle]


@dataclass(frozen=True, slots=True)
class _RawArticle:
    front: Mapping[str, Any]
    paragraphs: tuple[str, ...]


@dataclass(slots=True)
class _Reader:
    """Builds texts that are copies of other texts, each once."""

    raw: Mapping[str, _RawArticle]
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def text_of(self, key: str) -> tuple[str, ...]:
        if key not in self.texts:
            self.texts[key] = self._build(key)
        return self.texts[key]

    def _build(self, key: str) -> tuple[str, ...]:
        raw = self.raw[key]
        front = raw.front
        if "copy_of" in front:
            source = self.text_of(front["copy_of"])
            keep = front.get("keep", range(1, len(source) + 1))
            kept = [source[at - 1] for at in keep if at not in front.get("drop", [])]
            return _edited(kept, front, key)
        paragraphs: list[str] = []
        for paragraph in raw.paragraphs:
            include = _INCLUDE.match(paragraph)
            paragraphs += self.text_of(include.group(1)) if include else [paragraph]
        return tuple(paragraphs)


def data_dir() -> Traversable:
    """The folder of the newsroom's texts inside the package."""
    return files("newsdedup.demo") / "newsroom"


@cache
def load_content() -> Content:
    """The newsroom's sites and articles.

    Raises:
        ValueError: a data file contradicts itself; the message names the article.
    """
    root = data_dir()
    tables = tomllib.loads((root / "sites.toml").read_text("utf-8"))
    sites = {key: _site(key, table) for key, table in tables.items()}
    raw = {
        f"{key}/{entry.name.removesuffix('.md')}": parse_article(entry.read_text("utf-8"))
        for key in sites
        for entry in sorted((root / key).iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".md")
    }
    raw_articles = {key: _RawArticle(front, body) for key, (front, body) in raw.items()}
    reader = _Reader(raw_articles)
    articles = {
        key: _article(key, sites, raw_articles[key].front, reader.text_of(key)) for key in sorted(raw)
    }
    return Content(sites, articles)


def parse_article(text: str) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    r"""Front matter and paragraphs of one article file.

    >>> parse_article('+++\ntitle = "Rain"\n+++\nIt rained.\n\nIt stopped.\n')
    ({'title': 'Rain'}, ('It rained.', 'It stopped.'))

    Raises:
        ValueError: the text does not begin with front matter.
    """
    opening, front, body = text.split(f"{_FENCE}\n", 2)
    if opening:
        raise ValueError(f"article must begin with {_FENCE!r}, got {opening[:20]!r}")
    return tomllib.loads(front), tuple(part.strip() for part in body.split("\n\n") if part.strip())


def _site(key: str, table: Mapping[str, Any]) -> Site:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in table.items()
    }
    return Site(key=key, **values)


def _article(
    key: str, sites: Mapping[str, Site], front: Mapping[str, Any], text: tuple[str, ...]
) -> DemoArticle:
    corrections = front.get("correction", [])
    return DemoArticle(
        key=key,
        site=sites[key.partition("/")[0]],
        section=front["section"],
        title=front["title"],
        summary=front.get("summary") or text[0].partition(". ")[0].removesuffix(".") + ".",
        byline=front["byline"],
        paragraphs=text,
        published_at=front["published_at"],
        credit=front.get("credit"),
        original=front.get("original"),
        correction=_correction(corrections[0], text, key) if corrections else None,
        is_forbidden=front.get("is_forbidden", False),
        is_too_short=front.get("is_too_short", False),
    )


def _correction(table: Mapping[str, Any], text: tuple[str, ...], key: str) -> Correction:
    return Correction(at=table["at"], title=table["title"], paragraphs=_edited(list(text), table, key))


def _edited(paragraphs: list[str], edits: Mapping[str, Any], key: str) -> tuple[str, ...]:
    text = "\n\n".join(paragraphs)
    for old, new in edits.get("replace", []):
        if text.count(old) != 1:
            raise ValueError(
                f"{key}: {old!r} must stand in the text exactly once, found {text.count(old)} times"
            )
        text = text.replace(old, new)
    return (*text.split("\n\n"), *edits.get("append", []))
