"""What a listing says of an address: hints for the extraction, and as JSON for the frontier.

Must lose nothing on the way there and back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.dates import StatedTime
from dedup.values import TimePrecision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.values import JsonValue


@dataclass(frozen=True, slots=True)
class PageHints:
    """What the list that named the page (feed, sitemap) already said about it."""

    title: str | None = None
    byline: str | None = None
    language: str | None = None
    published: StatedTime | None = None
    source_name: str | None = None
    keywords: tuple[str, ...] = ()


def hints_to_json(hints: PageHints) -> dict[str, JsonValue]:
    """The hints that are set, as JSON."""
    published = hints.published
    values: dict[str, JsonValue] = {
        "title": hints.title,
        "byline": hints.byline,
        "language": hints.language,
        "source_name": hints.source_name,
        "published_at": published.at.isoformat() if published else None,
        "published_precision": published.precision.value if published else None,
        "published_origin": published.origin if published else None,
    }
    if hints.keywords:
        values["keywords"] = list(hints.keywords)
    return {name: value for name, value in values.items() if value is not None}


def hints_from_json(values: Mapping[str, JsonValue]) -> PageHints:
    """The hints that ``hints_to_json`` wrote."""

    def text(name: str) -> str | None:
        value = values.get(name)
        return value if isinstance(value, str) else None

    at, precision = text("published_at"), text("published_precision")
    published = None
    if at and precision:
        published = StatedTime(
            datetime.fromisoformat(at), TimePrecision(precision), text("published_origin") or "feed"
        )
    listed = values.get("keywords")
    keywords = tuple(str(word) for word in listed) if isinstance(listed, list) else ()
    return PageHints(
        text("title"), text("byline"), text("language"), published, text("source_name"), keywords
    )
