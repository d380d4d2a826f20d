"""Seed files: which sources to crawl, read from TOML or OPML into values.

Must not fetch anything: a seed file is judged by what it says, not by whether its sites answer.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.lists.every import check_every
from crawler.lists.opml import OpmlError, parse_opml
from crawler.urls import BadUrlError, canonical_url, host_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_KEYS = frozenset(
    {"name", "home", "country", "language", "feeds", "sitemaps", "sections", "every", "javascript"}
)
_DEFAULT_KEYS = frozenset({"country", "language", "every", "javascript"})
_COUNTRY = re.compile(r"^[A-Z]{2}$")
_LANGUAGE = re.compile(r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")


@dataclass(frozen=True, slots=True)
class SeedSource:
    """One news source to crawl; every address is canonical."""

    name: str
    home_url: str
    country: str | None = None
    language: str | None = None
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    every: str | None = None
    needs_javascript: bool = False

    @property
    def host(self) -> str:
        """Host name of the home page."""
        return host_of(self.home_url)


@dataclass(frozen=True, slots=True)
class Seeds:
    """The sources of one seed file, in file order."""

    sources: tuple[SeedSource, ...]

    @property
    def feed_count(self) -> int:
        """Feeds of all sources together."""
        return sum(len(source.feeds) for source in self.sources)


@dataclass(frozen=True, slots=True)
class SeedProblem:
    """One thing wrong with a seed file; ``entry`` names the source, ``""`` the file itself."""

    path: str
    entry: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.entry + ': ' if self.entry else ''}{self.message}"


class SeedsError(Exception):
    """A seed file that cannot be used as it stands; ``problems`` lists everything wrong with it."""

    def __init__(self, problems: tuple[SeedProblem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def load_seeds(path: Path | str) -> Seeds:
    """The sources of a TOML or OPML file.

    Raises:
        SeedsError: the file is unreadable or an entry is wrong; the message names file and entry.
    """
    seeds, problems = read_seeds(path)
    if problems:
        raise SeedsError(problems)
    return seeds


def check_seeds(path: Path | str) -> tuple[SeedProblem, ...]:
    """Everything wrong with a seed file, in file order; empty when it can be used."""
    return read_seeds(path)[1]


def read_seeds(path: Path | str) -> tuple[Seeds, tuple[SeedProblem, ...]]:
    """The usable sources of a seed file beside everything wrong with it."""
    name = str(path)
    try:
        body = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        return Seeds(()), (SeedProblem(name, "", f"cannot be read: {reason.lower()}"),)
    if name.lower().endswith((".opml", ".xml")):
        return _from_opml(body, name)
    return _from_toml(body, name)


def _from_opml(body: bytes, path: str) -> tuple[Seeds, tuple[SeedProblem, ...]]:
    try:
        outlines = parse_opml(body)
    except OpmlError as error:
        return Seeds(()), (SeedProblem(path, "", str(error)),)
    entries = [
        {
            "name": outline.title,
            "home": outline.home_url or _home_of(outline.feed_url),
            "feeds": [outline.feed_url],
            **({"language": outline.language} if outline.language else {}),
        }
        for outline in outlines
    ]
    # Public OPML lists repeat names ("World", "Sport") and feeds: neither is the reader's mistake.
    return _from_entries(_distinct_opml(entries), {}, path)


def _home_of(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]) + "/"


def _distinct_opml(entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    names: dict[str, int] = {}
    for entry in entries:
        if (feed := entry["feeds"][0]) in seen:
            continue
        seen.add(feed)
        name = entry["name"]
        names[name] = names.get(name, 0) + 1
        yield entry if names[name] == 1 else {**entry, "name": f"{name} ({names[name]})"}


def _from_toml(body: bytes, path: str) -> tuple[Seeds, tuple[SeedProblem, ...]]:
    try:
        data = tomllib.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Seeds(()), (SeedProblem(path, "", f"is not UTF-8 (byte {error.start})"),)
    except tomllib.TOMLDecodeError as error:
        return Seeds(()), (SeedProblem(path, "", f"is not TOML: {_lower_first(str(error))}"),)
    problems = [
        SeedProblem(path, "", f"unknown table {key!r}, expected [defaults] and [[source]]")
        for key in sorted(data.keys() - {"defaults", "source"})
    ]
    defaults, entries = data.get("defaults", {}), data.get("source", [])
    if not isinstance(defaults, dict) or not isinstance(entries, list):
        return Seeds(()), (
            SeedProblem(path, "", "[defaults] must be a table and [[source]] a list of tables"),
        )
    if unknown := sorted(defaults.keys() - _DEFAULT_KEYS):
        problems.append(SeedProblem(path, "defaults", f"unknown key {unknown[0]!r}"))
    if not entries:
        problems.append(SeedProblem(path, "", "has no [[source]] entry"))
    seeds, entry_problems = _from_entries(entries, defaults, path)
    return seeds, (*problems, *entry_problems)


def _from_entries(
    entries: Iterable[Any], defaults: Mapping[str, Any], path: str
) -> tuple[Seeds, tuple[SeedProblem, ...]]:
    sources: list[SeedSource] = []
    problems: list[SeedProblem] = []
    owners: dict[str, str] = {}
    for number, entry in enumerate(entries, start=1):
        label = _label(entry, number)
        try:
            source = _source({**defaults, **entry} if isinstance(entry, dict) else {})
            _refuse_repeats(source, owners)
        except ValueError as error:
            problems.append(SeedProblem(path, label, str(error)))
        else:
            sources.append(source)
    return Seeds(tuple(sources)), tuple(problems)


def _label(entry: object, number: int) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return f"source {number} ({name})" if isinstance(name, str) and name else f"source {number}"


def _refuse_repeats(source: SeedSource, owners: dict[str, str]) -> None:
    for key in (source.name, *source.feeds, *source.sitemaps):
        if key in owners:
            raise ValueError(f"{key!r} is already used by source {owners[key]!r}")
    owners.update(dict.fromkeys((source.name, *source.feeds, *source.sitemaps), source.name))


def _source(entry: Mapping[str, Any]) -> SeedSource:
    if unknown := sorted(entry.keys() - _KEYS):
        raise ValueError(f"unknown key {unknown[0]!r}, known are: {', '.join(sorted(_KEYS))}")
    source = SeedSource(
        name=_required_text(entry, "name"),
        home_url=_address(_required_text(entry, "home"), "home"),
        country=_matched(entry, "country", _COUNTRY, "a two-letter country code such as 'GB'"),
        language=_matched(entry, "language", _LANGUAGE, "a language code such as 'en' or 'pt-BR'"),
        feeds=_addresses(entry, "feeds"),
        sitemaps=_addresses(entry, "sitemaps"),
        sections=_addresses(entry, "sections"),
        every=_every(entry.get("every")),
        needs_javascript=_flag(entry, "javascript"),
    )
    if not source.host:
        raise ValueError("home has no host")
    return source


def _required_text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be a text, got {value!r}")
    return value.strip()


def _matched(entry: Mapping[str, Any], key: str, pattern: re.Pattern[str], wanted: str) -> str | None:
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.match(value):
        raise ValueError(f"{key} must be {wanted}, got {value!r}")
    return value


def _address(url: str, key: str) -> str:
    try:
        return canonical_url(url)
    except BadUrlError as error:
        raise ValueError(f"{key}: {error}") from error


def _addresses(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{key} must be a list of addresses, got {values!r}")
    return tuple(dict.fromkeys(_address(value, key) for value in values))


def _every(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"every must be a text such as '30m' or '*/15 6-22 * * *', got {value!r}")  # noqa: TRY004  # one kind of error for entries
    check_every(value)
    return value


def _flag(entry: Mapping[str, Any], key: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key} must be true or false, got {value!r}")  # noqa: TRY004  # one kind of error for entries
    return value


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
