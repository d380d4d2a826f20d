"""What a page says anew about an article that is stored, and what of it is a new version; reads no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedup.values import TimePrecision
from storage.models import Article as ArticleRow
from storage.models import ArticleVersion
from storage.sql import storable
from storage.values import DedupState

if TYPE_CHECKING:
    from datetime import datetime

    from storage.values import Article

# What a page may state anew without its text having changed; a change of these alone is an update.
_STATED = (
    "url",
    "declared_canonical_url",
    "declared_original_url",
    "title",
    "byline",
    "language",
    "section",
    "image_url",
    "credit",
    "is_paywalled",
    "refuses_ai_training",
    "published_at",
    "published_precision",
    "published_origin",
    "modified_at",
    "modified_precision",
    "modified_origin",
)


# What the verdict on a pair or the choice of a canonical article may rest on, beside the text.
_JUDGED_BY = frozenset({"title", "declared_original_url", "published_at", "published_precision", "credit"})


def stated_by(article: Article) -> dict[str, Any]:
    """The columns of an article that its page states."""
    stated = {name: getattr(article, name) for name in _STATED}
    for name, value in stated.items():
        if type(value) is str:
            stated[name] = storable(value)
    stated["published_precision"] = _precision(article.published_at, article.published_precision)
    stated["modified_precision"] = _precision(article.modified_at, article.modified_precision)
    stated["keywords"] = [storable(word) for word in article.keywords] or None
    return stated


def _precision(time: datetime | None, stated: TimePrecision | None) -> TimePrecision | None:
    if time is None or stated is not None:
        return stated if time is not None else None
    is_midnight = (time.hour, time.minute, time.second) == (0, 0, 0)
    return TimePrecision.DAY if is_midnight else TimePrecision.SECOND


def is_earlier(article: Article, row: ArticleRow) -> bool:
    """Whether this is an older capture (out of an archive) than the one that is stored."""
    return article.fetched_at < row.fetched_at and article.content_hash != row.content_hash


def earlier_version(row: ArticleRow, replaced_at: datetime) -> ArticleVersion:
    """The stored headline and text and what was stated with them, before others take their place."""
    return ArticleVersion(
        article_id=row.id,
        version_number=row.version_number,
        title=row.title,
        text=row.text,
        text_hash=row.text_hash,
        word_count=row.word_count,
        modified_at=row.modified_at,
        fetched_at=row.fetched_at,
        replaced_at=replaced_at,
        extractor=row.extractor,
    )


def refresh(row: ArticleRow, article: Article) -> bool:
    """Take over what the page states now, and whether that is new; what it no longer states is kept."""
    changed = set()
    for name, value in stated_by(article).items():
        if value is not None and value != getattr(row, name):
            setattr(row, name, value)
            changed.add(name)
    row.fetched_at = max(row.fetched_at, article.fetched_at)
    row.first_seen_at = min(row.first_seen_at, article.first_seen_at)
    row.extractor = article.extractor
    row.content_hash = article.content_hash
    if changed & _JUDGED_BY:
        row.dedup_state = DedupState.PENDING
    return bool(changed)


def has_new_title(row: ArticleRow, title: str | None) -> bool:
    """Whether the publisher changed the headline: of what a page may state beside the text, the part that is read."""
    if title is None or row.title is None:
        return False
    return row.title.casefold().split() != storable(title).casefold().split()


def has_new_text(row: ArticleRow, text: str, text_hash: str) -> bool:
    """Whether the publisher changed the text: its hash changes, too, when a line of it is learnt to be boilerplate."""
    if row.text_hash == text_hash:
        return False
    return row.text is None or row.text.casefold().split() != storable(text).casefold().split()
