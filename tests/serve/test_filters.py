from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dedup.values import Label
from newsdedup.serve.filters import (
    BadFilterError,
    cluster_filter,
    cluster_form,
    cut,
    paging_of,
    pair_filter,
    pair_form,
)
from storage.values import ClusterFilter, ClusterOrder, PairFilter, Review


def test_an_empty_address_asks_for_everything() -> None:
    assert cluster_filter({}) == ClusterFilter()
    assert pair_filter({"text": " ", "label": ""}) == PairFilter()


def test_every_filter_is_read_and_the_last_day_is_included() -> None:
    typed = {
        "label": "spun",
        "source": " buzz.test ",
        "text": "100% sure",
        "since": "2026-05-04",
        "until": "2026-05-05",
    }
    since, until = datetime(2026, 5, 4, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
    assert cluster_filter({**typed, "min_size": "3", "order": "biggest"}) == ClusterFilter(
        since, until, "buzz.test", Label.SPUN, 3, "100% sure", order=ClusterOrder.BIGGEST
    )
    assert pair_filter({**typed, "review": "rejected"}) == PairFilter(
        Label.SPUN, since, until, "buzz.test", "100% sure", Review.REJECTED
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("label", "spin"),
        ("since", "yesterday"),
        ("since", "2026-13-01"),
        ("until", "9999-12-31"),
        ("min_size", "1"),
        ("min_size", "-5"),
        ("min_size", "\u0663"),
        ("min_size", "9" * 5000),
        ("min_size", "000000000003" + "9" * 20),
        ("order", "worst"),
        ("text", "x" * 501),
        ("source", "nul\0byte"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_name(name: str, value: str) -> None:
    with pytest.raises(BadFilterError, match=name):
        cluster_filter({name: value})


def test_pages_keep_the_filters_and_end_at_the_last() -> None:
    typed = {"label": "spun", "text": "a&b=c", "page": "9"}
    paging = paging_of(typed, cluster_form(typed, ()), "clusters.html", 250)
    assert (paging.number, paging.page_count, paging.offset) == (3, 3, 200)
    assert paging.address(2) == "clusters.html?text=a%26b%3Dc&label=spun&page=2"
    assert cut(ClusterFilter(min_size=4), paging) == ClusterFilter(min_size=4, limit=100, offset=200)
    with pytest.raises(BadFilterError, match="page"):
        paging_of({"page": "0"}, pair_form({}, ()), "pairs.html", 5)
