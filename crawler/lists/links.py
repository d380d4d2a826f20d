"""Links of a section or home page: those that look like articles, and the feeds it announces.

Must not know any site: what an article's address looks like is judged from its shape and its anchor text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.dates import day_in_url
from crawler.page.html import base_of
from crawler.urls import is_same_site, joined_url, slug_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_LINKS = 500
_ARTICLE_SCORE = 3
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|avif|mp[34]|m4a|webm|pdf|zip|css|js|json|xml|rss|atom|ico|woff2?|apk|ics)$",
    re.IGNORECASE,
)
_NO_ARTICLE = re.compile(
    r"/(?:tags?|topics?|themen?|authors?|autor(?:en)?|category|categories|kategorie|section|search|suche|login|signin|"
    r"register|subscribe|abo|newsletters?|account|profile|about|contact|kontakt|impressum|privacy|datenschutz|terms|"
    r"agb|cookies?|help|faq|jobs|advertis\w*|sitemap|rss|feeds?|podcasts?|videos?|gallery|galleries|photos?|live-tv|"
    r"weather|wetter|shop|store|games?|horoscopes?|archive|archiv|page|calendar|events?|wp-login\.php|share|print)(?:/|$)",
    re.IGNORECASE,
)
_SLUG = re.compile(r"^[\w%]+(?:[-_][\w%]+){3,}", re.UNICODE)
_CALENDAR = re.compile(r"/(?:19|20)\d{2}(?:/\d{1,2}){0,2}/?$")
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link that looks like an article: canonical address and anchor text."""

    url: str
    text: str
    score: int


def article_links(tree: HtmlElement, url: str) -> tuple[PageLink, ...]:
    """Links on the page's own site that look like articles, likeliest first, each address once."""
    found: dict[str, PageLink] = {}
    for address, text in _anchors(tree, url):
        score = _score(address, text)
        known = found.get(address)
        if score >= _ARTICLE_SCORE and (known is None or len(text) > len(known.text)):
            found[address] = PageLink(address, text, score)
    ranked = sorted(found.values(), key=lambda link: -link.score)
    return tuple(ranked[:MAX_LINKS])


def announced_feeds(tree: HtmlElement, url: str) -> tuple[str, ...]:
    """Feeds that a page announces in ``<link rel=alternate>``, its comment feeds left out.

    Source: WHATWG HTML section 4.6.8.1; RSS Board, RSS Autodiscovery.
    """
    found = []
    base = base_of(tree, url)
    for link in tree.iter("link"):
        kinds = (link.get("rel") or "").lower().split()
        if "alternate" in kinds and (link.get("type") or "").strip().lower() in _FEED_TYPES:
            address = joined_url(base, link.get("href") or "")
            if address and "comment" not in (address + (link.get("title") or "")).lower():
                found.append(address)
    return tuple(dict.fromkeys(found))


def _anchors(tree: HtmlElement, url: str) -> Iterator[tuple[str, str]]:
    base = base_of(tree, url)
    for anchor in tree.iter("a"):
        href = anchor.get("href") or ""
        address = None if href.lstrip().startswith("#") else joined_url(base, href)
        if address and address != url and is_same_site(address, url):
            yield address, " ".join(anchor.text_content().split())[:300]


def _score(address: str, text: str) -> int:
    path = urlsplit(address).path
    if path in {"", "/"} or _NO_PAGE.search(path) or _NO_ARTICLE.search(path) or _CALENDAR.search(path):
        return 0
    last = path.rstrip("/").rsplit("/", 1)[-1]
    score = 0
    score += 2 if _SLUG.match(last) else 0
    score += 2 if slug_id(address) else 0
    score += 3 if day_in_url(address) else 0
    score += 1 if path.endswith((".html", ".htm", ".shtml", ".article")) else 0
    words = len(text.split()) + len(_SPACELESS.findall(text)) // 2
    score += 2 if words >= 5 else 1 if words >= 4 else 0
    return score
