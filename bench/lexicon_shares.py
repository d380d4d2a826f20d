"""Which share of real substitutions the lexicon explains, and which share of chance ones.

    python -m bench.lexicon_shares [LEXICON.npz]

Three measurements: substitutions seen in spun news; random word pairs of news; and the gaps of aligned texts, of
teachers' and machines' rewrites (copies) and of neighbouring wire reports of one kind (no copies).
"""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import os
import random
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import LCSseq

from dedup.gaps import explain_gap
from dedup.languages import common_words
from dedup.lexicon import Lexicon, Strength, load_lexicon
from dedup.normalize import split_words
from dedup.shingle_hash import hash_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DATA = Path(os.environ.get("NEWSDEDUP_DATA", Path(__file__).parents[2] / "shared" / "data"))
MAX_GAP = 6
SAMPLES = 20_000
PAIRS = 300
REWRITES = ("orig", "gpt4_polish", "gpt4_rewrite", "2llama_polish", "2llama_rewrite")
FREQUENT = frozenset(common_words("en")[:150])

Words = list[str]


def explained_words(a: Words, b: Words, lexicon: Lexicon, least: Strength) -> int:
    tokens_a, tokens_b = ([int(token) for token in hash_words(words)] for words in (a, b))
    spans = explain_gap(tokens_a, tokens_b, lexicon)
    return sum(span.word_count for span in spans if span.strength >= least)


def substitutions() -> Iterator[tuple[str, Words, Words]]:
    with (DATA / "spun-substitutions.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            replaced = split_words(re.sub(r"\(.*?\)", "", row["replaced"]))
            for by in row["by"].split("/"):
                a, b = without_common_ends(replaced, split_words(by))
                if a and b:
                    yield row["style"], a, b


def without_common_ends(a: Words, b: Words) -> tuple[Words, Words]:
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return a, b


def read_lines(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def random_word_pairs(rng: random.Random) -> list[tuple[Words, Words]]:
    """Words of two random texts, as frequent as in news; without the 150 most frequent words."""
    texts = [
        [word for word in split_words(line["text"]) if word not in FREQUENT]
        for line in read_lines("bbc.jsonl.gz")
    ]
    pairs = (
        (rng.choice(one), rng.choice(two)) for one, two in (rng.sample(texts, 2) for _ in range(SAMPLES))
    )
    return [([one], [two]) for one, two in pairs if one != two]


def copies(name: str, keep: Iterable[str]) -> Iterator[tuple[Words, Words]]:
    """Pairs of variants of one story, of the variants whose names begin as said."""
    stories = defaultdict(list)
    for line in read_lines(name):
        if line["variant"].startswith(tuple(keep)):
            stories[line["cluster"]].append(split_words(line["text"]))
    for variants in stories.values():
        yield from ((variants[0], other) for other in variants[1:])


def templated() -> Iterator[tuple[Words, Words]]:
    """Neighbouring short wire reports that align well: two companies' earnings, two bond issues."""
    texts = [split_words(line["text"]) for line in read_lines("reuters21578.jsonl.gz")]
    for one, two in itertools.pairwise(texts):
        if (
            40 < len(one) < 400
            and 40 < len(two) < 400
            and 0.35 < LCSseq.normalized_similarity(one, two) < 0.9
        ):
            yield one, two


def gaps_of(a: Words, b: Words) -> Iterator[tuple[Words, Words]]:
    i = j = 0
    for block in LCSseq.opcodes(a, b).as_matching_blocks():
        if 0 < block.a - i <= MAX_GAP and 0 < block.b - j <= MAX_GAP:
            yield a[i : block.a], b[j : block.b]
        i, j = block.a + block.size, block.b + block.size


def print_gap_share(name: str, pairs: list[tuple[Words, Words]], lexicon: Lexicon) -> None:
    gaps = [gap for pair in pairs for gap in gaps_of(*pair)]
    total = sum(len(a) + len(b) for a, b in gaps)
    shares = [
        sum(explained_words(a, b, lexicon, least) for a, b in gaps) / total
        for least in (Strength.SYNONYM, Strength.RELATED)
    ]
    print(
        f"{name:34} {len(pairs):6} pairs {total:7} gap words: same synset {shares[0]:.3f}, related {shares[1]:.3f}"
    )


def print_substitution_shares(lexicon: Lexicon) -> None:
    found = list(substitutions())
    groups = {
        "WordNet spinners": [s for s in found if s[0].startswith("wordnet")],
        "phrase spinners": [s for s in found if not s[0].startswith(("wordnet", "backtranslation"))],
        "back-translation": [s for s in found if s[0] == "backtranslation"],
    }
    for name, group in groups.items():
        shares = [
            np.mean([explained_words(a, b, lexicon, least) == len(a) + len(b) for _, a, b in group])
            for least in (Strength.SYNONYM, Strength.RELATED)
        ]
        print(f"{name:34} {len(group):6} substitutions: same synset {shares[0]:.3f}, related {shares[1]:.3f}")


def main(arguments: list[str]) -> None:
    if not DATA.is_dir():
        sys.exit(f"no data in {DATA}; set NEWSDEDUP_DATA")
    lexicon = Lexicon(dict(np.load(arguments[0]))) if arguments else load_lexicon("en")
    if lexicon is None:
        sys.exit("the English lexicon is missing; run: python -m tools.build_lexicon")
    rng = random.Random(1)
    print_substitution_shares(lexicon)
    chance = random_word_pairs(rng)
    hits = [explained_words(a, b, lexicon, Strength.SYNONYM) > 0 for a, b in chance]
    related = [explained_words(a, b, lexicon, Strength.RELATED) > 0 for a, b in chance]
    print(
        f"{'random words':34} {len(chance):6} pairs: same synset {np.mean(hits):.4f}, related {np.mean(related):.4f}"
    )
    print_gap_share("teachers' rewrites", list(copies("onestop.jsonl.gz", ("",)))[:PAIRS], lexicon)
    machine = [pair for pair in copies("mixset_hwt.jsonl.gz", REWRITES) if pair[0] != pair[1]][:PAIRS]
    print_gap_share("machine rewrites", machine, lexicon)
    print_gap_share("templated reports", list(templated())[:PAIRS], lexicon)


if __name__ == "__main__":
    main(sys.argv[1:])
