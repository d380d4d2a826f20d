"""An extracted page into the Article that is stored, and the identity under which it is.

Must not fetch or store.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crawler.urls import identity_url, slug_id
from storage.values import Article

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.page.extracted import Extracted
    from storage.values import Source

_MAX_SEGMENTS = 15
_MAX_REPEATS = 3
_SLUG_JOINTS = 3
_PAGE_NUMBER = re.compile(r"(?:^|&)(?:page|p|pg|seite|pagina)=", re.IGNORECASE)
# "news", "index.html", "undefined": a word that many pages have, and no slug, number or letters of another script.
_PLAIN_WORD = re.compile(r"^[A-Za-z]{0,20}(?:\.[A-Za-z]{2,5})?$")


def build_article(
    page: Extracted,
    url: str,
    *,
    source: Source,
    feed_url: str | None,
    first_seen_at: datetime,
    fetched_at: datetime,
    content_hash: str,
    identity: str | None = None,
) -> Article:
    """The article that a page fetched from ``url`` (after redirects) holds; ``identity`` where that is settled."""
    published, modified = page.published, page.modified
    return Article(
        url=url,
        identity_url=identity or article_identity(url, page.same_site_url),
        source=source,
        title=page.title,
        text=page.text,
        first_seen_at=first_seen_at,
        fetched_at=fetched_at,
        byline=page.byline,
        language=page.language,
        published_at=published.at if published else None,
        published_precision=published.precision if published else None,
        published_origin=published.origin if published else None,
        modified_at=modified.at if modified else None,
        modified_precision=modified.precision if modified else None,
        modified_origin=modified.origin if modified else None,
        keywords=page.keywords,
        section=page.section,
        image_url=page.image_url,
        is_paywalled=page.is_paywalled,
        refuses_ai_training=page.refuses_ai_training,
        declared_canonical_url=page.declared_canonical_url,
        declared_original_url=page.declared_original_url,
        credit=page.credit,
        extractor=page.extractor,
        feed_url=feed_url,
        content_hash=content_hash,
    )


def article_identity(url: str, declared: str | None) -> str:
    """The identity of an article: what its page declares on its own site, where that is sane, else its address.

    A declared address is not believed when it is a front page or a section, above the page or elsewhere, when both
    carry a number of their own and the numbers differ, or when it lacks the parameter that names the page.
    """
    if declared is None:
        return identity_url(url)
    here, there = urlsplit(url), urlsplit(declared)
    numbers = slug_id(url), slug_id(declared)
    is_above = here.path.startswith(there.path.rstrip("/") + "/") and not here.path.rstrip("/").endswith(
        "/amp"
    )
    is_plain = _ends_plainly(declared)
    is_section = (
        there.path.rstrip("/") == ""
        or (is_above and numbers[1] is None)
        or (is_plain and not there.query and not _ends_plainly(identity_url(url)))
    )
    lost_query = bool(here.query) and not there.query and here.path.rstrip("/") == there.path.rstrip("/")
    # Without the parameter a slug still names the article, but for which of its pages this is.
    lost_query = lost_query and (_PAGE_NUMBER.search(here.query) is not None or not _has_slug(declared))
    differ = None not in numbers and numbers[0] != numbers[1]
    if differ or is_section or (lost_query and _names_page(here.query, is_plain=is_plain)):
        return identity_url(url)
    return identity_url(declared)


def is_trap(url: str) -> bool:
    """Whether an address looks like one of endlessly many: too deep, or the same segment again and again."""
    segments = [segment for segment in urlsplit(url).path.split("/") if segment]
    repeats = max((segments.count(segment) for segment in segments), default=0)
    return len(segments) > _MAX_SEGMENTS or repeats >= _MAX_REPEATS


def body_hash(body: bytes) -> str:
    """Hash of fetched bytes, to recognise an unchanged answer."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _last_segment(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]


def _ends_plainly(url: str) -> bool:
    return _PLAIN_WORD.match(unquote(_last_segment(url))) is not None


def _has_slug(url: str) -> bool:
    return slug_id(url) is not None or len(re.findall(r"[-_]", _last_segment(url))) >= _SLUG_JOINTS


def _names_page(query: str, *, is_plain: bool) -> bool:
    # index.php?id=7 with a canonical of index.php: the parameter is the article; a slug is one where nothing else is.
    values = [part.partition("=")[2] for part in query.split("&")]
    return any(value.isdigit() or (is_plain and "-" in value) for value in values)
