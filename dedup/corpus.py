"""A whole corpus in memory to its duplicate pairs and clusters: file mode.

The result is a function of the set of documents: the same under any input order, batch size or number of
processes. Must not read or write a file.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from dedup.boilerplate import mark_boilerplate
from dedup.candidates import candidate_pairs, may_be_duplicates
from dedup.clusters import choose_canonical, derive_clusters
from dedup.judge import judge_pair
from dedup.pair_order import reading_order
from dedup.signatures import SignedDocuments, sign_corpus
from dedup.values import DedupResult, Document, DuplicatePair, RejectedPair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dedup.config import DedupConfig

DocumentPair = tuple[Document, Document]
Verdict = DuplicatePair | RejectedPair


class PairMap(Protocol):
    """Applies a function to many pairs, in any order of work, in the order given: ``map``, or a pool's."""

    def __call__(
        self, judge: Callable[[DocumentPair], Verdict], pairs: Sequence[DocumentPair], /
    ) -> Iterable[Verdict]:
        """The verdicts on all pairs."""
        ...


def find_duplicates(
    documents: Iterable[Document], config: DedupConfig, *, pair_map: PairMap = map
) -> DedupResult:
    """All duplicate pairs and clusters of a corpus, sorted by id.

    Texts that are the same in every word are written as a star around their canonical member, which alone is
    compared with the rest. Lines that a source repeats in unrelated articles are left out. Memory grows with the
    corpus: about 3 kB a document beside its text.

    Raises:
        ValueError: two documents have the same id.
    """
    ordered = mark_boilerplate(sorted(documents, key=lambda document: document.id))
    _require_distinct_ids(ordered)
    signed = sign_corpus(ordered, config)
    representatives, exact_pairs = _collapse_exact(ordered, signed)
    kept = signed.rows(representatives)
    lows, highs = candidate_pairs(kept, config)
    is_likely = may_be_duplicates(kept, lows, highs, config)
    likely_lows, likely_highs = lows[is_likely], highs[is_likely]
    order = reading_order(likely_lows, likely_highs)
    likely = [
        (ordered[representatives[i]], ordered[representatives[j]])
        for i, j in zip(likely_lows[order].tolist(), likely_highs[order].tolist(), strict=True)
    ]
    judge = partial(judge_documents, config=config)
    verdicts = list(pair_map(judge, [*exact_pairs, *likely]))
    pairs = sorted(
        (verdict for verdict in verdicts if isinstance(verdict, DuplicatePair)),
        key=lambda pair: (pair.id_a, pair.id_b),
    )
    return DedupResult(
        pairs=tuple(pairs),
        clusters=derive_clusters(ordered, pairs),
        document_count=len(ordered),
        candidate_pair_count=len(lows),
        aligned_pair_count=len(likely),
        rejected_pair_count=len(verdicts) - len(pairs),
    )


def judge_documents(pair: DocumentPair, config: DedupConfig) -> Verdict:
    """``judge_pair`` of two documents given as one value, for whoever applies it to many."""
    return judge_pair(*pair, config)


def _require_distinct_ids(ordered: Sequence[Document]) -> None:
    for one, other in pairwise(ordered):
        if one.id == other.id:
            raise ValueError(f"two documents have the id {one.id!r}")


def _collapse_exact(
    documents: Sequence[Document], signed: SignedDocuments
) -> tuple[list[int], list[DocumentPair]]:
    same_text: dict[str, list[int]] = defaultdict(list)
    for position, text_hash in enumerate(signed.text_hashes):
        if signed.word_counts[position]:
            same_text[text_hash].append(position)
    representatives, pairs = [], []
    for positions in same_text.values():
        kept_id, _ = choose_canonical([documents[i] for i in positions])
        kept = next(i for i in positions if documents[i].id == kept_id)
        representatives.append(kept)
        pairs += [(documents[kept], documents[i]) for i in positions if i != kept]
    return sorted(representatives), pairs
