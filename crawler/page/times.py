"""When a page says it was published and changed: JSON-LD, meta tags, microdata, the time under the headline.

Must not choose: whoever asks takes the first that is plausible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.dates import StatedTime, day_in_url, parse_time
from crawler.page.jsonld import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.html import HtmlElement

    from crawler.page.jsonld import Node

_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published",
    "datepublished", "date_published", "publish_date", "publish-date", "published_time", "publication_date",
    "publishdate", "pubdate", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.date",
    "dcterms.issued", "dc.date", "dc.date.created", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "article:post_date", "iso-8601-publish-date", "bt:pubdate", "rnews:datepublished", "last-published", "created",
    "article.published", "displaydate", "originalpublicationdate", "date", "dc.created", "citation_publication_date",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:updated_time", "datemodified", "last-modified", "lastmod", "dcterms.modified",
    "dc.date.modified", "article.updated", "bt:moddate", "revision_date",
)  # fmt: skip


def published_times(
    tree: HtmlElement,
    metas: Mapping[str, list[str]],
    articles: tuple[Node, ...],
    listed: StatedTime | None,
    url: str,
) -> Iterator[StatedTime | None]:
    """When a page says that it was published, most telling first; None where a statement is no time.

    ``listed`` is what the list that named the page said. A time of change comes last: better than none.
    """
    for key in ("datePublished", "dateCreated", "uploadDate"):
        for node in articles:
            yield parse_time(text_of(node.get(key)) or "", origin="json_ld")
    for name in _PUBLISHED_META:
        for value in metas.get(name, ()):
            yield parse_time(value, origin="meta")
    yield from (parse_time(text, origin="microdata") for text in _marked_times(tree))
    yield listed
    yield from (parse_time(text, origin="time_element") for text in _time_elements(tree))
    yield day_in_url(url)
    for node in articles:
        yield parse_time(text_of(node.get("dateModified")) or "", origin="json_ld_modified")


def modified_times(metas: Mapping[str, list[str]], articles: tuple[Node, ...]) -> Iterator[StatedTime | None]:
    """When a page says that it was last changed, most telling first; None where a statement is no time."""
    for node in articles:
        yield parse_time(text_of(node.get("dateModified")) or "", origin="json_ld")
    for name in _MODIFIED_META:
        for value in metas.get(name, ()):
            yield parse_time(value, origin="meta")


def _marked_times(tree: HtmlElement) -> Iterator[str]:
    for element in tree.xpath("//*[contains(@itemprop, 'datePublished') or @pubdate]"):
        yield element.get("datetime") or element.get("content") or element.text_content()


def _time_elements(tree: HtmlElement) -> Iterator[str]:
    # Only where it stands by the headline: elsewhere <time> belongs to teasers.
    for heading in tree.xpath("//h1"):
        for ancestor in list(heading.iterancestors())[:4]:
            if ancestor.tag in {"body", "html"}:
                break
            times = ancestor.xpath(".//time[@datetime]/@datetime")
            if times:
                yield str(times[0])
                return
