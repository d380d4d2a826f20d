"""JSON-LD of a news page: script elements in, article nodes out.

Must not trust the shapes it finds: publishers write every type in every place.
"""

from __future__ import annotations

import html
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

Node: TypeAlias = "dict[str, Any]"

_ARTICLE_TYPES = frozenset({
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "backgroundnewsarticle", "askpublicnewsarticle", "reviewnewsarticle", "blogposting", "liveblogposting",
    "socialmediaposting", "advertisercontentarticle", "satiricalarticle", "scholarlyarticle", "techarticle",
    "report", "review", "claimreview",
})  # fmt: skip
_LIST_TYPES = frozenset({"itemlist", "breadcrumblist", "collectionpage", "searchresultspage"})
# Properties whose values are articles of their own: what is said of these is not said of the page.
_LISTING_KEYS = frozenset({"liveBlogUpdate"})
_MAX_NODES = 2_000
_MAX_DEPTH = 12
_MAX_SCRIPT = 2_000_000
_MAX_TYPE = 200  # characters; no type that is known has so many
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|(?://)?\s*\]\]>|/\*\s*\]\]>\s*\*/)\s*;?\s*$"
)
_OPENING, _CLOSING = ("{", "["), ("}", "]")
_VOCABULARY = re.compile(r"(?:https?://(?:www\.)?schema\.org/|schema:)", re.IGNORECASE)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def read_nodes(tree: HtmlElement) -> tuple[Node, ...]:
    """All JSON-LD objects of a page, outer before inner, in page order."""
    nodes: list[Node] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text and len(script.text) < _MAX_SCRIPT:
            nodes.extend(_walk(_load(script.text), 0))
            if len(nodes) > _MAX_NODES:
                break
    return tuple(nodes[:_MAX_NODES])


def article_nodes(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes that describe an article with a headline or date, most telling first."""
    found = [node for node in nodes if types_of(node) & _ARTICLE_TYPES and not node.get("__listed")]
    return tuple(sorted(found, key=_fullness, reverse=True))


def types_of(node: Node) -> frozenset[str]:
    """The ``@type`` values of a node, lower case, without a namespace."""
    values = node.get("@type")
    names = values if isinstance(values, list) else [values]
    return frozenset(_bare_type(name[-_MAX_TYPE:]) for name in names if isinstance(name, str))


@lru_cache(maxsize=1_024)
def _bare_type(name: str) -> str:
    return name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower()


def text_of(value: object) -> str | None:
    """The text of a value that may be a text, a list, or an object with ``name``, ``@value`` or ``url``."""
    match value:
        case str():
            clean = " ".join(html.unescape(value).split())
            return clean or None
        case list():
            return next((text for item in value if (text := text_of(item))), None)
        case dict():
            return text_of(value.get("@value")) or text_of(value.get("name")) or text_of(value.get("url"))
        case _:
            return None


def url_of(value: object) -> str | None:
    """The address in a value that may be a text, a list, or an object with ``@id``, ``url`` or ``contentUrl``."""
    match value:
        case str():
            return value.strip() or None
        case list():
            return next((url for item in value if (url := url_of(item))), None)
        case dict():
            return url_of(value.get("url")) or url_of(value.get("contentUrl")) or url_of(value.get("@id"))
        case _:
            return None


def _fullness(node: Node) -> int:
    return sum(
        bool(node.get(key))
        for key in ("headline", "datePublished", "author", "publisher", "mainEntityOfPage")
    )


def _load(text: str) -> object:
    clean = text.strip()
    # Nearly all stand unwrapped, and to look through a long one for what may close a wrapping takes longer than to load it.
    if clean[:1] not in _OPENING or clean[-1:] not in _CLOSING:
        clean = _WRAPPING.sub("", text).strip()
    for attempt in (clean, html.unescape(clean), _TRAILING_COMMA.sub(r"\1", clean)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return _load_pieces(clean)


def _load_pieces(text: str) -> list[object]:
    # Several objects one after the other, or rubbish after a good one: take what is whole.
    decoder = json.JSONDecoder(strict=False)
    found: list[object] = []
    position = text.find("{")
    while position >= 0 and len(found) < 20:
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        found.append(value)
        position = text.find("{", end)
    return found


def _shorten_keys(node: Node) -> None:
    """Name properties by their bare names: some write ``schema:headline`` or ``http://schema.org/headline``."""
    for key in [key for key in node if _VOCABULARY.match(key)]:
        node.setdefault(_VOCABULARY.sub("", key), node[key])


def _walk(value: object, depth: int, *, listed: bool = False) -> Iterator[Node]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1, listed=listed)
    elif isinstance(value, dict):
        _shorten_keys(value)
        if listed:  # a teaser in a list describes another page
            value["__listed"] = True
        yield value
        is_list = bool(types_of(value) & _LIST_TYPES)
        for key, item in value.items():
            if isinstance(item, (dict, list)) and key not in {
                "isPartOf",
                "relatedLink",
                "citation",
                "comment",
            }:
                yield from _walk(item, depth + 1, listed=listed or is_list or key in _LISTING_KEYS)
