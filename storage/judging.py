"""Judges a pair of documents: apart from all that stores, so that a process that judges alone loads no database.

Must not read or write anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from dedup import judge_pair
from dedup.values import Document, DuplicatePair, RejectedPair

if TYPE_CHECKING:
    from dedup import DedupConfig

DocumentPair = tuple[Document, Document]
Verdict = DuplicatePair | RejectedPair
PairMap = Callable[[Callable[[DocumentPair], Verdict], Sequence[DocumentPair]], Iterable[Verdict]]


def judge_documents(pair: DocumentPair, config: DedupConfig) -> Verdict:
    """``judge_pair`` of two documents given as one value, for whoever applies it to many."""
    return judge_pair(*pair, config)
