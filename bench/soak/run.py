"""Lets two schedulers crawl a newsroom for a while with faults, then compares the database with what came out.

``python -m bench.soak.run --minutes 20 --articles 1800`` writes bench/SOAK.md; exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.soak import outcome
from bench.soak.newsroom import HOSTS, Newsroom, differences, final_state, script, seeds, stories_told_twice
from bench.soak.processes import Scheduler, build_false_clock
from bench.soak.summary import summary
from newsdedup.jobs.database import upgrade
from newsdedup.jobs.maintenance import check_database
from tests.support.postgres import Server, private_server
from tests.support.site_server import Page, Site, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.soak.newsroom import Event

_REPORT = Path(__file__).parents[1] / "SOAK.md"
_DRAIN_SECONDS = 420.0
# A scheduler whose crawl is under way holds more of them open than one that waits.
_FILES_OF_A_CRAWL = 8
_SETTINGS = {
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
    "DOWNLOAD_TIMEOUT": 6,
    "RETRY_TIMES": 1,
    "NEWSDEDUP_EXTRACTION_WORKERS": 1,
    "NEWSDEDUP_LEASE_SECONDS": 20.0,
    "NEWSDEDUP_RETRY_SECONDS": 15.0,
    "NEWSDEDUP_REVISITS": False,
    "NEWSDEDUP_SOURCES_AT_ONCE": 4,
}


@dataclass(slots=True)
class Soak:
    """A soak under way: the newsroom, the schedulers, the database, and what was done to them."""

    site: Site
    newsroom: Newsroom
    schedulers: list[Scheduler]
    database: str
    server: Server | None
    chance: random.Random
    minutes: float
    faults: Counter[str] = field(default_factory=Counter)
    stops: list[tuple[int, float]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """How much of the publishing time is over."""
        return (time.monotonic() - self.began) / (60.0 * self.minutes)

    def answer(self, _url: str, page: Page) -> Page:
        """Pages as the newsroom's web server answers them on a bad day."""
        is_burst = 0.3 <= self.share < 0.34 or 0.6 <= self.share < 0.64
        draw = self.chance.random()
        if self.share < 1.0 and draw < (0.5 if is_burst else 0.02):
            self.faults["server errors"] += 1
            return Page(b"out of order", "text/plain", self.chance.choice((500, 502, 503)))
        if self.share < 1.0 and draw > 0.995:
            self.faults["hanging answers"] += 1
            return replace(page, delay_seconds=9.0)
        return page

    def restart_database(self) -> None:
        """Cut the database's power, and switch it on again."""
        if self.server is not None:
            self.server.stop("immediate")
            time.sleep(1.0)
            self.server.start()
            self.faults["database restarts"] += 1

    def kill_crawl(self) -> None:
        """Kill the crawl of the first scheduler, where one is under way; the scheduler lives on."""
        self.faults["crawls killed"] += self.schedulers[0].kill_crawl()

    def kill_scheduler(self) -> None:
        """Kill the second scheduler with all its processes, and start it again."""
        self.schedulers[1].kill_all()
        self.schedulers[1].start()
        self.faults["schedulers killed"] += 1

    def jump_clock(self, seconds: int) -> None:
        """Set the clock of the second scheduler and of its crawls wrong, while they run."""
        self.faults["clock jumps"] += self.schedulers[1].set_clock(seconds)

    def stop_scheduler(self) -> None:
        """Ask the second scheduler to stop, and start it again."""
        self.stops.append(self.schedulers[1].stop())
        self.schedulers[1].start()
        self.faults["schedulers stopped by SIGTERM"] += 1


def main() -> int:
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsdedup-soak-")))
        soak = _begin(options, folder, stack)
        events = script(options.seed, options.articles)
        _publish(soak, events)
        drained = _drain(soak, len(final_state(events)))
        soak.stops += [scheduler.stop() for scheduler in soak.schedulers]
        wrong = _what_is_wrong(soak, events, options.stop_seconds)
        if not drained:
            wrong.append(f"not everything was fetched within {_DRAIN_SECONDS:.0f} s of the last article")
        told = summary(options, soak, events, wrong)
        for scheduler in soak.schedulers if wrong else ():
            print((folder / f"{scheduler.name}.log").read_text()[-3000:], file=sys.stderr)
    options.output.write_text(told)
    print(told)
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--articles", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", default="1m")
    parser.add_argument("--engine", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--stop-seconds", type=float, default=10.0, help="from SIGTERM to the end, at most")
    parser.add_argument("--output", type=Path, default=_REPORT)
    return parser.parse_args()


def _begin(options: argparse.Namespace, folder: Path, stack: ExitStack) -> Soak:
    """Database, web server and schedulers, all of which end with the stack."""
    server = stack.enter_context(private_server()) if options.engine == "postgresql" else None
    database = server.create_database() if server else f"sqlite:///{folder}/soak.db"
    upgrade(database)
    pages: dict[str, Page] = {}
    site = stack.enter_context(serve(pages))
    seed_file = folder / "seeds.toml"
    seed_file.write_text(seeds(options.every))
    order = {
        "database": database,
        "seeds": str(seed_file),
        "hosts": dict.fromkeys(HOSTS, site.address),
        "settings": _SETTINGS,
        "look_seconds": 5.0,
    }
    # SQLite has no clock but the program's, so that all who share a file share the machine's.
    schedulers = [
        Scheduler("first", order, folder),
        Scheduler("second", order, folder, false_clock=build_false_clock(folder) if server else None),
    ]
    chance = random.Random(options.seed)
    soak = Soak(site, Newsroom(site.pages), schedulers, database, server, chance, options.minutes)
    site.in_place = soak.answer
    for scheduler in schedulers:
        scheduler.start()
        stack.callback(scheduler.kill_all)
    return soak


def _what_is_wrong(soak: Soak, events: tuple[Event, ...], stop_seconds: float) -> list[str]:
    articles, clusters = outcome.articles(soak.database), outcome.clusters(soak.database)
    wrong = differences(final_state(events), stories_told_twice(events), articles, clusters)
    wrong += [f"db check: {problem.rule}: {problem.detail}" for problem in check_database(soak.database)]
    wrong += [f"exit code {code} after SIGTERM" for code, _ in soak.stops if code != 0]
    slow = [seconds for _, seconds in soak.stops if seconds > stop_seconds]
    wrong += [f"{seconds:.1f} s from SIGTERM to the end" for seconds in slow]
    return wrong + _growth(soak.schedulers[0])


def _publish(soak: Soak, events: tuple[Event, ...]) -> None:
    faults = _faults(soak)
    waiting = list(events)
    next_sample = next_feed = 0.0
    while soak.share < 1.0:
        now = time.monotonic() - soak.began
        while waiting and waiting[0].at <= soak.share:
            soak.newsroom.publish(waiting.pop(0))
        if faults and faults[0][0] <= soak.share:
            faults.pop(0)[1]()
        if now >= next_feed:
            soak.newsroom.rebuild()
            next_feed = now + 10.0
        if now >= next_sample:
            _sample(soak, now)
            next_sample = now + 2.0
        time.sleep(0.1)
    for event in waiting:
        soak.newsroom.publish(event)


def _faults(soak: Soak) -> list[tuple[float, Callable[[], None]]]:
    """What goes wrong when, beside the web server's own troubles; nothing in the last fifth."""
    planned: list[tuple[float, Callable[[], None]]] = [
        (at, soak.restart_database) for at in (0.22, 0.47, 0.7)
    ]
    planned += [(at, soak.kill_scheduler) for at in (0.16, 0.4, 0.64)]
    planned += [(at, soak.stop_scheduler) for at in (0.28, 0.52, 0.78)]
    planned += [(at, soak.kill_crawl) for at in (0.08, 0.2, 0.34, 0.46, 0.58, 0.74)]
    jumps = ((0.1, 3600), (0.3, -3600), (0.5, 86_400), (0.6, 0), (0.66, -120))
    planned += [(at, partial(soak.jump_clock, seconds)) for at, seconds in jumps]
    return sorted(planned, key=lambda fault: fault[0])


def _drain(soak: Soak, expected_count: int) -> bool:
    """Wait until everything that came out is stored and compared."""
    until = time.monotonic() + _DRAIN_SECONDS
    quiet = 0
    while time.monotonic() < until:
        soak.newsroom.rebuild()
        _sample(soak, time.monotonic() - soak.began)
        open_count = outcome.waiting(soak.database)
        is_quiet = open_count == 0 and len(outcome.articles(soak.database)) >= expected_count
        quiet = quiet + 1 if is_quiet and _is_current(soak) else 0
        if quiet >= 3:
            return True
        time.sleep(4.0)
    return False


def _is_current(soak: Soak) -> bool:
    """Whether each corrected article is stored as corrected."""
    shown = outcome.articles(soak.database)
    titles = {url: page.body.split(b"<title>")[1].split(b"</title>")[0].decode()
              for url, page in soak.site.pages.items() if "/news/" in url}  # fmt: skip
    return all(url in shown and shown[url][0] == title for url, title in titles.items())


def _sample(soak: Soak, at: float) -> None:
    for scheduler in soak.schedulers:
        scheduler.sample(at)


def _growth(scheduler: Scheduler) -> list[str]:
    """Whether the scheduler that was never restarted takes more and more."""
    third = len(scheduler.samples) // 3
    if third < 30:  # a minute: at its first crawls it is still loading what it needs
        return []
    early, late = scheduler.samples[third : 2 * third], scheduler.samples[-third:]
    memory = [statistics.median(one.own_bytes for one in part) for part in (early, late)]
    files = [max(one.own_files for one in part) for part in (early, late)]
    wrong = []
    if memory[1] > 1.1 * memory[0] + 2_000_000:
        wrong.append(f"memory grew from {memory[0] / 1e6:.1f} to {memory[1] / 1e6:.1f} MB")
    if files[1] > files[0] + _FILES_OF_A_CRAWL:
        wrong.append(f"open files grew from {files[0]} to {files[1]}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
