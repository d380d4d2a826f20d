"""Dumps what alignment measured for every candidate pair of a corpus, with its truth: data to fit the decision on.

    python -m bench.features --half tuning      ->  bench/.work/features-tuning.npz

Arrays, one row a pair: ``x`` (n, k) float64 with column names in ``names``; ``truth`` 1 a copy, 0 not, -1 nobody
has looked (background candidates: nearly all are not copies); ``row`` the result row or the kind of pair;
``weight`` so that every row of copies counts alike; ``fold`` 0-4 by story, for cross-fitting; ``reported`` and
``label`` what the present decision says; ``id_a``, ``id_b``. Must not fit anything.
"""

from __future__ import annotations

import argparse
import multiprocessing
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.adjudication import read_adjudication
from bench.judgement import Judgement
from bench.labels import Half, Truth
from bench.quality import as_document, load_corpus, narrow
from bench.sources import WORK
from dedup import DedupConfig, find_duplicates, judge_pair
from dedup.values import DuplicatePair, RejectedPair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bench.quality import Corpus

Verdict = DuplicatePair | RejectedPair
_BASE = ("similarity", "replaced_ratio", "synonym_ratio", "anchor_agreement_ratio")
FOLDS = 5


def judge_candidates(corpus: Corpus, config: DedupConfig, processes: int) -> list[Verdict]:
    """The verdict on every candidate pair that reaches alignment, and on every labelled pair that does not."""
    documents = {document.id: as_document(document) for document in corpus.documents}
    verdicts: list[Verdict] = []
    with multiprocessing.Pool(processes) as pool:

        def keep(judge: Callable[[Any], Verdict], pairs: Iterable[Any], /) -> Iterable[Verdict]:
            for verdict in pool.imap(judge, pairs, chunksize=32):
                verdicts.append(verdict)
                yield verdict

        find_duplicates(documents.values(), config, pair_map=keep)
    seen = {(verdict.id_a, verdict.id_b) for verdict in verdicts}
    rest = [p for p in corpus.pairs if p.truth is Truth.DIFFERENT and (p.id_a, p.id_b) not in seen]
    hardest = [p for p in rest if "500 best" in p.row or "Jaccard" in p.row or "same event" in p.row]
    verdicts += [judge_pair(documents[p.id_a], documents[p.id_b], config) for p in hardest]
    return verdicts


def feature_row(verdict: Verdict) -> dict[str, float]:
    """The features of a pair with the measures that everybody sees beside them."""
    measures = verdict.measures
    low, high = sorted((measures.containment_a, measures.containment_b))
    base = {f"measure_{name}": float(getattr(measures, name)) for name in _BASE}
    return {**measures.features, **base, "measure_containment_low": low, "measure_containment_high": high}


def dump(corpus: Corpus, verdicts: Sequence[Verdict], half: Half) -> None:
    """Writes the arrays that the module's docstring describes."""
    judgement = Judgement(corpus.documents, corpus.pairs, read_adjudication())
    row_of = {(p.id_a, p.id_b): p.row for p in corpus.pairs}
    kept = [v for v in verdicts if v.measures.features and not _is_exact(v)]
    truths = [judgement.truth((v.id_a, v.id_b)) for v in kept]
    both = [(v, t) for v, t in zip(kept, truths, strict=True) if t is not Truth.IGNORED]
    rows = [
        row_of.get((v.id_a, v.id_b)) or ("copies of one story" if t else "other candidates") for v, t in both
    ]
    counts = Counter(rows)
    table = [feature_row(v) for v, _ in both]
    names = sorted(table[0])
    story = {document.id: document.stories[0] for document in corpus.documents}
    folds = [zlib.crc32(story[v.id_a].encode()) % FOLDS for v, _ in both]
    np.savez_compressed(
        WORK / f"features-{half}.npz",
        x=np.array([[row.get(name, 0.0) for name in names] for row in table]),
        names=np.array(names),
        truth=np.array([{Truth.COPY: 1, Truth.DIFFERENT: 0, None: -1}[t] for _, t in both], dtype=np.int8),
        row=np.array(rows),
        weight=np.array([1 / counts[row] for row in rows]),
        fold=np.array(folds, dtype=np.int8),
        reported=np.array([isinstance(v, DuplicatePair) for v, _ in both]),
        label=np.array([str(v.label) if isinstance(v, DuplicatePair) else "" for v, _ in both]),
        id_a=np.array([v.id_a for v, _ in both]),
        id_b=np.array([v.id_b for v, _ in both]),
    )
    print(f"{len(both)} pairs, {len(names)} features")
    for row, count in counts.most_common():
        print(f"{count:7d} {row}")


def _is_exact(verdict: Verdict) -> bool:
    return isinstance(verdict, DuplicatePair) and verdict.label == "exact"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", type=Half, default=Half.TUNING)
    parser.add_argument("--sample", type=int, help="copies a row")
    parser.add_argument("--background", type=int)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    corpus = narrow(load_corpus(chosen.half), (), chosen.sample, chosen.background)
    dump(corpus, judge_candidates(corpus, DedupConfig(), chosen.processes), chosen.half)


if __name__ == "__main__":
    main()
