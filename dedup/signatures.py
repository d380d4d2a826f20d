"""Documents to signatures and buckets: what is stored so that later documents find this one.

Must not decide whether two documents are copies; it only estimates.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup.boilerplate import without_boilerplate
from dedup.config import View
from dedup.languages import is_spaceless, languages_of
from dedup.minhash import EMPTY, lean_min_hash, min_hash_sets
from dedup.normalize import hash_texts
from dedup.shingle_hash import mix
from dedup.values import Document, Signature
from dedup.views import is_passage_bucket, passage_shingles, view_shingles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.config import BandConfig, DedupConfig
    from dedup.minhash import LeanMinHash

BATCH_DOCUMENTS = 64
# Texts differ: a batch of long ones must not grow with the longest.
BATCH_CHARACTERS = 1_000_000
_BUCKET_STEP = np.uint64(0x9FB21C651E98DF25)
_OWNER_STEP = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True)
class SignedDocuments:
    """The signatures of many documents as arrays, row ``i`` for document ``i``.

    ``minhash`` is ``(n, num_perm) uint32``; ``buckets`` is ``(n, bands) int64``, one column for each band of each
    view, and means something only where ``has_bucket`` of the same shape is true. Document ``i`` has the passages
    ``passages[passage_bounds[i]:passage_bounds[i + 1]]``, ``uint64``, ascending and distinct.
    """

    text_hashes: tuple[str, ...]
    languages: tuple[str, ...]
    word_counts: tuple[int, ...]
    minhash: NDArray[np.uint32]
    buckets: NDArray[np.int64]
    has_bucket: NDArray[np.bool_]
    passages: NDArray[np.uint64]
    passage_bounds: NDArray[np.intp]

    def passages_of(self, position: int) -> NDArray[np.uint64]:
        """The passages of one document, ascending."""
        return self.passages[self.passage_bounds[position] : self.passage_bounds[position + 1]]

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
            *_join([self.passages_of(i) for i in positions]),
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
        *_join([part.passages_of(i) for part in parts for i in range(len(part.word_counts))]),
    )


def as_datasketch(signature: Signature, view: View, config: DedupConfig) -> LeanMinHash:
    """One view's values as datasketch's own object, for its ``jaccard`` and its indexes.

    ``config`` is that which the signature was made with. The first call loads scipy, which takes a second.
    """
    number, columns = next(
        (number, columns) for number, (each, columns) in enumerate(_view_columns(config)) if each is view
    )
    return lean_min_hash(signature.minhash[columns], config.seed + number)


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
    texts = [without_boilerplate(document) for document in batch]
    tokens = hash_texts(texts)
    languages = languages_of(texts, [document.language for document in batch])
    minhash = np.full((len(batch), sum(config.bands_of(view).num_perm for view in View)), EMPTY)
    is_telling = np.zeros((len(batch), len(View)), dtype=bool)
    passages = [np.zeros(0, dtype=np.uint64)] * len(batch)
    for language, members in _by_language(languages):
        members_tokens = [tokens[i] for i in members]
        hashes, bounds = passage_shingles(members_tokens, language)
        for i, start, end in zip(members, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            passages[i] = np.unique(hashes[start:end])
        sets_by_view = view_shingles(members_tokens, language)
        for number, (view, columns) in enumerate(_view_columns(config)):
            sets = sets_by_view[view]
            num_perm, seed = config.bands_of(view).num_perm, config.seed + number
            minhash[members, columns] = min_hash_sets(sets.hashes, sets.starts, sets.ends, num_perm, seed)
            is_telling[members, number] = sets.ends > sets.starts
    bands = [config.bands_of(view) for view in View]
    minhash.flags.writeable = False
    joined, passage_bounds = _join(passages)
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
        passages=joined,
        passage_bounds=passage_bounds,
    )


def _join(parts: Sequence[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    bounds = np.concatenate(([0], np.cumsum([len(part) for part in parts], dtype=np.intp)))
    return np.concatenate([np.zeros(0, dtype=np.uint64), *parts]), bounds


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
        passages = signed.passages_of(i)
        yield Signature(
            document_id=batch[i].id,
            text_hash=signed.text_hashes[i],
            language=signed.languages[i],
            word_count=signed.word_counts[i],
            minhash=signed.minhash[i],
            passages=np.unique((passages >> np.uint64(32)).astype(np.uint32)),
            buckets=(*buckets, *passages[is_passage_bucket(passages)].view(np.int64).tolist()),
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


@dataclass(frozen=True, slots=True)
class PairEstimates:
    """What whole signatures tell of pairs before any text is read; arrays of one value a pair.

    ``views`` are estimated Jaccard similarities, 0 where a view is empty, with a standard error of
    ``sqrt(s * (1 - s) / num_perm)``. ``passage_ratio`` is the share of the smaller set of passages that both have.
    """

    views: dict[View, NDArray[np.float64]]
    passage_ratio: NDArray[np.float64]
    length_ratio: NDArray[np.float64]
    log_words: NDArray[np.float64]

    def as_features(self) -> NDArray[np.float64]:
        """One row a pair, as the estimate model reads it: ``(n_pairs, 6)``."""
        columns = [*self.views.values(), self.passage_ratio, self.length_ratio, self.log_words]
        return np.stack(columns, axis=1)


def estimate_pairs(
    signed: SignedDocuments, lows: NDArray[np.int64], highs: NDArray[np.int64], config: DedupConfig
) -> PairEstimates:
    """Estimates for pairs of positions; cost ``O(n_pairs * num_perm)``."""
    ours = signed.minhash[lows]
    agrees = (ours == signed.minhash[highs]) & (ours != EMPTY)
    counts = np.array(signed.word_counts, dtype=np.float64)
    shorter, longer = np.minimum(counts[lows], counts[highs]), np.maximum(counts[lows], counts[highs])
    views = {view: agrees[:, columns].mean(axis=1) for view, columns in _view_columns(config)}
    # a language without words has one view, and the model was fitted on languages that have all three
    is_spaceless_pair = np.array([is_spaceless(language) for language in signed.languages], dtype=bool)
    is_spaceless_pair = is_spaceless_pair[lows] & is_spaceless_pair[highs]
    return PairEstimates(
        views={
            view: np.where(is_spaceless_pair, views[View.WORDING], estimate)
            for view, estimate in views.items()
        },
        passage_ratio=_passage_ratios(signed, lows, highs),
        length_ratio=shorter / np.maximum(longer, 1.0),
        log_words=np.log2(1.0 + shorter),
    )


def _passage_ratios(
    signed: SignedDocuments, lows: NDArray[np.int64], highs: NDArray[np.int64]
) -> NDArray[np.float64]:
    # a passage and its document make one key, so that one search answers for all passages of all pairs
    involved, numbers = np.unique(np.concatenate([lows, highs]), return_inverse=True)
    low_numbers, high_numbers = numbers[: len(lows)], numbers[len(lows) :]
    passages, bounds = _join([signed.passages_of(i) for i in involved.tolist()])
    sizes = np.diff(bounds)
    keys = np.sort(_owned(passages, np.repeat(np.arange(len(sizes)), sizes)))
    if not len(keys):
        return np.zeros(len(lows))
    pair_numbers = np.repeat(np.arange(len(lows)), sizes[low_numbers])
    firsts = np.cumsum(sizes[low_numbers]) - sizes[low_numbers]
    places = np.arange(len(pair_numbers)) - firsts[pair_numbers] + bounds[low_numbers][pair_numbers]
    wanted = _owned(passages[places], high_numbers[pair_numbers])
    found = keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted
    shared = np.bincount(pair_numbers[found], minlength=len(lows))
    ratios: NDArray[np.float64] = shared / np.maximum(np.minimum(sizes[low_numbers], sizes[high_numbers]), 1)
    return ratios


def _owned(passages: NDArray[np.uint64], owners: NDArray[np.intp]) -> NDArray[np.uint64]:
    return passages + owners.astype(np.uint64) * _OWNER_STEP


def as_signed(signatures: Sequence[Signature]) -> SignedDocuments:
    """Stored signatures as arrays, for estimating; their buckets are left out."""
    passages, bounds = _join([signature.passages.astype(np.uint64) for signature in signatures])
    nothing = np.zeros((len(signatures), 0))
    return SignedDocuments(
        text_hashes=tuple(signature.text_hash for signature in signatures),
        languages=tuple(signature.language for signature in signatures),
        word_counts=tuple(signature.word_count for signature in signatures),
        minhash=np.stack([signature.minhash for signature in signatures]),
        buckets=nothing.astype(np.int64),
        has_bucket=nothing.astype(np.bool_),
        passages=passages,
        passage_bounds=bounds,
    )
