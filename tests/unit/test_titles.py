from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.page.titles import TitleCandidates, choose_title


@pytest.mark.parametrize(
    ("candidates", "title"),
    [
        (TitleCandidates(document="Ministers agree - World | The Courier", site_names=("The Courier",)), "Ministers agree"),
        (TitleCandidates(open_graph="Ministers agree | courier.example", site_names=("courier.example",)), "Ministers agree"),
        (TitleCandidates(document="The Courier: Ministers agree", site_names=("Other",)), "The Courier: Ministers agree"),
        (TitleCandidates(json_ld=("Short &amp; sweet",), open_graph="Other"), "Short & sweet"),
        (TitleCandidates(open_graph="The Courier", headings=("Ministers agree on a bridge",), document="Ministers agree on a bridge | The Courier", site_names=("The Courier",)), "Ministers agree on a bridge"),
        (TitleCandidates(hint="From the feed"), "From the feed"),
        (TitleCandidates(headings=("A heading of its own",)), "A heading of its own"),
        (TitleCandidates(), None),
    ],
)  # fmt: skip
def test_the_title_is_chosen_without_the_sites_name(candidates: TitleCandidates, title: str | None) -> None:
    assert choose_title(candidates) == title


def test_the_headline_that_departs_from_the_search_title_wins() -> None:
    editorial, search = "Why the bridge stays shut", "Harwick bridge closure: latest news and travel updates"
    assert (
        choose_title(TitleCandidates(json_ld=(search,), open_graph=editorial, document=search)) == editorial
    )
    assert (
        choose_title(TitleCandidates(json_ld=(editorial,), open_graph=search, document=search)) == editorial
    )


def test_of_two_titles_that_both_depart_from_the_search_title_a_heading_decides() -> None:
    shown, other, search = (
        "Why the bridge stays shut",
        "Bridge: the whole story",
        "Harwick bridge closure: latest",
    )
    candidates = TitleCandidates(json_ld=(other,), open_graph=shown, headings=(shown,), document=search)
    assert choose_title(candidates) == shown
    assert choose_title(replace(candidates, headings=())) == other


def test_a_headline_cut_short_gives_way_to_the_whole() -> None:
    cut, whole = (
        "Ministers agree on the new harbour wall after...",
        "Ministers agree on the new harbour wall after months",
    )
    assert choose_title(TitleCandidates(json_ld=(cut,), open_graph=whole, headings=(whole,))) == whole


def test_a_dash_in_the_title_is_kept() -> None:
    text = "One vote - one voice"
    assert choose_title(TitleCandidates(open_graph=f"{text} - Courier", site_names=("Courier",))) == text


def test_of_two_headings_that_the_title_repeats_the_sites_name_is_not_the_articles() -> None:
    headings = ("The Harwick Courier", "Ministers agree on the new harbour wall")
    candidates = TitleCandidates(headings=headings, document=f"{headings[1]} | {headings[0]}")
    assert choose_title(candidates) == headings[1]
    assert choose_title(replace(candidates, document=f"{headings[0]} - {headings[1]}")) == headings[1]
