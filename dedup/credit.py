"""Who a text itself says it comes from: an agency named in it, or a canonical link to another host.

Evidence for the direction of copying. Must not decide whether two texts are copies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from dedup.values import Document

_EDGE_CHARACTERS = 400
_NAME = r"(?P<name>(?:[A-Z][\w&.\u2019'-]*|[A-Z]{2,})(?: (?:[A-Z][\w&.\u2019'-]*|of|for|and|the)){0,5})"
# Ways in which news credits its origin, in the text's first or last lines.
_CREDITS = (
    re.compile(r"(?:^|\n)[^\n]{0,80}\((?P<name>[A-Z][\w ]{1,30})\)\s*(?:-{1,2}|\u2013|\u2014)"),
    re.compile(
        rf"\b[Tt]his (?:article|story|report) (?:was )?(?:first |originally )?(?:appeared|published|ran) (?:in|on|by|at) {_NAME}"
    ),
    re.compile(rf"\b(?:[Oo]riginally|[Ff]irst) (?:published|appeared) (?:in|on|by|at) {_NAME}"),
    re.compile(r"\b(?P<name>(?:[A-Z][\w-]+ ){1,4}(?:News Agency|Press Agency|Newswire|Wire Service))\b"),
    re.compile(rf"(?:^|\n)\s*(?:Source|Credit|Quelle|Fuente|Fonte)\s*:\s*{_NAME}"),
)


@dataclass(frozen=True, slots=True)
class Credit:
    """A named origin, and the document that names it."""

    name: str
    document_id: str
    host: str | None = None


def find_credit(a: Document, b: Document) -> Credit | None:
    """The origin that either document declares; a canonical link to another host counts before words."""
    for document in (a, b):
        host = declared_host(document)
        if host:
            return Credit(host, document.id, host)
    for document in (a, b):
        name = credited_name(document.text)
        if name:
            return Credit(name, document.id)
    return None


def declared_host(document: Document) -> str | None:
    """The host that the page named as its original, where it is not the page's own."""
    if not document.declared_original_url:
        return None
    host = urlsplit(document.declared_original_url).hostname
    own = urlsplit(document.url).hostname if document.url else None
    return host if host and host != own else None


def credited_name(text: str) -> str | None:
    """The agency or paper that a text credits in its first or last lines.

    >>> credited_name("LAGOS (Example Wire) - The river rose again on Monday.")
    'Example Wire'
    """
    edges = (
        text
        if len(text) <= 2 * _EDGE_CHARACTERS
        else text[:_EDGE_CHARACTERS] + "\n" + text[-_EDGE_CHARACTERS:]
    )
    for pattern in _CREDITS:
        match = pattern.search(edges)
        if match:
            return match.group("name").strip()
    return None
