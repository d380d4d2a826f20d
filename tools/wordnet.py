"""Reads the database files of WordNet 3.0 into values; knows nothing of the lexicon that is made of them.

Source: the manual pages wndb(5WN) and wninput(5WN) for the file format.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTS = ("noun", "verb", "adj", "adv")
_PART_OF_TYPE = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
_LINE_NUMBER = re.compile(r"^ +\d+ ?")
_MARKER = re.compile(r"\((?:a|p|ip)\)$")

SynsetKey = tuple[str, int]


class Pointer(StrEnum):
    """The pointer symbols that join synsets, as wninput(5WN) lists them; the ones used here."""

    HYPERNYM = "@"
    SIMILAR_TO = "&"
    ALSO_SEE = "^"
    VERB_GROUP = "$"
    DERIVED = "+"
    PERTAINS_TO = "\\"
    PARTICIPLE_OF = "<"


@dataclass(frozen=True, slots=True)
class Synset:
    """One synset: its part of speech, its lemmas with spaces for underscores, its outgoing pointers."""

    key: SynsetKey
    lemmas: tuple[str, ...]
    pointers: tuple[tuple[str, SynsetKey], ...]

    @property
    def part(self) -> str:
        return self.key[0]


@dataclass(frozen=True, slots=True)
class WordNet:
    """All synsets by key, and the irregular forms of every lemma by part of speech."""

    synsets: dict[SynsetKey, Synset]
    irregular: dict[str, dict[str, tuple[str, ...]]]
    licence: str


def read_wordnet(folder: Path) -> WordNet:
    """Everything that the lexicon needs from the ``data.*`` and ``*.exc`` files of a folder."""
    synsets = {synset.key: synset for part in PARTS for synset in _read_synsets(folder / f"data.{part}")}
    irregular = {part: _read_exceptions(folder / f"{part}.exc") for part in PARTS}
    return WordNet(synsets, irregular, _read_licence(folder / "data.noun"))


def _read_synsets(path: Path) -> Iterator[Synset]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("  "):  # the licence stands above, each line indented
                yield _parse_synset(line)


def _parse_synset(line: str) -> Synset:
    fields = line.split("|", 1)[0].split()
    word_count = int(fields[3], 16)
    words = fields[4 : 4 + 2 * word_count : 2]
    lemmas = tuple(_MARKER.sub("", word).replace("_", " ") for word in words)
    rest = fields[4 + 2 * word_count :]
    pointers = tuple(
        (rest[start], (_PART_OF_TYPE[rest[start + 2]], int(rest[start + 1])))
        for start in range(1, 1 + 4 * int(rest[0]), 4)
    )
    return Synset((_PART_OF_TYPE[fields[2]], int(fields[0])), lemmas, pointers)


def _read_exceptions(path: Path) -> dict[str, tuple[str, ...]]:
    forms: dict[str, list[str]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            form, *lemmas = (word.replace("_", " ") for word in line.split())
            for lemma in lemmas:
                if form != lemma:
                    forms[lemma].append(form)
    return {lemma: tuple(found) for lemma, found in forms.items()}


def _read_licence(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        header = [_LINE_NUMBER.sub("", line).rstrip() for line in lines if line.startswith("  ")]
    return "\n".join(header).strip() + "\n"
