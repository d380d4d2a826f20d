"""The title of an article, without the site's name at its end.

Must not know any site: a suffix is recognised by what the page says of itself.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEPARATORS = re.compile(
    r"\s+(?:[|\u2013\u2014\-\u00b7\u2022*:\u00bb\u203a/]|--+|::)\s+|\s*[|\u00bb\u3163]\s*|\s*--+\s*"
)
_WORD = re.compile(r"\w+")
_QUOTES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"}
)
_ELLIPSIS = re.compile(r"(?:\.\.\.|\u2026)$")
_MAX_TITLE = 500


@dataclass(frozen=True, slots=True)
class TitleCandidates:
    """What a page and the list that named it offer as title; texts as found."""

    json_ld: tuple[str, ...] = ()
    open_graph: str | None = None
    twitter: str | None = None
    headings: tuple[str, ...] = ()
    document: str | None = None
    hint: str | None = None
    site_names: tuple[str, ...] = ()


def choose_title(candidates: TitleCandidates) -> str | None:
    """The article's title.

    JSON-LD headline or ``og:title``: where they differ, the one that departs from ``<title>``, which is written
    for search engines; where both do, the one that a heading repeats. Without them the heading that the rest confirms,
    else what the feed said.
    """
    site_keys = frozenset(key for name in candidates.site_names if (key := _key(name)))
    headings = [_clean(text) for text in candidates.headings]
    document, hint = _clean(candidates.document or ""), _clean(candidates.hint or "")
    metas = [_clean(text) for text in (candidates.open_graph, candidates.twitter) if text]
    others = [*headings, *metas, document, hint]
    headlines = [text for text in map(_clean, candidates.json_ld) if not _is_cut_short(text, others)]
    stated = [
        title
        for text in (*headlines[:1], *metas[:1])
        if (title := _without_suffix(text, headings, site_keys)) and _key(title) not in site_keys
    ]
    searched = _key(_without_suffix(document, headings, site_keys))
    if stated:
        departing = [title for title in stated if _key(title) != searched] or stated
        repeated = {_key(heading) for heading in headings}
        return next((title for title in departing if _key(title) in repeated), departing[0])
    if heading := _confirmed_heading(headings, [document, hint, *metas], site_keys):
        return heading
    rest = (_without_suffix(text, headings, site_keys) for text in (*metas, document, hint, *headings))
    return next((title for title in rest if title and _key(title) not in site_keys), None)


def title_pieces(title: str) -> list[str]:
    """The pieces of a title between its separators: the article's, the section's and the site's name."""
    return [piece.strip() for piece in _SEPARATORS.split(_clean(title)) if piece.strip()]


def is_shown(headline: str, shown: Iterable[str]) -> bool:
    """Whether a headline is what any of these texts says, or how it begins."""
    key = _key(_clean(headline))
    return bool(key) and any(_key(_clean(text)).startswith(key) for text in shown)


def _confirmed_heading(headings: list[str], others: list[str], site_keys: frozenset[str]) -> str | None:
    usable = [text for text in headings if len(text) > 8 and _key(text) not in site_keys]
    # Of two that are confirmed alike the longer: sites put their own name into a heading, too.
    ranked = sorted(
        usable,
        key=lambda text: (
            max((_agreement(text, other) for other in others if other), default=0.0),
            len(_WORD.findall(text)),
        ),
        reverse=True,
    )
    if not ranked:
        return None
    best = ranked[0]
    return best if max((_agreement(best, other) for other in others if other), default=0.0) >= 0.5 else None


def _is_cut_short(title: str, others: list[str]) -> bool:
    # Google once advised headlines of at most 110 characters: some publishers cut them off.
    bare = _key(_ELLIPSIS.sub("", title))
    return bool(_ELLIPSIS.search(title)) and any(
        _key(other).startswith(bare) and len(_key(other)) > len(bare) and not _ELLIPSIS.search(other)
        for other in others
    )


def _agreement(text: str, other: str) -> float:
    words, others = Counter(_WORD.findall(_key(text))), Counter(_WORD.findall(_key(other)))
    shared = sum((words & others).values())
    return shared / max(sum(words.values()), 1)


def _without_suffix(title: str, headings: list[str], site_keys: frozenset[str]) -> str:
    for heading in headings:
        key = _key(heading)
        if len(key) > 8 and _key(title) != key and _key(title).startswith(key):
            rest = title[len(heading) :]
            if _SEPARATORS.match(rest + " "):
                return title[: len(heading)].strip()
    return _without_site_name(title, site_keys)


def _without_site_name(title: str, site_keys: frozenset[str]) -> str:
    pieces = _SEPARATORS.split(title)
    marks = list(_SEPARATORS.finditer(title))
    cut = next((index for index in range(1, len(pieces)) if _names_site(pieces[index], site_keys)), None)
    if cut is None:
        leads = bool(marks) and _names_site(pieces[0], site_keys)
        return title[marks[0].end() :].strip() if leads else title
    while cut > 1 and _is_section(pieces[cut - 1]) and len(" ".join(pieces[: cut - 1]).split()) >= 2:
        cut -= 1
    return title[: marks[cut - 1].start()].strip()


def _is_section(piece: str) -> bool:
    # What may stand between title and site name: "World", "Top Stories"; a title goes on in lower case.
    return len(piece.split()) <= 2 and not piece[:1].islower()


def _names_site(piece: str, site_keys: frozenset[str]) -> bool:
    key = _key(piece).replace(" ", "")
    for name in site_keys:
        site = name.replace(" ", "")
        if key == site or (len(site) >= 4 and site in key and len(key) <= len(site) + 12):
            return True
        if len(key) >= 4 and key in site and 2 * len(key) >= len(site):
            return True
    return False


def _clean(text: str) -> str:
    return " ".join(html.unescape(text).split())[:_MAX_TITLE]


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    return " ".join(folded.split())
