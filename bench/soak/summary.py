"""Says in Markdown what a soak met and whether the database equals what came out; judges nothing."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.soak import outcome
from bench.soak.newsroom import HOSTS, final_state, stories_told_twice

if TYPE_CHECKING:
    from argparse import Namespace

    from bench.soak.newsroom import Event
    from bench.soak.run import Soak


def summary(options: Namespace, soak: Soak, events: tuple[Event, ...], wrong: list[str]) -> str:
    """The text of SOAK.md; its first line is the verdict."""
    runs = Counter(
        f"{state}{f' ({reason})' if reason in {'dead_owner', 'asked to stop', 'source_leased'} else ''}"
        for state, reason in outcome.runs(soak.database)
    )
    articles, stories = final_state(events), stories_told_twice(events)
    samples = soak.schedulers[0].samples
    own = [one.own_bytes / 1e6 for one in samples] or [0.0]
    files = [one.own_files for one in samples] or [0]
    tree = max(
        (one.tree_bytes / 1e6 for scheduler in soak.schedulers for one in scheduler.samples), default=0
    )
    corrections = sum(event.is_correction for event in events)
    facts = (
        ("verdict", "the database equals what came out" if not wrong else f"{len(wrong)} differences, below"),
        ("when", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, seed {options.seed}, {options.engine}"),
        ("publishing", f"{options.minutes:g} minutes; {(time.monotonic() - soak.began) / 60:.1f} in all"),
        ("came out", f"{len(articles)} articles at {len(HOSTS)} papers, {corrections} corrections"),
        ("told more than once", f"{len(stories)} stories, {sum(map(len, stories))} articles"),
        ("faults", ", ".join(f"{count} {name}" for name, count in sorted(soak.faults.items()))),
        ("runs", ", ".join(f"{count} {name}" for name, count in sorted(runs.items()))),
        ("SIGTERM to end", ", ".join(f"{seconds:.1f} s (exit {code})" for code, seconds in soak.stops)),
        ("scheduler's memory", f"{own[len(own) // 3]:.0f} MB after a third, {own[-1]:.0f} MB at the end"),
        ("its open files", f"{files[len(files) // 3]} after a third, {files[-1]} at the end"),
        ("largest process tree", f"{tree:.0f} MB"),
    )
    lines = ["# Soak", "", f"`make soak` ({' '.join(sys.argv[1:]) or 'as it stands in the Makefile'})", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts)]
    if not soak.faults["clock jumps"]:
        lines += ["", "No clock jumped: that takes PostgreSQL, whose clock is its own, and a C compiler."]
    lines += ["", *(f"- {one}" for one in wrong[:50])] if wrong else []
    return "\n".join(lines) + "\n"
