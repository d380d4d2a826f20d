"""Candidate pairs a document as the background grows, up to more documents than there is real news.

    python -m bench.curves [--sizes 2500,5000,10000,20000,50000,100000,200000]

All real texts of the data sets stand in it, of rewrites and page histories one version each. Beyond them the background
is filled up with invented ones (``bench/background.py``). Nothing is aligned: what shares a bucket and what passes the
estimate is counted. Must not use copies made for the benchmark: it is what unrelated news costs.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
from typing import TYPE_CHECKING

from bench import originals
from bench.background import invented_documents
from bench.corpus import as_background
from bench.quality import as_document
from bench.sources import WORK
from dedup import DedupConfig, find_duplicates

if TYPE_CHECKING:
    from bench.labels import BenchDocument

SIZES = (2_500, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)


def real_documents() -> list[BenchDocument]:
    """Every real text at hand, in a fixed random order; of rewrites and page histories one version each."""
    news = (originals.reuters(), originals.bbc(), originals.events(), originals.french(), originals.german())
    first_versions = {o.story: o for o in (*originals.wiki(), *originals.onestop(), *originals.mixset())}
    known = {o.story for group in news for o in group}
    every = [o for group in news for o in group] + [
        o for o in first_versions.values() if o.story not in known
    ]
    documents = [as_background(o) for o in every if o.text.strip()]
    random.Random("curve").shuffle(documents)
    return documents


def main() -> None:
    """Prints the curve and keeps it for the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    real = real_documents()
    documents = [as_document(document) for document in real[: max(sizes)]]
    documents += invented_documents(real, max(0, max(sizes) - len(real)))
    points = []
    for size in sizes:
        result = find_duplicates(documents[:size], DedupConfig(), pair_map=lambda _judge, _pairs: ())
        points.append(
            {
                "documents": result.document_count,
                "real": min(size, len(real)),
                "candidates": result.candidate_pair_count / result.document_count,
                "aligned": result.aligned_pair_count / result.document_count,
                "peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            }
        )
        print(
            f"{size:6d} documents, {points[-1]['real']} of them real: {points[-1]['candidates']:.2f} candidate pairs"
            f" a document, {points[-1]['aligned']:.2f} reach alignment; {points[-1]['peak_bytes'] / 1e6:.0f} MB",
            flush=True,
        )
        (WORK / "curve.json").write_text(json.dumps(points, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
