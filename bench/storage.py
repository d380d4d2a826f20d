"""Measures the database at growing sizes: import, incremental batches, candidate queries, bytes, memory.

Signatures are made up, so that only storage is measured: every article has the product's number of buckets, a share
of which are hot, and a share of the articles are copies of earlier ones. Each size is a process of its own; results
are added to ``bench/storage.json``, which ``bench.storage_report`` reads. Run: python -m bench.storage --help
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select, text

from bench.process_tree import processor_seconds
from bench.storage_fill import SOURCES, MadeBuckets, fill_index, fill_rows
from dedup import DedupConfig, sign_documents
from dedup.values import Document
from newsdedup.jobs.database import open_database
from storage.index import find_candidates, remember_hot
from storage.models import Article
from storage.reports import table_sizes
from storage.search import index_resolved_articles
from storage.sql import chunks
from storage.storing import Signed, store_signed
from storage.values import DedupState
from tests.support.articles import START, article, story
from tests.support.postgres import binaries, private_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Sessions

RESULTS = Path(__file__).parent / "storage.json"
BULK, BULK_BATCH = 20_000, 5000
INCREMENTAL, INCREMENTAL_BATCHES = 500, 10
QUERY_DOCUMENTS = 4000
_TEXTS = 500


@dataclass(frozen=True, slots=True)
class Rate:
    """Articles a second of wall clock, and a second of processor time of program and server together."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One database at one size."""

    database: str
    size: int
    bucket_count: int
    index: Rate
    bulk: Rate
    incremental: Rate
    queries: Rate
    words: Rate
    last_day_seconds: float
    last_day_rows: int
    megabytes: float
    peak_megabytes: float
    load: float


class Corpus:
    """Signed articles without end, the same for the same seed."""

    def __init__(self) -> None:
        self.config = DedupConfig()
        self.texts = [story(seed, 400) for seed in range(_TEXTS)]
        [self.model] = sign_documents([Document(id="0", text=self.texts[0], language="en")], self.config)
        self.buckets = MadeBuckets(len(self.model.buckets))
        self.number = 0

    @property
    def blob_sizes(self) -> tuple[int, int, int]:
        """Bytes of a signature's min-hash values, passages and buckets."""
        return self.model.minhash.nbytes, self.model.passages.nbytes, 8 * self.buckets.count

    def signed(self, count: int) -> list[Signed]:
        """So many articles that were not there before."""
        return [self._signed(row) for row in np.sort(self.buckets.rows(count), axis=1).tolist()]

    def _signed(self, buckets: list[int]) -> Signed:
        self.number += 1
        given = article(
            self.number, self.texts[self.number % _TEXTS], host=f"site{self.number % SOURCES}.test"
        )
        # All are of the last day, in which `v_cluster` is asked for.
        at = START + timedelta(seconds=self.number % 40_000)
        given = replace(given, first_seen_at=at, fetched_at=at, published_at=at)
        signature = replace(self.model, text_hash=f"{self.number:032x}", buckets=tuple(buckets))
        return Signed(given, given.identity_url, signature)


class Clock:
    """Wall clock and processor time, of this process and of the database's server."""

    def __init__(self, postmaster: int | None) -> None:
        self._postmaster = postmaster

    @contextmanager
    def measure(self, count: int, into: list[Rate]) -> Iterator[None]:
        """Append how many articles a second the block did."""
        wall, spent = time.perf_counter(), self._processor_seconds()
        yield
        into.append(Rate(count / (time.perf_counter() - wall), count / (self._processor_seconds() - spent)))

    def _processor_seconds(self) -> float:
        own = time.process_time()
        return own if self._postmaster is None else own + processor_seconds(self._postmaster)


def measure(name: str, url: str, size: int, postmaster: int | None) -> Measured:
    """Fill a database to a size, and measure on top of it."""
    sessions, corpus, clock = open_database(url, create=True), Corpus(), Clock(postmaster)
    rates: list[Rate] = []
    store_signed(sessions, corpus.signed(SOURCES), corpus.config)
    first, last = SOURCES + 1, size
    fill_rows(sessions, first, last, corpus.config.signature_fingerprint, corpus.blob_sizes)
    with clock.measure(last - first, rates):
        fill_index(sessions, first, last, corpus.buckets)
    batches = [corpus.signed(BULK_BATCH) for _ in range(BULK // BULK_BATCH)]
    with clock.measure(BULK, rates):
        for batch in batches:
            store_signed(sessions, batch, corpus.config)
    batches = [corpus.signed(INCREMENTAL) for _ in range(INCREMENTAL_BATCHES)]
    with clock.measure(INCREMENTAL * INCREMENTAL_BATCHES, rates):
        for batch in batches:
            store_signed(sessions, batch, corpus.config)
    _ask(sessions, corpus, clock, rates)
    _take_in_words(sessions, clock, rates)
    seconds, rows = _last_day(sessions)
    measured = Measured(
        name,
        size,
        corpus.buckets.count,
        *rates,
        seconds,
        rows,
        _bytes(sessions, url) / 1e6,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        os.getloadavg()[1],
    )
    sessions.kw["bind"].dispose()
    return measured


def _ask(sessions: Sessions, corpus: Corpus, clock: Clock, rates: list[Rate]) -> None:
    documents = corpus.signed(QUERY_DOCUMENTS)
    entries = [
        (10**9 + place, np.array(one.signature.buckets, dtype=np.int64))
        for place, one in enumerate(documents)
    ]
    # As in ingest: filters are read once by a program, and a look-up remembers which buckets are hot.
    with sessions.begin() as session:
        found = find_candidates(session, dict(entries[:INCREMENTAL]), corpus.config.bucket_cap)
        remember_hot(session, found.newly_hot, START)
    with clock.measure(QUERY_DOCUMENTS, rates):
        for start in range(0, QUERY_DOCUMENTS, INCREMENTAL):
            with sessions() as session:
                find_candidates(session, dict(entries[start : start + INCREMENTAL]), corpus.config.bucket_cap)


def _take_in_words(sessions: Sessions, clock: Clock, rates: list[Rate]) -> None:
    """What the second step of ingest does for the search; nothing on SQLite, where the first has done it."""
    with sessions() as session:
        pending = select(Article.id).where(Article.dedup_state == DedupState.PENDING).order_by(Article.id)
        ids = session.scalars(pending.limit(INCREMENTAL * INCREMENTAL_BATCHES)).all()
    with clock.measure(len(ids), rates):
        for chunk in chunks(ids, INCREMENTAL):
            with sessions.begin() as session:
                index_resolved_articles(session, chunk)


def _last_day(sessions: Sessions) -> tuple[float, int]:
    """Seconds to read the clusters whose members changed in the last day, the best of three, and how many."""
    seconds = []
    for _ in range(3):
        with sessions() as session:
            began = time.perf_counter()
            query = text("SELECT * FROM v_cluster WHERE updated_at >= :since ORDER BY updated_at DESC")
            since = "2026-03-01 00:00:00+00" if sessions.kw["bind"].dialect.name != "sqlite" else "2026-03-01"
            rows = session.execute(query, {"since": since}).all()
            seconds.append(time.perf_counter() - began)
    return min(seconds), len(rows)


def _bytes(sessions: Sessions, url: str) -> int:
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
    with sessions() as session:
        return sum(size.byte_count or 0 for size in table_sizes(session))


def _measure_here(database: str, size: int, folder: Path | None) -> Measured:
    if database == "SQLite":
        with tempfile.TemporaryDirectory(dir=folder) as made:
            return measure(database, f"sqlite:///{made}/bench.db", size, None)
    with private_server() as server:
        postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
        return measure(database, server.create_database(), size, postmaster)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--databases", default="SQLite,PostgreSQL")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument(
        "--one", action="store_true", help="measure in this process, print JSON, keep nothing"
    )
    options = parser.parse_args()
    for database in options.databases.split(","):
        if database == "PostgreSQL" and not binaries():
            print("PostgreSQL's server binaries are not installed: left out", file=sys.stderr)
            continue
        for size in map(int, options.sizes.split(",")):
            if options.one:
                print(json.dumps(asdict(_measure_here(database, size, options.folder))))
            else:
                _keep(_measure_apart(database, size, options.folder))


def _measure_apart(database: str, size: int, folder: Path | None) -> dict[str, object]:
    # A process of its own, so that its peak of memory is its own.
    command = [sys.executable, "-m", "bench.storage", "--one", "--databases", database, "--sizes", str(size)]
    command += [] if folder is None else ["--folder", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="", flush=True)
    measured: dict[str, object] = json.loads(done.stdout)
    return measured


def _keep(measured: dict[str, object]) -> None:
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    kept = [
        one for one in known if (one["database"], one["size"]) != (measured["database"], measured["size"])
    ]
    order = ["SQLite", "PostgreSQL"]
    kept = sorted([*kept, measured], key=lambda one: (order.index(one["database"]), one["size"]))
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
