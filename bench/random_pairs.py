"""Judges a million random pairs of unrelated background articles, without signatures or estimate before.

    python -m bench.random_pairs

Harder than what the detector meets: of these pairs nearly none would ever become a candidate. Must not draw two
articles of one story.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from multiprocessing import Pool
from typing import TYPE_CHECKING

from bench.evaluation import BACKGROUND_GROUPS
from bench.labels import Half
from bench.quality import as_document, load_corpus
from bench.sources import WORK
from dedup import DedupConfig
from dedup.boilerplate import mark_boilerplate, without_boilerplate
from dedup.decision import decide
from dedup.measure import measure_pair
from dedup.reading import read_text

if TYPE_CHECKING:
    from dedup.reading import Reading

PAIRS = 1_000_000
ARTICLES = 8_000
_CHUNK = 10_000
_readings: list[Reading] = []
_stories: list[frozenset[str]] = []


def main() -> None:
    """Prints how many were called duplicates, with their ids, and keeps the count for the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=PAIRS)
    chosen = parser.parse_args()
    everything = [d for d in load_corpus(Half.REPORTING).documents if d.group in BACKGROUND_GROUPS]
    benched = random.Random("random pairs").sample(everything, ARTICLES)
    by_id = {document.id: document for document in benched}
    documents = mark_boilerplate(sorted(map(as_document, benched), key=lambda d: d.id))
    for document in documents:
        text = without_boilerplate(document)
        _readings.append(read_text(text, document.language))
        _stories.append(frozenset(by_id[document.id].stories))
    started = time.perf_counter()
    with Pool(2) as pool:
        found = [pair for part in pool.imap(_judge, range(chosen.pairs // _CHUNK)) for pair in part]
    kept = {
        "pairs": chosen.pairs,
        "documents": len(documents),
        "reported": [[documents[i].id, documents[j].id] for i, j in found],
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(kept)
    (WORK / "random-pairs.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")


def _judge(chunk: int) -> list[tuple[int, int]]:
    config = DedupConfig()
    rng = random.Random(f"random pairs/{chunk}")
    found, judged = [], 0
    while judged < _CHUNK:
        i, j = rng.randrange(len(_readings)), rng.randrange(len(_readings))
        if i != j and not _stories[i] & _stories[j]:
            judged += 1
            if decide(measure_pair(_readings[i], _readings[j]), config).label is not None:
                found.append((i, j))
    return found


if __name__ == "__main__":
    main()
