"""Reads real pages of 41 countries and compares with what their publishers' own parsers read; so do the peers.

    python -m bench.extraction [--own] [--errors title]

Peers run in an environment of their own, as their documentation shows them. Must not hold a rule of any site.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import zlib
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import py3langid

from bench.compare import Peer, prepare
from bench.extraction_report import write_report
from bench.extraction_scores import Reading, Score, letters, mean_score, plain, score
from bench.sources import WORK
from crawler.page.bylines import names_in
from crawler.page.extracted import Extracted
from crawler.page.extraction import extract_article
from crawler.page.html import decode_html, parse_html
from crawler.page.jsonld import article_nodes, read_nodes, text_of
from tests.support.data import data_folder
from tests.support.fundus_site import RealPage, read_real_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FOLDER = WORK / "extraction"
_PROGRAMS = Path(__file__).parent / "peers"
_NOW = datetime(2026, 11, 1, tzinfo=UTC)
_TIME_LIMIT_SECONDS = 1_800
_NO_NETWORK = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}  # some ask for lists of domains
_FEW_PAGES = 5  # languages with fewer are counted together
PEERS = (
    (
        Peer(
            "trafilatura 2.3",
            "extract_trafilatura",
            "trafilatura",
            ("trafilatura==2.3.1", "scrapy==2.19.0"),
            0,
        ),
        (),
    ),
    (
        Peer(
            "trafilatura 2.3, for precision", "extract_trafilatura", "trafilatura", ("trafilatura==2.3.1",), 0
        ),
        ("precision",),
    ),
    (Peer("newspaper4k 0.9.6", "extract_newspaper4k", "newspaper4k", ("newspaper4k[all]==0.9.6",), 0), ()),
    (Peer("news-please 1.6.16", "extract_news_please", "news-please", ("news-please==1.6.16",), 0), ()),
)


def main() -> int:
    """Prints the table, writes ``bench/EXTRACTION.md`` and its plot."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--own", action="store_true", help="leave the peers out, and write no report")
    parser.add_argument("--errors", choices=Score.__slots__, help="print the pages that fall short in this")
    parser.add_argument(
        "--half", choices=("study", "check"), help="print errors of this half of the sites only"
    )
    parser.add_argument("--kept", action="store_true", help="take what the peers read in an earlier run")
    chosen = parser.parse_args()
    archive = data_folder() / "fundus-parser-tests.tar.gz"
    if not archive.exists():
        print(f"real pages are absent: {archive} (set NEWSDEDUP_DATA)", file=sys.stderr)
        return 1
    pages = read_real_pages(archive)
    truths = [truth_of(page) for page in pages]
    readings, seconds = read_own(pages)
    results = [_result("newsdedup", pages, truths, readings, seconds)]
    scores = [score(reading, truth) for reading, truth in zip(readings, truths, strict=True)]
    results[0]["headings"] = _grouped(
        scores, ["agree" if headings_agree(page) else "differ" for page in pages]
    )
    print({key: f"{one.title:.3f} of {count}" for key, (count, one) in results[0]["headings"].items()})
    differences = Counter(
        title_difference(page, truth, reading)
        for page, truth, reading in zip(pages, truths, readings, strict=True)
        if plain(truth.title) != plain(reading.title)
    )
    print(f"titles that differ: {dict(differences)}")
    if chosen.errors:
        _print_errors(chosen.errors, chosen.half, pages, truths, readings)
    if not chosen.own:
        exported = _export(pages)
        results += [
            _result(peer.name, pages, truths, *read_peer(peer, options, exported, kept=chosen.kept))
            for peer, options in PEERS
        ]
    for result in results:
        _print_result(result)
    if not chosen.own:
        write_report(results, len(pages), len({page.country for page in pages}), differences)
    return 0


def truth_of(page: RealPage) -> Reading:
    """What the publisher's own parser reads."""
    truth = page.truth
    return Reading(truth["title"], truth["publishing_date"], tuple(truth.get("authors") or ()), page.body)


def read_own(pages: Sequence[RealPage]) -> tuple[list[Reading], float]:
    """newsdedup's reading of every page, and the processor seconds it took."""
    started = time.process_time()
    found = [extract_article(page.html, page.url, now=_NOW) for page in pages]
    seconds = time.process_time() - started
    return [
        _own_reading(one) if isinstance(one, Extracted) else Reading(None, None, (), "") for one in found
    ], seconds


def _own_reading(page: Extracted) -> Reading:
    published = page.published.at.isoformat() if page.published else None
    return Reading(page.title, published, names_in([page.byline or ""]), page.text)


def read_peer(
    peer: Peer, options: tuple[str, ...], pages: Path, *, kept: bool
) -> tuple[list[Reading], float]:
    """A peer's reading of every page, and the processor seconds it took."""
    target = FOLDER / f"{peer.program}{'-'.join(('', *options))}.jsonl"
    if not (kept and target.exists()):
        _let_read(peer, options, pages, target)
    head, *rows = (json.loads(line) for line in target.read_text(encoding="utf-8").splitlines())
    readings = [Reading(row["title"], row["published"], tuple(row["authors"]), row["text"]) for row in rows]
    return readings, head["seconds"]


def _let_read(peer: Peer, options: tuple[str, ...], pages: Path, target: Path) -> None:
    program = str(_PROGRAMS / f"{peer.program}.py")
    command = [str(prepare(peer)), program, str(pages), str(target), *options]
    with target.with_suffix(".log").open("w", encoding="utf-8") as log:
        subprocess.run(
            command,
            check=True,
            cwd=_PROGRAMS,
            env=os.environ | _NO_NETWORK,
            stderr=log,
            stdout=log,
            timeout=_TIME_LIMIT_SECONDS,
        )


def title_difference(page: RealPage, truth: Reading, reading: Reading) -> str:
    """Why a title differs from the truth: ``typography``, ``another heading`` of the same page, or ``neither``."""
    if letters(truth.title) == letters(reading.title):
        return "typography"
    tree = parse_html(decode_html(page.html, None))
    if tree is None:
        return "neither"
    stated = [one.text_content() for one in tree.iter("h1", "title")]
    stated += [str(content) for content in tree.xpath("//meta/@content")]
    stated += [text for node in article_nodes(read_nodes(tree)) if (text := text_of(node.get("headline")))]
    return "another heading" if letters(truth.title) in map(letters, stated) else "neither"


def headings_agree(page: RealPage) -> bool:
    """Whether of JSON-LD headline, ``og:title`` and first ``h1`` each begins with the shortest of them."""
    tree = parse_html(decode_html(page.html, None))
    if tree is None:
        return False
    stated = [text_of(node.get("headline")) for node in article_nodes(read_nodes(tree))[:1]]
    stated += [str(content) for content in tree.xpath("//meta[@property='og:title']/@content")[:1]]
    stated += [one.text_content() for one in tree.iter("h1")][:1]
    found = sorted((key for text in stated if (key := letters(text))), key=len)
    return all(key.startswith(found[0]) for key in found)


def half_of(page: RealPage) -> str:
    """``study`` for the sites whose errors were looked at while rules were made, ``check`` for the rest."""
    return "study" if zlib.crc32(publisher_of(page).encode()) % 2 else "check"


def publisher_of(page: RealPage) -> str:
    """The publisher's name in the archive."""
    return page.name.rsplit("_", 3)[0]


def _export(pages: Sequence[RealPage]) -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = []
    for page in pages:
        path = FOLDER / f"{page.country}-{page.name}.html"
        path.write_bytes(page.html)
        lines.append(json.dumps({"name": page.name, "url": page.url, "path": str(path)}) + "\n")
    index = FOLDER / "pages.jsonl"
    index.write_text("".join(lines), encoding="utf-8")
    return index


def _result(
    name: str,
    pages: Sequence[RealPage],
    truths: Sequence[Reading],
    readings: Sequence[Reading],
    seconds: float,
) -> dict[str, Any]:
    scores = [score(reading, truth) for reading, truth in zip(readings, truths, strict=True)]
    languages = [_language(truth.text) for truth in truths]
    return {
        "name": name,
        "milliseconds": 1000 * seconds / len(pages),
        "all": mean_score(scores),
        "halves": _grouped(scores, [half_of(page) for page in pages]),
        "languages": _grouped(scores, _common(languages)),
    }


def _language(text: str) -> str:
    return str(py3langid.classify(text[:2_000])[0])


def _common(languages: list[str]) -> list[str]:
    return [name if languages.count(name) >= _FEW_PAGES else "others" for name in languages]


def _grouped(scores: Sequence[Score], keys: Sequence[str]) -> dict[str, tuple[int, Score]]:
    groups: dict[str, list[Score]] = defaultdict(list)
    for key, one in zip(keys, scores, strict=True):
        groups[key].append(one)
    return {key: (len(found), mean_score(found)) for key, found in sorted(groups.items())}


def _print_result(result: dict[str, Any]) -> None:
    score_of: Callable[[str], str] = lambda name: f"{name} {getattr(result['all'], name):.3f}"  # noqa: E731  # one line
    print(
        f"{result['name']:32} {result['milliseconds']:6.1f} ms  " + "  ".join(map(score_of, Score.__slots__))
    )


def _print_errors(
    name: str,
    half: str | None,
    pages: Sequence[RealPage],
    truths: Sequence[Reading],
    readings: Sequence[Reading],
) -> None:
    for page, truth, reading in zip(pages, truths, readings, strict=True):
        value = getattr(score(reading, truth), name)
        if value is None or value >= 0.9 or (half and half_of(page) != half):
            continue
        field = {"title_letters": "title", "date": "published", "authors": "authors"}.get(name, name)
        print(f"{page.name}  {value:.2f}  {page.url}")
        if field in Reading.__slots__:
            print(f"  expected {getattr(truth, field)!r}\n  found    {getattr(reading, field)!r}")


if __name__ == "__main__":
    raise SystemExit(main())
