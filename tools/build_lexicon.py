"""Builds ``dedup/data/lexicon-en.npz`` from the WordNet 3.0 database files.

    python -m tools.build_lexicon [FOLDER]

FOLDER holds ``data.noun`` and its like; without it, the one that Debian's package ``wordnet-base`` fills.
The same input gives the same file, byte for byte. docs/lexicon.md says what was chosen and why.
"""

from __future__ import annotations

import sys
import zipfile
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.lexicon import MAX_PHRASE_WORDS
from dedup.normalize import split_words
from dedup.number_words import Kind, numerals
from dedup.numbers import find_numbers
from dedup.shingle_hash import hash_words, phrase_hash
from tools.english_inflection import inflect, inflect_phrase
from tools.wordnet import Pointer, SynsetKey, WordNet, read_wordnet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

DEBIAN_FOLDER = Path("/usr/share/wordnet")
DATA = Path(__file__).parent.parent / "dedup" / "data"
PHRASES = Path(__file__).with_name("english_phrases.txt")
RELATED = (
    Pointer.HYPERNYM,
    Pointer.SIMILAR_TO,
    Pointer.ALSO_SEE,
    Pointer.VERB_GROUP,
    Pointer.DERIVED,
    Pointer.PERTAINS_TO,
    Pointer.PARTICIPLE_OF,
)
SCALES = {(word,) for word, numeral in numerals("en").items() if numeral.kind in {Kind.HUNDRED, Kind.SCALE}}
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)

Phrase = tuple[str, ...]


class Entries(NamedTuple):
    """The lexicon before it is hashed: synset numbers of every phrase, and what each synset points to."""

    synsets_of: dict[Phrase, set[int]]
    related: list[set[int]]
    synonymous: set[int]  # synsets of two different phrases or more


def collect_entries(wordnet: WordNet) -> Entries:
    numbers = {key: number for number, key in enumerate(sorted(wordnet.synsets))}
    vocabulary = {normal_phrase(lemma) for synset in wordnet.synsets.values() for lemma in synset.lemmas}
    synsets_of: dict[Phrase, set[int]] = defaultdict(set)
    synonymous = set()
    for key, number in numbers.items():
        synset = wordnet.synsets[key]
        if len({normal_phrase(lemma) for lemma in synset.lemmas}) > 1:
            synonymous.add(number)
        for lemma in numerals_of_one_value(synset.lemmas):
            for phrase in lemma_forms(lemma, synset.part, wordnet, vocabulary):
                synsets_of[phrase].add(number)
    synsets_of.pop((), None)
    kept = {phrase: found for phrase, found in synsets_of.items() if len(phrase) <= MAX_PHRASE_WORDS}
    return Entries(kept, related_synsets(wordnet, numbers), synonymous)


def add_phrase_groups(entries: Entries, groups: list[list[Phrase]]) -> None:
    """Makes every group one more synset, related to none."""
    for group in groups:
        number = len(entries.related)
        entries.related.append(set())
        entries.synonymous.add(number)
        for phrase in group:
            entries.synsets_of.setdefault(phrase, set()).add(number)


def read_phrase_groups(path: Path) -> list[list[Phrase]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    groups = [
        list(dict.fromkeys(normal_phrase(phrase) for phrase in line.split("|")))
        for line in lines
        if line and not line.startswith("#")
    ]
    return [[phrase for phrase in group if 0 < len(phrase) <= MAX_PHRASE_WORDS] for group in groups]


def numerals_of_one_value(lemmas: tuple[str, ...]) -> tuple[str, ...]:
    """The lemmas; without the numerals if these differ in value.

    WordNet has "million", "billion" and "trillion" in one synset, in the sense of "very many".
    """
    values = {lemma: whole_value(normal_phrase(lemma)) for lemma in lemmas}
    if len({value for value in values.values() if value is not None}) <= 1:
        return lemmas
    return tuple(lemma for lemma in lemmas if values[lemma] is None)


def whole_value(phrase: Phrase) -> float | None:
    spans = find_numbers(("one", *phrase) if phrase in SCALES else phrase, "en")
    return spans[0].value if len(spans) == 1 and spans[0].end >= len(phrase) else None


def normal_phrase(text: str) -> Phrase:
    return tuple(split_words(text))


def lemma_forms(lemma: str, part: str, wordnet: WordNet, vocabulary: set[Phrase]) -> Iterator[Phrase]:
    """The lemma and its inflected forms, normalised."""
    phrase = normal_phrase(lemma)
    yield phrase
    irregular = wordnet.irregular[part]
    if part == "noun" and lemma != lemma.lower():
        return  # a name has no plural of its own
    if len(phrase) > 1:
        yield from (normal_phrase(form) for form in irregular.get(lemma, ()))
        yield from (normal_phrase(" ".join(form)) for form in inflect_phrase(list(phrase), part, irregular))
    elif phrase:
        for form in inflect(phrase[0], part, irregular.get(lemma, ())):
            # "numb, number" and "off, offer" are not comparisons
            if not (part == "adj" and (form,) in vocabulary):
                yield normal_phrase(form)


def related_synsets(wordnet: WordNet, numbers: dict[SynsetKey, int]) -> list[set[int]]:
    related: list[set[int]] = [set() for _ in numbers]
    for key, number in numbers.items():
        for symbol, target in wordnet.synsets[key].pointers:
            if symbol in RELATED and target != key:
                related[number].add(numbers[target])
    return related


def pack_entries(entries: Entries) -> dict[str, NDArray[np.generic]]:
    """The arrays of the data file, as ``dedup.lexicon`` documents them."""
    by_hash = {phrase_hash(phrase): phrase for phrase in entries.synsets_of}
    if len(by_hash) != len(entries.synsets_of):
        raise ValueError("two phrases of the lexicon have one hash")
    keys = np.array(sorted(by_hash), dtype=np.uint64)
    phrases = [by_hash[int(key)] for key in keys]
    counts, synsets = pack_sets([entries.synsets_of[phrase] for phrase in phrases])
    related_counts, related = pack_sets(entries.related)
    starters, reach = pack_starters(phrases)
    return {
        "key_steps": np.diff(keys, prepend=np.uint64(0)),
        "synset_counts": counts,
        "synsets": synsets,
        "related_counts": related_counts,
        "related": related,
        "is_replaceable_word": np.array([is_replaceable(phrase, entries) for phrase in phrases]),
        "starters": starters,
        "starter_reach": reach,
    }


def pack_sets(sets: list[set[int]]) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    counts = np.array([len(numbers) for numbers in sets], dtype=np.uint8)
    if counts.sum(dtype=np.int64) != sum(map(len, sets)):
        raise ValueError("a phrase or synset has more than 255 neighbours")
    return counts, np.array([number for numbers in sets for number in sorted(numbers)], dtype=np.int32)


def is_replaceable(phrase: Phrase, entries: Entries) -> bool:
    """Whether it is one word, not a numeral, that shares a synset with another phrase."""
    if len(phrase) > 1 or any(letter.isdigit() for letter in phrase[0]):
        return False
    return not entries.synsets_of[phrase].isdisjoint(entries.synonymous)


def pack_starters(phrases: list[Phrase]) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """The hashes of words that begin a longer phrase, and the words of the longest of these phrases."""
    reach: dict[str, int] = defaultdict(int)
    for phrase in phrases:
        if len(phrase) > 1:
            reach[phrase[0]] = max(reach[phrase[0]], len(phrase))
    words = list(reach)
    hashes = hash_words(words)
    order = np.argsort(hashes)
    return hashes[order], np.array([reach[words[index]] for index in order], dtype=np.uint8)


def write_arrays(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    """What ``np.savez_compressed`` writes, without the time of day."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            stream = BytesIO()
            np.save(stream, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=_ZIP_EPOCH)
            archive.writestr(entry, stream.getvalue(), zipfile.ZIP_DEFLATED, 9)


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0]) if arguments else DEBIAN_FOLDER
    if not (folder / "data.noun").is_file():
        sys.exit(f"no WordNet database in {folder}; run: apt-get install wordnet-base")
    wordnet = read_wordnet(folder)
    entries = collect_entries(wordnet)
    add_phrase_groups(entries, read_phrase_groups(PHRASES))
    arrays = pack_entries(entries)
    DATA.mkdir(exist_ok=True)
    write_arrays(DATA / "lexicon-en.npz", arrays)
    (DATA / "LICENSE.wordnet").write_text(wordnet.licence, encoding="utf-8")
    for name, array in arrays.items():
        print(f"{name:20} {len(array):>9,} {array.dtype}")
    print(f"{(DATA / 'lexicon-en.npz').stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
