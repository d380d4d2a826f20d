"""Measures the database at growing sizes: import, incremental batches, candidate queries, bytes, memory.

Signatures are made up, so that only storage is measured: every article has the product's number of buckets, a share
of which are hot, and a share of the articles are copies of earlier ones. Run: python -m bench.storage --help
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dedup import DedupConfig, sign_documents
from dedup.values import Document
from newsdedup.jobs.database import open_database
from storage.index import find_candidates, remember_hot
from storage.reports import table_sizes
from storage.storing import Signed, store_signed
from tests.support.articles import START, article, story
from tests.support.postgres import binaries, private_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.engine import Sessions

COPY_SHARE = 0.25
HOT_SHARE = 0.02
HOT_BUCKETS = 500
INCREMENTAL = 500
QUERY_DOCUMENTS = 2000


@dataclass(frozen=True, slots=True)
class Measured:
    database: str
    size: int
    import_per_second: float
    incremental_per_second: float
    queries_per_second: float
    megabytes: float
    peak_megabytes: float


class Corpus:
    """Signed articles without end, the same for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        self.config = DedupConfig()
        [self.model] = sign_documents([Document(id="0", text=story(1, 400), language="en")], self.config)
        self.hot = self.rng.integers(-(2**63), 2**63, HOT_BUCKETS, dtype=np.int64)
        self.recent: list[np.ndarray] = []
        self.text = story(1, 400)
        self.number = 0

    def signed(self, count: int) -> list[Signed]:
        return [self._one() for _ in range(count)]

    def _one(self) -> Signed:
        self.number += 1
        given = article(self.number, self.text, host=f"site{self.number % 200}.test")
        buckets = self._buckets()
        signature = replace(
            self.model,
            text_hash=f"{self.number:032x}",
            buckets=tuple(np.unique(buckets).tolist()),
        )
        return Signed(given, given.identity_url, signature)

    def _buckets(self) -> np.ndarray:
        count = len(self.model.buckets)
        buckets = self.rng.integers(-(2**63), 2**63, count, dtype=np.int64)
        if self.recent and self.rng.random() < COPY_SHARE:
            original = self.recent[self.rng.integers(len(self.recent))]
            shared = self.rng.random(count) < 0.3
            buckets[shared] = original[shared]
        is_hot = self.rng.random(count) < HOT_SHARE
        buckets[is_hot] = self.rng.choice(self.hot, is_hot.sum())
        self.recent = [*self.recent[-2000:], buckets]
        return buckets


def measure(name: str, url: str, sizes: Sequence[int]) -> Iterator[Measured]:
    sessions = open_database(url, create=True)
    corpus = Corpus()
    stored = 0
    for size in sizes:
        seconds = 0.0
        target = size - stored
        while stored < size:
            batch = corpus.signed(min(5000, size - stored))
            began = time.perf_counter()
            store_signed(sessions, batch, corpus.config)
            seconds += time.perf_counter() - began
            stored += len(batch)
        incremental = [corpus.signed(INCREMENTAL) for _ in range(6)]
        began = time.perf_counter()
        for batch in incremental:
            store_signed(sessions, batch, corpus.config)
        incremental_seconds = time.perf_counter() - began
        stored += 6 * INCREMENTAL
        yield Measured(
            name,
            size,
            target / seconds,
            6 * INCREMENTAL / incremental_seconds,
            QUERY_DOCUMENTS / _query_seconds(sessions, corpus),
            _bytes(sessions, url) / 1e6,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        )
    sessions.kw["bind"].dispose()


def _query_seconds(sessions: Sessions, corpus: Corpus) -> float:
    documents = corpus.signed(QUERY_DOCUMENTS)
    entries = {
        10**9 + place: np.array(one.signature.buckets, dtype=np.int64) for place, one in enumerate(documents)
    }
    # Looking up copies remembers which buckets are hot, as ingest does after every batch.
    with sessions.begin() as session:
        found = find_candidates(session, entries, corpus.config.bucket_cap)
        remember_hot(session, found.newly_hot, START)
    began = time.perf_counter()
    for start in range(0, QUERY_DOCUMENTS, INCREMENTAL):
        with sessions() as session:
            batch = dict(list(entries.items())[start : start + INCREMENTAL])
            find_candidates(session, batch, corpus.config.bucket_cap)
    return time.perf_counter() - began


def _bytes(sessions: Sessions, url: str) -> int:
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
    with sessions() as session:
        return sum(size.byte_count or 0 for size in table_sizes(session))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    print("| database | articles stored | import/s | batches of 500/s | candidate queries/s | MB | peak MB |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        if "sqlite" in options.databases:
            show(measure("SQLite", f"sqlite:///{folder}/bench.db", sizes))
    if "postgres" in options.databases and binaries():
        with private_server() as server:
            show(measure("PostgreSQL", server.create_database(), sizes))


def show(results: Iterator[Measured]) -> None:
    for one in results:
        print(
            f"| {one.database} | {one.size:,} | {one.import_per_second:,.0f} | {one.incremental_per_second:,.0f} "
            f"| {one.queries_per_second:,.0f} | {one.megabytes:,.0f} | {one.peak_megabytes:,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
