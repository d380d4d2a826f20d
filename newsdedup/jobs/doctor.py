"""Checks that everything the program needs is in place, and says what to do where it is not.

Must not change anything.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from dedup import DedupConfig, find_duplicates
from dedup.lexicon import load_lexicon
from dedup.values import Document
from newsdedup.jobs.database import open_database
from newsdedup.jobs.finding import Finding, Health
from newsdedup.jobs.surroundings import check_clock, check_resolver, check_seeds
from storage.errors import StorageError
from storage.ingest import count_pending
from storage.schema import REVISIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.engine import Sessions

_OLDEST_SQLITE = (3, 35, 0)
_LITTLE_SPACE = 1_000_000_000


def examine(database_url: str, seeds: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Every finding: program, packages, algorithm, lexicon, packaged files, seeds, disk, resolver, database, clock."""
    sessions, database = _database(database_url)
    return (
        *_program(),
        *_packages(),
        _algorithm(),
        _lexicon(),
        *_packaged_files(),
        *check_seeds(seeds),
        _disk(database_url),
        check_resolver(),
        *database,
        check_clock(datetime.now(UTC), sessions),
    )


def _program() -> Iterator[Finding]:
    yield Finding("newsdedup", Health.OK, version("newsdedup"))
    yield Finding("python", Health.OK, sys.version.split()[0])
    is_new_enough = sqlite3.sqlite_version_info >= _OLDEST_SQLITE
    needed = "" if is_new_enough else f"; {'.'.join(map(str, _OLDEST_SQLITE))} or newer is needed"
    yield Finding("sqlite", Health.OK if is_new_enough else Health.WRONG, sqlite3.sqlite_version + needed)


_MISSING = "not installed; run where newsdedup was cloned: pip install -e ."


def _packages() -> Iterator[Finding]:
    for line in requires("newsdedup") or ():
        requirement = Requirement(line)
        is_extra = "extra ==" in str(requirement.marker or "")
        if not is_extra and requirement.marker is not None and not requirement.marker.evaluate():
            continue  # for another version of Python
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            if is_extra:
                yield Finding(requirement.name, Health.NOTE, "not installed, optional")
            else:
                yield Finding(requirement.name, Health.WRONG, _MISSING)
            continue
        if requirement.specifier.contains(found, prereleases=True):
            yield Finding(requirement.name, Health.OK, found)
        else:
            yield Finding(requirement.name, Health.WRONG, f"{found}, but {requirement.specifier} is needed")


def _algorithm() -> Finding:
    config = DedupConfig()
    text = (
        "The council voted on Tuesday to reopen the old market hall after ten years, its leader Ann Poole said. "
        * 3
    )
    result = find_duplicates([Document("a", text), Document("b", text)], config)
    if len(result.clusters) == 1:
        return Finding("algorithm", Health.OK, f"signature fingerprint {config.signature_fingerprint}")
    return Finding("algorithm", Health.WRONG, "two equal texts were not found; reinstall newsdedup")


def _packaged_files() -> Iterator[Finding]:
    for package, name in (("migrations", "env.py"), ("seeds", "demo.toml"), ("newsdedup.demo", "newsroom")):
        is_there = files(package).joinpath(name).is_dir() or files(package).joinpath(name).is_file()
        detail = "packaged" if is_there else "missing; reinstall newsdedup"
        yield Finding(f"{package}/{name}", Health.OK if is_there else Health.WRONG, detail)


def _lexicon() -> Finding:
    lexicon = load_lexicon("en")
    if lexicon is None or not len(lexicon):
        return Finding("lexicon", Health.WRONG, "the English lexicon is missing; reinstall newsdedup")
    return Finding("lexicon", Health.OK, f"English, {len(lexicon):,} words and phrases")


def _disk(database_url: str) -> Finding:
    folder = Path.cwd()
    if database_url.startswith("sqlite:///"):
        folder = Path(database_url.removeprefix("sqlite:///")).absolute().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("disk", Health.WRONG, f"{folder}: {(error.strerror or str(error)).lower()}")
    detail = f"{free / 1e9:.1f} GB free in {folder}"
    return Finding("disk", Health.OK if free > _LITTLE_SPACE else Health.NOTE, detail)


def _database(url: str) -> tuple[Sessions | None, tuple[Finding, ...]]:
    try:
        sessions = open_database(url)
        pending = count_pending(sessions)
    except StorageError as error:
        health = Health.NOTE if "no database at" in str(error) else Health.WRONG
        return None, (Finding("database", health, str(error)),)
    findings = [
        Finding("database", Health.OK, "reachable"),
        Finding("migrations", Health.OK, f"at revision {REVISIONS[-1]}, as this program wants"),
    ]
    if pending:
        detail = f"{pending} wait to be compared; the next crawl or import does it"
        findings.append(Finding("pending articles", Health.NOTE, detail))
    return sessions, tuple(findings)
