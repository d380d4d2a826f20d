"""Gets one article from its address, for a question about it; the user's database is not written.

Must not fetch by other rules than a crawl: it is one, into a database that is thrown away.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from newsdedup.jobs.database import open_database
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.find_copies import read_stored_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.values import Document
    from storage.engine import Sessions


def read_url_query(
    sessions: Sessions, url: str, loopback_hosts: Mapping[str, str] | None = None
) -> tuple[Document, int | None]:
    """The article at an address as a text to look for, with its number when it is stored already.

    Raises:
        JobError: there is no article at that address, or it must not be fetched.
    """
    with sessions() as session:
        if (known := read_stored_query(session, url)) is not None:
            return known
    with tempfile.TemporaryDirectory(prefix="newsdedup-") as folder:
        database_url = f"sqlite:///{Path(folder) / 'one.db'}"
        request = CrawlRequest(
            database_url, urls=(url,), limit=1, log_level="ERROR", loopback_hosts=loopback_hosts or {}
        )
        report = run_crawl(request)
        fetched = open_database(database_url)
        with fetched() as session:
            found = read_stored_query(session, url)
        fetched.kw["bind"].dispose()
    if found is None:
        reasons = ", ".join(sorted(report.skipped)) or "nothing was found there"
        raise JobError(f"no article at {url!r}: {reasons}")
    return found[0], None
