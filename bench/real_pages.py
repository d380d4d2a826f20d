"""Crawls the real pages over HTTP on loopback into SQLite, twice, and prints what came of it."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from bench.extraction_scores import plain
from crawler.urls import identity_url
from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from newsdedup.jobs.database import open_database
from tests.support.data import data_folder
from tests.support.fundus_site import RealPage, read_real_pages, site_of_real_pages
from tests.support.site_server import serve

if TYPE_CHECKING:
    from newsdedup.jobs.crawl_report import CrawlReport

_SETTINGS = {
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "DOWNLOAD_MAXSIZE": 20_000_000,
}


def main() -> int:
    archive = data_folder() / "fundus-parser-tests.tar.gz"
    if not archive.exists():
        print(f"real pages are absent: {archive} (set NEWSDEDUP_DATA)", file=sys.stderr)
        return 1
    pages = read_real_pages(archive)
    served, seeds = site_of_real_pages(pages)
    with tempfile.TemporaryDirectory() as folder, serve(served) as site:
        seed_file = Path(folder, "seeds.toml")
        seed_file.write_text(seeds, encoding="utf-8")
        request = CrawlRequest(
            f"sqlite:///{folder}/pages.db", seed_file, loopback_hosts=site.loopback_hosts, settings=_SETTINGS
        )
        first, first_seconds = _timed(request)
        stored = _stored(request.database_url)
        second, second_seconds = _timed(request)
        again = _stored(request.database_url)
    _print_crawl("first crawl", first, first_seconds)
    refused = first.skipped_count
    print(
        f"pages {len(pages)}, stored {len(stored)}, refused {refused} ({refused / len(pages):.1%}, goal <= 5%)"
    )
    _print_quality(pages, stored)
    _print_crawl("second crawl", second, second_seconds)
    print(
        f"stored after the second crawl {len(again)}: {'nothing twice' if len(again) == len(stored) else 'TWICE'}"
    )
    return 0


def _timed(request: CrawlRequest) -> tuple[CrawlReport, float]:
    started = time.perf_counter()
    report = run_crawl(request)
    return report, time.perf_counter() - started


def _print_crawl(title: str, report: CrawlReport, seconds: float) -> None:
    pages_a_second = report.page_count / max(report.elapsed_seconds, 0.001)
    print(
        f"{title}: {report.page_count} pages in {report.elapsed_seconds:.1f} s of crawl ({pages_a_second:.0f} a second; "
        f"{seconds:.1f} s with start-up), new {report.new_count}, unchanged {report.unchanged_count}, "
        f"skipped {dict(report.skipped)}"
    )


def _stored(url: str) -> dict[str, tuple[str, datetime | None]]:
    sessions = open_database(url)
    with sessions() as session:
        rows = session.execute(text("SELECT identity_url, title, published_at FROM article")).all()
    sessions.kw["bind"].dispose()
    return {row[0]: (row[1], _aware(row[2])) for row in rows}


def _aware(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if value else None


def _print_quality(pages: tuple[RealPage, ...], stored: dict[str, tuple[str, datetime | None]]) -> None:
    tally: Counter[str] = Counter()
    for page in pages:
        title, published = stored.get(identity_url(page.url), (None, None))
        tally["title"] += plain(title) == plain(page.truth["title"])
        if page.truth["publishing_date"]:
            tally["dated"] += 1
            expected = datetime.fromisoformat(page.truth["publishing_date"])
            tally["date"] += published is not None and published.date() == _utc(expected).date()
        tally["found"] += title is not None
    print(f"found under their address {tally['found']} of {len(pages)}")
    print(f"title equal {tally['title']} of {len(pages)} ({tally['title'] / len(pages):.1%}, goal >= 85%)")
    print(
        f"date the same day {tally['date']} of {tally['dated']} that state one "
        f"({tally['date'] / max(tally['dated'], 1):.1%}, goal >= 85%)"
    )


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC) if time.tzinfo else time


if __name__ == "__main__":
    raise SystemExit(main())
