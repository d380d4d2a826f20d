"""Crawls one local site with newsdedup and with its peers, one after the other: pages a second, processor, memory.

    python -m bench.crawl [--pages 3000] [--peer-pages 600] [--only newsdedup,plain] [--memory 20000]

All fetch from the same server on loopback; newsdedup also looks up the copies. Ratios of one run are what to read.
Must not give newsdedup a setting that a user could not give.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.compare import Peer, prepare
from bench.crawl_bare import BareExtraction, extract_all
from bench.crawl_lists import feed_of, sitemap_of
from bench.crawl_report import FETCHING_ALONE, write_report
from bench.crawl_site import ARCHIVE, make_site
from bench.process_tree import descendants, proportional_bytes
from bench.sources import WORK
from tests.support.data import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.crawl_site import Site

OWN, LONG, BARE = "newsdedup", "newsdedup, memory", "bare trafilatura"
_PROGRAMS = Path(__file__).parent / "peers"
_TRAFILATURA = ("trafilatura==2.3.1", "scrapy==2.19.0")
PEERS = (
    Peer("plain Scrapy + trafilatura", "crawl_scrapy", "trafilatura", _TRAFILATURA, 0),
    Peer(FETCHING_ALONE, "crawl_scrapy_alone", "trafilatura", _TRAFILATURA, 0),
    Peer("Fundus 0.5.7", "crawl_fundus", "fundus", ("fundus==0.5.7", "curl_cffi==0.15.0"), 0),
    Peer("newspaper4k 0.9.6", "crawl_newspaper4k", "newspaper4k", ("newspaper4k[all]==0.9.6",), 0),
    Peer("news-please 1.6.16", "crawl_news_please", "news-please", ("news-please==1.6.16",), 0),
)
_PROCESSOR = Path(__file__).parent / "processor.py"
_SLOW = frozenset({"crawl_newspaper4k", "crawl_news_please"})
_ORDER = (OWN, *(peer.name for peer in PEERS))
_KEPT = WORK / "crawl.json"
_FIRST_PAGES = 30
_TIME_LIMIT_SECONDS = 3_600
_SAMPLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Crawled:
    """One crawl: pages served, articles stored, seconds on the clock and of processor, memory by second in MB."""

    name: str
    page_count: int
    article_count: int
    seconds: float
    processor_seconds: float
    memory: tuple[tuple[float, float], ...]
    failure: str | None = None


def main() -> int:
    """Writes ``bench/CRAWL.md`` and its plot after every crawl."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=3_000, help="pages of a crawl")
    parser.add_argument("--peer-pages", type=int, default=600, help="at most so many for the slowest peers")
    parser.add_argument("--only", default="", help="parts of names, comma-separated; all by default")
    parser.add_argument("--memory", type=int, default=0, help="also crawl so many pages and plot the memory")
    parser.add_argument("--bare-pages", type=int, default=600, help="pages that trafilatura alone extracts")
    chosen = parser.parse_args()
    if not (data_folder() / ARCHIVE).exists():
        print(f"real pages are absent: {data_folder() / ARCHIVE} (set NEWSDEDUP_DATA)", file=sys.stderr)
        return 1
    wanted = [part for part in chosen.only.split(",") if part]
    for peer in (None, *PEERS):
        name = peer.name if peer else OWN
        if not any(part in name for part in wanted or [""]):
            continue
        is_slow = peer is not None and peer.program in _SLOW
        keep(name, run(peer, min(chosen.pages, chosen.peer_pages) if is_slow else chosen.pages))
    if chosen.memory:
        keep(LONG, run(None, chosen.memory))
    if not wanted or any(part in BARE for part in wanted):
        keep(BARE, extract_all(chosen.bare_pages))
    return 0


def keep(name: str, result: Crawled | BareExtraction) -> None:
    """Keep a result in the place of the last one of its name, and write the report of all that are kept."""
    known = json.loads(_KEPT.read_text(encoding="utf-8")) if _KEPT.exists() else {}
    known[name] = {**asdict(result), "load": os.getloadavg()[0]}
    _KEPT.write_text(json.dumps(known), encoding="utf-8")
    if isinstance(result, Crawled):
        print(_line(result), flush=True)
    write_report([known[key] for key in _ORDER if key in known], known.get(LONG), known.get(BARE))


def run(peer: Peer | None, page_count: int) -> Crawled:
    """A crawl as by a program in use: a small one goes before, that leaves byte code and files where they are found again."""
    _crawl(peer, _FIRST_PAGES)
    return _crawl(peer, page_count)


def _crawl(peer: Peer | None, page_count: int) -> Crawled:
    """One crawl of a fresh server by a fresh process into a fresh database; a failure is told, not raised."""
    site = make_site(page_count)
    with tempfile.TemporaryDirectory() as name, _served(page_count) as port:
        folder = Path(name)
        target = folder / "articles.sqlite"
        (folder / "lists.json").write_text(json.dumps(_lists(site)), encoding="utf-8")
        if peer is None:
            hosts = {template.host for _, template, _ in site.addresses()}
            program = [sys.executable, "-m", "bench.crawl_own", str(folder), str(port), *sorted(hosts)]
        else:
            arguments = [str(folder / "lists.json"), str(target)]
            program = [str(prepare(peer)), str(_PROGRAMS / f"{peer.program}.py"), *arguments]
        with (WORK / f"crawl-{peer.program if peer else OWN}.log").open("w", encoding="utf-8") as log:
            return _watch(peer.name if peer else OWN, program, port, target, page_count, log.fileno())


def _watch(name: str, program: list[str], port: int, target: Path, page_count: int, log: int) -> Crawled:
    proxy = f"http://127.0.0.1:{port}"
    result = target.with_name("processor.json")
    environment = {
        **os.environ,
        "HTTP_PROXY": proxy,
        "http_proxy": proxy,
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    # Or every process of every start would compile its libraries anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.monotonic()
    folder = None if "-m" in program else _PROGRAMS
    command = [sys.executable, str(_PROCESSOR), str(result), *program]
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True
    )
    memory: list[tuple[float, float]] = []
    failure = None
    while process.poll() is None:
        memory.append((round(time.monotonic() - started, 1), memory_of(process.pid)))
        if time.monotonic() - started > _TIME_LIMIT_SECONDS:
            failure = f"not done after {_TIME_LIMIT_SECONDS} s"
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(_SAMPLE_SECONDS)
    if process.returncode:
        failure = failure or f"ended with code {process.returncode}"
    used = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
    seconds, processor = used.get("seconds", time.monotonic() - started), used.get("processor_seconds", 0.0)
    return Crawled(name, page_count, _article_count(target), seconds, processor, tuple(memory), failure)


def memory_of(process_id: int) -> float:
    """Megabytes of all processes below one; shared pages are counted once (proportional set size)."""
    return round(sum(map(proportional_bytes, descendants(process_id))) / 2**20, 1)


@contextmanager
def _served(page_count: int) -> Iterator[int]:
    program = [sys.executable, "-m", "bench.crawl_site", str(page_count)]
    server = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    try:
        yield int(server.stdout.readline() if server.stdout else "")
    finally:
        server.terminate()
        server.wait()


def _lists(site: Site) -> Mapping[str, object]:
    templates = [template for _, template, _ in site.addresses()]
    hosts = sorted({template.host for template in templates})
    publishers: dict[str, list[str]] = {}
    for template in templates:
        if template.host not in (known := publishers.setdefault(template.publisher, [])):
            known.append(template.host)
    return {"feeds": [*map(feed_of, hosts)], "sitemaps": [*map(sitemap_of, hosts)], "publishers": publishers}


def _article_count(target: Path) -> int:
    if not target.exists():
        return 0
    with sqlite3.connect(target) as database:
        try:
            return int(database.execute("SELECT count(*) FROM article").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def _line(crawled: Crawled) -> str:
    peak = max((megabytes for _, megabytes in crawled.memory), default=0.0)
    return (
        f"{crawled.name:28} {crawled.article_count} articles of {crawled.page_count} pages in {crawled.seconds:.0f} s, "
        f"{crawled.article_count / crawled.seconds:.1f} a second, "
        f"{1000 * crawled.processor_seconds / max(1, crawled.article_count):.0f} ms of processor an article, "
        f"peak {peak:.0f} MB {crawled.failure or ''}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
