"""Which of two texts is called the original when words alone can tell: both without date, source and address.

    python -m bench.direction --half reporting

A pair counts where it is labelled spun, as only then do the words speak (`dedup.direction`). Two spins of one original,
made by one program under different seeds, are the counter-test: neither is the original, so every answer is wrong.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from bench.corpus import documents_path, pairs_path
from bench.labels import Half, Truth, read_documents, read_pairs
from bench.sources import WORK
from bench.spinners import SpinOptions, spinner
from dedup import DedupConfig, judge_pair
from dedup.values import Document, DuplicatePair, Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROWS = ("spun", "machine rewrite")
TWO_SPINS = "two spins of one original, {} 50%"
SPINNERS = ("wordnet_any_sense", "phrases", "moby")
MOST_PAIRS = 200
RIGHT, WRONG, UNSAID = "right", "wrong", "not said"


def is_rewritten(document_id: str) -> bool:
    """Whether a document was made from another one of the corpus, by its id."""
    return document_id.startswith("copy-") or (
        document_id.startswith("mix-") and not document_id.endswith("-orig")
    )


def told_original(a: Document, b: Document, config: DedupConfig) -> str | None:
    """The id that the words make the original; empty where they make none, None where the pair is not spun."""
    verdict = judge_pair(a, b, config)
    if not isinstance(verdict, DuplicatePair) or verdict.label is not Label.SPUN:
        return None
    return verdict.likely_original_id or ""


def count_answers(pairs: Iterable[tuple[Document, Document]], config: DedupConfig) -> Counter[str]:
    """How often the first text of a pair, its original, is named, the second, or neither."""
    counts: Counter[str] = Counter()
    for original, copy in pairs:
        told = told_original(original, copy, config)
        if told is not None:
            counts[RIGHT if told == original.id else WRONG if told else UNSAID] += 1
    return counts


def pairs_by_row(half: Half) -> dict[str, list[tuple[Document, Document]]]:
    """Originals with their copies, at most ``MOST_PAIRS`` a row, stripped to their texts."""
    texts = {one.id: Document(one.id, one.text) for one in read_documents(documents_path(half))}
    rows: dict[str, list[tuple[Document, Document]]] = defaultdict(list)
    for pair in read_pairs(pairs_path(half)):
        if pair.truth is Truth.COPY and pair.row.startswith(ROWS) and len(rows[pair.row]) < MOST_PAIRS:
            original, copy = sorted((pair.id_a, pair.id_b), key=is_rewritten)
            rows[pair.row].append((texts[original], texts[copy]))
    return rows


def two_spins(name: str, originals: Iterable[Document]) -> Iterator[tuple[Document, Document]]:
    """Two copies of each original by one spinner."""
    made = spinner(name).with_options(SpinOptions(share=0.5))
    for original in originals:
        first, second = (made.spin(original.text, f"direction/{original.id}/{number}") for number in (1, 2))
        yield Document(f"{original.id}/1", first), Document(f"{original.id}/2", second)


def main() -> None:
    """Prints the table and keeps it for the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", type=Half, default=Half.TUNING)
    half, config = parser.parse_args().half, DedupConfig()
    by_row = pairs_by_row(half)
    rows = [(row, count_answers(pairs, config)) for row, pairs in by_row.items()]
    originals = [original for original, _ in by_row["spun, WordNet any sense, 50%"]]
    for name in SPINNERS:
        counts = count_answers(two_spins(name, originals), config)
        rows.append(
            (TWO_SPINS.format(name), Counter({WRONG: counts[RIGHT] + counts[WRONG], UNSAID: counts[UNSAID]}))
        )
    for row, counts in rows:
        print(
            f"{row:56} {counts.total():4} pairs: "
            + ", ".join(f"{k} {counts[k]}" for k in (RIGHT, UNSAID, WRONG))
        )
    kept = [{"row": row, **{name: counts[name] for name in (RIGHT, UNSAID, WRONG)}} for row, counts in rows]
    (WORK / f"direction-{half}.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
