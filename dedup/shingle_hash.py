"""The frozen hash of tokens and shingles: bytes in, 64-bit numbers out, no string per shingle.

Contract, version 1 (``dedup.config.SHINGLE_HASH_VERSION``). Stored signatures outlive code, so nothing here
may change without a new version; ``tests/unit/test_shingle_hash.py`` holds the test vectors.

1. A token is the UTF-8 bytes ``b_0 .. b_{n-1}`` of a normalised word.
   Its polynomial is ``p = sum((b_i + 1) * P**i) mod 2**64``; its hash is ``mix(p + n * N)``.
2. A shingle of tokens ``t_0 .. t_{k-1}`` has the hash ``mix(salt + sum(t_j * Q**j) mod 2**64)``.
   A phrase is a shingle with salt 0; a phrase of one word hashes to ``mix`` of its token.
3. What datasketch permutes is the upper 32 bits of the shingle hash.

``mix`` is the 64-bit finaliser of MurmurHash3. The polynomial allows one prefix sum over a whole buffer of text
to give every token's hash: ``p = (S[end] - S[start]) * P**-start``.

Source: Karp and Rabin 1987 for the rolling polynomial; Appleby, MurmurHash3 (public domain) for the finaliser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_P = 0x9E3779B97F4A7C15
_P_INVERSE = pow(_P, -1, 2**64)
_N = 0xD6E8FEB86659FD93
_Q = np.uint64(0xC2B2AE3D27D4EB4F)
_HALF = np.uint64(33)
_MIX_FIRST = np.uint64(0xFF51AFD7ED558CCD)
_MIX_SECOND = np.uint64(0xC4CEB9FE1A85EC53)
_BITS, _Q_NUMBER, _FIRST_NUMBER, _SECOND_NUMBER = 2**64 - 1, int(_Q), int(_MIX_FIRST), int(_MIX_SECOND)


class _Powers:
    """Powers of P and of its inverse, grown on demand and shared by all calls."""

    def __init__(self) -> None:
        self.forward = np.ones(1, dtype=np.uint64)
        self.inverse = np.ones(1, dtype=np.uint64)

    def up_to(self, count: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        if count > len(self.forward):
            size = max(count, 1 << 16)
            self.forward = _power_table(_P, size)
            self.inverse = _power_table(_P_INVERSE, size)
        return self.forward, self.inverse


def _power_table(base: int, size: int) -> NDArray[np.uint64]:
    steps = np.full(size, np.uint64(base), dtype=np.uint64)
    steps[0] = 1
    return np.cumprod(steps, dtype=np.uint64)


_POWERS = _Powers()


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The MurmurHash3 finaliser of 64-bit values, elementwise; a bijection."""
    return _mix_in_place(values.copy())


def _mix_in_place(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    shifted = values >> _HALF
    values ^= shifted
    values *= _MIX_FIRST
    np.right_shift(values, _HALF, out=shifted)
    values ^= shifted
    values *= _MIX_SECOND
    np.right_shift(values, _HALF, out=shifted)
    values ^= shifted
    return values


def token_hashes(
    buffer: NDArray[np.uint8], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.uint64]:
    """Hashes of the tokens ``buffer[start:end]``, in the order given: ``(n_tokens,) uint64``.

    One pass over the buffer whatever the number of tokens.
    """
    forward, inverse = _POWERS.up_to(len(buffer) + 1)
    sums = np.zeros(len(buffer) + 1, dtype=np.uint64)
    terms = buffer.astype(np.uint64)
    terms += np.uint64(1)
    terms *= forward[: len(buffer)]
    np.cumsum(terms, out=sums[1:])
    polynomials = sums[ends]
    polynomials -= sums[starts]
    polynomials *= inverse[starts]
    polynomials += (ends - starts).astype(np.uint64) * np.uint64(_N)
    return _mix_in_place(polynomials)


def hash_words(words: Sequence[str]) -> NDArray[np.uint64]:
    """Token hashes of normalised words: ``(len(words),) uint64``.

    >>> hash_words(["news"]).tolist() == hash_words(["good", "news"]).tolist()[1:]
    True
    """
    encoded = [word.encode() for word in words]
    lengths = np.array([len(word) for word in encoded], dtype=np.intp)
    ends = np.cumsum(lengths)
    return token_hashes(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends - lengths, ends)


def shingle_hashes(tokens: NDArray[np.uint64], width: int, salt: int = 0) -> NDArray[np.uint64]:
    """Hashes of all windows of ``width`` tokens: ``(max(0, n_tokens - width + 1),) uint64``."""
    count = len(tokens) - width + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    total = tokens[width - 1 :].copy()
    for offset in range(width - 2, -1, -1):
        total *= _Q
        total += tokens[offset : offset + count]
    total += np.uint64(salt)
    return _mix_in_place(total)


def shingle_hash(tokens: Sequence[int]) -> int:
    """The hash of all these tokens as one window: of ``shingle_hashes``, without an array for a few numbers."""
    total = 0
    for token in reversed(tokens):
        total = (total * _Q_NUMBER + token) & _BITS
    total = ((total ^ total >> 33) * _FIRST_NUMBER) & _BITS
    total = ((total ^ total >> 33) * _SECOND_NUMBER) & _BITS
    return total ^ total >> 33


def phrase_hash(words: Sequence[str]) -> int:
    """The hash of one phrase of normalised words, as the lexicon stores it."""
    return int(shingle_hashes(hash_words(words), len(words))[0])
