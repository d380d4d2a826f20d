"""Lines that a source repeats are learnt from unrelated articles alone, and neither make nor hide a pair."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import DedupConfig, find_duplicates, judge_pair
from dedup.boilerplate import (
    MANY_ARTICLES,
    LineCount,
    boilerplate_lines,
    count_lines,
    count_source,
    mark_boilerplate,
    read_article,
    without_boilerplate,
)
from dedup.lines import TELLING_LETTERS, line_words, split_lines, tell_of_different_things
from dedup.values import Document, DuplicatePair, Label
from tests.support.stories import edit_story, make_story, spin_story

if TYPE_CHECKING:
    import random

CONFIG = DedupConfig()
FOOTER = """\
Sign up for our morning newsletter and never miss the stories that matter to you and to your family.
The Example Courier is an independent paper owned by its readers, and it has been so since it was founded.
All rights reserved; no part of this page may be published, broadcast or rewritten without our consent."""
LONG_FOOTER = "\n".join(
    f"Rule {number}: the {noun} of this page may not be used for any {noun} other than what our readers would call a {noun}."
    for number, noun in enumerate(
        ["text", "photo", "table", "name", "letter", "chart", "map", "video", "quote", "list"]
    )
)

PARAGRAPHS = [make_story(seed, sentences) for seed in range(4) for sentences in (1, 2, 4)]


def learn(texts: list[str]) -> dict[int, LineCount]:
    known: dict[int, LineCount] = {}
    for text in texts:
        known |= count_lines(read_article(text), known)
    return known


def articles(source: str, texts: list[str]) -> list[Document]:
    return [Document(f"{source}{i:03d}", text, source=source, language="en") for i, text in enumerate(texts)]


def pairs_of(documents: list[Document]) -> dict[tuple[str, str], DuplicatePair]:
    return {(pair.id_a, pair.id_b): pair for pair in find_duplicates(documents, CONFIG).pairs}


def test_lines_are_told_apart_by_their_words_not_their_case_or_spaces() -> None:
    assert line_words("One  line\n\n ONE line \r\nAnother, longer line") == {
        **line_words("one line"),
        **line_words("another, longer line"),
    }
    assert list(line_words("One  line").values()) == [2]
    assert line_words(" \n\n") == {}


def test_the_line_hash_is_frozen_because_counts_are_stored() -> None:
    assert list(line_words("Sign up for our newsletter")) == [7458323325470170678]


def test_a_footer_is_boilerplate_from_its_third_unrelated_article_on() -> None:
    texts = [f"{make_story(seed)}\n{FOOTER}" for seed in range(3)]
    assert boilerplate_lines(line_words(texts[0]), learn(texts[:2])) == frozenset()
    assert boilerplate_lines(line_words(texts[0]), learn(texts)) == line_words(FOOTER).keys()


def test_revisions_and_copies_of_one_story_teach_nothing() -> None:
    story = make_story(1)
    lines = story.split("\n")
    revisions = [
        story,
        story,
        edit_story(story, 1, 0.02),
        *("\n".join([*lines, make_story(9 + i, 2)]) for i in range(8)),
    ]
    known = learn(revisions)
    assert not any(count.is_boilerplate for count in known.values())


def test_a_story_that_grows_teaches_nothing() -> None:
    lines = make_story(1, 60).split("\n")
    known = learn(["\n".join(lines[:end]) for end in range(3, len(lines))])
    assert not any(count.is_boilerplate for count in known.values())


def test_a_stub_that_doubles_again_and_again_teaches_nothing() -> None:
    lines = make_story(1, 64).split("\n")
    for lengths in ([2, 4, 8, 16, 32], [2, 5, 6, 13, 14, 30]):
        known = learn(["\n".join(lines[:end]) for end in lengths])
        assert not any(count.is_boilerplate for count in known.values())


def test_a_disclaimer_longer_than_its_briefs_is_boilerplate_from_the_third_on() -> None:
    briefs = [f"{make_story(seed, 3)}\n{LONG_FOOTER}" for seed in range(3)]
    assert boilerplate_lines(line_words(briefs[0]), learn(briefs[:2])) == frozenset()
    assert boilerplate_lines(line_words(briefs[0]), learn(briefs)) == line_words(LONG_FOOTER).keys()


def test_briefs_too_short_to_tell_from_their_disclaimer_settle_it_when_they_are_many() -> None:
    briefs = [f"{make_story(seed, 1)}\n{FOOTER}" for seed in range(MANY_ARTICLES)]
    assert boilerplate_lines(line_words(briefs[0]), learn(briefs[:-1])) == frozenset()
    assert boilerplate_lines(line_words(briefs[0]), learn(briefs)) == line_words(FOOTER).keys()


def test_new_lines_that_name_what_the_known_ones_name_are_of_the_same_story() -> None:
    story = make_story(1, 6)
    names = [word for word in story.split() if len(word) >= TELLING_LETTERS]
    developments = [
        f"{make_story(seed, 2)} {' '.join(names[seed % 7 :: 7][:6])}."
        for seed in range(30, 30 + MANY_ARTICLES - 1)
    ]
    known = learn([f"{story}\n{development}" for development in developments])
    assert not any(count.is_boilerplate for count in known.values())


def test_in_a_script_without_spaces_letters_take_the_place_of_words() -> None:
    notice = "本網站所有內容均受著作權法保護。未經書面許可。任何人不得以任何方式轉載、複製或散布。違者必究。"
    reports = [
        "市議會週二通過新年度預算。將興建三座橋梁。並為東區學校增聘教師。反對黨批評支出過高。要求重新審議。",
        "氣象署預測強烈颱風週五登陸東部。沿海居民開始撤離。鐵路公司宣布停駛兩天。軍方派出救援隊待命。",
        "棒球隊昨晚以五比三擊敗對手。投手連續七局無失分。教練表示全隊準備充分。球迷徹夜慶祝勝利。",
    ]
    texts = [f"{report}\n{notice}" for report in reports]
    assert boilerplate_lines(line_words(texts[0]), learn(texts[:2])) == frozenset()
    document = mark_boilerplate(articles("x", texts))[0]
    assert without_boilerplate(document).strip() == reports[0]


@pytest.mark.parametrize("sentences", [2, 12])
def test_a_text_on_one_line_is_counted_by_its_sentences(sentences: int) -> None:
    notice = " ".join(LONG_FOOTER.split())
    stories = [" ".join(make_story(seed, sentences).split()) for seed in range(MANY_ARTICLES)]
    documents = mark_boilerplate(articles("x", [f"{story} {notice}" for story in stories]))
    assert [without_boilerplate(document).strip() for document in documents] == stories


def test_an_abbreviation_ends_no_sentence_and_nothing_is_lost() -> None:
    line = "The plan of Mr. Example to sell the U.S. unit was approved by all directors. It comes into force next year. \n"
    assert list(split_lines(line)) == [
        "The plan of Mr. Example to sell the U.S. unit was approved by all directors. ",
        "It comes into force next year. \n",
    ]
    assert list(split_lines(f"{line}More.")) == [line, "More."]


def test_a_new_date_line_does_not_make_another_article() -> None:
    story = make_story(1)
    known = learn([f"{story}\nUpdated {minute} minutes ago" for minute in range(2 * MANY_ARTICLES)])
    assert not any(count.is_boilerplate for count in known.values())


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_a_corpus_learns_what_counting_one_by_one_learns(seeds: list[int]) -> None:
    texts = [f"{make_story(seed, 4)}\n{FOOTER}\n{make_story(seed % 2 + 20, 2)}" for seed in seeds]
    known = learn(texts)
    marked = mark_boilerplate(articles("x", texts))
    lines = [line_words(text) for text in texts]
    assert [document.boilerplate for document in marked] == [boilerplate_lines(one, known) for one in lines]
    once, counts = count_source(texts, lambda places: [texts[place] for place in places])
    assert dict.fromkeys(once.tolist(), LineCount(1, 1)) | counts == known
    assert once.tolist() == sorted(once.tolist())


def test_a_text_counted_again_changes_nothing() -> None:
    texts = [f"{make_story(seed, 4)}\n{FOOTER}" for seed in range(3)]
    known = learn(texts)
    assert [count_lines(read_article(text), known) for text in texts] == [{}] * 3


@given(
    st.lists(st.lists(st.sampled_from(PARAGRAPHS), max_size=6, unique=True), min_size=3, max_size=9),
    st.randoms(use_true_random=False),
)
def test_neither_order_nor_ids_matter(stories: list[list[str]], chance: random.Random) -> None:
    texts = ["\n".join(paragraphs) for paragraphs in stories]
    usual = {document.text: document.boilerplate for document in mark_boilerplate(articles("x", texts))}
    chance.shuffle(texts)
    documents = articles("x", texts)
    chance.shuffle(documents)
    marked = mark_boilerplate(documents)
    assert [document.id for document in marked] == [document.id for document in documents]
    assert {document.text: document.boilerplate for document in marked} == usual


def test_sources_learn_for_themselves_and_no_source_learns_nothing() -> None:
    texts = [f"{make_story(seed)}\n{FOOTER}" for seed in range(3)]
    assert all(d.boilerplate for d in mark_boilerplate(articles("x", texts)))
    spread = [replace(document, source=f"{i}") for i, document in enumerate(articles("x", texts))]
    nameless = [replace(document, source=None) for document in articles("x", texts)]
    assert mark_boilerplate(spread) == spread
    assert mark_boilerplate(nameless) == nameless
    addressed = [replace(d, url=f"https://www.x.test/{d.id}") for d in nameless]
    assert all(d.boilerplate for d in mark_boilerplate(addressed)), "the host is the source, as in a database"


@given(
    st.lists(
        st.sampled_from(
            ["A first line of five.", "", "  ", "Another line\r", "The third, \u00e9\u2028fourth"]
        )
    )
)
def test_blanking_keeps_every_place_true(lines: list[str]) -> None:
    text = "\n".join(lines)
    dropped = frozenset(line_words("A first line of five."))
    blanked = without_boilerplate(Document("x", text, boilerplate=dropped))
    assert len(blanked) == len(text)
    assert all(new in (old, " ") for new, old in zip(blanked, text, strict=True))
    assert "first" not in blanked


def test_a_remnant_of_a_few_words_is_no_article() -> None:
    dropped = frozenset(line_words(FOOTER))
    assert without_boilerplate(Document("x", f"Photos\n{FOOTER}", boilerplate=dropped)).strip() == ""
    kept = without_boilerplate(Document("x", f"Five words are an article\n{FOOTER}", boilerplate=dropped))
    assert kept.strip() == "Five words are an article"


def test_a_shared_footer_makes_no_pair() -> None:
    documents = articles("x", [f"{make_story(seed, 3)}\n{LONG_FOOTER}" for seed in range(MANY_ARTICLES)])
    without_sources = [replace(document, source=None) for document in documents]
    assert pairs_of(without_sources), "the footer is long enough to deceive"
    assert pairs_of(documents) == {}


@pytest.mark.parametrize("spin", [False, True])
def test_different_footers_hide_no_pair(spin: bool) -> None:
    ours = articles("a", [f"{make_story(seed, 6)}\n{FOOTER}" for seed in range(4)])
    other = (spin_story if spin else str)(make_story(0, 6))
    theirs = articles(
        "b", [f"{make_story(seed, 6)}\n{LONG_FOOTER}" for seed in range(10, 10 + MANY_ARTICLES)]
    )
    theirs.append(Document("b999", f"{other}\n{LONG_FOOTER}", source="b", language="en"))
    found = pairs_of([*ours, *theirs])
    assert list(found) == [("a000", "b999")]
    pair = found["a000", "b999"]
    assert (pair.label is Label.EXACT) is not spin
    assert ("without the lines that their sources repeat" in pair.reason) is not spin
    assert pair.measures.containment_a > 0.98, "evidence is measured without boilerplate"


def test_credit_is_still_read_from_a_line_that_is_left_out() -> None:
    line = "This article was originally published by Example Wire"
    story = make_story(1)
    a = Document("a", story, language="en")
    b = Document("b", f"{story}\n{line}", language="en", boilerplate=frozenset(line_words(line)))
    pair = judge_pair(a, b, CONFIG)
    assert isinstance(pair, DuplicatePair)
    assert (pair.label, pair.credit) == (Label.EXACT, "Example Wire")


def test_a_row_of_figures_is_what_two_reports_agree_in_and_no_furniture() -> None:
    notices = [
        f"News desk | site12.test\n{make_story(number)}\nPay March 31\nRecord Sept. 16 Wire\nChannel 4 News"
        for number in range(30)
    ]
    documents = [Document(f"n{i:02}", text, source="wire.test") for i, text in enumerate(notices)]
    kept = without_boilerplate(mark_boilerplate(documents)[0])
    assert "Pay March 31\nRecord Sept. 16 Wire" in kept
    assert "site12" not in kept
    assert "Channel 4" not in kept


def test_states_of_one_article_tell_of_the_same_and_two_articles_of_different_things() -> None:
    ferry = "The harbour board closed the eastern terminal after engineers found cracks in nine supporting piles of concrete."
    later = (
        f"{ferry} Passengers were taken by coach to another landing, where extra boats sailed until midnight."
    )
    court = "A judge acquitted three former managers, since prosecutors never showed whose order had opened sluices that evening."
    assert not tell_of_different_things(ferry, later)
    assert tell_of_different_things(ferry, court)
    assert not tell_of_different_things(ferry, "Closed until further notice."), "too few words to say"
