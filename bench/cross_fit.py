"""Small data sets cross-fitted: their tuning half judged by decisions that have not seen its stories.

    python -m bench.cross_fit

The reporting half of OneStopEnglish, MixSet and the events is small. Here the stories of their tuning half are dealt
into folds; for each fold the decision is fitted on everything else and judges the fold; the answers are pooled with the
product's on the reporting half. The estimate is not fitted anew: pairs that it loses count as lost. Must not write a
model.
"""

from __future__ import annotations

import argparse
import json
import zlib
from typing import TYPE_CHECKING

import numpy as np

from bench.corpus import documents_path, pairs_path
from bench.fit import Kept, fit_decision
from bench.labels import Half, read_documents, read_pairs
from bench.sources import WORK
from dedup import DedupConfig
from dedup.decision import FEATURES, is_accepted

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 4
ROWS = ("teacher rewrite", "machine rewrite", "wire copies among articles", "same event")


def out_of_fold_answers(kept: Kept, folds: NDArray[np.intp]) -> NDArray[np.bool_]:
    """What the decision says of each measured pair when its fold was left out of the fit."""
    answers = np.zeros(len(kept.is_copy), dtype=bool)
    for fold in range(FOLDS):
        model = fit_decision(kept, kept.is_known & (folds != fold))
        members = np.flatnonzero(folds == fold)
        odds = model.decision_function(kept.features[members])
        words = (2 ** kept.columns["log_words"] - 1).round().astype(int)
        for i, value in zip(members.tolist(), odds.tolist(), strict=True):
            features = {name: float(kept.columns[name][i]) for name in FEATURES}
            answers[i] = is_accepted(value, int(words[i]), features, DedupConfig())
    return answers


def main() -> None:
    """Prints each row of both halves and pooled, and keeps it for the report."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    documents = {document.id: document for document in read_documents(documents_path(Half.TUNING))}
    kept = Kept.read()
    story = [documents[key].stories[0] for key in kept.id_low.tolist()]
    folds = np.array([zlib.crc32(one.encode()) % FOLDS for one in story])
    answers = out_of_fold_answers(kept, folds)
    said = {
        (low, high): bool(answer)
        for low, high, row, answer in zip(
            kept.id_low.tolist(), kept.id_high.tolist(), kept.rows.tolist(), answers, strict=True
        )
        if row.startswith(ROWS)
    }
    reporting = json.loads((WORK / f"newsdedup-{Half.REPORTING}.json").read_text(encoding="utf-8"))["rows"]
    rows = []
    for row in (row for row in reporting if row["row"].startswith(ROWS)):
        pairs = [pair for pair in read_pairs(pairs_path(Half.TUNING)) if pair.row == row["row"]]
        found = sum(
            said.get((pair.id_a, pair.id_b), documents[pair.id_a].text == documents[pair.id_b].text)
            for pair in pairs
        )
        rows.append({"row": row["row"], "truth": row["truth"], "tuning_n": len(pairs), "tuning_found": found,
                     "reporting_n": row["pair_count"], "reporting_found": row["found_count"]})  # fmt: skip
        print(
            f"{row['row']:50} left out of the fit {found}/{len(pairs)}, reporting half"
            f" {row['found_count']}/{row['pair_count']}"
        )
    (WORK / "cross-fit.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
