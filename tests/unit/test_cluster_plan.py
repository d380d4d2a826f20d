"""Which number a cluster keeps when its members change, and what is said to have happened: a table, and laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.cluster_plan import ClusterPlan, plan_clusters

Sets = dict[int, set[int]]


def plan(before: Sets, after: list[set[int]]) -> ClusterPlan:
    return plan_clusters(
        {number: frozenset(members) for number, members in before.items()}, map(frozenset, after)
    )


def told(made: ClusterPlan) -> set[str]:
    """The events in words; a cluster without a number yet is named by its lowest member."""

    def name(position: int | None, number: int | None) -> str:
        if position is None:
            return "" if number is None else f" {number}"
        planned = made.clusters[position]
        return f" {planned.cluster_id or f'new@{min(planned.member_ids)}'}"

    return {
        f"{event.kind}{name(event.position, event.retired_id)}"
        + (
            f" ->{name(event.other_position, event.other_id)}"
            if name(event.other_position, event.other_id)
            else ""
        )
        for event in made.events
    }


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        ({}, [], set()),
        ({}, [{1}], set()),
        ({}, [{1, 2}], {"created new@1"}),
        ({7: {1, 2}}, [{1, 2}], set()),
        ({7: {1, 2}}, [{1, 2, 3}], {"grown 7"}),
        ({7: {1, 2, 3}}, [{1, 2}], {"shrunk 7"}),
        ({7: {1, 2, 3}}, [{1, 2, 4}], {"grown 7", "shrunk 7"}),
        ({7: {1, 2, 3, 4, 5}}, [{1, 2}, {3, 4}], {"split 7 -> new@3", "created new@3", "shrunk 7"}),
        ({7: {1, 2}}, [], {"retired 7"}),
        ({7: {1, 2}}, [{1}, {2}], {"retired 7"}),
        ({7: {1, 2}, 8: {3, 4, 5}}, [{1, 2, 3, 4, 5}], {"merged 8 -> 7", "merged 7 -> 8"}),
        ({7: {1, 2}, 8: {3, 4}}, [{1, 2, 3, 4}], {"merged 7 -> 8", "merged 8 -> 7"}),
        ({7: {1, 2, 3, 4, 5}}, [{1, 2, 3}, {4, 5}], {"split 7 -> new@4", "created new@4"}),
        ({7: {1, 2, 3, 4}}, [{1, 2}, {3, 4}], {"split 7 -> new@3", "created new@3"}),
        ({7: {1, 2, 3}, 8: {4, 5}}, [{1, 2}, {3, 4, 5}], {"split 7 -> 8", "grown 8"}),
    ],
)
def test_what_happens_to_clusters(before: Sets, after: list[set[int]], events: set[str]) -> None:
    assert told(plan(before, after)) == events


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ({7: {1, 2}, 8: {3, 4, 5}}, [{1, 2, 3, 4, 5}], [8]),
        ({7: {1, 2}, 8: {3, 4}}, [{1, 2, 3, 4}], [7]),
        ({7: {1, 2, 3, 4}}, [{1, 2}, {3, 4}], [7, None]),
        ({7: {1, 2, 3, 4, 5}}, [{1, 2}, {3, 4, 5}], [None, 7]),
        ({7: {1, 2, 3}, 8: {4}}, [{1, 9}, {2, 3, 4}], [None, 7]),
    ],
)
def test_a_number_goes_where_most_of_its_members_go(
    before: Sets, after: list[set[int]], kept: list[int | None]
) -> None:
    assert [one.cluster_id for one in plan(before, after).clusters] == kept


def test_a_cluster_that_is_torn_apart_by_others_points_to_the_one_that_took_most() -> None:
    made = plan({7: {1, 2, 3}, 8: {4, 5, 6, 7}, 9: {10, 11, 12}}, [{1, 4, 5, 6, 7}, {2, 3, 10, 11, 12}])
    [gone] = made.retired
    assert gone.cluster_id == 7
    assert gone.heir is not None
    assert made.clusters[gone.heir].cluster_id == 9


def partitions(lowest_number: int) -> st.SearchStrategy[dict[int, set[int]]]:
    """Disjoint sets of two and more articles, by number."""

    def grouped(labels: list[int]) -> dict[int, set[int]]:
        groups: dict[int, set[int]] = {}
        for article, label in enumerate(labels, start=1):
            groups.setdefault(lowest_number + label, set()).add(article)
        return {number: members for number, members in groups.items() if len(members) >= 2}

    return st.lists(st.integers(0, 5), min_size=0, max_size=14).map(grouped)


@given(before=partitions(100), after=partitions(0))
def test_a_plan_keeps_its_promises(before: Sets, after: Sets) -> None:
    made = plan(before, list(after.values()))
    assert [one.member_ids for one in made.clusters] == sorted(map(frozenset, after.values()), key=min)
    kept = [one.cluster_id for one in made.clusters if one.cluster_id is not None]
    gone = [one.cluster_id for one in made.retired]
    # Every number that was given is kept once or retired once.
    assert sorted(kept + gone) == sorted(before)
    for one in made.clusters:
        if one.cluster_id is not None:
            assert one.member_ids & before[one.cluster_id]
    for retired in made.retired:
        shares = [len(one.member_ids & before[retired.cluster_id]) for one in made.clusters]
        if retired.heir is None:
            assert not any(shares)
        else:
            assert shares[retired.heir] == max(shares) > 0


@given(before=partitions(100))
def test_nothing_happens_where_nothing_changed(before: Sets) -> None:
    made = plan(before, list(before.values()))
    assert made.events == ()
    assert made.retired == ()


@given(before=partitions(100), after=partitions(0), data=st.data())
def test_the_order_of_components_does_not_matter(before: Sets, after: Sets, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(list(after.values())))
    assert plan(before, shuffled) == plan(before, list(after.values()))
