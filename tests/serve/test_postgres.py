from __future__ import annotations

import os

import pytest

from dedup import DedupConfig
from newsdedup.jobs.database import open_database
from storage.ingest import resolve_pending, store_articles
from tests.support import postgres
from tests.support.articles import copies
from tests.support.live import live_server

FILTERED = "clusters.html?label=near&text=headline&source=site10.test&order=biggest&since=2020-01-01"


@pytest.mark.postgres
def test_the_pages_are_served_from_postgresql_too() -> None:
    if postgres.binaries() is None:
        if os.environ.get("CI"):
            pytest.fail(postgres.MISSING)
        pytest.skip(postgres.MISSING)
    with postgres.private_server() as server:
        url = server.create_database()
        sessions = open_database(url, create=True)
        store_articles(sessions, [*copies(1, 4, 10), *copies(2, 2, 20)], DedupConfig())
        resolve_pending(sessions, DedupConfig())
        sessions.kw["bind"].dispose()
        with live_server(url) as running:
            for path in ("", "pairs.html?text=headline", "sources.html", "clusters/1.html", "pairs/1-2.html"):
                assert running.ask(f"/{path}").status == 200, path
            assert "1 story carried more than once" in running.ask(f"/{FILTERED}").text
            assert "Compared now" in running.ask("/pairs/1-6.html").text
