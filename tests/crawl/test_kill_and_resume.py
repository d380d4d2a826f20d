from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text

from crawler.captures import Capture
from crawler.warc import read_archive
from newsdedup.jobs.database import upgrade
from tests.crawl.pages import article_page, rss
from tests.crawl.workers import wait_until
from tests.support.site_server import Page, Site, serve

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOST = "http://gamma.test"
_PAGE_COUNT = 60
_KILL_AFTER = 25
_CONCURRENCY = 4
_BATCH = 5
_ROOT = Path(__file__).parents[2]


def test_a_killed_crawl_resumes_with_every_article_once(tmp_path: Path) -> None:
    urls = [f"{_HOST}/stories/story-{number}" for number in range(_PAGE_COUNT)]
    pages = {
        url: Page(article_page(f"Story {n}", 100 + n).body, delay_seconds=0.05) for n, url in enumerate(urls)
    }
    pages[f"{_HOST}/feed.xml"] = Page(rss(urls), "application/rss+xml")
    seeds = tmp_path / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "Gamma"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n')
    database = f"sqlite:///{tmp_path}/k.db"
    upgrade(database)
    with serve(pages) as site:
        reached, killed = threading.Event(), threading.Event()

        def hold(_: str) -> None:
            if _visited(site, urls) >= _KILL_AFTER:
                reached.set()
                killed.wait(300)

        site.on_visit = hold
        process = _crawl(seeds, database, site.loopback_hosts, tmp_path / "pages", contact="first")
        assert reached.wait(timeout=300)
        wait_until(lambda: len(_settled(database)) >= _BATCH)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=300)
        killed.set()
        settled_before = _settled(database)
        assert settled_before <= _stored(database) < set(urls), "the kill came too late to prove anything"

        resumed = _crawl(seeds, database, site.loopback_hosts, tmp_path / "pages", contact="second")
        assert resumed.wait(timeout=300) == 0

        assert _stored(database) == set(urls)
        assert {url for url in urls if site.visits[url] > 1}.isdisjoint(settled_before)
        each = Counter((fetch.agent, fetch.url) for fetch in site.fetches if fetch.url in urls)
        assert max(each.values()) == 1, "either run asks for a page once"
        assert _states(database) == {"done": _PAGE_COUNT}
        assert _runs(database) == ["interrupted", "done"]
        assert _kept(tmp_path / "pages") == set(urls), "what was kept before the kill can be read"


def _kept(folder: Path) -> set[str]:
    found = set()
    for path in folder.iterdir():
        with path.open("rb") as stream:
            found |= {one.url for one in read_archive(stream) if isinstance(one.content, Capture)}
    return found


def _crawl(
    seeds: Path, database: str, hosts: Mapping[str, str], pages: Path, *, contact: str
) -> subprocess.Popen[bytes]:
    settings = {
        "NEWSDEDUP_LOOPBACK_HOSTS": json.dumps(dict(hosts)), "AUTOTHROTTLE_ENABLED": "0", "LOG_LEVEL": "WARNING",
        "CONCURRENT_REQUESTS_PER_DOMAIN": str(_CONCURRENCY), "NEWSDEDUP_BATCH_SIZE": str(_BATCH),
        "NEWSDEDUP_FLUSH_SECONDS": "0.2", "NEWSDEDUP_EXTRACTION_WORKERS": "2", "NEWSDEDUP_KEEP_HTML": str(pages),
        "NEWSDEDUP_CONTACT": contact,
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    command = [sys.executable, "-m", "scrapy", "crawl", "feed", "-a", f"seeds={seeds}", *options]
    environment = {**os.environ, "NEWSDEDUP_DATABASE_URL": database}
    return subprocess.Popen(command, cwd=_ROOT, env=environment, start_new_session=True)


def _visited(site: Site, urls: list[str]) -> int:
    return sum(site.visits[url] > 0 for url in urls)


def _column(database: str, sql: str) -> list[str]:
    engine = create_engine(database)
    with engine.connect() as connection:
        values = [str(row[0]) for row in connection.execute(text(sql))]
    engine.dispose()
    return values


def _stored(database: str) -> set[str]:
    return set(_column(database, "SELECT url FROM article"))


def _settled(database: str) -> set[str]:
    return set(_column(database, "SELECT url FROM crawl_url WHERE state = 'done'"))


def _runs(database: str) -> list[str]:
    return _column(database, "SELECT state FROM crawl_run ORDER BY id")


def _states(database: str) -> dict[str, int]:
    states = _column(database, "SELECT state FROM crawl_url")
    return {state: states.count(state) for state in set(states)}
