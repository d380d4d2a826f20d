"""What a news page says about itself: JSON-LD, meta tags and microdata, weighed into one value.

Must not look at the article's text; that is extraction's.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urljoin

from lxml import etree

from crawler.dates import first_plausible
from crawler.languages import primary_language
from crawler.page.authors import read_byline
from crawler.page.html import base_of
from crawler.page.jsonld import article_nodes, read_nodes, text_of, types_of, url_of
from crawler.page.optout import is_refused_by_page
from crawler.page.parts import whole_of
from crawler.page.paywall import is_paywalled
from crawler.page.times import modified_times, published_times
from crawler.page.titles import TitleCandidates, choose_title, is_shown
from crawler.urls import BadUrlError, canonical_url, host_of, is_same_site, joined_url, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from lxml.html import HtmlElement

    from crawler.dates import StatedTime
    from crawler.hints import PageHints
    from crawler.page.jsonld import Node

_SECTION_META = (
    "article:section",
    "section",
    "parsely-section",
    "sailthru.section",
    "cxenseparse:section",
    "category",
)
_MARKED_HEADLINES = etree.XPath("//*[@itemprop='headline' and not(self::meta)]")
_MAX_KEYWORDS, _MAX_KEYWORD = 50, 100
_IMPLAUSIBLE_PATHS = frozenset({"", "/"})


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page says about itself; times aware UTC, addresses canonical."""

    title: str | None
    byline: str | None
    language: str | None
    published: StatedTime | None
    modified: StatedTime | None
    section: str | None
    image_url: str | None
    is_paywalled: bool | None
    refuses_ai_training: bool | None
    same_site_url: str | None
    declared_canonical_url: str | None
    declared_original_url: str | None
    article_body: str | None
    description: str | None
    describes_article: bool
    looks_like_index: bool
    keywords: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    document_title: str | None = None
    part_of_url: str | None = None


def read_metadata(tree: HtmlElement, url: str, hints: PageHints, now: datetime) -> PageMetadata:
    """The page's metadata; ``url`` is where it was fetched, ``now`` bounds plausible times."""
    metas = _meta_values(tree)
    nodes = read_nodes(tree)
    base, headings, document = base_of(tree, url), _headings(tree), _document_title(tree)
    shown = (*headings, *metas.get("og:title", [])[:1], document or "")
    articles = _shown_here(_about_this_page(article_nodes(nodes), base, url), shown)
    site_names = _site_names(metas, nodes, url, hints)
    declared = _declared_urls(tree, metas, base, url)
    foreign = next((address for address in declared if not is_same_site(address, url)), None)
    own = next((address for address in declared if is_same_site(address, url)), None)
    return PageMetadata(
        title=choose_title(_title_candidates(headings, document, metas, articles, hints, site_names)),
        byline=read_byline(tree, metas, nodes, articles, hints.byline, site_names),
        language=_language(tree, metas, articles, hints),
        published=first_plausible(published_times(tree, metas, articles, hints.published, url), now),
        modified=first_plausible(modified_times(metas, articles), now),
        section=_first_text(articles, ("articleSection",)) or _first_meta(metas, _SECTION_META),
        image_url=_image_url(metas, articles, base),
        is_paywalled=is_paywalled(articles, nodes),
        refuses_ai_training=is_refused_by_page(metas) or None,
        same_site_url=own,
        declared_canonical_url=declared[0] if declared else None,
        declared_original_url=foreign,
        article_body=_article_body(articles),
        description=_first_meta(metas, ("og:description", "description", "twitter:description")),
        describes_article=bool(articles),
        looks_like_index=_looks_like_index(metas, articles, nodes),
        keywords=hints.keywords or _keywords(metas, articles),
        headings=headings,
        document_title=document,
        part_of_url=whole_of(url, declared, _addresses_before(tree, base)),
    )


def _addresses_before(tree: HtmlElement, base: str) -> list[str]:
    said = (
        one.get("href") or ""
        for one in tree.iter("link", "a")
        if "prev" in (one.get("rel") or "").lower().split()
    )
    return [address for href in said if (address := joined_url(base, href))]


def _meta_values(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = (element.get("content") or "").strip()
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = element.get(attribute)
            if name and content:
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _first_meta(metas: Mapping[str, list[str]], names: Iterable[str]) -> str | None:
    return next((metas[name][0] for name in names if name in metas), None)


def _first_text(articles: Iterable[Node], keys: Iterable[str]) -> str | None:
    return next((text for node in articles for key in keys if (text := text_of(node.get(key)))), None)


def _shown_here(articles: tuple[Node, ...], shown: tuple[str, ...]) -> tuple[Node, ...]:
    # Of several articles without an address this page's is the one whose headline it shows.
    headlines = [text_of(node.get("headline")) for node in articles]
    if len({headline for headline in headlines if headline}) < 2:
        return articles
    is_here = [headline is not None and is_shown(headline, shown) for headline in headlines]
    if not any(is_here):
        return articles
    return tuple(
        node for node, here, said in zip(articles, is_here, headlines, strict=True) if here or said is None
    )


def _about_this_page(articles: tuple[Node, ...], base: str, url: str) -> tuple[Node, ...]:
    # Pages also describe their teasers: prefer nodes that name this page's address, when any does.
    if len(articles) < 2:
        return articles
    here = _spelled(url)
    naming = [
        node
        for node in articles
        if here in {_spelled(urljoin(base, address)) for address in _addresses(node)}
    ]
    silent = [node for node in articles if not _addresses(node)]
    return tuple(naming + silent) if naming else articles


def _addresses(node: Node) -> tuple[str, ...]:
    values = (url_of(node.get("mainEntityOfPage")), url_of(node.get("url")), url_of(node.get("@id")))
    return tuple(value for value in values if value)


def _spelled(url: str) -> str:
    try:
        return canonical_url(url.partition("#")[0]).partition("://")[2].rstrip("/")
    except BadUrlError:
        return url


def _site_names(
    metas: Mapping[str, list[str]], nodes: Iterable[Node], url: str, hints: PageHints
) -> tuple[str, ...]:
    host = site_of(host_of(url))
    names = [
        *metas.get("og:site_name", []), *metas.get("application-name", []), *metas.get("twitter:site", []),
        *metas.get("apple-mobile-web-app-title", []), hints.source_name or "", host, host.rpartition(".")[0],
    ]  # fmt: skip
    for node in nodes:
        if types_of(node) & {"newsmediaorganization", "website"}:
            names.append(text_of(node.get("name")) or "")
        if node.get("publisher"):
            names.append(text_of(node.get("publisher")) or "")
    return tuple(
        dict.fromkeys(name.lstrip("@").strip() for name in names if 1 < len(name.lstrip("@").strip()) < 60)
    )


def _title_candidates(
    headings: tuple[str, ...],
    document: str | None,
    metas: Mapping[str, list[str]],
    articles: tuple[Node, ...],
    hints: PageHints,
    sites: tuple[str, ...],
) -> TitleCandidates:
    return TitleCandidates(
        json_ld=tuple(text for node in articles if (text := text_of(node.get("headline")))),
        open_graph=_first_meta(metas, ("og:title",)),
        twitter=_first_meta(
            metas, ("twitter:title", "dc.title", "headline", "parsely-title", "sailthru.title")
        ),
        headings=headings,
        document=document,
        hint=hints.title,
        site_names=sites,
    )


def _document_title(tree: HtmlElement) -> str | None:
    title = tree.find(".//title")
    return title.text_content() if title is not None else None


def _headings(tree: HtmlElement) -> tuple[str, ...]:
    shown = tuple(text for one in tree.iter("h1") if (text := _text_in(one)))
    return shown or tuple(
        text for one in cast("list[HtmlElement]", _MARKED_HEADLINES(tree))[:1] if (text := _text_in(one))
    )


def _text_in(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _language(
    tree: HtmlElement, metas: Mapping[str, list[str]], articles: tuple[Node, ...], hints: PageHints
) -> str | None:
    root = tree if tree.tag == "html" else tree.getroottree().getroot()
    stated = (
        _first_text(articles, ("inLanguage",)), root.get("lang"), root.get("xml:lang"), _first_meta(metas, ("og:locale",)),
        _first_meta(metas, ("content-language", "dc.language", "language")), hints.language,
    )  # fmt: skip
    return next((language for tag in stated if tag and (language := primary_language(tag))), None)


def _declared_urls(tree: HtmlElement, metas: Mapping[str, list[str]], base: str, url: str) -> tuple[str, ...]:
    links = [
        link.get("href") or ""
        for link in tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    wanted = [
        *links[:2],
        *metas.get("og:url", [])[:1],
        *metas.get("syndication-source", [])[:1],
        *metas.get("original-source", [])[:1],
    ]
    return tuple(dict.fromkeys(address for text in wanted if (address := _sane_url(text, base, url))))


def _sane_url(text: str, base: str, url: str) -> str | None:
    if (address := joined_url(base, text)) is None:
        return None
    path = address.partition("://")[2].partition("/")[2]
    return None if path in _IMPLAUSIBLE_PATHS and not url.endswith(address.partition("://")[2]) else address


def _keywords(metas: Mapping[str, list[str]], articles: Iterable[Node]) -> tuple[str, ...]:
    stated = next((value for node in articles if (value := node.get("keywords"))), None)
    texts = stated if isinstance(stated, list) else [stated]
    named = [word for text in texts if isinstance(text, str) for word in text.split(",")]
    named = named or (_first_meta(metas, ("news_keywords", "keywords")) or "").split(",")
    words = (" ".join(html.unescape(word).split()) for word in named)
    return tuple(dict.fromkeys(word for word in words if word and len(word) <= _MAX_KEYWORD))[:_MAX_KEYWORDS]


def _image_url(metas: Mapping[str, list[str]], articles: tuple[Node, ...], url: str) -> str | None:
    found = _first_meta(
        metas, ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
    )
    found = found or next((address for node in articles if (address := url_of(node.get("image")))), None)
    return joined_url(url, found) if found else None


def _article_body(articles: tuple[Node, ...]) -> str | None:
    bodies = [body for node in articles if isinstance(body := node.get("articleBody"), str)]
    return max(bodies, key=len) if bodies else None


def _looks_like_index(
    metas: Mapping[str, list[str]], articles: tuple[Node, ...], nodes: Iterable[Node]
) -> bool:
    kinds = frozenset[str]().union(*(types_of(node) for node in nodes if not node.get("__listed")))
    is_website = metas.get("og:type", [""])[0].lower() == "website"
    return not articles and (is_website or bool(kinds & {"collectionpage", "itemlist", "searchresultspage"}))
