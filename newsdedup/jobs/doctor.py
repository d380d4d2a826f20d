"""Checks that everything the program needs is in place, and says what to do where it is not.

Must not change anything.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from dedup import DedupConfig, find_duplicates
from dedup.values import Document
from newsdedup.jobs.database import open_database
from storage.errors import StorageError
from storage.ingest import count_pending

if TYPE_CHECKING:
    from collections.abc import Iterator

_OLDEST_SQLITE = (3, 35, 0)
_LITTLE_SPACE = 1_000_000_000


class Health(StrEnum):
    """How a thing was found."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    health: Health
    detail: str


def examine(database_url: str) -> tuple[Finding, ...]:
    """Every finding: program, packages, algorithm, packaged files, disk, database."""
    return (*_program(), *_packages(), _algorithm(), *_packaged_files(), _disk(), *_database(database_url))


def _program() -> Iterator[Finding]:
    yield Finding("newsdedup", Health.OK, version("newsdedup"))
    yield Finding("python", Health.OK, sys.version.split()[0])
    is_new_enough = sqlite3.sqlite_version_info >= _OLDEST_SQLITE
    needed = "" if is_new_enough else f"; {'.'.join(map(str, _OLDEST_SQLITE))} or newer is needed"
    yield Finding("sqlite", Health.OK if is_new_enough else Health.WRONG, sqlite3.sqlite_version + needed)


def _packages() -> Iterator[Finding]:
    for line in requires("newsdedup") or ():
        requirement = Requirement(line)
        is_extra = "extra ==" in str(requirement.marker or "")
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            if is_extra:
                yield Finding(requirement.name, Health.NOTE, "not installed, optional")
            else:
                yield Finding(requirement.name, Health.WRONG, "not installed; run: pip install newsdedup")
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


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    detail = f"{free / 1e9:.1f} GB free in this folder"
    return Finding("disk", Health.OK if free > _LITTLE_SPACE else Health.NOTE, detail)


def _database(url: str) -> Iterator[Finding]:
    try:
        sessions = open_database(url)
        pending = count_pending(sessions)
    except StorageError as error:
        health = Health.NOTE if "no database at" in str(error) else Health.WRONG
        yield Finding("database", health, str(error))
        return
    yield Finding("database", Health.OK, "reachable, of this version")
    if pending:
        yield Finding(
            "pending articles",
            Health.NOTE,
            f"{pending} wait to be compared; the next crawl or import does it",
        )
