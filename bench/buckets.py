"""Recall against the number of buckets an article, on the tuning half: how the default bands were chosen.

    python -m bench.buckets

A copy is kept where the two signatures share one of the buckets and pass the estimate. Every view keeps its stored
values, so only what is looked up changes. Must not see the reporting half.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bench.labels import Half, Truth
from bench.quality import as_document, load_corpus
from bench.sources import WORK
from dedup import DedupConfig
from dedup.boilerplate import mark_boilerplate
from dedup.candidates import may_be_duplicates
from dedup.config import BandConfig
from dedup.signatures import sign_corpus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dedup.signatures import SignedDocuments

WIDEST = DedupConfig(wording=BandConfig(16, 2), skeleton=BandConfig(32, 2))
"""The bands of the first release: same values as now, more of them looked up."""
WORDING, SKELETON, ANCHORS, SAMPLING = (0, 2, 4, 8, 16), (0, 8, 16, 24, 28, 32), (16, 24, 28, 32), (8, 16, 32)


class Shared:
    """Which buckets the labelled copies of the tuning half share, by the widest bands."""

    def __init__(self) -> None:
        corpus = load_corpus(Half.TUNING)
        copies = [pair for pair in corpus.pairs if pair.truth is Truth.COPY]
        needed = {key for pair in copies for key in (pair.id_a, pair.id_b)}
        marked = mark_boilerplate(sorted(map(as_document, corpus.documents), key=lambda d: d.id))
        documents = [document for document in marked if document.id in needed]
        place = {document.id: i for i, document in enumerate(documents)}
        signed = sign_corpus(documents, WIDEST)
        lows = np.array([place[pair.id_a] for pair in copies])
        highs = np.array([place[pair.id_b] for pair in copies])
        shares = (signed.buckets[lows] == signed.buckets[highs]) & signed.has_bucket[lows]
        self.shares = shares & signed.has_bucket[highs]
        self.is_same = np.array(
            [signed.text_hashes[i] == signed.text_hashes[j] for i, j in zip(lows, highs, strict=True)]
        )
        self.is_likely = may_be_duplicates(signed, lows, highs, WIDEST)
        self.passages = {step: _share_passage(signed, lows, highs, step) for step in SAMPLING}
        self.passage_count = {
            step: float((signed.passages % np.uint64(step) == 0).sum() / len(documents)) for step in SAMPLING
        }
        self.rows = np.array([pair.row for pair in copies])

    def kept(self, wording: int, skeleton: int, anchors: int, sampling: int) -> NDArray[np.bool_]:
        """Which copies share a bucket and pass the estimate with so many bands."""
        starts = (0, WIDEST.wording.bands, WIDEST.wording.bands + WIDEST.skeleton.bands)
        found = self.passages[sampling].copy()
        for start, bands in zip(starts, (wording, skeleton, anchors), strict=True):
            found |= self.shares[:, start : start + bands].any(axis=1)
        kept: NDArray[np.bool_] = self.is_same | (found & self.is_likely)
        return kept


def _share_passage(
    signed: SignedDocuments, lows: NDArray[np.intp], highs: NDArray[np.intp], step: int
) -> NDArray[np.bool_]:
    def chosen(i: int) -> NDArray[np.uint64]:
        passages = signed.passages_of(i)
        kept: NDArray[np.uint64] = passages[passages % np.uint64(step) == 0]
        return kept

    shared = (
        np.intersect1d(chosen(i), chosen(j)) for i, j in zip(lows.tolist(), highs.tolist(), strict=True)
    )
    return np.array([len(both) > 0 for both in shared])


@dataclass(frozen=True, slots=True)
class Point:
    """One set of bands: wording, skeleton, anchors, one passage in how many; and what it keeps."""

    bands: tuple[int, int, int, int]
    buckets: float
    recall: float
    worst_loss: float
    lost: int


def measure(shared: Shared) -> Iterator[Point]:
    """Each set of bands: buckets an article, mean recall over the rows, and the row that loses most."""
    rows = np.unique(shared.rows)
    widest = shared.kept(16, 32, 32, 8)
    for bands in product(WORDING, SKELETON, ANCHORS, SAMPLING):
        kept = shared.kept(*bands)
        losses = [float((widest & ~kept)[shared.rows == row].mean()) for row in rows]
        yield Point(
            bands,
            buckets=sum(bands[:3]) + shared.passage_count[bands[3]],
            recall=float(np.mean([kept[shared.rows == row].mean() for row in rows])),
            worst_loss=max(losses),
            lost=int((widest & ~kept).sum()),
        )


def main() -> None:
    """Prints the sets that nothing cheaper beats, and keeps all for the plot."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    points = sorted(measure(Shared()), key=lambda point: point.buckets)
    best = 0.0
    for point in points:
        if point.recall > best:
            best = point.recall
            print(
                f"{point.buckets:6.1f} buckets, recall {best:.4f}, {point.lost} lost,"
                f" worst row loses {point.worst_loss:.4f}: {point.bands}"
            )
    (WORK / "buckets.json").write_text(json.dumps([asdict(p) for p in points]), encoding="utf-8")


if __name__ == "__main__":
    main()
