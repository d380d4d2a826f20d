"""Measures the whole of ingest on real texts: Reuters' reports are signed and stored, then their copies are found.

Results go to ``bench/storage_texts.json``, which ``bench.storage_report`` reads. Run: python -m bench.storage_texts
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.originals import reuters
from bench.storage import Clock, Rate
from dedup import DedupConfig, sign_documents
from dedup.values import Document
from newsdedup.jobs.database import open_database
from storage.boilerplate import learn_lines
from storage.checks import check_database
from storage.ingest import resolve_pending, store_articles
from storage.sources import upsert_sources
from storage.sql import chunks
from tests.support.articles import START, article
from tests.support.postgres import binaries, private_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.values import Article

RESULTS = Path(__file__).parent / "storage_texts.json"
_BATCH = 500
_SOURCES = 40


@dataclass(frozen=True, slots=True)
class Measured:
    """Reuters in one database."""

    database: str
    article_count: int
    lines: Rate
    stored: Rate
    resolved: Rate
    candidate_pair_count: int
    duplicate_pair_count: int
    problem_count: int
    detector_fingerprint: str


def texts(limit: int | None) -> list[Article]:
    """The reports as articles of some sources, in their order."""
    return [
        article(number, one.text, host=f"wire{number % _SOURCES}.test", title=one.title)
        for number, one in enumerate(reuters()[:limit], start=1)
    ]


def measure(
    database: str, urls: tuple[str, str], articles: Sequence[Article], postmaster: int | None
) -> Measured:
    """Count lines in one empty database; store and resolve the articles, which counts them too, in another."""
    lines = _count_lines(urls[0], articles, Clock(postmaster))
    url = urls[1]
    sessions, config, clock = open_database(url, create=True), DedupConfig(), Clock(postmaster)
    rates: list[Rate] = []
    sign_documents([Document(id="0", text="Reads the lexicon before the clock runs.")], config)
    with clock.measure(len(articles), rates):
        for batch in chunks(articles, _BATCH):
            store_articles(sessions, batch, config)
    with clock.measure(len(articles), rates):
        counts = resolve_pending(sessions, config)
    with sessions() as session:
        problems = check_database(session)
    sessions.kw["bind"].dispose()
    stored, resolved = rates
    return Measured(
        database,
        len(articles),
        lines,
        stored,
        resolved,
        counts.candidate_pair_count,
        counts.duplicate_pair_count,
        len(problems),
        config.detector_fingerprint,
    )


def _count_lines(url: str, articles: Sequence[Article], clock: Clock) -> Rate:
    sessions = open_database(url, create=True)
    rates: list[Rate] = []
    with clock.measure(len(articles), rates):
        for batch in chunks(articles, _BATCH):
            with sessions.begin() as session:
                ids = upsert_sources(session, [one.source for one in batch], START)
                learn_lines(session, [(ids[one.source.host], one.text) for one in batch])
    sessions.kw["bind"].dispose()
    return rates[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="reports to read; without it all")
    articles = texts(parser.parse_args().limit)
    found = []
    with tempfile.TemporaryDirectory() as made:
        found.append(
            measure("SQLite", (f"sqlite:///{made}/lines.db", f"sqlite:///{made}/all.db"), articles, None)
        )
    if binaries():
        with private_server() as server:
            postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
            urls = (server.create_database(), server.create_database())
            found.append(measure("PostgreSQL", urls, articles, postmaster))
    else:
        print("PostgreSQL's server binaries are not installed: left out", file=sys.stderr)
    RESULTS.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n")
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
