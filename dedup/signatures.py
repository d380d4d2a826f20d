"""Documents to signatures and buckets: what is stored so that later documents find this one.

Must not decide whether two documents are copies; it only estimates.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup.config import View
from dedup.languages import languages_of
from dedup.minhash import EMPTY, min_hash_sets
from dedup.normalize import hash_texts
from dedup.shingle_hash import mix
from dedup.values import Document, Signature
from dedup.views import view_shingles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.config import BandConfig, DedupConfig

BATCH_DOCUMENTS = 64
# Texts differ: a batch of long ones must not grow with the longest.
BATCH_CHARACTERS = 1_000_000
_BUCKET_STEP = np.uint64(0x9FB21C651E98DF25)


@dataclass(frozen=True, slots=True)
class SignedDocuments:
    """The signatures of many documents as arrays, row ``i`` for document ``i``.

    ``minhash`` is ``(n, num_perm) uint32``; ``buckets`` is ``(n, bands) int64``, one column for each band of each
    view, and means something only where ``has_bucket`` of the same shape is true.
    """

    text_hashes: tuple[str, ...]
    languages: tuple[str, ...]
    word_counts: tuple[int, ...]
    minhash: NDArray[np.uint32]
    buckets: NDArray[np.int64]
    has_bucket: NDArray[np.bool_]

    def rows(self, positions: Sequence[int]) -> SignedDocuments:
        """The signatures of some of the documents, in the order asked for."""
        chosen = np.array(positions, dtype=np.intp)
        return SignedDocuments(
            tuple(self.text_hashes[i] for i in positions),
            tuple(self.languages[i] for i in positions),
            tuple(self.word_counts[i] for i in positions),
            self.minhash[chosen],
            self.buckets[chosen],
            self.has_bucket[chosen],
        )


def sign_documents(documents: Sequence[Document], config: DedupConfig) -> tuple[Signature, ...]:
    """A signature for each document, in the order given.

    A view whose set of shingles is too small gives no buckets, so such a document is found through its other
    views, or by equal text alone.
    """
    return tuple(
        signature
        for batch in _batches(documents)
        for signature in _as_signatures(batch, _sign_batch(batch, config))
    )


def sign_corpus(documents: Sequence[Document], config: DedupConfig) -> SignedDocuments:
    """The same signatures as arrays: about 2 kB a document, with no Python object for any bucket."""
    parts = [_sign_batch(batch, config) for batch in _batches(documents)] or [_sign_batch([], config)]
    return SignedDocuments(
        tuple(text_hash for part in parts for text_hash in part.text_hashes),
        tuple(language for part in parts for language in part.languages),
        tuple(count for part in parts for count in part.word_counts),
        np.concatenate([part.minhash for part in parts]),
        np.concatenate([part.buckets for part in parts]),
        np.concatenate([part.has_bucket for part in parts]),
    )


def _batches(documents: Sequence[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    characters = 0
    for document in documents:
        batch.append(document)
        characters += len(document.text)
        if len(batch) >= BATCH_DOCUMENTS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _sign_batch(batch: Sequence[Document], config: DedupConfig) -> SignedDocuments:
    tokens = hash_texts([document.text for document in batch])
    languages = languages_of([document.text for document in batch], [document.language for document in batch])
    minhash = np.full((len(batch), sum(config.bands_of(view).num_perm for view in View)), EMPTY)
    is_telling = np.zeros((len(batch), len(View)), dtype=bool)
    for language, members in _by_language(languages):
        sets_by_view = view_shingles([tokens[i] for i in members], language)
        for number, (view, columns) in enumerate(_view_columns(config)):
            sets = sets_by_view[view]
            num_perm, seed = config.bands_of(view).num_perm, config.seed + number
            minhash[members, columns] = min_hash_sets(sets.hashes, sets.starts, sets.ends, num_perm, seed)
            is_telling[members, number] = sets.ends > sets.starts
    bands = [config.bands_of(view) for view in View]
    minhash.flags.writeable = False
    return SignedDocuments(
        text_hashes=tuple(map(text_hash, tokens)),
        languages=languages,
        word_counts=tuple(map(len, tokens)),
        minhash=minhash,
        buckets=np.concatenate(
            [
                _buckets(minhash[:, columns], bands[number], number)
                for number, (_, columns) in enumerate(_view_columns(config))
            ],
            axis=1,
        ),
        has_bucket=np.repeat(is_telling, [each.bands for each in bands], axis=1),
    )


def _by_language(languages: Sequence[str]) -> Iterable[tuple[str, list[int]]]:
    members: dict[str, list[int]] = defaultdict(list)
    for number, language in enumerate(languages):
        members[language].append(number)
    return members.items()


def _view_columns(config: DedupConfig) -> Iterator[tuple[View, slice]]:
    start = 0
    for view in View:
        end = start + config.bands_of(view).num_perm
        yield view, slice(start, end)
        start = end


def _as_signatures(batch: Sequence[Document], signed: SignedDocuments) -> Iterator[Signature]:
    ordered = np.sort(signed.buckets, axis=1)
    is_plain = signed.has_bucket.all(axis=1) & (ordered[:, 1:] != ordered[:, :-1]).all(axis=1)
    for i, every_bucket in enumerate(ordered.tolist()):
        buckets = every_bucket if is_plain[i] else _distinct(signed.buckets[i], signed.has_bucket[i])
        yield Signature(
            document_id=batch[i].id,
            text_hash=signed.text_hashes[i],
            language=signed.languages[i],
            word_count=signed.word_counts[i],
            minhash=signed.minhash[i],
            buckets=tuple(buckets),
        )


def _distinct(buckets: NDArray[np.int64], has_bucket: NDArray[np.bool_]) -> list[int]:
    distinct: list[int] = np.unique(buckets[has_bucket]).tolist()
    return distinct


def text_hash(tokens: NDArray[np.uint64]) -> str:
    """What two texts share exactly when their normalised words are the same: 32 hexadecimal digits."""
    return hashlib.blake2b(tokens.astype("<u8", copy=False).tobytes(), digest_size=16).hexdigest()


def _buckets(values: NDArray[np.uint32], config: BandConfig, view_number: int) -> NDArray[np.int64]:
    bands, rows = config.bands, config.rows
    banded = values[:, : bands * rows].reshape(len(values), bands, rows)
    first = mix((np.arange(bands, dtype=np.uint64) << np.uint64(8)) + np.uint64(view_number + 1))
    keys = np.broadcast_to(first, (len(values), bands))
    for row in range(rows):
        keys = mix(keys * _BUCKET_STEP + banded[:, :, row])
    return keys.view(np.int64)


def estimate_views(
    ours: NDArray[np.uint32], theirs: NDArray[np.uint32], config: DedupConfig
) -> dict[View, NDArray[np.float64]]:
    """Estimated Jaccard similarity in every view of pairs of signatures, 0 where a view is empty.

    Both are ``(n_pairs, num_perm)``, pair by pair. The standard error is ``sqrt(s * (1 - s) / num_perm)``.
    """
    agrees = (ours == theirs) & (ours != EMPTY)
    return {view: agrees[:, columns].mean(axis=1) for view, columns in _view_columns(config)}
