"""A corpus gives the same result to the byte under any order, batch and number of processes, and the right one."""

from __future__ import annotations

import random
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from dedup import DedupConfig, find_duplicates, judge_pair, signatures
from dedup.values import DedupResult, Document, DuplicatePair, Label
from tests.support.stories import edit_story, make_story, spin_story, swap_halves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dedup.corpus import DocumentPair, Verdict

CONFIG = DedupConfig()
STORY_COUNT = 12


def make_corpus() -> list[Document]:
    kinds: list[Callable[[str], str]] = [str, partial(edit_story, seed=1), spin_story, swap_halves, str]
    return [
        Document(f"{kind}-{seed:02d}", change(make_story(seed, 12)), source=f"site {kind}", language="en")
        for seed in range(STORY_COUNT)
        for kind, change in enumerate(kinds)
    ]


@pytest.fixture(scope="module")
def result() -> DedupResult:
    return find_duplicates(make_corpus(), CONFIG)


def judge_in_two_processes(
    judge: Callable[[DocumentPair], Verdict], pairs: Sequence[DocumentPair], /
) -> Iterable[Verdict]:
    context = get_context("forkserver")
    context.set_forkserver_preload(["dedup"])
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        return list(pool.map(judge, pairs, chunksize=20))


def test_each_story_is_one_cluster_and_nothing_else_is(result: DedupResult) -> None:
    expected = [tuple(f"{kind}-{seed:02d}" for kind in range(5)) for seed in range(STORY_COUNT)]
    assert [cluster.member_ids for cluster in result.clusters] == expected
    assert result.largest_cluster_size == 5


def test_no_pair_crosses_stories(result: DedupResult) -> None:
    assert {pair.id_a[-2:] == pair.id_b[-2:] for pair in result.pairs} == {True}


def test_equal_texts_are_a_star_around_the_one_that_is_compared(result: DedupResult) -> None:
    exact = [(pair.id_a, pair.id_b) for pair in result.pairs if pair.label is Label.EXACT]
    assert exact == [(f"0-{seed:02d}", f"4-{seed:02d}") for seed in range(STORY_COUNT)]
    assert not any(pair.id_a.startswith("4") or pair.id_b.startswith("4-") for pair in result.pairs if pair.label is not Label.EXACT)  # fmt: skip


def test_pairs_are_sorted_and_each_has_its_ids_in_order(result: DedupResult) -> None:
    ids = [(pair.id_a, pair.id_b) for pair in result.pairs]
    assert ids == sorted(set(ids))
    assert all(a < b for a, b in ids)


def test_the_counts_add_up(result: DedupResult) -> None:
    assert result.document_count == 5 * STORY_COUNT
    exact = sum(pair.label is Label.EXACT for pair in result.pairs)
    assert result.aligned_pair_count + exact == len(result.pairs) + result.rejected_pair_count
    assert result.aligned_pair_count <= result.candidate_pair_count


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_input_gives_the_same_result_to_the_byte(result: DedupResult, seed: int) -> None:
    documents = make_corpus()
    random.Random(seed).shuffle(documents)  # noqa: S311 - an order, not a secret
    assert repr(find_duplicates(iter(documents), CONFIG)) == repr(result)


def test_batches_of_another_size_give_the_same_result(
    result: DedupResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signatures, "BATCH_DOCUMENTS", 7)
    assert repr(find_duplicates(make_corpus(), CONFIG)) == repr(result)


def test_two_processes_give_the_same_result(result: DedupResult) -> None:
    assert repr(find_duplicates(make_corpus(), CONFIG, pair_map=judge_in_two_processes)) == repr(result)


def test_a_pair_of_the_corpus_is_the_pair_judged_alone(result: DedupResult) -> None:
    documents = {document.id: document for document in make_corpus()}
    for pair in result.pairs[::9]:
        assert judge_pair(documents[pair.id_b], documents[pair.id_a], CONFIG) == pair


def test_a_text_with_much_else_around_it_is_linked_but_does_not_bridge() -> None:
    first, second = make_story(1, 12), make_story(2, 12)
    roundup = "\n".join([make_story(30, 30), first, make_story(31, 30), second, make_story(32, 30)])
    documents = [Document("a", first), Document("b", second), Document("r", roundup)]
    result = find_duplicates(documents, CONFIG)
    assert not any("a" in c.member_ids and "b" in c.member_ids for c in result.clusters)


def test_a_repeated_id_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="two documents have the id 'x'"):
        find_duplicates([Document("x", "one"), Document("x", "two")], CONFIG)


@pytest.mark.parametrize("texts", [[], [""], ["", "", " \n"], ["one two three"], ["\ud800", "\ud800"]])
def test_little_or_nothing_gives_no_pairs(texts: list[str]) -> None:
    result = find_duplicates([Document(f"{i}", text) for i, text in enumerate(texts)], CONFIG)
    assert (result.pairs, result.clusters, result.largest_cluster_size) == ((), (), 0)


def test_short_equal_texts_are_found() -> None:
    result = find_duplicates(
        [Document("a", "Bridge closed today."), Document("b", "BRIDGE closed today")], CONFIG
    )
    assert [pair.label for pair in result.pairs] == [Label.EXACT]
    assert isinstance(result.pairs[0], DuplicatePair)
