"""OPML subscription lists: bytes in, outlines out.

Must not judge the addresses: that is for whoever turns outlines into seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from crawler.lists.xml import declares_entities

_MAX_OUTLINES = 100_000


class OpmlError(ValueError):
    """Bytes that hold no OPML list; the text says why."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One subscription of an OPML list."""

    title: str
    feed_url: str
    home_url: str | None = None
    language: str | None = None


def parse_opml(body: bytes) -> tuple[Outline, ...]:
    """The outlines that name a feed, in document order.

    Raises:
        OpmlError: not OPML, or it declares entities.

    Source: OPML 2.0, section "Subscription lists".
    """
    if declares_entities(body):
        raise OpmlError("declares XML entities, which are refused")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise OpmlError(f"is not OPML: {error}") from error
    if root is None or not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise OpmlError("is not OPML: the root element is not <opml>")
    outlines = (_outline(element) for element in root.iter("outline"))
    return tuple(outline for outline in outlines if outline is not None)[:_MAX_OUTLINES]


def _outline(element: etree._Element) -> Outline | None:
    attributes = {str(key).lower(): str(value).strip() for key, value in element.attrib.items()}
    feed_url = attributes.get("xmlurl")
    if not feed_url:
        return None
    title = attributes.get("title") or attributes.get("text") or feed_url
    return Outline(title, feed_url, attributes.get("htmlurl") or None, attributes.get("language") or None)
