"""Whether a page states that it is behind a paywall: ``isAccessibleForFree`` of its JSON-LD.

Must not guess from the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.page.jsonld import types_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.page.jsonld import Node

_KEY = "isAccessibleForFree"
_WORDS = {"true": False, "yes": False, "1": False, "false": True, "no": True, "0": True}
_PAGE_TYPES = frozenset({"webpage", "itempage"})


def is_paywalled(articles: Iterable[Node], nodes: Iterable[Node]) -> bool | None:
    """What the page's articles say; where they are silent, their parts, then the page; None where nothing is said.

    Source: Google Search, "Structured data for subscription and paywalled content".
    """
    held = tuple(articles)
    pages = tuple(node for node in nodes if types_of(node) & _PAGE_TYPES and not node.get("__listed"))
    for described in (held, pages):
        if said := _stated(described):
            return said[0]
        if said := _stated(_parts(described)):
            return any(said)
    return None


def _stated(nodes: Iterable[Node]) -> list[bool]:
    return [said for node in nodes if (said := _closed(node.get(_KEY))) is not None]


def _parts(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        parts = node.get("hasPart")
        yield from (
            part for part in (parts if isinstance(parts, list) else [parts]) if isinstance(part, dict)
        )


def _closed(value: object) -> bool | None:
    match value:
        case bool():
            return not value
        case str():
            return _WORDS.get(value.strip().rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower())
        case list():
            return next((said for one in value if (said := _closed(one)) is not None), None)
        case dict():
            return _closed(value.get("@value", value.get("@id")))
        case _:
            return None
