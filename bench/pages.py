"""Times what people look at, on a database of 10,000 articles: the HTML report, the lists, the live pages.

A quarter of the articles are copies, of stories that are carried twice to forty times; 120 sources, some of which
copy more than others. The database is made once and kept. Run: python -m bench.pages --help
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dedup import DedupConfig
from newsdedup.jobs.database import open_database
from storage.ingest import resolve_pending, store_articles
from tests.support.articles import START, article
from tests.support.live import live_server
from tests.support.stories import edit_story, make_story, spin_story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.values import Article

WORK = Path(__file__).parent / ".work"
COPY_SHARE = 0.25
SOURCE_COUNT = 120
LIVE_PAGES = (
    "/",
    "/clusters.html",
    "/clusters.html?text=story+10&label=spun",
    "/pairs.html",
    "/sources.html",
    "/clusters/1.html",
    "/pairs/1-2.html",
)
LIMITS = {"report html": 60.0, "clusters": 1.0}  # seconds, on two cores, for 10,000 articles


def make_articles(count: int) -> list[Article]:
    """Stories and their copies in order of publication, the same for the same count."""
    chance = random.Random(7)
    originals: list[tuple[int, str]] = []
    made = []
    for number in range(count):
        if originals and chance.random() < COPY_SHARE:
            # a few stories are carried by many: the pick prefers low places
            place, text = originals[int(len(originals) * chance.random() ** 3)]
            text = chance.choice((text, edit_story(text, number), spin_story(text)))
            title, source = f"Story {place}, again", int(SOURCE_COUNT * chance.random() ** 2)
        else:
            text, title = make_story(number), f"Story {number}"
            source = chance.randrange(SOURCE_COUNT)
            originals = [*originals[-400:], (number, text)]
        at = START + timedelta(minutes=4 * number)
        made.append(
            article(number, text, host=f"paper{source}.test", title=title, published_at=at, first_seen_at=at)
        )
    return made


def prepare(count: int) -> Path:
    path = WORK / f"pages-{count}.db"
    if not path.exists():
        WORK.mkdir(exist_ok=True)
        making = path.with_suffix(".making")
        making.unlink(missing_ok=True)
        sessions = open_database(f"sqlite:///{making}", create=True)
        config = DedupConfig()
        store_articles(sessions, make_articles(count), config)
        print(resolve_pending(sessions, config), file=sys.stderr)
        sessions.kw["bind"].dispose()
        making.rename(path)
    subprocess.run([sys.executable, "-m", "newsdedup", "db", "upgrade", "--database", str(path)], check=True)
    return path


def timed(*arguments: str) -> tuple[float, float, str]:
    """Seconds on the wall and on the processor, and the last line of what the command said."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    # as installed: with compiled modules, whatever this shell says
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "newsdedup", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, busy, (done.stderr.strip().splitlines() or [""])[-1]


def time_live_pages(database: Path) -> Iterator[tuple[str, float]]:
    """Seconds until each page has come; the second request of each, which finds templates compiled."""
    with live_server(database) as server:
        for path in LIVE_PAGES:
            server.ask(path)
            began = time.perf_counter()
            answer = server.ask(path)
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            yield path, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    path = prepare(parser.parse_args().articles)
    folder = WORK / "pages-report"
    shutil.rmtree(folder, ignore_errors=True)
    timed("clusters", "--limit", "1", "--database", str(path))  # compiles modules
    print("| what | seconds | on the processor | at most | |\n|---|---|---|---|---|")
    for name, command in {
        "report html": ("report", "html", "--output", str(folder)),
        "clusters": ("clusters", "--limit", "100"),
        "clusters, all as JSON": (
            "clusters",
            "--format",
            "json",
            "--output",
            str(WORK / "pages-clusters.json"),
        ),
        "report sources": (
            "report",
            "sources",
            "--format",
            "json",
            "--output",
            str(WORK / "pages-sources.json"),
        ),
    }.items():
        wall, busy, said = timed(*command, "--database", str(path))
        print(f"| {name} | {wall:.2f} | {busy:.2f} | {LIMITS.get(name, '')} | {said} |", flush=True)
    for page, seconds in time_live_pages(path):
        print(f"| live {page} | {seconds:.2f} | | | |", flush=True)


if __name__ == "__main__":
    main()
