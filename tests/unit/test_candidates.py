"""Candidate pairs are exactly the pairs that share a bucket, up to the cap, and copies are among them."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.candidates import candidate_pairs, likely_pairs, may_be_duplicate, may_be_duplicates
from dedup.config import BandConfig, DedupConfig
from dedup.signatures import SignedDocuments, sign_corpus, sign_documents
from dedup.values import Document
from tests.support.stories import edit_story, make_story, spin_story, swap_halves

CONFIG = DedupConfig(BandConfig(32, 2), BandConfig(32, 2), BandConfig(32, 2))


def signed_with(buckets: list[list[int | None]]) -> SignedDocuments:
    width = len(buckets[0]) if buckets else 0
    shape = (len(buckets), width)
    return SignedDocuments(
        text_hashes=("",) * len(buckets),
        languages=("en",) * len(buckets),
        word_counts=(0,) * len(buckets),
        minhash=np.zeros((len(buckets), 1), dtype=np.uint32),
        buckets=np.array([[b or 0 for b in row] for row in buckets], dtype=np.int64).reshape(shape),
        has_bucket=np.array([[b is not None for b in row] for row in buckets], dtype=bool).reshape(shape),
        passages=np.zeros(0, dtype=np.uint64),
        passage_bounds=np.zeros(len(buckets) + 1, dtype=np.intp),
    )


def pairs_of(signed: SignedDocuments, config: DedupConfig = CONFIG) -> list[tuple[int, int]]:
    lows, highs = candidate_pairs(signed, config)
    return list(zip(lows.tolist(), highs.tolist(), strict=True))


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.none() | st.integers(0, 3), min_size=width, max_size=width), max_size=12
        )
    )
)
def test_pairs_are_those_that_share_a_bucket_in_some_band(buckets: list[list[int | None]]) -> None:
    expected = [
        (i, j)
        for i, j in combinations(range(len(buckets)), 2)
        if any(a is not None and a == b for a, b in zip(buckets[i], buckets[j], strict=True))
    ]
    assert pairs_of(signed_with(buckets)) == expected


def test_a_crowded_bucket_is_a_chain() -> None:
    signed = signed_with([[7]] * 5)
    assert len(pairs_of(signed, DedupConfig(bucket_cap=5))) == 10
    assert pairs_of(signed, DedupConfig(bucket_cap=4)) == [(0, 1), (1, 2), (2, 3), (3, 4)]


def test_a_shared_passage_makes_a_pair() -> None:
    signed = replace(
        signed_with([[1], [2], [3]]),
        passages=np.array([16, 2**64 - 16, 48, 2**64 - 16], dtype=np.uint64),
        passage_bounds=np.array([0, 2, 3, 4]),
    )
    assert pairs_of(signed) == [(0, 2)]


def test_an_excerpt_in_a_long_host_becomes_a_candidate(corpus: list[Document]) -> None:
    excerpt = " ".join(corpus[0].text.split()[100:220])
    host = f"{make_story(900, 30)} {excerpt} {make_story(901, 30)}"
    signed = sign_corpus([corpus[0], Document("host", host), *corpus[1:60]], CONFIG)
    assert (0, 1) in pairs_of(signed)


def test_extreme_buckets_are_kept_apart() -> None:
    assert pairs_of(signed_with([[2**63 - 1], [-(2**63)], [2**63 - 1], [-(2**63)]])) == [(0, 2), (1, 3)]


@pytest.fixture(scope="module")
def corpus() -> list[Document]:
    stories = [make_story(seed) for seed in range(60)]
    copies = [edit_story(story, i) for i, story in enumerate(stories)]
    copies += [spin_story(story) for story in stories] + [swap_halves(story) for story in stories]
    return [Document(f"{i:03d}", text, language="en") for i, text in enumerate(stories + copies)]


def test_every_copy_becomes_a_candidate_and_passes_the_estimate(corpus: list[Document]) -> None:
    signed = sign_corpus(corpus, CONFIG)
    lows, highs = candidate_pairs(signed, CONFIG)
    kept = may_be_duplicates(signed, lows, highs, CONFIG)
    found = set(zip(lows[kept].tolist(), highs[kept].tolist(), strict=True))
    truth = {(i, i + 60 * kind) for i in range(60) for kind in (1, 2, 3)}
    assert len(truth & found) >= 0.99 * len(truth)
    assert len(lows) < 0.5 * len(corpus) ** 2 / 2, "candidates are fewer than all pairs"


def test_an_edited_copy_in_a_script_without_spaces_passes_the_estimate() -> None:
    chooser = random.Random(4)  # noqa: S311 -- a fixed text, not a secret
    characters = [chr(0x4E00 + number) for number in range(0, 1200, 2)]
    stories = [chooser.choices(characters, k=260) for _ in range(40)]
    copies = [["\u7684" if chooser.random() < 0.2 else each for each in story] for story in stories]
    texts = [Document(f"{i:02d}", "".join(text), language="zh") for i, text in enumerate(stories + copies)]
    signed = sign_corpus(texts, DedupConfig())
    assert set(signed.languages) == {"zh"}
    low, high = np.arange(40), np.arange(40, 80)
    assert may_be_duplicates(signed, low, high, DedupConfig()).mean() >= 0.95
    assert not may_be_duplicates(signed, low, np.roll(high, 1), DedupConfig()).any()


def test_swapped_halves_and_their_original_always_share_a_bucket(corpus: list[Document]) -> None:
    found = set(pairs_of(sign_corpus(corpus, CONFIG)))
    assert all((i, i + 180) in found for i in range(60))


def test_the_estimate_of_one_pair_is_that_of_many(corpus: list[Document]) -> None:
    values, arrays = sign_documents(corpus[::7], CONFIG), sign_corpus(corpus[::7], CONFIG)
    low, high = np.triu_indices(len(values), k=1)
    many = may_be_duplicates(arrays, low, high, CONFIG).tolist()
    both = list(zip(low.tolist(), high.tolist(), strict=True))
    assert many == [may_be_duplicate(values[i], values[j], CONFIG) for i, j in both]
    numbered = {7 * row + 3: value for row, value in enumerate(values)}
    pairs = [(7 * i + 3, 7 * j + 3) for i, j in both][::-1]
    likely = [pair for pair, holds in zip(pairs, many[::-1], strict=True) if holds]
    assert likely_pairs(numbered, pairs, CONFIG) == likely
    assert likely_pairs(numbered, [], CONFIG) == []
    assert True in many
    assert False in many


def test_no_documents_have_no_pairs() -> None:
    assert pairs_of(sign_corpus([], CONFIG)) == []
    nothing = sign_corpus([Document("a", ""), Document("b", "")], CONFIG)
    assert pairs_of(nothing) == []
