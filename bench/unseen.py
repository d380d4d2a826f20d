"""Copies hidden in styles that the corpus has no row for, looked at pair by pair: does the detector generalise?

    python -m bench.unseen --half reporting

Rules in place of a thesaurus: sentences merged and cut, clauses turned around, words left out, typing errors; and
briefs of 60 to 120 words, spun. A pair counts as found where it shares a bucket, passes the estimate and is judged a
duplicate. Must not be fitted on: neither model has seen any of these styles.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bench import edits
from bench.corpus import is_plain_news
from bench.evaluation import wilson_interval
from bench.labels import Half
from bench.originals import bbc, reuters
from bench.sources import WORK
from bench.spinners import SpinOptions, spinner
from dedup import DedupConfig, judge_pair, sign_documents
from dedup.candidates import may_be_duplicate
from dedup.values import Document, DuplicatePair

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.originals import Original

COUNT = 200
_SAID = re.compile(r"^(?P<what>[A-Z][^.!?]{20,}), (?P<who>[^,.]{3,60}? said|said [^,.]{3,60})\.$")
_CLAUSE = re.compile(
    r"^(?P<main>[A-Z][^.!?;]{20,}?),? (?P<word>after|while|because|although|as|when|if) (?P<rest>[^.!?;]{15,})\.$"
)
_JOINTS = (" and ", ", and ", ", but ", "; ")
_DROPPED = frozenset({"the", "a", "an", "that", "of", "its", "their", "also", "has", "have", "had"})
_LIGHT_SWAPS = {
    "in": "within", "on": "upon", "to": "towards", "by": "through", "from": "out of", "about": "concerning",
    "but": "yet", "which": "that", "also": "too", "however": "though", "and": "plus", "for": "on behalf of",
    "with": "alongside", "after": "following", "before": "ahead of", "because": "since", "would": "was to",
    "could": "was able to", "is": "remains", "was": "had been", "are": "remain", "were": "had been",
}  # fmt: skip


def reword_by_rules(text: str, rng: random.Random) -> str:
    """Attributions and clauses turned around, sentences cut at joints and run together."""
    parts: list[str] = []
    for sentence in edits.sentences(text):
        turned = _turn(sentence)
        if parts and rng.random() < 0.2 and len(parts[-1]) + len(turned) < 300:
            parts[-1] = f"{parts[-1].rstrip('.')}, while {turned[0].lower()}{turned[1:]}"
        elif rng.random() < 0.4:
            parts += _cut(turned)
        else:
            parts.append(turned)
    return edits.in_paragraphs(parts)


def _turn(sentence: str) -> str:
    said = _SAID.match(sentence)
    if said is not None:
        who = said["who"]
        who = who if who.endswith("said") else f"{who.removeprefix('said ')} said"
        return f"{who[0].upper()}{who[1:]} that {said['what'][0].lower()}{said['what'][1:]}."
    clause = _CLAUSE.match(sentence)
    if clause is not None:
        word, rest, main = clause["word"], clause["rest"], clause["main"]
        return f"{word.capitalize()} {rest}, {main[0].lower()}{main[1:]}."
    return sentence


def _cut(sentence: str) -> list[str]:
    for joint in _JOINTS:
        head, found, tail = sentence.partition(joint)
        if found and len(head.split()) >= 6 and len(tail.split()) >= 6:
            return [f"{head}.", f"{tail[0].upper()}{tail[1:]}"]
    return [sentence]


def swap_function_words(text: str, rng: random.Random) -> str:
    """Function words, which the skeleton is made of, replaced or left out."""
    words = text.split(" ")
    kept = [w for w in words if w not in _DROPPED or rng.random() < 0.6]
    return " ".join(_LIGHT_SWAPS.get(w, w) if rng.random() < 0.7 else w for w in kept)


def mistype(text: str, rng: random.Random) -> str:
    """A typing error in every fifth word of four letters or more: letters swapped, dropped or doubled."""

    def change(match: re.Match[str]) -> str:
        word = match.group()
        if rng.random() >= 0.2:
            return word
        at = rng.randrange(1, len(word) - 1)
        kind = rng.randrange(3)
        if kind == 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + word[at + 1 :] if kind == 1 else word[:at] + word[at] + word[at:]

    return re.sub(r"[A-Za-z]{4,}", change, text)


def disorder(text: str, rng: random.Random) -> str:
    """Words next to each other in another order, articles left out, as a poor translation has it."""
    sentences = []
    for sentence in edits.sentences(text):
        words = [w for w in sentence.split() if w not in {"the", "a", "an"} or rng.random() < 0.5]
        at = 1
        while at < len(words) - 2:
            if rng.random() < 0.15:
                words[at], words[at + 1] = words[at + 1], words[at]
                at += 1
            at += 1
        sentences.append(" ".join(words))
    return edits.in_paragraphs(sentences)


def spun(name: str, share: float) -> Callable[[str, random.Random], str]:
    """A spinner of the benchmark, quotes too."""
    options = SpinOptions(share=share, quotes=True, light_words=True)
    return lambda text, rng: spinner(name).with_options(options).spin(text, str(rng.random()))


def both(
    first: Callable[[str, random.Random], str], then: Callable[[str, random.Random], str]
) -> Callable[[str, random.Random], str]:
    """One change after the other."""
    return lambda text, rng: then(first(text, rng), rng)


STYLES: dict[str, tuple[Callable[[str, random.Random], str], int, int]] = {
    "reworded by rules": (reword_by_rules, 120, 3000),
    "reworded by rules, then Moby 50%": (both(reword_by_rules, spun("moby", 0.5)), 120, 3000),
    "function words swapped, then Moby 50%": (both(swap_function_words, spun("moby", 0.5)), 120, 3000),
    "disordered, then Moby 50%": (both(disorder, spun("moby", 0.5)), 120, 3000),
    "typing error in every fifth word": (mistype, 120, 3000),
    "typing errors, then WordNet 50%": (both(mistype, spun("wordnet_any_sense", 0.5)), 120, 3000),
    "brief of 60-120 words, WordNet any sense 50%": (spun("wordnet_any_sense", 0.5), 60, 120),
    "brief of 60-120 words, WordNet any sense 100%": (spun("wordnet_any_sense", 1.0), 60, 120),
    "brief of 60-120 words, Moby 100%": (spun("moby", 1.0), 60, 120),
}


def originals_of(half: Half, least: int, most: int, rng: random.Random) -> list[Original]:
    """English articles of a half with so many words, drawn by lot."""
    pool = [o for o in (*bbc(), *reuters()) if is_plain_news(o, half)]
    fitting = [o for o in pool if least <= edits.word_count(o.text) <= most]
    return rng.sample(fitting, min(COUNT, len(fitting)))


@dataclass(frozen=True, slots=True)
class StyleResult:
    """One style: originals, copies that reach alignment, and the labels of those found."""

    style: str
    n: int
    aligned: int
    labels: dict[str, int]

    @property
    def found(self) -> int:
        """Copies found."""
        return sum(self.labels.values())


def measure_style(name: str, half: Half, config: DedupConfig) -> StyleResult:
    """How many copies of one style become candidates and are found, and under which labels."""
    change, least, most = STYLES[name]
    rng = random.Random(f"unseen/{name}")
    candidates, labels = 0, dict[str, int]()
    originals = originals_of(half, least, most, rng)
    for o in originals:
        a, b = Document(o.id, o.text), Document(f"copy-{o.id}", change(o.text, rng))
        one, other = sign_documents([a, b], config)
        if set(one.buckets) & set(other.buckets) and may_be_duplicate(one, other, config):
            candidates += 1
            verdict = judge_pair(a, b, config)
            if isinstance(verdict, DuplicatePair):
                labels[verdict.label] = labels.get(verdict.label, 0) + 1
    return StyleResult(name, len(originals), candidates, labels)


def main() -> None:
    """Prints the table and keeps it for the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", type=Half, default=Half.TUNING)
    half = parser.parse_args().half
    rows = []
    for name in STYLES:
        row = measure_style(name, half, DedupConfig())
        low, high = wilson_interval(row.found, row.n)
        rows.append(asdict(row))
        ratio = f"{row.found / row.n:.3f} [{low:.3f} {high:.3f}]"
        print(f"{name:46} n {row.n}, aligned {row.aligned}, found {ratio} {row.labels}", flush=True)
    (WORK / f"unseen-{half}.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
