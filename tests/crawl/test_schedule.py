"""Scheduled crawling as users start it: it stops in time, tells what it does, and asks each feed when it is due."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from click.testing import CliRunner

from newsdedup.cli import main
from newsdedup.jobs import crawl
from newsdedup.jobs.database import upgrade
from tests.crawl.pages import article_page, rss
from tests.crawl.workers import ROOT, rows, start_program, wait_until
from tests.support.site_server import Page, serve

if TYPE_CHECKING:
    from pathlib import Path

_HOST = "http://epsilon.test"
_QUICK = [f"{_HOST}/stories/quick-{n}" for n in range(3)]
_LATE = f"{_HOST}/stories/late"
_HANGING = f"{_HOST}/stories/hanging"


def _pages() -> dict[str, Page]:
    pages = {url: article_page(f"Quick {n}", 700 + n) for n, url in enumerate(_QUICK)}
    pages[f"{_HOST}/feed.xml"] = Page(rss(_QUICK), "application/rss+xml")
    return pages


def _seeds(folder: Path, every: str) -> Path:
    path = folder / "seeds.toml"
    path.write_text(
        f'[[source]]\nname = "Epsilon"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\nevery = "{every}"\n'
    )
    return path


def _stored(database: str) -> set[object]:
    return {url for (url,) in rows(database, "SELECT url FROM article")}


def test_sigterm_ends_a_crawl_in_seconds_with_what_it_has_fetched(tmp_path: Path) -> None:
    database, seeds = f"sqlite:///{tmp_path}/t.db", _seeds(tmp_path, "15m")
    upgrade(database)
    pages = _pages() | {_LATE: article_page("Late", 780), _HANGING: article_page("Hanging", 790)}
    pages[f"{_HOST}/feed.xml"] = Page(rss([*_QUICK, _LATE, _HANGING]), "application/rss+xml")
    release = {_LATE: threading.Event(), _HANGING: threading.Event()}

    def hold(url: str) -> None:
        if url in release:
            release[url].wait(300)

    with serve(pages) as site:
        site.on_visit = hold
        program = start_program(database, site.loopback_hosts, "crawl", str(seeds))
        wait_until(lambda: all(site.visits[url] for url in release) and _stored(database) == set(_QUICK))
        release[_LATE].set()
        wait_until(lambda: any(fetch.url == _LATE for fetch in site.fetches))
        began = time.monotonic()
        program.send_signal(signal.SIGTERM)
        _, said = program.communicate(timeout=240)
        # A crawl that waited for the page that hangs would wait until its time is over, half a minute; how long it
        # may take at most is measured by its own limits, for this machine may be busy.
        assert crawl._STOP_SECONDS + crawl._LAST_SECONDS + crawl._POLL_SECONDS < 10.0
        assert (program.returncode, time.monotonic() - began < 20.0) == (0, True), said
        release[_HANGING].set()
        assert "asked to stop" in said
        assert _stored(database) == {*_QUICK, _LATE}
        assert rows(database, "SELECT state, reason FROM crawl_run") == [("interrupted", "asked to stop")]
        assert rows(database, "SELECT url, state FROM crawl_url WHERE state <> 'done'") == [
            (_HANGING, "pending")
        ]
        assert rows(database, "SELECT count(*) FROM lease WHERE owner IS NOT NULL") == [(0,)]


def test_a_scheduler_crawls_what_is_due_tells_metrics_and_logs_and_lists_what_comes_next(
    tmp_path: Path,
) -> None:
    database, seeds, metrics = (
        f"sqlite:///{tmp_path}/s.db",
        _seeds(tmp_path, "0 6 * * *"),
        tmp_path / "m.prom",
    )
    with serve(_pages()) as site:
        options = ["--log-format", "json", "-v", "--metrics-file", str(metrics)]
        program = start_program(database, site.loopback_hosts, "schedule", "run", str(seeds), *options)
        wait_until(metrics.exists)
        program.send_signal(signal.SIGTERM)
        _, said = program.communicate(timeout=240)  # it would wait until six in the morning
        assert program.returncode == 0, said
    told = metrics.read_text()
    assert 'newsdedup_articles_total{outcome="new"} 3.0' in told
    assert 'newsdedup_sources{state="waiting"} 1.0' in told
    assert "newsdedup_database_up 1.0" in told
    records = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert {record.get("run_id") for record in records} >= {1}
    assert {"time", "level", "logger", "message", "process_id"} <= records[0].keys()
    listed = CliRunner().invoke(main, ["schedule", "list", "--database", database, "--format", "jsonl"])
    (source,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (source["state"], source["every"], source["host"]) == ("waiting", "0 6 * * *", "epsilon.test")
    assert source["next_at"].endswith(("T06:00:00Z", "T06:00:00+00:00"))


def test_a_scheduler_that_knows_no_feed_says_so_and_waits(tmp_path: Path) -> None:
    program = start_program(f"sqlite:///{tmp_path}/s.db", {}, "schedule", "run")
    assert program.stderr is not None
    assert "no feed is known yet" in program.stderr.readline()
    assert program.poll() is None
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=240)
    assert program.returncode == 0


def test_a_short_soak_with_faults_ends_as_expected(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "bench.soak.run", "--minutes", "0.5", "--articles", "40", "--every", "10s",
        "--engine", "sqlite", "--stop-seconds", "60", "--output", str(tmp_path / "SOAK.md"),
    ]  # fmt: skip
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "the database equals what came out" in result.stdout
