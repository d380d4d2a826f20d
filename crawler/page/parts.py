"""Articles spread over several pages: which page is a later part of another, by what it says of itself.

Must not join parts; docs/decisions/0025 says why. Must not believe ``rel=next`` or a number alone: blogs name the
next article so, and sections number their pages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.urls import BadUrlError, identity_url, is_front_page, slug_id

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARAMETERS = frozenset({"page", "p", "pg", "seite", "pagina", "página"})
_SLUG_JOINTS = 3
_WORD = r"(?:page|seite|pagina|p[aá]gina|pag|p)"
_IN_PATH = re.compile(rf"^(?P<base>/.+?)/(?:(?P<word>{_WORD})[/-]?)?(?P<number>\d{{1,2}})$", re.IGNORECASE)


class _Part(NamedTuple):
    base: str
    number: int
    is_worded: bool


def whole_of(url: str, declared: Iterable[str], previous: Iterable[str]) -> str | None:
    """The address of the article of which a page is the second or a later part; None where it is a page of its own.

    ``declared`` are the addresses that the page gives as its canonical ones, ``previous`` those of ``rel=prev``. One
    of them must be the address without its number, or with the number before it where a word calls it a page's.

    >>> whole_of("http://a.example/story?page=2", ["http://a.example/story"], [])
    'https://a.example/story'
    """
    part = _part_of(url)
    if part is None or is_front_page(part.base):
        return None
    # Some sites give a section as the canonical address of all that is in it: /news/12 is then no part of /news.
    believed = declared if part.is_worded or _names_article(part.base) else ()
    if part.base in {_identity(one) for one in (*believed, *previous)}:
        return part.base
    before = (_part_of(one) for one in previous) if part.is_worded else ()
    return part.base if (part.base, part.number - 1, True) in before else None


def _part_of(url: str) -> _Part | None:
    pieces = urlsplit(_identity(url))
    pairs = parse_qsl(pieces.query, keep_blank_values=True)
    for name, value in pairs:
        if name.lower() in _PARAMETERS and value.isdigit() and 1 < int(value) < 100:
            rest = urlencode([pair for pair in pairs if pair != (name, value)])
            return _Part(_identity(urlunsplit(pieces._replace(query=rest))), int(value), is_worded=True)
    match = _IN_PATH.match(pieces.path.rstrip("/"))
    if match is None or int(match["number"]) < 2:
        return None
    base = _identity(urlunsplit(pieces._replace(path=match["base"])))
    return _Part(base, int(match["number"]), is_worded=match["word"] is not None)


def _names_article(url: str) -> bool:
    slug = urlsplit(url).path.rpartition("/")[2]
    return slug_id(url) is not None or len(re.findall(r"[-_]", slug)) >= _SLUG_JOINTS


def _identity(url: str) -> str:
    try:
        return identity_url(url)
    except BadUrlError:
        return url
