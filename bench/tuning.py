"""The tuning half as candidate pairs with their truth, whole and cut to briefs: what both models are fitted on.

Must not see the reporting half.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bench.adjudication import read_adjudication
from bench.corpus import documents_path, pairs_path
from bench.evaluation import BACKGROUND_GROUPS
from bench.judgement import Judgement
from bench.labels import BenchDocument, Half, Truth, pair_of, read_documents, read_pairs
from dedup.boilerplate import mark_boilerplate, without_boilerplate
from dedup.candidates import candidate_pairs
from dedup.signatures import estimate_pairs, sign_corpus
from dedup.values import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.config import DedupConfig
    from dedup.signatures import SignedDocuments

ROW_WEIGHT = 1000.0
NEGATIVE_WEIGHT = 1.0
UNLABELLED_COPY_WEIGHT = 0.05
# Rows whose copies keep the order and the length of the original, so that both can be cut to briefs of one story: of
# texts that were written anew the first words may tell something else.
BRIEF_ROWS = (
    "verbatim",
    "edited, 5-15%",
    "spun, ",
    "spun French",
    "spun German",
    "teacher",
    "machine rewrite, GPT-4 word polish",
    "machine rewrite, Llama 2 word polish",
)
# A text is cut to so many words, by lot; texts of one story to as many. What loses less than a sixth is left out.
SHORTEST_CUT, LONGEST_CUT = 40, 240
LEAST_LOSS = 1.2
CUT_ROW_WEIGHTS = {"brief": 300.0, "stub": 100.0}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate pairs of a corpus with their truth: positions of documents, and arrays of one value a pair.

    ``rows`` is empty for a pair that no row of the benchmark has. Not ``is_usable`` is what nobody knows the truth of.
    ``is_natural`` says that both texts come from articles as published.
    """

    documents: Sequence[Document]
    signed: SignedDocuments
    lows: NDArray[np.int64]
    highs: NDArray[np.int64]
    rows: NDArray[np.str_]
    is_copy: NDArray[np.bool_]
    is_usable: NDArray[np.bool_]
    is_natural: NDArray[np.bool_]

    def estimates(self, config: DedupConfig) -> NDArray[np.float64]:
        """The features that the estimate reads, a row a pair."""
        return estimate_pairs(self.signed, self.lows, self.highs, config).as_features()

    def weights(self) -> NDArray[np.float64]:
        """Equal weight for every row of copies, less for rows of cut texts; one for each pair that is none."""
        weights = np.where(self.is_copy, UNLABELLED_COPY_WEIGHT, NEGATIVE_WEIGHT)
        is_labelled = self.is_usable & self.is_copy & (self.rows != "")
        for row in np.unique(self.rows[is_labelled]).tolist():
            members = is_labelled & (self.rows == row)
            weights[members] = row_weight(row) / members.sum()
        return weights


def row_weight(row: str) -> float:
    """What all copies of a row weigh together."""
    return CUT_ROW_WEIGHTS.get(row.partition(":")[0], ROW_WEIGHT)


class TuningHalf:
    """The documents of the tuning half with their stories, and what is known of pairs of them."""

    def __init__(self) -> None:
        benched = read_documents(documents_path(Half.TUNING))
        self.documents = mark_boilerplate(sorted(map(as_document, benched), key=lambda d: d.id))
        position = {document.id: i for i, document in enumerate(self.documents)}
        by_id = {document.id: document for document in benched}
        self.stories = [by_id[document.id].stories for document in self.documents]
        self.is_natural = [by_id[document.id].group in BACKGROUND_GROUPS for document in self.documents]
        labelled = read_pairs(pairs_path(Half.TUNING))
        self.known = {
            (position[low], position[high]): (pair.row, pair.truth)
            for pair in labelled
            for low, high in [pair_of(pair.id_a, pair.id_b)]
        }
        self.judgement = Judgement(benched, labelled, read_adjudication())

    def truth(self, low: int, high: int) -> tuple[str, Truth]:
        """The row and the truth of two documents; what no row has is a copy where both tell one story."""
        shares_story = not set(self.stories[low]).isdisjoint(self.stories[high])
        return self.known.get((low, high), ("", Truth.COPY if shares_story else Truth.DIFFERENT))

    def is_copied(self, id_a: str, id_b: str) -> bool:
        """Whether the rule or reading says of two documents that nobody labelled that one may be copied from the other."""
        return self.judgement.truth(pair_of(id_a, id_b)) in {Truth.COPY, Truth.IGNORED}

    def cut_truth(self, low: int, high: int) -> tuple[str, Truth]:
        """The same for their first words: doubtful where a copy tells the story in another order."""
        row, truth = ("itself", Truth.COPY) if low == high else self.truth(low, high)
        is_doubtful = truth is Truth.COPY and not row.startswith(("itself", *BRIEF_ROWS))
        return row, Truth.IGNORED if is_doubtful else truth


def whole_candidates(half: TuningHalf, config: DedupConfig) -> Candidates:
    """The candidate pairs of the texts as they are."""
    signed = sign_corpus(half.documents, config)
    lows, highs = candidate_pairs(signed, config)
    truths = [half.truth(*key) for key in zip(lows.tolist(), highs.tolist(), strict=True)]
    rows = [row for row, _ in truths]
    return _candidates(half, half.documents, signed, (lows, highs), (lows, highs), rows, truths)


def cut_candidates(half: TuningHalf, config: DedupConfig) -> Candidates:
    """Candidate pairs of texts cut to their first words, with each other (*brief*) and with whole texts (*stub*).

    The corpus has few short copies, and the web has many: briefs, teasers, stubs that grew.
    """
    whole = len(half.documents)
    texts = [(i, cut(half.documents[i], _cut_words(half.stories[i][0]))) for i in range(whole)]
    cuts = [(i, text) for i, text in texts if text is not None]
    documents = [*half.documents, *(text for _, text in cuts)]
    signed = sign_corpus(documents, config)
    lows, highs = candidate_pairs(signed, config)
    lows, highs = lows[highs >= whole], highs[highs >= whole]
    places = np.array([*range(whole), *(i for i, _ in cuts)])
    origins = np.sort(np.stack([places[lows], places[highs]]), axis=0)
    truths = [half.cut_truth(*key) for key in zip(*origins.tolist(), strict=True)]
    kinds = np.where(lows >= whole, "brief", "stub").tolist()
    rows = [f"{kind}: {row}" if row else "" for kind, (row, _) in zip(kinds, truths, strict=True)]
    return _candidates(half, documents, signed, (lows, highs), (origins[0], origins[1]), rows, truths)


def _candidates(
    half: TuningHalf,
    documents: Sequence[Document],
    signed: SignedDocuments,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    origins: tuple[NDArray[np.int64], NDArray[np.int64]],
    rows: Sequence[str],
    truths: Sequence[tuple[str, Truth]],
) -> Candidates:
    is_natural = np.array(half.is_natural)
    return Candidates(
        documents,
        signed,
        *pairs,
        rows=np.array(rows),
        is_copy=np.array([truth is Truth.COPY for _, truth in truths]),
        is_usable=np.array([truth is not Truth.IGNORED for _, truth in truths]),
        is_natural=is_natural[origins[0]] & is_natural[origins[1]],
    )


def _cut_words(story: str) -> int:
    # short ones more often: that is where signatures are small
    rng = random.Random(f"cut/{story}")
    return round(math.exp(rng.uniform(math.log(SHORTEST_CUT), math.log(LONGEST_CUT))))


def cut(document: Document, words: int) -> Document | None:
    """The document's first words without boilerplate; None where it has hardly more."""
    every = without_boilerplate(document).split()
    if len(every) < LEAST_LOSS * words:
        return None
    return replace(document, text=" ".join(every[:words]), boilerplate=frozenset())


def as_document(document: BenchDocument) -> Document:
    return Document(document.id, document.text, title=document.title, source=document.source)
