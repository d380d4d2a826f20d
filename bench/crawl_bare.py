"""Nothing but trafilatura over the pages of the local site, on all cores: what a crawl can hardly be faster than.

Its text and metadata, as ``trafilatura.bare_extraction`` gives them by default. Must not fetch or store.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from dataclasses import dataclass

from trafilatura import bare_extraction
from trafilatura.meta import reset_caches

from bench.crawl_site import make_site

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class BareExtraction:
    """So many pages, seconds on the clock with all cores at work, seconds of processor."""

    page_count: int
    seconds: float
    processor_seconds: float


def extract_all(page_count: int) -> BareExtraction:
    """Extract every page of the site once; making the pages is not counted."""
    site = make_site(page_count)
    addresses = site.addresses()
    seconds = processor = 0.0
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        pool.map(_extract, [(url, site.page(template, copy)) for url, template, copy in addresses[:20]])
        for start in range(0, page_count, _AT_ONCE):
            pages = [(url, site.page(*which)) for url, *which in addresses[start : start + _AT_ONCE]]
            began = time.monotonic()
            processor += sum(pool.map(_extract, pages, chunksize=5))
            seconds += time.monotonic() - began
    return BareExtraction(page_count, seconds, processor)


def _extract(page: tuple[str, bytes]) -> float:
    url, html = page
    before = resource.getrusage(resource.RUSAGE_SELF)
    bare_extraction(html, url=url, with_metadata=True)
    if hash(url) % _AT_ONCE == 0:
        reset_caches()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
