"""Write the real seed lists in seeds/ from hand-picked sources whose feeds stand in public lists of news feeds.

    python -m tools.build_seeds FEED-LISTS.tar.gz [--check]

Each line of seed_picks.tsv names a source; its feed must stand in one of the lists, with either scheme, or the line is
refused. Nothing is fetched: whether a feed still answers is not known here.
"""

from __future__ import annotations

import csv
import html
import json
import re
import sys
import tarfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PICKS = Path(__file__).with_name("seed_picks.tsv")
COMPILED_ON = "2026-11-22"
TITLES = {
    "world": "World news, and papers of countries without a list of their own",
    "tech": "Technology and science",
    "au": "Australia",
    "br": "Brazil",
    "ca": "Canada",
    "de": "Germany",
    "es": "Spain",
    "fr": "France",
    "gb": "United Kingdom",
    "ie": "Ireland",
    "in": "India",
    "jp": "Japan",
    "mx": "Mexico",
    "ng": "Nigeria",
    "us": "United States",
    "za": "South Africa",
}
_OPML_FEED = re.compile(r'xmlUrl="([^"]+)"')
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")


@dataclass(frozen=True, slots=True)
class Pick:
    """One line of the table of picks; `home` is a host name."""

    file: str
    name: str
    home: str
    country: str
    language: str
    feed: str


def read_picks() -> list[Pick]:
    """Every pick, in file order."""
    with PICKS.open(encoding="utf-8", newline="") as lines:
        return [Pick(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def read_addresses(archive: Path) -> tuple[frozenset[str], frozenset[str]]:
    """The lists' feed addresses, and every address in them."""
    feeds: set[str] = set()
    addresses: set[str] = set()
    with tarfile.open(archive) as members:
        for member in members:
            if (stream := members.extractfile(member)) is None:
                continue
            text = stream.read().decode("utf-8", "replace")
            if member.name.endswith(".opml"):
                found = [html.unescape(url) for url in _OPML_FEED.findall(text)]
            elif member.name.endswith(".json") and "package" not in member.name:
                table = json.loads(text)
                found = [entry["publication_rss_feed_uri"] for entries in table.values() for entry in entries]
                addresses.update(_ADDRESS.findall(text))
            else:
                continue
            feeds.update(found)
            addresses.update(found)
    return frozenset(feeds), frozenset(addresses)


def find_problems(picks: list[Pick], feeds: frozenset[str]) -> list[str]:
    """Picks that are in no list, or twice; empty when the table can be used."""
    known = {_without_scheme(feed) for feed in feeds}
    problems = [
        f"{pick.name}: feed in no list: {pick.feed}"
        for pick in picks
        if _without_scheme(pick.feed) not in known
    ]
    for key in ("name", "home", "feed"):
        values = [getattr(pick, key) for pick in picks]
        problems += [f"{key} twice: {value}" for value in sorted({v for v in values if values.count(v) > 1})]
    return problems + [f"{pick.name}: unknown file {pick.file}" for pick in picks if pick.file not in TITLES]


def render(file: str, picks: list[Pick], addresses: frozenset[str]) -> str:
    """One seed file; addresses use https wherever a list does for that address or host."""
    secure_hosts = {_bare_host(url) for url in addresses if url.startswith("https:")}
    lines = [
        f"# {TITLES[file]}: {len(picks)} sources.",
        f"# Compiled on {COMPILED_ON} from public lists of news feeds (awesome-rss-feeds and tech-rss, both CC0;",
        "# news-feed-list-of-countries, facts only); names, home pages, countries and languages were put in order by hand.",
        "# Nothing was fetched: whether a feed still answers is unchecked. Written by tools/build_seeds.py.",
    ]
    for pick in sorted(picks, key=lambda pick: pick.name.casefold()):
        secure = f"https://{_without_scheme(pick.feed)}"
        feed = secure if secure in addresses else pick.feed
        scheme = "https" if _bare_host(f"//{pick.home}") in secure_hosts else "http"
        lines += [
            "",
            "[[source]]",
            f"name = {_quoted(pick.name)}",
            f"home = {_quoted(f'{scheme}://{pick.home}/')}",
            f"country = {_quoted(pick.country)}",
            f"language = {_quoted(pick.language)}",
            f"feeds = [{_quoted(feed)}]",
        ]
    return "\n".join([*lines, ""])


def _without_scheme(url: str) -> str:
    return url.partition("://")[2]


def _bare_host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> int:
    """Write every list; with ``--check``, only say which ones differ."""
    feeds, addresses = read_addresses(Path(sys.argv[1]))
    picks = read_picks()
    if problems := find_problems(picks, feeds):
        print("\n".join(problems), file=sys.stderr)
        return 1
    by_file: defaultdict[str, list[Pick]] = defaultdict(list)
    for pick in picks:
        by_file[pick.file].append(pick)
    stale = 0
    for file, members in sorted(by_file.items()):
        path = ROOT / "seeds" / f"{file}.toml"
        text = render(file, members, addresses)
        if not path.exists() or path.read_text("utf-8") != text:
            stale += 1
            print(path.name)
            if "--check" not in sys.argv[2:]:
                path.write_text(text, "utf-8")
    return int(stale > 0 and "--check" in sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
