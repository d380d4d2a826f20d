"""File mode on the Reuters wire, the most templated news there is: how much is found, how fast, in how much memory.

    python -m bench.wire

Counts a natural pair as found where it is reported, or where both texts are in one cluster: a group of equal texts is
reported as a star around its canonical member, not as all pairs. Must not tune anything.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.sources import data_dir

LEAST_VALUES = (0.3, 0.5, 0.8)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        source, pairs, clusters = place / "wire.jsonl", place / "pairs.jsonl", place / "clusters.jsonl"
        with gzip.open(data_dir() / "reuters21578.jsonl.gz", "rt") as rows, source.open("w") as stream:
            for row in map(json.loads, rows):
                stream.write(
                    json.dumps({"id": row["doc_id"], "title": row["title"], "text": row["text"]}) + "\n"
                )
        command = [sys.executable, "-m", "newsdedup", "dedup", str(source)]
        subprocess.run([*command, "--pairs", str(pairs), "--clusters", str(clusters)], check=True)
        reported = {(pair["id_a"], pair["id_b"]) for pair in map(json.loads, pairs.open())}
        cluster_of = {m: c["cluster_id"] for c in map(json.loads, clusters.open()) for m in c["member_ids"]}
    natural = [line.split("\t") for line in (data_dir() / "reuters21578.natural_pairs.tsv").open()]
    for least in LEAST_VALUES:
        wanted = [(a, b) for a, b, value in natural if float(value) >= least]
        found = [
            pair
            for pair in wanted
            if tuple(sorted(pair)) in reported or cluster_of.get(pair[0], pair[0]) == cluster_of.get(pair[1])
        ]
        print(
            f"natural pairs of value >= {least}: {len(found)} of {len(wanted)} found, {len(found) / len(wanted):.1%}"
        )


if __name__ == "__main__":
    main()
