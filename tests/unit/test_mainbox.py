from __future__ import annotations

import pytest

from crawler.page.html import parse_html
from crawler.page.mainbox import read_main_box
from tests.crawl.pages import article_text

_FIRST, _SECOND, _THIRD = (article_text(seed, 90) for seed in (1, 2, 3))


def _read(inside: str) -> str | None:
    tree = parse_html(f"<html><body><main>{inside}</main></body></html>")
    assert tree is not None
    found = read_main_box(tree)
    return found.text if found is not None and found.is_plain else None


def test_paragraphs_of_one_box_are_the_text_and_a_label_beside_them_is_not() -> None:
    story = f"<div class='story'><p>{_FIRST}</p><h2>What follows</h2><ul><li>Snow, then rain</li></ul><p>{_SECOND}</p></div>"
    assert _read(f"<div>4 min</div>{story}<div class='more'><p>Ferries sail again.</p></div>") == (
        f"{_FIRST}\nWhat follows\nSnow, then rain\n{_SECOND}"
    )


def test_each_paragraph_may_stand_in_a_box_of_its_own_with_a_number_in_its_name() -> None:
    boxes = [
        f"<div class='block n{n}'><p>{text}</p></div>" for n, text in enumerate((_FIRST, _SECOND, _THIRD))
    ]
    assert _read("".join(boxes)) == f"{_FIRST}\n{_SECOND}\n{_THIRD}"


def test_a_heading_in_another_box_is_kept_between_two_lines_of_the_text_alone() -> None:
    heading, box = "<div class='head'><h2>{}</h2></div>", "<div class='block'><p>{}</p></div>"
    inside = f"{box.format(_FIRST)}{heading.format('What follows')}{box.format(_SECOND)}{heading.format('More news')}"
    assert _read(inside) == f"{_FIRST}\nWhat follows\n{_SECOND}"


def test_what_stands_in_other_boxes_below_is_not_read_and_above_it_may_be_the_beginning() -> None:
    story, other = (
        f"<div class='a'><p>{_FIRST}</p></div>",
        f"<div class='b'><p>{article_text(4, 40)}</p></div>",
    )
    assert _read(story + other) == _FIRST
    assert _read(other + story) is None


def test_words_that_are_scattered_over_kinds_of_boxes_are_left_to_others() -> None:
    assert _read(f"<div class='a'><p>{_FIRST}</p></div><section class='b'><p>{_SECOND}</p></section>") is None
    assert _read("<div>Ferries sail</div>") is None


@pytest.mark.parametrize("names", ["class='social-share'", "class='teaser small'", "id='newsletter'"])
def test_what_calls_itself_an_addition_is_left_out_unless_it_is_long(names: str) -> None:
    assert _read(f"<div><p>{_FIRST}</p><div {names}><p>Ferries sail again.</p></div></div>") == _FIRST
    assert _read(f"<div {names}><p>{_FIRST}</p><p>{_SECOND}</p></div>") == f"{_FIRST}\n{_SECOND}"


def test_lines_of_links_are_none_of_the_text_and_a_link_in_a_sentence_is() -> None:
    linked = "<p><a href='/a'>The ferry strike goes on</a> today</p>"
    assert _read(f"<div><p>{_FIRST}</p>{linked}<p>See <a href='/b'>it</a>.</p></div>") == f"{_FIRST}\nSee it."


def test_a_line_ends_at_a_break_and_not_at_an_emphasis() -> None:
    inside = f"<div><p>{_FIRST}<br>It <em>was</em> said<script>x()</script> twice.</p></div>"
    assert _read(inside) == f"{_FIRST}\nIt was said twice."
