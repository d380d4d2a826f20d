"""Finds copies of news texts, spun ones too: text and numbers in, frozen values out.

The values are in ``dedup.values``; everything else in this package is private to it. It has no clock, database,
network or log, and reads no file but its own packaged data.
"""

from dedup.candidates import may_be_duplicate
from dedup.clusters import choose_canonical, derive_clusters
from dedup.config import DedupConfig
from dedup.corpus import find_duplicates
from dedup.judge import judge_pair
from dedup.signatures import sign_documents
from dedup.spans import align_texts

__all__ = [
    "DedupConfig",
    "align_texts",
    "choose_canonical",
    "derive_clusters",
    "find_duplicates",
    "judge_pair",
    "may_be_duplicate",
    "sign_documents",
]
