"""Runs that overlap, die and come back: each source has one run at a time, each host one worker."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from newsdedup.jobs.database import open_database, upgrade
from newsdedup.jobs.maintenance import check_database
from storage.due import due_sources
from storage.leases import database_time
from tests.crawl.pages import article_page, rss
from tests.crawl.workers import QUICK, rows, start_crawl, wait_until
from tests.support.site_server import Page, Site, serve

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.support.site_server import Fetch

_HOST = "http://delta.test"
_COUNT = 24


def _pages(version: int) -> dict[str, Page]:
    pages = {
        f"{_HOST}/stories/story-{n}": article_page(f"Story {n} version {version}", 300 + n)
        for n in range(_COUNT)
    }
    return {**pages, f"{_HOST}/feed.xml": Page(rss(list(pages)), "application/rss+xml")}


def _seeds(folder: Path) -> Path:
    path = folder / "seeds.toml"
    path.write_text(f'[[source]]\nname = "Delta"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n')
    return path


def _hold(url: str, until: threading.Event) -> None:
    if "/stories/" in url:
        until.wait(300)


def _article_visits(site: Site) -> int:
    return sum(count for url, count in site.visits.items() if "/stories/" in url)


def test_a_run_that_overlaps_another_leaves_its_source_alone_and_says_so(tmp_path: Path) -> None:
    database, seeds = f"sqlite:///{tmp_path}/o.db", _seeds(tmp_path)
    upgrade(database)
    second_is_over = threading.Event()
    with serve(_pages(1)) as site:
        site.on_visit = lambda url: _hold(url, second_is_over)
        first = start_crawl(database, site.loopback_hosts, f"seeds={seeds}", DOWNLOAD_TIMEOUT="300")
        wait_until(lambda: _article_visits(site) >= 2)
        report = run_crawl(CrawlRequest(database, seeds, loopback_hosts=site.loopback_hosts, settings=QUICK))
        second_is_over.set()
        assert (report.left_count, report.new_count, report.page_count) == (1, 0, 0)
        assert first.wait(timeout=300) == 0
        assert max(site.visits.values()) == 1
    assert rows(database, "SELECT state, reason FROM crawl_run ORDER BY id") == [
        ("done", None), ("done", "source_leased"),
    ]  # fmt: skip
    assert rows(database, "SELECT url, reason FROM fetch_event WHERE run_id = 2") == [
        (f"{_HOST}/feed.xml", "source_leased")
    ]
    assert rows(database, "SELECT count(*) FROM article") == [(_COUNT,)]


def test_an_owner_that_slept_through_its_lease_is_taken_over_and_cannot_write(tmp_path: Path) -> None:
    database, seeds = f"sqlite:///{tmp_path}/f.db", _seeds(tmp_path)
    upgrade(database)
    with serve(_pages(1)) as site:
        # It gathers pages and stores none before it falls asleep.
        sleeper = start_crawl(
            database, site.loopback_hosts, f"seeds={seeds}", NEWSDEDUP_LEASE_SECONDS="8",
            NEWSDEDUP_BATCH_SIZE="1000", NEWSDEDUP_FLUSH_SECONDS="600", CONCURRENT_REQUESTS_PER_DOMAIN="1",
            DOWNLOAD_DELAY="0.4",
        )  # fmt: skip
        wait_until(lambda: _article_visits(site) >= 6)
        os.killpg(sleeper.pid, signal.SIGSTOP)
        (token,) = rows(database, "SELECT fencing_token FROM lease WHERE kind = 'source'")
        site.pages.update(_pages(2))
        time.sleep(8.5)
        report = run_crawl(CrawlRequest(database, seeds, loopback_hosts=site.loopback_hosts, settings=QUICK))
        assert report.new_count == _COUNT
        visits = _article_visits(site)
        os.killpg(sleeper.pid, signal.SIGCONT)
        sleeper.wait(timeout=300)
        assert _article_visits(site) <= visits + 1, "it went on fetching without its lease"
    assert rows(database, "SELECT DISTINCT run_id FROM article") == [(2,)]
    assert rows(database, "SELECT count(*) FROM article WHERE title LIKE '%version 2%'") == [(_COUNT,)]
    assert rows(database, "SELECT state, reason FROM crawl_run WHERE id = 1") == [
        ("interrupted", "dead_owner")
    ]
    assert rows(database, "SELECT fencing_token FROM lease WHERE kind = 'source'") > [token]
    assert rows(database, "SELECT count(*) FROM fetch_event WHERE run_id = 1 AND kind = 'article'") == [(0,)]


_SITES = [f"http://paper{n}.test" for n in range(6)]
_SHARED = "http://syndicate.test"


def _newspapers() -> dict[str, Page]:
    """Six sites with pages of their own, and of a host that all of them list."""
    pages: dict[str, Page] = {}
    for number, site in enumerate(_SITES):
        own = [f"{site}/stories/story-{n}" for n in range(8)]
        shared = [f"{_SHARED}/stories/story-{number}-{n}" for n in range(3)]
        for place, url in enumerate(own + shared):
            page = article_page(f"Story {number} {place}", 1_000 + 20 * number + place)
            pages[url] = Page(page.body, delay_seconds=0.1)
        pages[f"{site}/feed.xml"] = Page(rss(own + shared), "application/rss+xml")
    return pages


def _overlaps(fetches: list[Fetch]) -> list[tuple[Fetch, Fetch]]:
    """Fetches from one host by two workers that were under way at once."""
    return [
        (a, b)
        for a, b in combinations(fetches, 2)
        if a.host == b.host and a.agent != b.agent and a.began < b.ended and b.began < a.ended
    ]


def _until_death(fetches: list[Fetch], victim: str, died_at: float) -> list[Fetch]:
    """The fetches that a worker waited for: the server goes on answering one that is dead."""
    return [
        replace(fetch, ended=min(fetch.ended, died_at)) if victim in fetch.agent else fetch
        for fetch in fetches
        if victim not in fetch.agent or fetch.began < died_at
    ]


def _story_agents(site: Site) -> set[str]:
    return {agent for url, agent in list(site.visitors) if "/stories/" in url}


@pytest.mark.postgres
def test_four_workers_share_the_work_and_no_host_meets_two_of_them_at_once(
    postgres_url: str, tmp_path: Path
) -> None:
    open_database(postgres_url).kw["bind"].dispose()
    seeds = tmp_path / "seeds.toml"
    seeds.write_text(
        "\n".join(
            f'[[source]]\nname = "Paper {n}"\nhome = "{site}/"\nfeeds = ["{site}/feed.xml"]\n'
            for n, site in enumerate(_SITES)
        )
    )
    pages = _newspapers()
    stories = {url for url in pages if "/stories/" in url}

    def worker(name: str, site: Site) -> subprocess.Popen[bytes]:
        return start_crawl(
            postgres_url, site.loopback_hosts, f"seeds={seeds}", "due=1", NEWSDEDUP_CONTACT=name,
            NEWSDEDUP_SOURCES_AT_ONCE="2", NEWSDEDUP_LEASE_SECONDS="8", CONCURRENT_REQUESTS_PER_DOMAIN="2",
            DOWNLOAD_TIMEOUT="300",
        )  # fmt: skip

    with serve(pages) as site:
        two_are_at_work = threading.Event()
        site.on_visit = lambda url: _hold(url, two_are_at_work)
        crowd = {name: worker(name, site) for name in (f"worker-{n}" for n in range(4))}
        wait_until(lambda: len(_story_agents(site)) >= 2)
        two_are_at_work.set()
        wait_until(lambda: _article_visits(site) >= 12)
        victim = next(name for name in crowd if any(name in agent for agent in _story_agents(site)))
        os.killpg(crowd[victim].pid, signal.SIGKILL)
        died_at = time.monotonic()
        for one in (
            crowd[victim],
            *crowd.values(),
        ):  # until the dead is waited for, the others take it for living
            one.wait(timeout=300)
        passes = 0
        while _unfinished(postgres_url) and passes < 8:
            wait_until(lambda: _is_anything_due(postgres_url))
            worker(f"later-{passes}", site).wait(timeout=300)
            passes += 1
        assert _overlaps(_until_death(site.fetches, victim, died_at)) == []
    assert _unfinished(postgres_url) == 0
    assert {url for (url,) in rows(postgres_url, "SELECT url FROM article")} == stories
    assert check_database(postgres_url) == ()


def _is_anything_due(database: str) -> bool:
    sessions = open_database(database)
    try:
        with sessions() as session:
            return bool(due_sources(session, database_time(session), limit=1, among=None, without=()))
    finally:
        sessions.kw["bind"].dispose()


def _unfinished(database: str) -> int:
    ((count,),) = rows(database, "SELECT count(*) FROM crawl_url WHERE state <> 'done'")
    return int(str(count))
