"""The templates and what they may use; every value is made harmless before it is escaped.

Must not know a page.
"""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING
from unicodedata import bidirectional
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from newsdedup.reports.html.addresses import NAVIGATION, cluster_page, clusters_of, pair_page, pairs_of
from newsdedup.reports.lag import spoken_duration
from newsdedup.reports.values import Ratio, RoughTime, stated_time
from newsdedup.safe_text import harmless_text

if TYPE_CHECKING:
    from datetime import datetime

    from storage.values import ClusterSummary, StoredArticle

_LOADER = PackageLoader("newsdedup.reports.html")


def build_environment() -> Environment:
    """Templates that fail on an unknown name and escape everything."""
    environment = Environment(
        loader=_LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        minute=_minute,
        published=_published,
        first_published=_first_published,
        percent=_percent,
        number=_number,
        lag=_lag,
        cluster_page=cluster_page,
        pair_page=lambda pair: pair_page(pair.low_id, pair.high_id),
        is_web=is_web,
        direction=_direction,
    )
    environment.globals.update(
        version=version("newsdedup"),
        navigation=NAVIGATION,
        pairs_of=pairs_of,
        clusters_of=clusters_of,
        pair_address=pair_page,
        root="",
        here="",
    )
    return environment


def style_sheet() -> str:
    """The one style sheet of all pages."""
    return _LOADER.get_source(Environment(autoescape=True), "style.css")[0]


def is_web(url: str) -> bool:
    """Whether an address may become a link: http and https only, so that none can run a script."""
    try:
        return urlsplit(url).scheme.lower() in {"http", "https"} and harmless_text(url) == url
    except ValueError:
        return False


def _harmless(value: object) -> object:
    """What every value goes through before it is escaped: no control characters, no change of direction."""
    return harmless_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _direction(text: str) -> str:
    """Which way a text is read, by most of its first letters: the same for all of its rows."""
    ways = Counter(bidirectional(character) for character in text[:500])
    return "rtl" if ways["R"] + ways["AL"] > ways["L"] else "ltr"


def _minute(moment: datetime | None) -> str:
    if isinstance(moment, RoughTime):
        return moment.stated
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _published(article: StoredArticle) -> str:
    return _minute(stated_time(article.published_at, article.published_precision))


def _first_published(cluster: ClusterSummary) -> str:
    return _minute(stated_time(cluster.first_published_at, cluster.first_published_precision))


def _percent(ratio: float | None) -> str:
    return "" if ratio is None else Ratio(ratio).shown


def _number(count: int) -> str:
    return f"{count:,}"


def _lag(seconds: float | None) -> str:
    return "" if seconds is None else spoken_duration(seconds)
