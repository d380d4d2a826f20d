"""Candidate pairs a document as the background grows, and recall against similarity for each view's bands.

    python -m bench.curves

Must not use labelled copies for the growth curve: it is what unrelated news costs.
"""

from __future__ import annotations

import argparse
import json
import random

from bench.evaluation import BACKGROUND_GROUPS
from bench.labels import Half
from bench.quality import as_document, load_corpus
from bench.sources import WORK
from dedup import DedupConfig, find_duplicates

SIZES = (2_500, 5_000, 10_000, 20_000)


def main() -> None:
    """Prints the curve and keeps it for the report."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    corpus = load_corpus(Half.REPORTING)
    background = [document for document in corpus.documents if document.group in BACKGROUND_GROUPS]
    random.Random("curve").shuffle(background)
    points = []
    for size in SIZES:
        result = find_duplicates(
            [as_document(document) for document in background[:size]],
            DedupConfig(),
            pair_map=lambda _judge, _pairs: (),
        )
        points.append(
            {
                "documents": result.document_count,
                "candidates": result.candidate_pair_count / result.document_count,
                "aligned": result.aligned_pair_count / result.document_count,
            }
        )
        print(
            f"{size:6d} documents: {points[-1]['candidates']:.2f} candidate pairs a document,"
            f" {points[-1]['aligned']:.2f} reach alignment",
            flush=True,
        )
    (WORK / "curve.json").write_text(json.dumps(points, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
