"""The shingle hash never changes: literal test vectors, and the contract written out a second time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.normalize import split_words
from dedup.shingle_hash import hash_words, mix, phrase_hash, shingle_hash, shingle_hashes

# A failure here means that every stored signature is void: raise SHINGLE_HASH_VERSION, do not edit the numbers.
WORD_VECTORS = {
    "": 0x0,
    "a": 0xFD3F7A3776D59780,
    "news": 0x752A055C33C2BFAF,
    "\u00e9": 0x3B4A8DC888A986D6,
    "\u65b0": 0x1C5571FB2BB8163F,
}
SHINGLE_VECTORS = {  # width, salt -> shingles of "the big dog saw a cat"
    (1, 0): (0xF06FC46CE1C78C66, 0xE49F2889FBBAD6B9, 0xA758A0C5F062418D, 0x164CB58692B2EEAB, 0x766048904655F281, 0xCA41895FA513D49C),
    (2, 0): (0x54CE4E95BB6161FE, 0x49DE71AF85FC888C, 0x3564A1605D111690, 0xB11F5BD2CC3C380, 0xDC63CEF2D794E52F),
    (3, 0x57): (0x841032877D0A1368, 0xFE50DEE7E15E25EF, 0x3FFA9ADBBF1E625C, 0x2DE43E0FDE71FEB),
    (5, 0x53): (0xC2ABDBD4ED51A860, 0x11DBDE52DAF6C1FF),
}  # fmt: skip

words = st.lists(st.text(max_size=12), max_size=12)


def reference_mix(value: int) -> int:
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD % 2**64
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 % 2**64
    return value ^ value >> 33


def reference_token(word: str) -> int:
    data = word.encode()
    polynomial = sum((byte + 1) * pow(0x9E3779B97F4A7C15, i, 2**64) for i, byte in enumerate(data))
    return reference_mix((polynomial + len(data) * 0xD6E8FEB86659FD93) % 2**64)


def reference_shingles(tokens: list[int], width: int, salt: int) -> list[int]:
    powers = [pow(0xC2B2AE3D27D4EB4F, j, 2**64) for j in range(width)]
    return [
        reference_mix((salt + sum(t * q for t, q in zip(tokens[i:], powers, strict=False))) % 2**64)
        for i in range(len(tokens) - width + 1)
    ]


def test_words_hash_to_their_frozen_values() -> None:
    assert hash_words(list(WORD_VECTORS)).tolist() == list(WORD_VECTORS.values())


def test_shingles_hash_to_their_frozen_values() -> None:
    tokens = hash_words(split_words("the big dog saw a cat"))
    found = {key: tuple(shingle_hashes(tokens, *key).tolist()) for key in SHINGLE_VECTORS}
    assert found == SHINGLE_VECTORS


def test_phrases_hash_to_their_frozen_values() -> None:
    assert phrase_hash(["united", "states"]) == 0x24F1E80A8ED63E08
    assert phrase_hash(["news"]) == 0x6AE3E88FDEA9B183


def test_the_finaliser_is_that_of_murmurhash3() -> None:
    values = np.array([0, 1, 2**63], dtype=np.uint64)
    assert mix(values).tolist() == [0, 0xB456BCFC34C2CB2C, 0x8F780810AF31A493]
    assert values.tolist() == [0, 1, 2**63], "the argument stays as it was"


@given(words)
def test_every_word_hashes_as_the_contract_says(some_words: list[str]) -> None:
    encodable = [word for word in some_words if word.isprintable()]
    assert hash_words(encodable).tolist() == [reference_token(word) for word in encodable]


@given(st.lists(st.integers(0, 2**64 - 1), max_size=12), st.integers(1, 6), st.integers(0, 2**32))
def test_every_shingle_hashes_as_the_contract_says(tokens: list[int], width: int, salt: int) -> None:
    array = np.array(tokens, dtype=np.uint64)
    assert shingle_hashes(array, width, salt).tolist() == reference_shingles(tokens, width, salt)
    assert array.tolist() == tokens, "the argument stays as it was"


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=6))
def test_one_window_hashes_alone_as_among_others(tokens: list[int]) -> None:
    [alone] = shingle_hashes(np.array(tokens, dtype=np.uint64), len(tokens)).tolist()
    assert shingle_hash(tokens) == alone


def test_a_word_far_into_a_long_buffer_hashes_as_it_does_alone() -> None:
    many = [f"word{i}" for i in range(40_000)]  # beyond the first table of powers
    assert hash_words(many)[-1] == hash_words(many[-1:])[0]


def test_order_counts_within_a_shingle() -> None:
    assert phrase_hash(["dog", "bites", "man"]) != phrase_hash(["man", "bites", "dog"])
