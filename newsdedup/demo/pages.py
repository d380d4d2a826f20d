"""What the demo newsroom's sites serve at one moment: every page, feed, sitemap and robots.txt, rendered.

Must not open a socket; answering requests is `server`'s business.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, replace
from email.utils import format_datetime
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from newsdedup.demo.content import Content, DemoArticle, Site

_HTML = "text/html; charset=utf-8"
_OPENING_QUOTE = re.compile(r'(^|[\s(\u2014])"')
_FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
_RELATED_COUNT = 4


@dataclass(frozen=True, slots=True)
class Resource:
    """One answer of a site; `changed_at` is what Last-Modified says."""

    body: bytes
    content_type: str
    changed_at: datetime
    status: int = 200
    location: str | None = None

    @property
    def etag(self) -> str:
        """A weak entity tag: the body may travel compressed."""
        return f'W/"{blake2b(self.body, digest_size=8).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of a feed or sitemap."""

    title: str
    url: str
    number: int
    published_at: datetime
    changed_at: datetime
    byline: str
    section: str
    summary: str


def render_site(site: Site, content: Content, as_of: datetime) -> Mapping[str, Resource]:
    """Everything the site serves at that moment, by path and query."""
    published = [article for article in content.articles.values() if article.site == site]
    articles = [_typeset(article.as_of(as_of)) for article in published if article.published_at <= as_of]
    articles.sort(key=lambda article: (article.published_at, article.key), reverse=True)
    open_articles = [article for article in articles if not article.is_forbidden]
    resources = {"/robots.txt": _robots(site, as_of)}
    sections = sorted({article.section for article in published if not article.is_forbidden})
    resources.update(_listings(site, sections, open_articles, as_of))
    resources |= {article.path: _article_page(article, open_articles, content) for article in articles}
    resources.update(_feeds(site, articles, as_of))
    resources.update(_sitemaps(site, open_articles, as_of))
    resources.update(_redirects(site, articles, as_of))
    return resources


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("newsdedup.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rfc2822"] = format_datetime
    return environment


def _render(template: str, **values: object) -> bytes:
    return _environment().get_template(template).render(**values).encode()


def _listings(
    site: Site, sections: Sequence[str], articles: Sequence[DemoArticle], as_of: datetime
) -> Iterator[tuple[str, Resource]]:
    changed_at = _newest(articles, as_of)
    pages: dict[str, tuple[str, Sequence[DemoArticle]]] = {"/": (site.tagline, articles)}
    for section in sections:
        members = [article for article in articles if article.section == section]
        pages[site.section_path.format(section=section)] = (section.title(), members)
    for path, (title, listed) in pages.items():
        page = {
            "kind": "list",
            "title": title,
            "canonical": f"http://{site.host}{path}",
            "sections": sections,
            "articles": listed,
            "related": articles[:_RELATED_COUNT],
        }
        body = _render(f"{site.key}.html", site=site, page=page, article=None)
        yield path, Resource(body, _HTML, changed_at)


def _article_page(article: DemoArticle, articles: Sequence[DemoArticle], content: Content) -> Resource:
    site = article.site
    canonical = content.articles[article.original].url if article.original else article.url
    page = {
        "kind": "article",
        "title": article.title,
        "canonical": canonical,
        "sections": sorted({other.section for other in articles}),
        "related": [other for other in articles if other.key != article.key][:_RELATED_COUNT],
        "dateline": article.published_at.strftime(site.dateline),
        "updated": article.modified_at.strftime(site.dateline) if article.modified_at else None,
        "json_ld": _json_ld(article, canonical),
    }
    body = _render(f"{site.key}.html", site=site, page=page, article=article)
    return Resource(body, _HTML, article.modified_at or article.published_at)


def _json_ld(article: DemoArticle, canonical: str) -> Markup:
    site = article.site
    publisher = {"@type": "NewsMediaOrganization", "name": site.name, "url": site.home_url}
    story: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": article.title,
        "description": article.summary,
        "datePublished": article.published_at.isoformat(),
        "dateModified": (article.modified_at or article.published_at).isoformat(),
        "articleSection": article.section.title(),
        "author": [{"@type": "Person", "name": article.byline}],
        "mainEntityOfPage": {"@type": "WebPage", "@id": canonical},
        "isAccessibleForFree": True,
        "publisher": publisher,
    }
    if site.metadata == "json-ld-graph":
        story["publisher"] = {"@id": f"{site.home_url}#publisher"}
        graph = [
            {**publisher, "@id": f"{site.home_url}#publisher"},
            {"@type": "WebPage", "url": article.url},
            story,
        ]
        data: dict[str, Any] = {"@context": "https://schema.org", "@graph": graph}
    else:
        data = {"@context": "https://schema.org", **story}
    # "</" would end the script element that carries this.
    return Markup(json.dumps(data, ensure_ascii=False).replace("</", "<\\/"))  # noqa: S704 -- our own data, escaped


def _feeds(site: Site, articles: Sequence[DemoArticle], as_of: datetime) -> Iterator[tuple[str, Resource]]:
    if site.feed_path is None or site.feed_format is None:
        return
    entries = [_entry(article, _feed_link(article)) for article in articles]
    entries += [_dead_entry(site, path, as_of) for path in site.dead_links]
    changed_at = _newest(articles, as_of)
    if site.feed_format == "json":
        body = _json_feed(site, entries)
    else:
        body = _render(f"{site.feed_format}.xml", site=site, entries=entries, changed_at=changed_at)
    yield site.feed_path, Resource(body, f"{_FEED_TYPES[site.feed_format]}; charset=utf-8", changed_at)


def _feed_link(article: DemoArticle) -> str:
    site = article.site
    if article.key in site.redirects:
        return f"http://{site.host}{_redirect_path(article)}"
    return f"{article.url}?{site.feed_query}" if site.feed_query else article.url


def _json_feed(site: Site, entries: Sequence[_Entry]) -> bytes:
    items = [
        {
            "id": f"{site.host}/{entry.number}",
            "url": entry.url,
            "title": entry.title,
            "summary": entry.summary,
            "date_published": entry.published_at.isoformat(),
            "date_modified": entry.changed_at.isoformat(),
            "authors": [{"name": entry.byline}],
            "tags": [entry.section],
        }
        for entry in entries
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.name,
        "home_page_url": site.home_url,
        "feed_url": f"http://{site.host}{site.feed_path}",
        "language": "en",
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def _sitemaps(site: Site, articles: Sequence[DemoArticle], as_of: datetime) -> Iterator[tuple[str, Resource]]:
    entries = [_entry(article, article.url) for article in articles]
    changed_at = _newest(articles, as_of)
    urls = []
    if site.news_sitemap_path is not None:
        body = _render("news-sitemap.xml", site=site, entries=entries)
        yield site.news_sitemap_path, Resource(body, "application/xml; charset=utf-8", changed_at)
        urls.append(f"http://{site.host}{site.news_sitemap_path}")
    if site.sitemap_index_path is not None:
        path = "/sitemap-2026-03.xml.gz"
        body = gzip.compress(_render("urlset.xml", site=site, entries=entries), mtime=0)
        yield path, Resource(body, "application/gzip", changed_at)
        urls.append(f"http://{site.host}{path}")
        body = _render("sitemap-index.xml", urls=urls, changed_at=changed_at)
        yield site.sitemap_index_path, Resource(body, "application/xml; charset=utf-8", changed_at)


def _robots(site: Site, as_of: datetime) -> Resource:
    sitemaps = [path for path in (site.news_sitemap_path, site.sitemap_index_path) if path]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in site.disallow), ""]
    lines += [f"Sitemap: http://{site.host}{path}" for path in sitemaps]
    return Resource("\n".join([*lines, ""]).encode(), "text/plain; charset=utf-8", as_of)


def _redirects(site: Site, articles: Sequence[DemoArticle], as_of: datetime) -> Mapping[str, Resource]:
    moved = [article for article in articles if article.key in site.redirects]
    return {
        _redirect_path(article): Resource(b"Moved.\n", "text/plain", as_of, status=301, location=article.url)
        for article in moved
    }


def _redirect_path(article: DemoArticle) -> str:
    return f"/go/{article.number}"


def _entry(article: DemoArticle, url: str) -> _Entry:
    return _Entry(
        title=article.title,
        url=url,
        number=article.number,
        published_at=article.published_at,
        changed_at=article.modified_at or article.published_at,
        byline=article.byline,
        section=article.section,
        summary=article.summary,
    )


def _dead_entry(site: Site, path: str, as_of: datetime) -> _Entry:
    title = path.rpartition("/")[2].replace("-", " ").capitalize()
    return _Entry(title, f"http://{site.host}{path}", 1, as_of, as_of, site.name, "news", f"{title}.")


def _newest(articles: Sequence[DemoArticle], as_of: datetime) -> datetime:
    return max((article.modified_at or article.published_at for article in articles), default=as_of)


def _typeset(article: DemoArticle) -> DemoArticle:
    if not article.site.is_curly:
        return article
    return replace(
        article,
        title=curly(article.title),
        summary=curly(article.summary),
        paragraphs=tuple(curly(paragraph) for paragraph in article.paragraphs),
    )


def curly(text: str) -> str:
    r"""The text with typographic quotation marks and apostrophes.

    >>> curly('"It is off," he said.') == "\u201cIt is off,\u201d he said."
    True
    """
    text = _OPENING_QUOTE.sub("\\1\u201c", text)
    return text.replace('"', "\u201d").replace("'", "\u2019")
