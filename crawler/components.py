"""The parts of a crawl that spider, pipeline and middlewares share: the books, the workers, the counters.

Must not be imported by anything that runs in a worker process.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from crawler.archive import PageArchive
from crawler.ledger.books import Books
from crawler.ledger.database import DatabaseLedger
from crawler.ledger.memory import MemoryLedger
from crawler.workers import WorkerPool
from dedup import sign_documents
from storage.values import RunKind

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.ledger import Ledger
    from storage.values import FetchEvent, SettledUrl

_ledgers: WeakKeyDictionary[Crawler, Ledger] = WeakKeyDictionary()
_arrivals: WeakKeyDictionary[Crawler, dict[str, list[tuple[FetchEvent, SettledUrl]]]] = WeakKeyDictionary()
_archives: WeakKeyDictionary[Crawler, PageArchive] = WeakKeyDictionary()
_pools: WeakKeyDictionary[Crawler, WorkerPool] = WeakKeyDictionary()
_signers: WeakKeyDictionary[Crawler, WorkerPool] = WeakKeyDictionary()


def ledger_of(crawler: Crawler) -> Ledger:
    """The books of a crawl, made at first use from its settings.

    Raises:
        StorageError: the database cannot be used; told here, before anything is running that would have to be ended.
    """
    if crawler not in _ledgers:
        settings = crawler.settings
        url = settings.get("NEWSDEDUP_DATABASE_URL")
        if not url or settings.getbool("NEWSDEDUP_DRY_RUN"):
            _ledgers[crawler] = MemoryLedger()
        else:
            kind = RunKind(settings.get("NEWSDEDUP_RUN_KIND", "crawl"))
            lease = settings.getfloat("NEWSDEDUP_LEASE_SECONDS")
            throttled = settings.getbool("AUTOTHROTTLE_ENABLED")
            signer = signer_of(crawler)
            window = settings.getfloat("NEWSDEDUP_WINDOW_SECONDS")
            books = Books(
                url,
                window=timedelta(seconds=window) if window else None,
                lease_seconds=lease,
                kind=kind,
                pause_seconds=settings.getfloat("AUTOTHROTTLE_START_DELAY") if throttled else 0.0,
                max_wait_seconds=settings.getfloat("NEWSDEDUP_RETRY_AFTER_MAX_SECONDS"),
                sign=sign_documents if signer is None else partial(signer.call, sign_documents),
                pair_map=map if signer is None else signer.map,
            )
            books.check()
            _ledgers[crawler] = DatabaseLedger(books)
    return _ledgers[crawler]


def arrivals_of(crawler: Crawler) -> dict[str, list[tuple[FetchEvent, SettledUrl]]]:
    """Articles on their way to the store, by stored identity: the fetches to note once it has taken them."""
    return _arrivals.setdefault(crawler, {})


def pool_of(crawler: Crawler) -> WorkerPool:
    """The worker processes of a crawl, started at first use."""
    if crawler not in _pools:
        _pools[crawler] = WorkerPool(
            workers=crawler.settings.getint("NEWSDEDUP_EXTRACTION_WORKERS"),
            timeout_seconds=crawler.settings.getfloat("NEWSDEDUP_EXTRACTION_TIMEOUT_SECONDS"),
        )
    return _pools[crawler]


def signer_of(crawler: Crawler) -> WorkerPool | None:
    """The process that signs a crawl's articles and judges pairs, apart from those that pages may hang; started at first use.

    None in a project of others, which need not be such that its program can be loaded a second time.
    """
    if crawler.settings.getbool("NEWSDEDUP_STORES_ITEMS"):
        return None
    if crawler not in _signers:
        timeout = crawler.settings.getfloat("NEWSDEDUP_EXTRACTION_TIMEOUT_SECONDS")
        _signers[crawler] = WorkerPool(workers=1, timeout_seconds=timeout)
    return _signers[crawler]


def archive_of(crawler: Crawler) -> PageArchive | None:
    """Where a crawl keeps the pages it fetches, when it is told to."""
    folder = crawler.settings.get("NEWSDEDUP_KEEP_HTML")
    if not folder or crawler.settings.getbool("NEWSDEDUP_DRY_RUN"):
        return None
    if crawler not in _archives:
        _archives[crawler] = PageArchive(
            Path(folder),
            software=str(crawler.settings["USER_AGENT"]),
            max_file_bytes=crawler.settings.getint("NEWSDEDUP_KEEP_HTML_FILE_BYTES"),
        )
    return _archives[crawler]
