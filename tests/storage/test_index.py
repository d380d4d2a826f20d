"""The packed index against a dictionary: whatever is settled, merged, hot or removed, look-ups find the same."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import func, select

from storage.errors import StorageError
from storage.index import add_bands, find_candidates, remember_hot, remove_bands
from storage.index.checks import check_index, stored_postings
from storage.index.postings import as_postings, buckets_of, build_filter, filter_hashes, keys_of, may_hold
from storage.index.settling import Limits, settle_index
from storage.models import BandHot, BandPage, BandRecent, BandSegment
from tests.support.articles import START

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.engine import Sessions
    from storage.index.postings import Int64s

CAP = 4
EAGER = Limits(recent_postings=1, recent_rows=2, segments_a_level=2)
_STAGES = {
    "recent": Limits(),
    "folded": Limits(recent_rows=2),
    "settled": Limits(recent_postings=1),
    "merged": EAGER,
}


def _entries(first: int, count: int, seed: int) -> dict[int, Int64s]:
    """Articles with buckets from a small choice, so that many are shared and some by more than the cap."""
    rng = np.random.default_rng(seed)
    choice = np.random.default_rng(0).integers(-(2**63), 2**63, 400, dtype=np.int64)
    weights = 1 / np.arange(1, 401) ** 0.7
    return {
        number: np.sort(rng.choice(choice, 20, replace=False, p=weights / weights.sum()))
        for number in range(first, first + count)
    }


def _expected(index: dict[int, Int64s], asked: Iterable[int]) -> set[tuple[int, int]]:
    members = defaultdict(list)
    for article, buckets in sorted(index.items()):
        for bucket in buckets.tolist():
            members[bucket].append(article)
    pairs = set()
    for owner in asked:
        for bucket in index[owner].tolist():
            inside = members[bucket]
            place = inside.index(owner)
            is_hot = len(inside) > CAP
            near = [*inside[max(place - 1, 0) : place], *inside[place + 1 : place + 2]] if is_hot else inside
            pairs |= {(min(owner, other), max(owner, other)) for other in near if other != owner}
    return pairs


def _find(sessions: Sessions, index: dict[int, Int64s], asked: Iterable[int]) -> set[tuple[int, int]]:
    with sessions() as session:
        return set(find_candidates(session, {number: index[number] for number in asked}, CAP).pairs)


@pytest.mark.parametrize("stage", _STAGES)
def test_candidates_are_the_same_wherever_postings_lie(sessions: Sessions, stage: str) -> None:
    index: dict[int, Int64s] = {}
    for batch in range(5):
        added = _entries(1 + 30 * batch, 30, batch)
        index |= added
        with sessions.begin() as session:
            add_bands(session, added)
        settle_index(sessions, limits=_STAGES[stage])
        assert _find(sessions, index, added) == _expected(index, added)
    assert _find(sessions, index, index) == _expected(index, index)
    with sessions() as session:
        recent_count = session.scalar(select(func.count()).select_from(BandRecent))
        level = session.scalar(select(func.max(BandSegment.level)))
    assert (recent_count, level) == {
        "recent": (5, None),
        "folded": (2, None),
        "settled": (0, 1),
        "merged": (0, 2),
    }[stage]


@pytest.mark.parametrize("stage", _STAGES)
def test_hot_buckets_become_rows_and_link_neighbours(sessions: Sessions, stage: str) -> None:
    index: dict[int, Int64s] = {}
    for batch in range(3):
        added = _entries(1 + 30 * batch, 30, batch)
        index |= added
        with sessions.begin() as session:
            add_bands(session, added)
        settle_index(sessions, limits=_STAGES[stage])
        with sessions.begin() as session:
            found = find_candidates(session, added, CAP)
            remember_hot(session, found.newly_hot, START)
        assert set(found.pairs) == _expected(index, added)
    settle_index(sessions, limits=EAGER)
    assert _find(sessions, index, index) == _expected(index, index)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(BandHot))
        assert find_candidates(session, index, CAP).hot_count > 0
        assert sum(map(len, stored_postings(session))) == 20 * len(index)


@pytest.mark.parametrize("stage", _STAGES)
def test_what_is_removed_is_found_no_more(sessions: Sessions, stage: str) -> None:
    index = _entries(1, 120, 1)
    for start in range(0, 120, 40):
        with sessions.begin() as session:
            add_bands(session, {number: index[number] for number in list(index)[start : start + 40]})
        settle_index(sessions, limits=_STAGES[stage])
        with sessions.begin() as session:
            remember_hot(session, find_candidates(session, index, 30).newly_hot, START)
    # Read once, so that what programs remember of the index must not outlive the removal.
    _find(sessions, index, index)
    gone = {number: index.pop(number) for number in range(3, 100, 3)}
    with sessions.begin() as session:
        remove_bands(session, gone)
    with sessions() as session:
        left = {
            (bucket, article)
            for postings in stored_postings(session)
            for bucket, article in zip(
                buckets_of(postings["key"]).tolist(), postings["article"].tolist(), strict=True
            )
        }
    assert left == {(bucket, article) for article in index for bucket in index[article].tolist()}
    found = _find(sessions, index, index)
    assert not {number for pair in found for number in pair} & gone.keys()


def test_settling_stops_at_its_budget_and_goes_on_later(sessions: Sessions) -> None:
    index = _entries(1, 150, 2)
    for start in range(0, 150, 50):
        with sessions.begin() as session:
            add_bands(session, {number: index[number] for number in list(index)[start : start + 50]})
        if start < 100:
            settle_index(sessions, 1, Limits(recent_postings=1))
    # What is recent is settled; the merge that is due then is left.
    assert settle_index(sessions, 1, EAGER) == 20 * 50
    assert _find(sessions, index, index) == _expected(index, index)
    assert settle_index(sessions, None, EAGER) > 0
    assert settle_index(sessions, None, EAGER) == 0
    assert _find(sessions, index, index) == _expected(index, index)


def test_the_check_sees_pages_and_filters_that_hide_postings(sessions: Sessions) -> None:
    with sessions.begin() as session:
        add_bands(session, _entries(1, 50, 3))
    settle_index(sessions, limits=EAGER)
    with sessions() as session:
        assert [problem.rule for problem in check_index(session)] == [
            "index",
            *["bucket of no indexed article"] * 5,
        ]
    with sessions.begin() as session:
        segment = session.scalars(select(BandSegment).order_by(BandSegment.id)).first()
        assert segment is not None
        segment.filter_bits = bytes(len(segment.filter_bits))
        page = session.scalars(select(BandPage).order_by(BandPage.id.desc())).first()
        assert page is not None
        page.id += 1 << 21
    with sessions() as session:
        rules = {problem.rule for problem in check_index(session)}
    assert {"postings that no look-up finds", "pages of no segment"} <= rules


def test_a_filter_never_denies_what_is_there_and_seldom_passes_what_is_not() -> None:
    rng = np.random.default_rng(5)
    postings = as_postings({1: rng.integers(-(2**63), 2**63, 20_000, dtype=np.int64)})
    bits = np.frombuffer(build_filter(postings), dtype=np.uint8)
    assert may_hold(bits, filter_hashes(np.ascontiguousarray(postings["key"]))).all()
    absent = keys_of(rng.integers(-(2**63), 2**63, 20_000, dtype=np.int64))
    assert may_hold(bits, filter_hashes(absent)).mean() < 0.02


def test_buckets_that_share_their_low_or_high_bits_spread_over_the_index() -> None:
    for buckets in (np.arange(100_000) << 4, np.arange(100_000) + (1 << 62)):
        slices = np.bincount((keys_of(buckets) >> np.uint64(57)).astype(np.int64), minlength=128)
        assert slices.min() > 300


@pytest.mark.parametrize("number", [0, 1 << 32])
def test_an_article_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(StorageError, match="article numbers must lie in"):
        as_postings({number: np.array([1], dtype=np.int64)})
