"""Prometheus metrics of a scheduler: what its crawls did, and what the database says is waiting.

Must not crawl. Numbers of the database are read when they are asked for; a database that cannot be reached leaves them
out, and says so in ``newsdedup_database_up``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server, write_to_textfile
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from newsdedup.jobs.database import open_database
from newsdedup.jobs.schedule import read_schedule
from storage.due import SourceState
from storage.errors import StorageError
from storage.ingest import count_pending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from newsdedup.jobs.crawl_report import CrawlReport


logger = logging.getLogger(__name__)


class Metrics:
    """Counts of this process; ``textfile`` is rewritten after each crawl."""

    def __init__(self, database_url: str, textfile: str | None = None) -> None:
        self._textfile = textfile
        self.registry = CollectorRegistry()
        self._crawls = Counter(
            "newsdedup_crawls", "Crawls that ended, by how.", ["outcome"], registry=self.registry
        )
        self._articles = Counter(
            "newsdedup_articles", "Articles by what became of them.", ["outcome"], registry=self.registry
        )
        self._skipped = Counter(
            "newsdedup_skipped",
            "Pages, lists and sources refused, by reason.",
            ["reason"],
            registry=self.registry,
        )
        self._pairs = Counter("newsdedup_pairs", "Duplicate pairs found.", registry=self.registry)
        self._errors = Counter(
            "newsdedup_errors", "Pages or lists lost to errors of the program.", registry=self.registry
        )
        self._last = Gauge(
            "newsdedup_last_crawl_timestamp_seconds",
            "When the last crawl ended well.",
            registry=self.registry,
        )
        self._seconds = Gauge(
            "newsdedup_last_crawl_seconds", "How long the last crawl took.", registry=self.registry
        )
        self.registry.register(_DatabaseNumbers(database_url))

    def serve(self, port: int) -> int:
        """Answer ``/metrics`` on 127.0.0.1 from a thread; the port, which 0 leaves to the system."""
        server, _ = start_http_server(port, addr="127.0.0.1", registry=self.registry)
        return int(server.server_port)

    def note(self, report: CrawlReport) -> None:
        """Count a crawl that ended."""
        self._crawls.labels("stopped" if report.was_stopped else "done").inc()
        self._articles.labels("new").inc(report.new_count)
        self._articles.labels("updated").inc(report.updated_count)
        self._articles.labels("unchanged").inc(report.unchanged_count)
        for reason, count in report.skipped.items():
            self._skipped.labels(reason).inc(count)
        self._pairs.inc(report.pair_count)
        self._errors.inc(report.error_count)
        self._last.set_to_current_time()
        self._seconds.set(report.elapsed_seconds)
        self._write()

    def note_failure(self) -> None:
        """Count a crawl that failed."""
        self._crawls.labels("failed").inc()
        self._write()

    def _write(self) -> None:
        if self._textfile is None:
            return
        try:
            write_to_textfile(self._textfile, self.registry)
        except OSError as error:  # a full disk must not end the crawls; the file's age tells who watches
            logger.warning("metrics were not written to %s: %s", self._textfile, error)


class _DatabaseNumbers(Collector):
    def __init__(self, database_url: str) -> None:
        self._database_url = database_url

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("newsdedup_database_up", "Whether the database answers.")
        try:
            schedule = read_schedule(self._database_url)
            sessions = open_database(self._database_url)
            try:
                pending = count_pending(sessions)
            finally:
                sessions.kw["bind"].dispose()
        except StorageError:
            up.add_metric([], 0.0)
            yield up
            return
        up.add_metric([], 1.0)
        yield up
        sources = GaugeMetricFamily("newsdedup_sources", "Sources by how they stand.", labels=["state"])
        for state in SourceState:
            sources.add_metric([state.value], sum(one.state is state for one in schedule))
        yield sources
        waiting = GaugeMetricFamily("newsdedup_pending_articles", "Articles whose copies were not looked up.")
        waiting.add_metric([], pending)
        yield waiting

    def describe(self) -> Iterator[Metric]:
        """Nothing: naming the numbers must not ask the database."""
        return iter(())
