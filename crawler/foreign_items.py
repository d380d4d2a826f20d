"""Another project's items into articles: whatever has an address and a text.

Must not fetch or extract: the project's own spider has read the page.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter

from crawler.dates import parse_time
from crawler.page.credits import agency_credit
from crawler.refusals import Skipped
from crawler.urls import BadUrlError, canonical_url, host_of, identity_url, site_of
from storage.values import Article, SkipReason, Source

if TYPE_CHECKING:
    from crawler.dates import StatedTime


def article_of_item(item: Any, now: datetime) -> Article | Skipped | None:  # noqa: ANN401  # any kind of item
    """The article that an item holds, why it is none, or None for an item without ``url`` and ``text``.

    Read beside these: ``title``, ``byline``, ``language``, ``section``, ``source`` (a name) and ``published_at`` (a
    time, or text that states one).
    """
    if not ItemAdapter.is_item(item):
        return None
    fields = ItemAdapter(item).asdict()
    if "url" not in fields or "text" not in fields:
        return None
    try:
        url = canonical_url(str(fields["url"]))
    except BadUrlError as error:
        return Skipped(SkipReason.BAD_URL, str(error))
    text = str(fields["text"] or "").strip()
    if not text:
        return Skipped(SkipReason.EMPTY_TEXT, "the item's text is empty")
    published, host, byline = _time(fields.get("published_at")), host_of(url), _text(fields.get("byline"))
    site = site_of(host)
    return Article(
        url=url,
        identity_url=identity_url(url),
        source=Source(_text(fields.get("source")) or site, f"{url.split('/', 1)[0]}//{host}/", site),
        title=_text(fields.get("title")),
        text=text,
        first_seen_at=now,
        fetched_at=now,
        byline=byline,
        language=_text(fields.get("language")),
        published_at=published.at if published else None,
        published_precision=published.precision if published else None,
        published_origin="item" if published else None,
        section=_text(fields.get("section")),
        credit=agency_credit(text, byline),
        extractor="item",
    )


def _time(value: object) -> StatedTime | None:
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return parse_time(value) if isinstance(value, str) else None


def _text(value: object) -> str | None:
    return " ".join(value.split()) or None if isinstance(value, str) else None
