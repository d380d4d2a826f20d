"""Documents to signatures and buckets: what is stored so that later documents find this one.

Must not decide whether two documents are copies; it only estimates.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from dedup.config import View
from dedup.languages import language_of
from dedup.minhash import EMPTY, min_hash
from dedup.normalize import hash_texts
from dedup.shingle_hash import mix
from dedup.values import Document, Signature
from dedup.views import view_shingles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.config import DedupConfig

BATCH_DOCUMENTS = 64
_BUCKET_STEP = np.uint64(0x9FB21C651E98DF25)


def sign_documents(documents: Sequence[Document], config: DedupConfig) -> tuple[Signature, ...]:
    """A signature for each document, in the order given.

    A view whose set of shingles is too small gives no buckets, so such a document is found through its other
    views, or by equal text alone.
    """
    return tuple(_sign_in_batches(documents, config))


def _sign_in_batches(documents: Sequence[Document], config: DedupConfig) -> Iterator[Signature]:
    for start in range(0, len(documents), BATCH_DOCUMENTS):
        batch = documents[start : start + BATCH_DOCUMENTS]
        for document, tokens in zip(batch, hash_texts([d.text for d in batch]), strict=True):
            yield _sign(document, tokens, config)


def _sign(document: Document, tokens: NDArray[np.uint64], config: DedupConfig) -> Signature:
    language = language_of(document.text, document.language)
    values: list[NDArray[np.uint32]] = []
    buckets: list[NDArray[np.int64]] = []
    for number, (view, shingles) in enumerate(view_shingles(tokens, language).items()):
        bands = config.bands_of(view)
        values.append(min_hash(shingles, bands.num_perm, config.seed + number))
        if len(shingles):
            buckets.append(_buckets(values[-1], bands.bands, number))
    distinct = np.unique(np.concatenate(buckets)).tolist() if buckets else []
    return Signature(
        document_id=document.id,
        text_hash=text_hash(tokens),
        language=language,
        word_count=len(tokens),
        minhash=np.concatenate(values),
        buckets=tuple(distinct),
    )


def text_hash(tokens: NDArray[np.uint64]) -> str:
    """What two texts share exactly when their normalised words are the same: 32 hexadecimal digits."""
    return hashlib.blake2b(tokens.astype("<u8").tobytes(), digest_size=16).hexdigest()


def _buckets(values: NDArray[np.uint32], bands: int, view_number: int) -> NDArray[np.int64]:
    rows = values.reshape(bands, -1).astype(np.uint64)
    keys = mix((np.arange(bands, dtype=np.uint64) << np.uint64(8)) + np.uint64(view_number + 1))
    for row in rows.T:
        keys = mix(keys * _BUCKET_STEP + row)
    return keys.view(np.int64)


def estimate_views(a: Signature, b: Signature, config: DedupConfig) -> dict[View, float]:
    """Estimated Jaccard similarity of two documents in every view, 0 where a view is empty.

    The standard error is ``sqrt(s * (1 - s) / num_perm)``.
    """
    estimates, start = {}, 0
    for view in View:
        end = start + config.bands_of(view).num_perm
        ours, theirs = a.minhash[start:end], b.minhash[start:end]
        is_empty = bool(ours[0] == EMPTY and (ours == EMPTY).all()) or bool((theirs == EMPTY).all())
        estimates[view] = 0.0 if is_empty else float((ours == theirs).mean())
        start = end
    return estimates
