"""Who a text itself says it comes from: an agency named in it, or a canonical link to another host.

Evidence for the direction of copying. Must not decide whether two texts are copies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup.hosts import host_of

if TYPE_CHECKING:
    from dedup.values import Document

_EDGE_CHARACTERS = 400
# a point belongs to a name where no white space follows it, or after a single capital: "Example.org", "U.S. News"
_NAME_WORD = r"(?:(?:[A-Z]\.)+(?=\W)|[A-Z][\w&\u2019'-]*(?:\.\w[\w&\u2019'-]*)*)"
_NAME = rf"(?P<name>{_NAME_WORD}(?: (?:{_NAME_WORD}|of|for|and|the)){{0,5}})"
_AGENCY = (
    r"(?P<name>(?:The )?Associated Press|Agence France-Presse|Press Association|Press Trust of India"
    r"|(?:The )?Canadian Press|Australian Associated Press|Thomson Reuters|RIA Novosti|Kyodo(?: News)?"
    r"|Reuters?|REUTERS?|AFP|AP|AAP|PA Media|dpa|ANSA|EFE|PTI|ANI|IANS|Xinhua|XINHUA|UPI|TASS|Interfax"
    r"|Yonhap|Belga|Ritzau|Lusa|Anadolu|Bernama)"
)
# What a dateline says before the agency: capitalised words, days, a country in brackets.
_PLACE_AND_DAY = (
    r"(?:^|\n)[ \t]*(?:(?:[A-Z\u00c0-\u00de][\w.\u2019'/-]*|\d{1,4}\.?(?: (?:de )?[a-z\u00e0-\u00ff]{3,10}\.?)?"
    r"|\[[^\]\n]{1,30}\])(?:[,:]? |(?<=--))){0,8}"
)
_DASH = r"(?:-{1,2}|\u2013|\u2014)"
# Ways in which news credits its origin, in the text's first or last lines.
_CREDITS = (
    # a dateline: place, day, a name in brackets or strokes, a dash
    re.compile(
        rf"{_PLACE_AND_DAY}\((?P<name>[A-Z][\w &/-]{{1,30}}|(?:ap|apa|afp|ansa|dpa|efe|sda|tass)(?:/\w{{2,4}})?)\)"
        rf"\.?\s*{_DASH}"
    ),
    re.compile(rf"{_PLACE_AND_DAY}/(?P<name>[A-Z][\w -]{{2,30}})/\s*{_DASH}"),
    # an agency needs no dash in brackets, if a sentence begins after it, and no brackets before a dash or colon
    re.compile(rf"{_PLACE_AND_DAY}\({_AGENCY}\)[:.]?\s*(?=[^\sa-z])"),
    re.compile(rf"{_PLACE_AND_DAY}{_AGENCY}(?:\s*{_DASH}|:)\s"),
    re.compile(
        rf"\b[Tt]his (?:article|story|report) (?:was )?(?:first |originally )?(?:appeared|published|ran) (?:in|on|by|at) {_NAME}"
    ),
    re.compile(rf"\b(?:[Oo]riginally|[Ff]irst) (?:published|appeared) (?:in|on|by|at) {_NAME}"),
    re.compile(rf"(?:^|\n|\. ){_NAME} contributed to this (?:report|story|article)"),
    re.compile(r"\b(?P<name>(?:[A-Z][\w-]+ ){1,4}(?:News Agency|Press Agency|Newswire|Wire Service))\b"),
    re.compile(rf"(?:^|\n)\s*(?:Source|Credit|Quelle|Fuente|Fonte)\s*:\s*{_NAME}"),
    re.compile(rf"(?:^|\n)\s*(?:Source|Credit|Quelle|Fuente|Fonte)\s*:\s*{_AGENCY}\b"),
    re.compile(rf"(?:\u00a9|\([Cc]\)|[Cc]opyright)\s*(?:\d{{4}}\s+)?(?:by\s+)?{_AGENCY}\b"),
    # a byline, or an agency alone in a line, as a sign-off is
    re.compile(rf"(?:^|\n)[ \t]*(?:By|Von) (?:[^\n]{{1,60}}, )?{_AGENCY}\b(?: Staff)?[ \t]*(?=\n|$)"),
    re.compile(rf"(?:^|\n)[ \t]*(?:[-\u2013\u2014] ?|\()?{_AGENCY}\)?[ \t]*(?=\n|$)"),
    re.compile(rf"(?:[-\u2013\u2014] ?|[.!?\"\u201d\u2019] \(?){_AGENCY}\)?\.?\s*\Z"),
    re.compile(rf"\b[Ww]ith (?:inputs|material|reporting) (?:from|by) {_AGENCY}\b"),
    re.compile(rf"\b[Ww]ith {_AGENCY} inputs\b"),
    re.compile(
        rf"\b{_AGENCY}(?: \w+){{0,3}}? (?:writer|reporter|correspondent|journalist)s? [^\n]{{2,80}} contributed\b"
    ),
)
_LOOSE_END = re.compile(r"(?:[ .,]|\b(?:of|for|and|the)\b)+$")


@dataclass(frozen=True, slots=True)
class Credit:
    """A named origin, and the document that names it."""

    name: str
    document_id: str
    host: str | None = None


def find_credit(a: Document, b: Document) -> Credit | None:
    """The origin that either document declares; a canonical link to another host counts before words.

    Where both name one, the same is chosen whichever document is given first.
    """
    found = [*find_credits(a), *find_credits(b)]
    return min(found, key=lambda credit: (credit.host is None, credit.name), default=None)


def find_credits(document: Document) -> tuple[Credit, ...]:
    """What one document declares as its origin: by its canonical link, then in words."""
    host, name = declared_host(document), credited_name(document.text)
    by_link = (Credit(host, document.id, host),) if host else ()
    return (*by_link, Credit(name, document.id)) if name else by_link


def declared_host(document: Document) -> str | None:
    """The host that the page named as its original, where it is not the page's own."""
    host = host_of(document.declared_original_url)
    return host if host != host_of(document.url) else None


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
            return _LOOSE_END.sub("", match.group("name"))
    return None
