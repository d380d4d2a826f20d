"""Author names as publishers write them: a byline's texts in, names out.

Must not guess: a text that does not look like names is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEAD = re.compile(
    r"^(?:(?:written|reported|posted|published|story|words|text)\s+)?(?:by|von|par|por|di|door|av|af|od|przez|oleh|tekst|text|texte|autor|autore|auteur|foto)\b[:\s]+",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:,|;|\||\u2022|\u00b7|/|\n|\u3001|&)\s*|\s+(?:and|und|et|y|e|og|och|en|i|dan)\s+(?=[^\W\d_a-z])"
)
_ADDRESS = re.compile(r"(?:https?:)?//\S+|www\.\S+|\S+@\S+", re.IGNORECASE)
# An account's name ("jane-doe", "jdoe_2") stands where a site's software was not told who writes.
_NOT_A_NAME = re.compile(r"@|\d{3,}|^\W*$|\.(?:html?)\b|^[a-z0-9]+(?:[-_.][a-z0-9]+)+$|^(?:admin|webmaster)$")
_COMPANY = re.compile(r"\b(?:GmbH|Ltd|LLC|Inc|AG|S\.?A|S\.?p\.?A)\.?$")
_IN_BRACKETS = re.compile(r"\([^)]*\)?")
_TAIL = re.compile(r"\s*(?:\b(?:updated|published|aktualisiert)\b.*)$", re.IGNORECASE)
_MAX_NAME = 60
_MAX_NAMES = 12


def names_in(texts: Iterable[str], site_names: Iterable[str] = ()) -> tuple[str, ...]:
    """The distinct names in bylines, in order; the site's own name is none.

    >>> names_in(["By Jane Doe and John Roe", "Jane Doe"])
    ('Jane Doe', 'John Roe')
    """
    own = {_key(name) for name in site_names}
    found: dict[str, str] = {}
    for text in texts:
        for piece in _SPLIT.split(
            _LEAD.sub("", _ADDRESS.sub(" ", _IN_BRACKETS.sub(" ", " ".join(text.split()))).strip())
        ):
            name = _TAIL.sub("", _LEAD.sub("", piece)).strip(" .,:;-\u2013\u2014")
            if _is_name(name) and _key(name) not in own:
                found.setdefault(_key(name), name)
    people = [name for name in found.values() if not _COMPANY.search(name)]
    return tuple(people or found.values())[:_MAX_NAMES]


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= _MAX_NAME and len(text.split()) <= 7 and not _NOT_A_NAME.search(text)


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
