"""Crawls as processes of their own, for tests that stop, kill and race them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.engine import open_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
QUICK = {
    "AUTOTHROTTLE_ENABLED": "0", "LOG_LEVEL": "WARNING", "CONCURRENT_REQUESTS_PER_DOMAIN": "4",
    "NEWSDEDUP_BATCH_SIZE": "5", "NEWSDEDUP_FLUSH_SECONDS": "0.2", "NEWSDEDUP_EXTRACTION_WORKERS": "1",
    "NEWSDEDUP_REVISITS": "0",
}  # fmt: skip


def start_crawl(
    database: str, hosts: Mapping[str, str], *arguments: str, spider: str = "news", **settings: str
) -> subprocess.Popen[bytes]:
    """``scrapy crawl`` in a process group of its own."""
    chosen = {**QUICK, "NEWSDEDUP_LOOPBACK_HOSTS": json.dumps(dict(hosts)), **settings}
    options = [part for name, value in chosen.items() for part in ("-s", f"{name}={value}")]
    given = [part for argument in arguments for part in ("-a", argument)]
    command = [sys.executable, "-m", "scrapy", "crawl", spider, *given, *options]
    environment = {**os.environ, "NEWSDEDUP_DATABASE_URL": database}
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)


def start_program(database: str, hosts: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    """The ``newsdedup`` command, started as users start it."""
    environment = {
        **os.environ, "NEWSDEDUP_LOOPBACK_HOSTS": json.dumps(dict(hosts)), "NEWSDEDUP_DATABASE_URL": database
    }  # fmt: skip
    command = [sys.executable, "-m", "newsdedup", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def rows(database: str, sql: str) -> list[tuple[object, ...]]:
    """What a query answers."""
    engine = open_engine(database)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]
    finally:
        engine.dispose()


def wait_until(condition: Callable[[], bool], *, seconds: float = 300.0) -> None:
    """Wait for something to become true.

    Raises:
        TimeoutError: it did not.
    """
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("it never came true")
        time.sleep(0.05)
