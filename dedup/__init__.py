"""Finds copies of news texts, spun ones too: text and numbers in, frozen values out.

The values are in ``dedup.values``; everything else in this package is private to it. It has no clock, database,
network or log, and reads no file but its own packaged data. What computes is imported when it is first asked for, so
that whoever needs the values alone does not wait for numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedup.clusters import choose_canonical
    from dedup.config import DedupConfig, View
    from dedup.corpus import find_duplicates
    from dedup.judge import judge_pair
    from dedup.signatures import as_datasketch, sign_documents
    from dedup.spans import align_texts

__all__ = [
    "DedupConfig",
    "View",
    "align_texts",
    "as_datasketch",
    "choose_canonical",
    "find_duplicates",
    "judge_pair",
    "sign_documents",
]

_MODULES = {
    "DedupConfig": "config",
    "View": "config",
    "align_texts": "spans",
    "as_datasketch": "signatures",
    "choose_canonical": "clusters",
    "find_duplicates": "corpus",
    "judge_pair": "judge",
    "sign_documents": "signatures",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = found
    return found
