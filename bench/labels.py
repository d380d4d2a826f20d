"""The truth about a benchmark document and a pair of documents, as the corpus files carry it.

Must not know any detector.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Half(StrEnum):
    """Which half of the stories: thresholds are fitted on one, results come from the other."""

    TUNING = "tuning"
    REPORTING = "reporting"


class Truth(StrEnum):
    """What is known of a pair before any detector has run; ``IGNORED`` pairs count for nothing."""

    COPY = "copy"
    DIFFERENT = "different"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class BenchDocument:
    """One document with the stories that its text holds, the main one first.

    ``group`` names the set that a background or hard negative document comes from. ``is_host`` marks a text
    that holds another story's passage among other material: a link, not a member of the story's cluster.
    """

    id: str
    text: str
    stories: tuple[str, ...]
    half: Half
    group: str
    title: str | None = None
    source: str | None = None
    published_at: str | None = None
    is_host: bool = False


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A pair whose truth is known, and the row of the result table that it counts in."""

    id_a: str
    id_b: str
    row: str
    truth: Truth
    group: str = ""


def half_of(story: str) -> Half:
    """The half that a story belongs to, the same on every machine."""
    digest = hashlib.sha256(f"newsdedup/{story}".encode()).digest()
    return Half.TUNING if digest[0] % 2 else Half.REPORTING


def pair_of(id_a: str, id_b: str) -> tuple[str, str]:
    """The two ids, low first."""
    return (id_a, id_b) if id_a < id_b else (id_b, id_a)


def first_of_joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of each key the lowest that these pairs join it with, directly or not; the lowest themselves are left out.

    >>> first_of_joined([("a", "b"), ("b", "c"), ("d", "e")])
    {'b': 'a', 'c': 'a', 'e': 'd'}
    """
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        while (parent := parents.get(key, key)) != key:
            key = parent
        return key

    for pair in pairs:
        low, high = sorted(map(root, pair))
        if low != high:
            parents[high] = low
    return {key: root(key) for key in parents}


def write_jsonl(path: Path, values: Iterable[BenchDocument | LabelledPair]) -> None:
    """One value a line, in the order given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(value), ensure_ascii=False) + "\n" for value in values)


def read_documents(path: Path) -> list[BenchDocument]:
    """The documents of a corpus file."""
    return [_document(row) for row in _rows(path)]


def read_pairs(path: Path) -> list[LabelledPair]:
    """The labelled pairs of a corpus file."""
    return [LabelledPair(**{**row, "truth": Truth(row["truth"])}) for row in _rows(path)]


def _document(row: dict[str, Any]) -> BenchDocument:
    return BenchDocument(**{**row, "stories": tuple(row["stories"]), "half": Half(row["half"])})


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
