"""Candidate pairs a document as the background grows, up to more documents than there is real news.

    python -m bench.curves [--sizes 2500,5000,10000,20000,50000,100000,200000]

Beyond the real articles the background is filled up with invented ones (``bench/background.py``). Nothing is aligned:
what shares a bucket and what passes the estimate is counted. Must not use labelled copies: it is what unrelated news
costs.
"""

from __future__ import annotations

import argparse
import json
import random
import resource

from bench.background import invented_documents
from bench.evaluation import BACKGROUND_GROUPS
from bench.labels import Half
from bench.quality import as_document, load_corpus
from bench.sources import WORK
from dedup import DedupConfig, find_duplicates

SIZES = (2_500, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)


def main() -> None:
    """Prints the curve and keeps it for the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    corpus = load_corpus(Half.REPORTING)
    real = [document for document in corpus.documents if document.group in BACKGROUND_GROUPS]
    random.Random("curve").shuffle(real)
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
