"""Text to signature, documents a second on one core, newsdedup and its peers in turn, as ratios of one run.

    python -m bench.speed

The peers make 128 values of one view; newsdedup is measured so too, and with all of its views. Seconds are the
process's own processor time, which other work on the machine disturbs little; ratios are what to read.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import time
from typing import TYPE_CHECKING

from bench.compare import PEERS, prepare
from bench.originals import bbc
from bench.sources import ROOT, WORK
from dedup import DedupConfig, sign_documents
from dedup.minhash import min_hash
from dedup.normalize import hash_texts
from dedup.shingle_hash import shingle_hashes
from dedup.values import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

ROUNDS = 5
DOCUMENTS = 1000
_BATCH = 64
_PEER_RUNS = (
    ("datasketch 2.0, bulk, xxhash", "datasketch", "datasketch_bulk"),
    ("datasketch, update per shingle", "datasketch", "datasketch_update"),
    ("rensa 0.5, RMinHash", "rensa", "rensa"),
    ("text-dedup 0.4.1", "text-dedup", "text_dedup"),
)


def one_view(texts: Sequence[str]) -> None:
    """128 values of word 5-grams, as the peers make them."""
    for start in range(0, len(texts), _BATCH):
        for tokens in hash_texts(texts[start : start + _BATCH]):
            min_hash(shingle_hashes(tokens, 5), 128, 1)


def all_views(texts: Sequence[str]) -> None:
    """Whole signatures: every view, language detection, buckets."""
    sign_documents([Document(str(number), text) for number, text in enumerate(texts)], DedupConfig())


def all_views_known_language(texts: Sequence[str]) -> None:
    """Whole signatures of texts whose language is known."""
    documents = [Document(str(number), text, language="en") for number, text in enumerate(texts)]
    sign_documents(documents, DedupConfig())


def own_rate(run: Callable[[Sequence[str]], None], texts: Sequence[str]) -> float:
    """Documents a second of one of our own runs."""
    run(texts[:20])
    started = time.process_time()
    run(texts)
    return len(texts) / (time.process_time() - started)


def peer_rate(environment: str, library: str, path: Path) -> float:
    """Documents a second of a peer, measured inside its own process."""
    peer = next(peer for peer in PEERS if peer.environment == environment)
    single = {**os.environ, "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    program = ROOT / "bench" / "peers" / "speed_peer.py"
    command = [str(prepare(peer)), str(program), library, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=single)
    return float(done.stdout.split()[-1])


def main() -> None:
    """Prints the table and keeps it for the report."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    texts = [article.text for article in bbc()][:DOCUMENTS]
    path = WORK / "speed-input.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, run in (
            ("newsdedup, one view of 128 values", one_view),
            ("newsdedup, whole signature", all_views),
            ("newsdedup, whole signature, language known", all_views_known_language),
        ):
            rates.setdefault(name, []).append(own_rate(run, texts))
        for name, environment, library in _PEER_RUNS:
            rates.setdefault(name, []).append(peer_rate(environment, library, path))
    best = {name: max(values) for name, values in rates.items()}
    base = best["datasketch 2.0, bulk, xxhash"]
    words = statistics.mean(len(text.split()) for text in texts)
    print(f"{len(texts)} documents of {words:.0f} words, best of {ROUNDS} rounds, one core")
    for name, rate in best.items():
        print(f"{name:44} {rate:9.0f} documents/s  {rate / base:6.2f} x datasketch bulk")
    values = {"documents": len(texts), "words": words, "rates": best}
    (WORK / "speed.json").write_text(json.dumps(values, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
