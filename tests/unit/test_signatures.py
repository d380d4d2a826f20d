"""A document's signature is a function of that document alone, and estimates what it should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import signatures
from dedup.config import BandConfig, DedupConfig, View
from dedup.minhash import EMPTY, min_hash
from dedup.normalize import hash_texts, split_words
from dedup.shingle_hash import mix
from dedup.signatures import as_signed, estimate_pairs, sign_corpus, sign_documents, text_hash
from dedup.values import Document, Signature
from dedup.views import is_passage_bucket, passage_shingles, view_shingles
from tests.support.stories import edit_story, make_story, spin_story

CONFIG = DedupConfig(BandConfig(32, 2), BandConfig(16, 2, extra=32), BandConfig(32, 3))
TEXTS = (
    make_story(1),
    make_story(2, 3),
    "",
    "Too short.",
    "Le ministre a dit lundi que le gouvernement de la France ne voulait pas de cette loi et que les syndicats avaient tort.",
    "\u65b0\u534e\u793e\u5317\u4eac\u4e8c\u6708\u4e5d\u65e5\u7535\u8bb0\u8005\u4ece\u5916\u4ea4\u90e8\u83b7\u6089\uff0c\u4e2d\u7f8e\u4e24\u56fd\u5c06\u4e3e\u884c\u4f1a\u8c08\u3002",
    "the of and " * 700,
)


def content(signature: Signature) -> tuple[object, ...]:
    return (
        signature.document_id,
        signature.text_hash,
        signature.language,
        signature.word_count,
        signature.minhash.tolist(),
        signature.passages.tolist(),
        signature.buckets,
    )


def sign(text: str, config: DedupConfig = CONFIG) -> Signature:
    return sign_documents([Document("x", text)], config)[0]


def reference_buckets(minhash: list[int], view: View, number: int, config: DedupConfig) -> list[int]:
    bands = config.bands_of(view)
    found = []
    for band in range(bands.bands):
        key = mix(np.array([(band << 8) + number + 1], dtype=np.uint64))
        for value in minhash[band * bands.rows : (band + 1) * bands.rows]:
            key = mix(key * np.uint64(0x9FB21C651E98DF25) + np.uint64(value))
        found.append(int(key.view(np.int64)[0]))
    return found


@given(st.lists(st.sampled_from(range(len(TEXTS))), max_size=9))
def test_a_document_is_signed_the_same_in_any_company(order: list[int]) -> None:
    documents = [Document(f"{place}", TEXTS[number]) for place, number in enumerate(order)]
    together = sign_documents(documents, CONFIG)
    alone = [sign_documents([document], CONFIG)[0] for document in documents]
    assert list(map(content, together)) == list(map(content, alone))


@pytest.mark.parametrize("limit", ["BATCH_DOCUMENTS", "BATCH_CHARACTERS"])
def test_batches_leave_no_trace(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [Document(f"{i}", text) for i, text in enumerate(TEXTS)]
    usual = list(map(content, sign_documents(documents, CONFIG)))
    monkeypatch.setattr(signatures, limit, 2)
    assert list(map(content, sign_documents(documents, CONFIG))) == usual


def test_a_signature_is_its_views_one_after_the_other() -> None:
    text = TEXTS[0]
    signature, start = sign(text), 0
    shingles = view_shingles(hash_texts([text]), "en")
    buckets: list[int] = []
    for number, view in enumerate(View):
        num_perm = CONFIG.bands_of(view).num_perm
        values = min_hash(shingles[view].of_text(0), num_perm, CONFIG.seed + number).tolist()
        assert signature.minhash[start : start + num_perm].tolist() == values
        buckets += reference_buckets(values, view, number, CONFIG)
        start += num_perm
    assert start == len(signature.minhash) == 224
    passages = passage_shingles(hash_texts([text]), "en")[0]
    assert len(passages) > 5
    banded = passages[passages % 16 == 0]
    assert 1 < len(banded) < len(passages)
    assert set(signature.buckets) == {*buckets, *banded.view(np.int64).tolist()}
    assert signature.passages.tolist() == sorted({passage >> 32 for passage in passages.tolist()})


def test_a_view_without_enough_shingles_has_no_buckets() -> None:
    none, wording_only = sign("Too short."), sign("one two three four five six")
    assert none.buckets == ()
    assert (none.minhash == EMPTY).all()
    assert CONFIG.wording.bands <= len(wording_only.buckets)
    assert len(wording_only.buckets) <= CONFIG.wording.bands + len(wording_only.passages)


def test_buckets_are_distinct_and_fit_a_signed_column() -> None:
    buckets = sign(TEXTS[0]).buckets
    assert len(buckets) == len(set(buckets)) > 64
    assert -(2**63) <= min(buckets) < 0 < max(buckets) < 2**63


@given(st.text(max_size=60), st.text(max_size=60))
def test_text_hashes_are_equal_where_the_words_are(a: str, b: str) -> None:
    assert (sign(a).text_hash == sign(b).text_hash) == (split_words(a) == split_words(b))
    assert (
        sign(a).text_hash == sign(f"\u201c{a.upper().lower()}\u201d ...").text_hash or a.upper().lower() != a
    )


def test_the_text_hash_is_frozen() -> None:
    assert text_hash(hash_texts(["The news of the day"])[0]) == "8956bfe11aa60117800960e6b30b7240"


def test_arrays_and_values_say_the_same() -> None:
    documents = [Document(f"{i}", text) for i, text in enumerate(TEXTS)]
    arrays, values = sign_corpus(documents, CONFIG), sign_documents(documents, CONFIG)
    for i, signature in enumerate(values):
        assert arrays.text_hashes[i] == signature.text_hash
        assert arrays.languages[i] == signature.language
        assert arrays.word_counts[i] == signature.word_count
        assert arrays.minhash[i].tolist() == signature.minhash.tolist()
        passages = arrays.passages_of(i)
        of_passages = passages[is_passage_bucket(passages)].view(np.int64)
        of_views = arrays.buckets[i][arrays.has_bucket[i]]
        assert {*of_views.tolist(), *of_passages.tolist()} == set(signature.buckets)
    chosen = arrays.rows([3, 0])
    assert chosen.word_counts == (2, values[0].word_count)
    assert chosen.minhash[1].tolist() == values[0].minhash.tolist()


def test_nothing_signs_to_nothing() -> None:
    assert sign_documents([], CONFIG) == ()
    assert sign_corpus([], CONFIG).minhash.shape == (0, 224)
    assert sign_corpus([], CONFIG).buckets.shape == (0, 80)


def test_a_signature_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        sign(TEXTS[0]).minhash[0] = 1


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_estimates_lie_near_the_exact_similarity(seed: int) -> None:
    config = DedupConfig(wording=BandConfig(128, 2), skeleton=BandConfig(128, 2), anchors=BandConfig(128, 2))
    story = make_story(seed)
    for other in (edit_story(story, seed), spin_story(story), make_story(seed + 1)):
        both = sign_corpus([Document("a", story), Document("b", other)], config)
        sets = view_shingles(hash_texts([story, other]), "en")
        estimates = estimate_pairs(both, np.array([0]), np.array([1]), config)
        for view in View:
            a, b = set(sets[view].of_text(0).tolist()), set(sets[view].of_text(1).tolist())
            exact = len(a & b) / len(a | b)
            assert (
                abs(float(estimates.views[view][0]) - exact) <= 5 * (exact * (1 - exact) / 256) ** 0.5 + 1e-9
            )


def test_an_empty_view_is_like_nothing_not_even_itself() -> None:
    empty = sign_corpus([Document("a", ""), Document("b", "")], CONFIG)
    estimates = estimate_pairs(empty, np.array([0]), np.array([1]), CONFIG)
    assert {float(value[0]) for value in estimates.views.values()} == {0.0}


def test_stored_signatures_give_the_estimates_of_the_corpus() -> None:
    story = make_story(5)
    others = [edit_story(story, 1), spin_story(story), make_story(6), "", f"{make_story(7)} {story}"]
    documents = [Document(f"{i}", text) for i, text in enumerate([story, *others])]
    low, high = np.triu_indices(len(documents), k=1)
    corpus = estimate_pairs(sign_corpus(documents, CONFIG), low, high, CONFIG)
    stored = estimate_pairs(as_signed(sign_documents(documents, CONFIG)), low, high, CONFIG)
    assert stored.as_features().tolist() == corpus.as_features().tolist()
    assert corpus.passage_ratio[4] == 1.0, "the last holds all of the first"
