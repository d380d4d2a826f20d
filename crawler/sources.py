"""Which publisher an address belongs to.

Must not fetch: the list of public suffixes is the one that ships with the library.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import tldextract

from crawler.urls import host_of, site_of
from storage.feeds import KnownFeed
from storage.values import FeedKind, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.seeds import SeedSource

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=10_000)
def registered_domain(host: str) -> str:
    """The part of a host name that someone registered; the host itself where no public suffix fits.

    >>> registered_domain("feeds.news.example.co.uk")
    'example.co.uk'
    """
    found = _suffixes(host)
    return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else site_of(host)


def source_of_seed(seed: SeedSource) -> Source:
    """The publisher that a seed names."""
    return Source(
        seed.name, seed.home_url, site_of(seed.host), seed.country, seed.language, seed.needs_javascript
    )


def source_of_url(url: str, listing_source: Source) -> Source:
    """The publisher of an address: the listing's own where the site is the same, else the address's site."""
    host = site_of(host_of(url))
    if host == listing_source.host or registered_domain(host) == registered_domain(listing_source.host):
        return listing_source
    return Source(name=host, home_url=f"{url.split('://', 1)[0]}://{host_of(url)}/", host=host)


def lists_of_seed(seed: SeedSource, kinds: frozenset[FeedKind] = frozenset(FeedKind)) -> Iterator[KnownFeed]:
    """The feeds, sitemaps and section pages that a seed names; where it names none, the pages that announce them."""
    source = source_of_seed(seed)
    lists = {
        FeedKind.FEED: seed.feeds,
        FeedKind.SITEMAP: seed.sitemaps,
        FeedKind.SECTION: seed.sections,
    }
    if not any(lists.values()):
        lists[FeedKind.SECTION] = (seed.home_url, urljoin(seed.home_url, "/robots.txt"))
    for kind, urls in lists.items():
        if kind in kinds:
            for url in urls:
                yield KnownFeed(url, kind, source, seed.every)
