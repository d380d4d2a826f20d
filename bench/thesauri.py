"""The lexicons that spinners replace words from: WordNet, Moby, MyThes French and German, a phrase list.

Must not walk a text: it answers one phrase at a time. The product never imports this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol

from bench.inflection import PARTS, Analysis, Form, analyses, inflect
from bench.sources import moby_file, mythes_dir, wordnet_dir

MAX_REPLACEMENT_WORDS = 3


class Thesaurus(Protocol):
    """Says what a phrase may be replaced by."""

    max_words: int

    def senses(self, phrase: str) -> tuple[tuple[str, ...], ...]:
        """Replacements of a lower-case phrase, inflected like it, grouped by sense; the likeliest first."""
        ...


@dataclass(slots=True)
class WordNet:
    """WordNet 3.0. ``first_sense_only`` keeps the sense most often tagged; else any sense goes, right or wrong."""

    first_sense_only: bool
    max_words: int = 3
    _seen: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def senses(self, phrase: str) -> tuple[tuple[str, ...], ...]:
        if phrase not in self._seen:
            found = _wordnet_senses(phrase)
            self._seen[phrase] = found[:1] if self.first_sense_only else found
        return self._seen[phrase]


@dataclass(frozen=True, slots=True)
class _WordNetIndex:
    synsets: dict[tuple[str, str], tuple[int, ...]]
    lemmas: dict[tuple[str, int], tuple[str, ...]]
    tag_counts: dict[tuple[str, str, int], int]


def _wordnet_senses(phrase: str) -> tuple[tuple[str, ...], ...]:
    index = _wordnet_index()
    ranked: list[tuple[int, int, tuple[str, ...]]] = []
    for analysis in _readings(phrase):
        for number, offset in enumerate(index.synsets.get((analysis.lemma, analysis.part), ())):
            others = tuple(
                inflect(lemma, analysis.part, analysis.form)
                for lemma in index.lemmas[analysis.part, offset]
                if lemma.lower() != analysis.lemma and lemma.count(" ") < MAX_REPLACEMENT_WORDS
            )
            if others:
                count = index.tag_counts.get((analysis.lemma, analysis.part, number + 1), 0)
                ranked.append((-count, len(ranked), others))
    return tuple(dict.fromkeys(others for _, _, others in sorted(ranked)))


def _readings(phrase: str) -> list[Analysis]:
    if " " not in phrase:
        return list(dict.fromkeys(analyses(phrase)))
    first, rest = phrase.split(" ", 1)
    start, last = phrase.rsplit(" ", 1)
    verbs = [Analysis(f"{a.lemma} {rest}", "v", a.form) for a in analyses(first) if a.part == "v"]
    others = [Analysis(f"{start} {a.lemma}", a.part, a.form) for a in analyses(last) if a.part != "v"]
    return list(dict.fromkeys(verbs + others))


@cache
def _wordnet_index() -> _WordNetIndex:
    synsets: dict[tuple[str, str], tuple[int, ...]] = {}
    lemmas: dict[tuple[str, int], tuple[str, ...]] = {}
    for name, part in PARTS.items():
        for fields in _wordnet_lines(wordnet_dir() / f"index.{name}"):
            offsets = fields[-int(fields[2]) :]
            synsets[fields[0].replace("_", " "), part] = tuple(map(int, offsets))
        for fields in _wordnet_lines(wordnet_dir() / f"data.{name}"):
            words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
            lemmas[part, int(fields[0])] = tuple(
                re.sub(r"\(.*\)", "", word).replace("_", " ") for word in words
            )
    return _WordNetIndex(synsets, lemmas, _tag_counts())


def _wordnet_lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8") as lines:
        return [line.split("|", 1)[0].split() for line in lines if not line.startswith("  ")]


def _tag_counts() -> dict[tuple[str, str, int], int]:
    part_of_type = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
    counts = {}
    for line in (wordnet_dir() / "cntlist.rev").read_text(encoding="utf-8").splitlines():
        key, number, count = line.split()
        lemma, rest = key.split("%", 1)
        counts[lemma.replace("_", " "), part_of_type[rest[0]], int(number)] = int(count)
    return counts


@dataclass(slots=True)
class Moby:
    """Moby Thesaurus II: flat lists of loosely related words, no senses; not derived from WordNet."""

    max_words: int = 2
    _seen: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def senses(self, phrase: str) -> tuple[tuple[str, ...], ...]:
        if phrase not in self._seen:
            self._seen[phrase] = self._look_up(phrase)
        return self._seen[phrase]

    def _look_up(self, phrase: str) -> tuple[tuple[str, ...], ...]:
        for analysis in _readings(phrase):
            line = _moby_lines().get(analysis.lemma)
            if line is not None:
                others = [
                    other for other in line.split(",")[1:] if other.count(" ") < MAX_REPLACEMENT_WORDS - 1
                ]
                return (tuple(inflect(other, analysis.part, analysis.form) for other in others),)
        return ()


@cache
def _moby_lines() -> dict[str, str]:
    lines = moby_file().read_text(encoding="utf-8", errors="replace").splitlines()
    return {line.split(",", 1)[0].lower(): line for line in lines if "," in line}


@dataclass(slots=True)
class MyThes:
    """LibreOffice's French or German thesaurus; endings are carried over from word to word."""

    language: str
    max_words: int = 2
    _entries: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = {"fr": "thes_fr.dat", "de": "th_de_DE_v2.dat"}[self.language]
        self._entries = _mythes_entries(mythes_dir(self.language) / name)

    def senses(self, phrase: str) -> tuple[tuple[str, ...], ...]:
        exact = self._entries.get(phrase)
        if exact:
            return exact
        for ending, base_ending in _ENDINGS[self.language]:
            stem = phrase.removesuffix(ending)
            if stem != phrase and len(stem) > 3:
                found = self._entries.get(stem + base_ending, ())
                swapped = tuple(_swap_endings(sense, base_ending, ending) for sense in found)
                kept = tuple(sense for sense in swapped if sense)
                if kept:
                    return kept
        return ()


_ENDINGS = {
    "fr": (("es", ""), ("s", ""), ("e", ""), ("ées", "er"), ("ée", "er"), ("és", "er"), ("é", "er"), ("ait", "er"),
           ("ent", "er"), ("ant", "er"), ("e", "er"), ("era", "er"), ("aux", "al")),
    "de": (("en", ""), ("es", ""), ("er", ""), ("em", ""), ("e", ""), ("n", ""), ("s", ""), ("en", "e"), ("t", "en"),
           ("te", "en"), ("ten", "en"), ("st", "en"), ("e", "en")),
}  # fmt: skip


def _swap_endings(words: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(word.removesuffix(old) + new for word in words if word.endswith(old) and " " not in word)


def _mythes_entries(path: Path) -> dict[str, tuple[tuple[str, ...], ...]]:
    entries: dict[str, tuple[tuple[str, ...], ...]] = {}
    lines = iter(path.read_text(encoding="utf-8").splitlines()[1:])
    for line in lines:
        word, count = line.rsplit("|", 1)
        senses = [_mythes_sense(next(lines), word) for _ in range(int(count))]
        entries[word.lower()] = tuple(sense for sense in senses if sense)
    return entries


def _mythes_sense(line: str, word: str) -> tuple[str, ...]:
    wanted = [item for item in line.split("|")[1:] if "Oberbegriff" not in item and "Antonym" not in item]
    plain = (re.sub(r"\s*\([^)]*\)\s*", " ", item).strip() for item in wanted)
    return tuple(
        item
        for item in plain
        if item
        and "..." not in item
        and item.lower() != word.lower()
        and item.count(" ") < MAX_REPLACEMENT_WORDS
    )


@dataclass(slots=True)
class PhraseList:
    """Fixed rewrites of common news words and phrases, one sense each; see ``phrase_rewrites.tsv``."""

    max_words: int = 4
    _entries: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        text = (Path(__file__).parent / "phrase_rewrites.tsv").read_text(encoding="utf-8")
        rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
        self._entries = {phrase: tuple(others.split("|")) for phrase, others in rows}

    def senses(self, phrase: str) -> tuple[tuple[str, ...], ...]:
        others = self._entries.get(phrase)
        if others is not None or " " in phrase:
            return (others,) if others else ()
        for analysis in analyses(phrase):
            base = self._entries.get(analysis.lemma)
            if base is not None and analysis.form in (Form.S, Form.ED, Form.ING):
                return (tuple(_inflect_once(other, analysis) for other in base),)
        return ()


def _inflect_once(phrase: str, analysis: Analysis) -> str:
    is_plural = analysis.form is Form.S and phrase.endswith("s")
    return phrase if is_plural else inflect(phrase, analysis.part, analysis.form)
